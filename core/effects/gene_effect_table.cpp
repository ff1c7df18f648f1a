// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/gene_effect_table.h"

#include "core/base/files.h"
#include "core/effects/block_journal.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

namespace cw {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr double kScale = 1 << 30;  // fixed point of 1 - cosine
constexpr const char* kJournalName = "gene-effects.journal";
constexpr const char* kSumsName = "gene-effects.sums";

/// Sums of one pair over cells, as they stand in the file.
struct PairSum {
  std::int32_t perturbation;
  std::int32_t affected;
  std::int64_t n;
  std::int64_t sum;           // of (1 - cosine) * kScale
  std::uint64_t squares_low;  // of its square
  std::uint64_t squares_high;

  [[nodiscard]] auto key() const { return std::tuple(perturbation, affected); }
  [[nodiscard]] Wide squares() const { return (Wide{squares_high} << 64) | squares_low; }
  void add(std::int64_t count, std::int64_t other_sum, Wide other_squares) {
    n += count;
    sum += other_sum;
    const Wide total = squares() + other_squares;
    squares_low = static_cast<std::uint64_t>(total);
    squares_high = static_cast<std::uint64_t>(total >> 64);
  }
};

PairSum sum_of(const GeneCosine& value) {
  const auto distance = static_cast<std::int64_t>(std::llround((1.0 - static_cast<double>(value.cosine)) * kScale));
  const auto size = static_cast<std::uint64_t>(std::abs(distance));
  PairSum pair{value.perturbation, value.affected, 0, 0, 0, 0};
  pair.add(1, distance, Wide{size} * size);
  return pair;
}

/// Gives the sums of sorted values, one entry per pair.
class PendingSums {
 public:
  explicit PendingSums(std::span<const GeneCosine> sorted) : values_(sorted) { next(); }
  [[nodiscard]] bool has() const { return has_; }
  [[nodiscard]] const PairSum& pair() const { return pair_; }
  void next() {
    has_ = place_ < values_.size();
    if (!has_) return;
    pair_ = sum_of(values_[place_]);
    for (++place_; place_ < values_.size(); ++place_) {
      const PairSum other = sum_of(values_[place_]);
      if (other.key() != pair_.key()) return;
      pair_.add(other.n, other.sum, other.squares());
    }
  }

 private:
  std::span<const GeneCosine> values_;
  std::size_t place_ = 0;
  PairSum pair_{};
  bool has_ = false;
};

/// Reads the file of sums front to back, one pair at a time.
class SumReader {
 public:
  explicit SumReader(const std::filesystem::path& path) : stream_(path, std::ios::binary) {
    std::int64_t head = 0;
    if (stream_.read(reinterpret_cast<char*>(&head), sizeof head)) num_blocks_ = head;
    next();
  }
  [[nodiscard]] std::int64_t num_blocks() const { return num_blocks_; }
  [[nodiscard]] bool has() const { return has_; }
  [[nodiscard]] const PairSum& pair() const { return pair_; }
  void next() { has_ = static_cast<bool>(stream_.read(reinterpret_cast<char*>(&pair_), sizeof pair_)); }

 private:
  std::ifstream stream_;
  std::int64_t num_blocks_ = 0;
  PairSum pair_{};
  bool has_ = false;
};

void push(GeneEffects& effects, const PairSum& pair) {
  const auto n = static_cast<double>(pair.n);
  const double mean_distance = static_cast<double>(pair.sum) / (n * kScale);
  const double mean_square = static_cast<double>(pair.squares()) / (n * kScale * kScale);
  effects.perturbation.push_back(pair.perturbation);
  effects.affected.push_back(pair.affected);
  effects.mean.push_back(static_cast<float>(1.0 - mean_distance));
  effects.sd.push_back(static_cast<float>(std::sqrt(std::max(0.0, mean_square - mean_distance * mean_distance))));
  effects.n.push_back(static_cast<std::int32_t>(pair.n));
}

/// Turns sums into means and deviations and hands them on in parts.
class Summary {
 public:
  Summary(const std::function<Result<>(const GeneEffects&)>& on_part, std::int64_t most)
      : on_part_(on_part), most_(most) {}
  Result<> add(const PairSum& pair) {
    push(part_, pair);
    if (part_.size() < most_) return {};
    return on_part_(std::exchange(part_, {}));
  }
  Result<> finish() { return part_.size() > 0 ? on_part_(part_) : Result<>{}; }

