// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/rank_value_encoder.h"

#include <algorithm>
#include <array>
#include <bit>

namespace cw {
namespace {

constexpr double kTargetSum = 10'000.0;
constexpr int kKeyBits = 24;
constexpr int kDigitBits = 8;
constexpr std::size_t kShortCell = 48;  // below, comparing beats counting

/// Counts per 10,000 over the median, as `arithmetic` orders and rounds the steps.
template <ScoreArithmetic kArithmetic>
class Score {
 public:
  explicit Score(double total) : total_(total) {}

  [[nodiscard]] double operator()(double count, double median, double reciprocal) const {
    if constexpr (kArithmetic == ScoreArithmetic::kDivide) return count / total_ * kTargetSum / median;
    if constexpr (kArithmetic == ScoreArithmetic::kReciprocal) return count * (1.0 / total_) * kTargetSum * reciprocal;
    const auto narrow_count = static_cast<float>(count);
    const auto narrow_total = static_cast<float>(total_);
    constexpr auto kNarrowSum = static_cast<float>(kTargetSum);
    if constexpr (kArithmetic == ScoreArithmetic::kDivideFloat32) {
      return static_cast<double>(narrow_count / narrow_total * kNarrowSum) / median;
    }
    return static_cast<double>(narrow_count * (1.0F / narrow_total) * kNarrowSum) * reciprocal;
  }

 private:
  double total_;
};

}  // namespace

RankValueEncoder::RankValueEncoder(const Dictionary& dictionary, std::vector<std::int32_t> token_of_gene,
                                   const RankOptions& options)
    : token_of_gene_(std::move(token_of_gene)),
      arithmetic_(options.arithmetic),
      max_length_(options.max_length > 0 ? options.max_length : dictionary.model_input_size()) {
  if (dictionary.has_special_tokens()) {
    cls_ = *dictionary.cls();
    eos_ = *dictionary.eos();
  }
  const auto num_tokens = static_cast<std::size_t>(dictionary.num_tokens());
  std::vector<std::uint32_t> genes_of_token(num_tokens, 0);
  bool repeats = false;
  for (const std::int32_t token : token_of_gene_) {
    if (token >= 0 && ++genes_of_token[static_cast<std::size_t>(token)] > 1) repeats = true;
  }
  if (repeats && options.sum_repeated) {
    is_repeated_.resize(token_of_gene_.size(), 0);
    for (std::size_t gene = 0; gene < token_of_gene_.size(); ++gene) {
      const std::int32_t token = token_of_gene_[gene];
      is_repeated_[gene] = token >= 0 && genes_of_token[static_cast<std::size_t>(token)] > 1 ? 1 : 0;
    }
  }
  median_of_token_.resize(num_tokens);
  reciprocal_of_token_.resize(num_tokens);
  for (std::size_t token = 0; token < num_tokens; ++token) {
    median_of_token_[token] = dictionary.median(static_cast<std::int32_t>(token));
    reciprocal_of_token_[token] = 1.0 / median_of_token_[token];
  }
}

template <ScoreArithmetic kArithmetic>
void RankValueEncoder::score(std::span<const std::uint32_t> genes, std::span<const float> values, double total,
                             Scratch& scratch) const {
  const Score<kArithmetic> score_of(total);
  auto& entries = scratch.entries_;
  entries.resize(genes.size() + scratch.touched_.size());
  std::size_t count = 0;
  const auto add = [&](std::int32_t token, double value) {
    const auto t = static_cast<std::size_t>(token);
    entries[count++] = {score_of(value, median_of_token_[t], reciprocal_of_token_[t]), token, 0};
  };
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const std::int32_t token = token_of_gene_[genes[i]];
    if (token < 0 || values[i] == 0.0F || (!is_repeated_.empty() && is_repeated_[genes[i]] != 0)) continue;
    add(token, values[i]);
  }
  for (const std::int32_t token : scratch.touched_) {
    add(token, scratch.sum_of_token_[static_cast<std::size_t>(token)]);
  }
  entries.resize(count);
}

