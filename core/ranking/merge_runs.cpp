// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/merge_runs.h"

#include "core/base/words.h"

#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_set>

namespace cw {
namespace {

struct ComparedField {
  const char* place;  // JSON pointer into the provenance
  const char* name;
};

constexpr std::array<ComparedField, 6> kComparedFields{{{"/model/weights_sha256", "model"},
                                                        {"/dictionary/vocabulary_sha256", "vocabulary"},
                                                        {"/layer", "layer"},
                                                        {"/mode", "mode"},
                                                        {"/options/quartiles", "number of quartiles"},
                                                        {"/options/position", "target rank"}}};

std::string text_at(const Json& provenance, const char* place) {
  const Json::json_pointer pointer(place);
  if (!provenance.is_object() || !provenance.contains(pointer)) return {};
  const Json& value = provenance.at(pointer);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// "2 of 3" for a part of a run that was split by cells, else "".
std::string part_of(const Json& provenance) {
  const std::string shards = text_at(provenance, "/options/shards");
  return shards.empty() ? "" : text_at(provenance, "/options/shard") + " of " + shards;
}

Error not_comparable(const NamedRun& first, const NamedRun& other, const std::string& what, const std::string& a,
                     const std::string& b) {
  return {ErrorCode::kRefused, "E-RNK-002",
          "the runs " + first.name + " and " + other.name + " cannot be put together: " + what + " is " + a +
              " in one and " + b + " in the other; give each its own ranked list"};
}

/// Pooled mean and population standard deviation of an effect on a gene.
struct Pooled {
  double n = 0.0;
  double mean = 0.0;
  double squares = 0.0;

  void add(double count, double other_mean, double other_sd) {
    if (count <= 0.0) return;
    const double distance = other_mean - mean;
    squares += other_sd * other_sd * count + distance * distance * n * count / (n + count);
    mean += distance * count / (n + count);
    n += count;
  }
};

using PooledGenes = std::map<std::pair<std::int32_t, std::int32_t>, Pooled>;  // perturbation, affected token

/// Rows of one perturbation in a run that is added.
struct RowCounts {
  std::int64_t all = 0;
  std::int64_t repeated = 0;  ///< that an earlier run holds too
  /// Effects on genes are summaries over all of these cells: those of the new ones cannot be told apart.
  [[nodiscard]] bool is_split() const noexcept { return repeated > 0 && repeated < all; }
};

/// Collects runs one after the other.
class Merger {
 public:
  explicit Merger(const Effects& first) {
    result_.states = first.states;
    result_.provenance = first.provenance;
  }

  void add(const Effects& run) {
    const auto cell_of = map_cells(run);
    const auto perturbation_of = map_perturbations(run);
    const auto width = static_cast<std::size_t>(run.num_columns());
    std::vector<RowCounts> rows_of(run.perturbations.size());
    for (std::size_t row = 0; row < run.cell.size(); ++row) {
      const std::int32_t cell = cell_of[static_cast<std::size_t>(run.cell[row])];
      const std::int32_t perturbation = perturbation_of[static_cast<std::size_t>(run.perturbation[row])];
      const std::uint64_t key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(cell)) << 32U) |
                                static_cast<std::uint32_t>(perturbation);
      ++rows_of[static_cast<std::size_t>(run.perturbation[row])].all;
      if (!seen_.insert(key).second) {
        ++num_repeated_;
        ++rows_of[static_cast<std::size_t>(run.perturbation[row])].repeated;
        continue;
      }
      result_.cell.push_back(cell);
      result_.perturbation.push_back(perturbation);
      result_.rank.push_back(run.rank[row]);
      const auto begin = run.cosine.begin() + static_cast<std::ptrdiff_t>(row * width);
      result_.cosine.insert(result_.cosine.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
      if (!run.states.empty()) result_.progress.push_back(run.progress[row]);
    }
    for (const EffectGene& gene : run.genes) genes_.emplace(gene.token, gene);
    const GeneEffects& genes = run.gene_effects;
    for (std::size_t i = 0; i < genes.n.size(); ++i) {
      if (rows_of[static_cast<std::size_t>(genes.perturbation[i])].repeated > 0) continue;
      pooled_[{perturbation_of[static_cast<std::size_t>(genes.perturbation[i])], genes.affected[i]}].add(
          genes.n[i], genes.mean[i], genes.sd[i]);
    }
    for (const RowCounts& rows : rows_of) num_split_ += !genes.n.empty() && rows.is_split() ? 1 : 0;
    result_.complete = result_.complete && run.complete;
  }

  void add_requests(const Json& provenance) {
    const Json::json_pointer place("/options/requests");
    if (!provenance.is_object() || !provenance.contains(place) || !result_.provenance.contains(place)) return;
    for (const Json& request : provenance.at(place)) result_.provenance[place].push_back(request);
  }

  [[nodiscard]] std::int64_t num_repeated() const noexcept { return num_repeated_; }
  /// Perturbations of later runs whose effects on genes were left out although some of their cells are new.
  [[nodiscard]] std::int64_t num_split() const noexcept { return num_split_; }

  [[nodiscard]] Effects take() {
    for (const auto& [token, gene] : genes_) result_.genes.push_back(gene);
    for (const auto& [key, pooled] : pooled_) {
      result_.gene_effects.perturbation.push_back(key.first);
      result_.gene_effects.affected.push_back(key.second);
      result_.gene_effects.mean.push_back(static_cast<float>(pooled.mean));
      result_.gene_effects.sd.push_back(static_cast<float>(std::sqrt(pooled.squares / pooled.n)));
      result_.gene_effects.n.push_back(static_cast<std::int32_t>(pooled.n));
    }
    return std::move(result_);
  }

 private:
  std::vector<std::int32_t> map_cells(const Effects& run) {
    std::vector<std::int32_t> places;
    // barcodes repeat from sample to sample, so a cell is known by its file too
    const std::string source = text_at(run.provenance, "/tokens");
    for (const EffectCell& cell : run.cells) {
      const auto [found, is_new] = cells_.emplace(std::tuple{source, cell.source_row, cell.name}, result_.cells.size());
      if (is_new) result_.cells.push_back(cell);
      places.push_back(static_cast<std::int32_t>(found->second));
    }
    return places;
  }

  // Stand-ins come after the perturbation that they stand in for, so its new index is known.
  std::vector<std::int32_t> map_perturbations(const Effects& run) {
    std::vector<std::int32_t> places;
    for (const Perturbation& perturbation : run.perturbations) {
      Perturbation copy = perturbation;
      const auto partner = static_cast<std::size_t>(copy.partner);
      if (copy.partner >= 0 && partner < places.size()) copy.partner = places[partner];
      const auto [found, is_new] = perturbations_.emplace(std::tuple{copy.kind, copy.role, copy.tokens, copy.partner},
                                                          result_.perturbations.size());
      if (is_new) result_.perturbations.push_back(std::move(copy));
      places.push_back(static_cast<std::int32_t>(found->second));
    }
    return places;
  }

  Effects result_;
  std::map<std::tuple<std::string, std::int64_t, std::string>, std::size_t> cells_;  // source, row, name
  std::map<std::tuple<std::string, std::string, std::vector<std::int32_t>, std::int32_t>, std::size_t> perturbations_;
  std::unordered_set<std::uint64_t> seen_;
  std::map<std::int32_t, EffectGene> genes_;
  PooledGenes pooled_;
  std::int64_t num_repeated_ = 0;
  std::int64_t num_split_ = 0;
};

}  // namespace

Result<> require_comparable(const NamedRun& first, const NamedRun& other) {
  for (const ComparedField& field : kComparedFields) {
    const std::string a = text_at(first.effects.provenance, field.place);
    const std::string b = text_at(other.effects.provenance, field.place);
    if (a != b)
      return not_comparable(first, other, field.name, a.empty() ? "not stated" : a, b.empty() ? "not stated" : b);
  }
  if (first.effects.states != other.effects.states) {
    return not_comparable(first, other, "the list of states", listed(first.effects.states),
                          listed(other.effects.states));
  }
  return {};
}

Result<Effects> merge_runs(std::vector<NamedRun> runs, JobContext& context) {
  CW_ASSERT(!runs.empty());
  for (const NamedRun& run : runs) {
    if (!run.effects.complete) {
      context.warn("W-RNK-003", run.name + " is not complete; the statistics are over the cells it saw");
    }
    if (const std::string part = part_of(run.effects.provenance); !part.empty()) {
      context.warn("W-RNK-007",
                   run.name + " is part " + part + " of a run; put the parts together first: cellwright merge");
    }
  }
  if (runs.size() == 1) return std::move(runs.front().effects);
  Merger merger(runs.front().effects);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CW_TRY(require_comparable(runs.front(), runs[i]));
    merger.add(runs[i].effects);
    if (i > 0) merger.add_requests(runs[i].effects.provenance);
  }
  if (merger.num_repeated() > 0) {
    context.warn("W-RNK-002", std::to_string(merger.num_repeated()) +
                                  " results are in more than one run; those of the run named first were taken");
  }
  if (merger.num_split() > 0) {
    context.warn("W-RNK-006", "the runs share some cells, not all, of " + std::to_string(merger.num_split()) +
                                  " perturbations; their effects on genes, which are kept as summaries over cells, "
                                  "are those of the first of these runs");
  }
  return merger.take();
}

}  // namespace cw