 private:
  const std::function<Result<>(const GeneEffects&)>& on_part_;
  std::int64_t most_;
  GeneEffects part_;
};

std::string record_of(std::int64_t block, std::span<const GeneCosine> values) {
  std::string record(sizeof block + values.size_bytes(), '\0');
  std::memcpy(record.data(), &block, sizeof block);
  if (!values.empty()) std::memcpy(record.data() + sizeof block, values.data(), values.size_bytes());
  return record;
}

}  // namespace

struct GeneEffectTable::State {
  std::filesystem::path folder;
  std::size_t pending_limit = 0;
  std::int64_t num_blocks = 0;
  std::vector<GeneCosine> pending;
  std::optional<BlockJournal> journal;

  [[nodiscard]] std::filesystem::path journal_path() const { return folder / kJournalName; }
  [[nodiscard]] std::filesystem::path sums_path() const { return folder / kSumsName; }
  Result<> replay(std::int64_t wanted_blocks);
  Result<> for_each(const std::function<Result<>(const PairSum&)>& on_pair);
  Result<> merge();
};

/// Takes back the values of blocks that are not in the file of sums yet. A block whose rows were not written is
/// computed again: its record stays in the journal, and of two records of a block the later one counts.
Result<> GeneEffectTable::State::replay(std::int64_t wanted_blocks) {
  num_blocks = SumReader(sums_path()).num_blocks();
  std::map<std::int64_t, std::vector<GeneCosine>> values_of;
  CW_ASSIGN(journal, BlockJournal::reopen(journal_path(), [&](std::string_view record) -> Result<> {
              std::int64_t block = 0;
              if (record.size() < sizeof block || (record.size() - sizeof block) % sizeof(GeneCosine) != 0) {
                return Error{ErrorCode::kParse, "E-EFF-002",
                             journal_path().string() + ": damaged; run again with --overwrite"};
              }
              std::memcpy(&block, record.data(), sizeof block);
              if (block < num_blocks || block >= wanted_blocks) return {};
              record.remove_prefix(sizeof block);
              auto& values = values_of[block];
              values.resize(record.size() / sizeof(GeneCosine));
              if (!values.empty()) std::memcpy(values.data(), record.data(), record.size());
              return {};
            }));
  num_blocks += static_cast<std::int64_t>(values_of.size());
  for (const auto& [block, values] : values_of) pending.insert(pending.end(), values.begin(), values.end());
  if (num_blocks != wanted_blocks) {
    return Error{ErrorCode::kParse, "E-EFF-002",
                 folder.string() + ": effects on genes stop at block " + std::to_string(num_blocks) + " of " +
                     std::to_string(wanted_blocks) + "; run again with --overwrite"};
  }
  return {};
}

/// Gives the pairs of the file and of the pending values together, in order. Sums are exact, so that the pending values
/// may be sorted in place.
Result<> GeneEffectTable::State::for_each(const std::function<Result<>(const PairSum&)>& on_pair) {
  std::sort(pending.begin(), pending.end(), [](const GeneCosine& a, const GeneCosine& b) {
    return std::tuple(a.perturbation, a.affected) < std::tuple(b.perturbation, b.affected);
  });
  SumReader old(sums_path());
  for (PendingSums added(pending); added.has(); added.next()) {
    for (; old.has() && old.pair().key() < added.pair().key(); old.next()) CW_TRY(on_pair(old.pair()));
    PairSum total = added.pair();
    if (old.has() && old.pair().key() == total.key()) {
      total.add(old.pair().n, old.pair().sum, old.pair().squares());
      old.next();
    }
    CW_TRY(on_pair(total));
  }
  for (; old.has(); old.next()) CW_TRY(on_pair(old.pair()));
  return {};
}