void RankValueEncoder::sum_repeated_tokens(std::span<const std::uint32_t> genes, std::span<const float> values,
                                           Scratch& scratch) const {
  for (const std::int32_t token : scratch.touched_) scratch.sum_of_token_[static_cast<std::size_t>(token)] = 0.0;
  scratch.touched_.clear();
  if (is_repeated_.empty()) return;
  scratch.sum_of_token_.resize(median_of_token_.size(), 0.0);
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (is_repeated_[genes[i]] == 0 || values[i] == 0.0F) continue;
    const std::int32_t token = token_of_gene_[genes[i]];
    double& sum = scratch.sum_of_token_[static_cast<std::size_t>(token)];
    if (sum == 0.0) scratch.touched_.push_back(token);
    sum += static_cast<double>(values[i]);
  }
}

void RankValueEncoder::sort(Scratch& scratch) {
  using Entry = Scratch::Entry;
  auto& entries = scratch.entries_;
  const auto before = [](const Entry& a, const Entry& b) {
    return a.score > b.score || (a.score == b.score && a.token < b.token);
  };
  if (entries.size() <= kShortCell) {
    std::sort(entries.begin(), entries.end(), before);
    return;
  }
  // The bits of positive doubles rise with their values. Counting sort on the top 24 bits of the distance from the
  // largest score brings every entry within a few places of where it belongs; exact comparisons do the rest.
  std::uint64_t largest = 0;
  std::uint64_t smallest = UINT64_MAX;
  for (const auto& entry : entries) {
    const auto bits = std::bit_cast<std::uint64_t>(entry.score);
    largest = std::max(largest, bits);
    smallest = std::min(smallest, bits);
  }
  const int shift = std::max(0, static_cast<int>(std::bit_width(largest - smallest)) - kKeyBits);
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  std::array<std::array<std::uint32_t, kDigits>, kKeyBits / kDigitBits> places{};
  for (auto& entry : entries) {
    entry.key = static_cast<std::uint32_t>((largest - std::bit_cast<std::uint64_t>(entry.score)) >> shift);
    for (std::size_t digit = 0; digit < places.size(); ++digit) {
      ++places[digit][(entry.key >> (digit * kDigitBits)) % kDigits];
    }
  }
  scratch.sorted_.resize(entries.size());
  for (std::size_t digit = 0; digit < places.size(); ++digit) {
    std::uint32_t next = 0;
    for (auto& place : places[digit]) next += std::exchange(place, next);
    for (const auto& entry : entries) {
      scratch.sorted_[places[digit][(entry.key >> (digit * kDigitBits)) % kDigits]++] = entry;
    }
    entries.swap(scratch.sorted_);
  }
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const Entry entry = entries[i];
    std::size_t place = i;
    for (; place > 0 && before(entry, entries[place - 1]); --place) entries[place] = entries[place - 1];
    entries[place] = entry;
  }
}

RankValueEncoder::Length RankValueEncoder::encode(std::span<const std::uint32_t> genes, std::span<const float> values,
                                                  double total, Scratch& scratch, std::int32_t* out) const {
  sum_repeated_tokens(genes, values, scratch);
  switch (arithmetic_) {
    case ScoreArithmetic::kDivide:
      score<ScoreArithmetic::kDivide>(genes, values, total, scratch);
      break;
    case ScoreArithmetic::kReciprocal:
      score<ScoreArithmetic::kReciprocal>(genes, values, total, scratch);
      break;
    case ScoreArithmetic::kDivideFloat32:
      score<ScoreArithmetic::kDivideFloat32>(genes, values, total, scratch);
      break;
    case ScoreArithmetic::kReciprocalFloat32:
      score<ScoreArithmetic::kReciprocalFloat32>(genes, values, total, scratch);
      break;
  }
  const auto& entries = scratch.entries_;
  if (entries.empty()) return {};
  sort(scratch);
  const std::uint32_t special = has_special_tokens() ? 2 : 0;
  const auto full = static_cast<std::uint32_t>(entries.size());
  const std::uint32_t kept = std::min(full, static_cast<std::uint32_t>(max_length_) - special);
  if (special > 0) *out++ = cls_;
  for (std::uint32_t i = 0; i < kept; ++i) *out++ = entries[i].token;
  if (special > 0) *out = eos_;
  return {kept + special, full + special};
}

}  // namespace cw