Result<> GeneEffectTable::State::merge() {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(sums_path(), true));
  {
    errno = 0;
    std::ofstream stream(output.path(), std::ios::binary);
    stream.write(reinterpret_cast<const char*>(&num_blocks), sizeof num_blocks);
    CW_TRY(for_each([&](const PairSum& pair) -> Result<> {
      stream.write(reinterpret_cast<const char*>(&pair), sizeof pair);
      return {};
    }));
    stream.flush();
    if (!stream) return error_from_errno("writing", sums_path().string());
  }
  CW_TRY(output.commit());
  pending.clear();
  CW_ASSIGN(journal, BlockJournal::create(journal_path()));
  return {};
}

GeneEffectTable::GeneEffectTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
GeneEffectTable::GeneEffectTable(GeneEffectTable&&) noexcept = default;
GeneEffectTable& GeneEffectTable::operator=(GeneEffectTable&&) noexcept = default;
GeneEffectTable::~GeneEffectTable() = default;

Result<GeneEffectTable> GeneEffectTable::open(const std::filesystem::path& folder, std::int64_t num_blocks,
                                              std::int64_t pending_limit) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  state->pending_limit = static_cast<std::size_t>(pending_limit);
  std::error_code ignored;
  if (num_blocks > 0) {
    CW_TRY(state->replay(num_blocks));
  } else {
    std::filesystem::remove(state->sums_path(), ignored);
    CW_ASSIGN(state->journal, BlockJournal::create(state->journal_path()));
  }
  return GeneEffectTable(std::move(state));
}

Result<> GeneEffectTable::append(std::int64_t block, std::span<const GeneCosine> values) {
  CW_ASSERT(block == state_->num_blocks);
  // merged before, not after: the file of sums must never hold a block whose rows were not written
  if (state_->pending.size() + values.size() > state_->pending_limit && !state_->pending.empty()) {
    CW_TRY(state_->merge());
  }
  CW_TRY(state_->journal->append(record_of(block, values)));
  state_->pending.insert(state_->pending.end(), values.begin(), values.end());
  state_->num_blocks = block + 1;
  return {};
}

Result<> GeneEffectTable::summarise(const std::function<Result<>(const GeneEffects&)>& on_part, std::int64_t most) {
  Summary summary(on_part, most);
  CW_TRY(state_->for_each([&](const PairSum& pair) { return summary.add(pair); }));
  return summary.finish();
}

Result<> GeneEffectTable::summarise_parts(std::span<const std::filesystem::path> folders,
                                          const std::function<Result<>(const GeneEffects&)>& on_part,
                                          std::int64_t most) {
  std::vector<SumReader> readers;
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / kSumsName, ignored)) {
      return Error{ErrorCode::kParse, "E-EFF-002",
                   folder.string() + ": " + kSumsName + " is missing; compute this part again with --overwrite"};
    }
    readers.emplace_back(folder / kSumsName);
  }
  Summary summary(on_part, most);
  for (;;) {
    const SumReader* first = nullptr;
    for (const auto& reader : readers) {
      if (reader.has() && (first == nullptr || reader.pair().key() < first->pair().key())) first = &reader;
    }
    if (first == nullptr) return summary.finish();
    PairSum total{first->pair().perturbation, first->pair().affected, 0, 0, 0, 0};
    for (auto& reader : readers) {
      if (!reader.has() || reader.pair().key() != total.key()) continue;
      total.add(reader.pair().n, reader.pair().sum, reader.pair().squares());
      reader.next();
    }
    CW_TRY(summary.add(total));
  }
}

Result<> GeneEffectTable::settle() { return state_->merge(); }

void GeneEffectTable::keep_sums() noexcept {
  state_->journal.reset();
  std::error_code ignored;
  std::filesystem::remove(state_->journal_path(), ignored);
}

void GeneEffectTable::remove_files() noexcept {
  keep_sums();
  std::error_code ignored;
  std::filesystem::remove(state_->sums_path(), ignored);
}

}  // namespace cw
