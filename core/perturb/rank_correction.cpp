// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/rank_correction.h"

#include "core/perturb/effect_scores.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cw {
namespace {

// measured on the demonstration model (docs/performance.md): 16 give a rank correlation of 0.99, 32 no more
constexpr std::int64_t kCheckedRanks = 16;
constexpr std::int64_t kFewestGenes = 2 * kCheckedRanks;

void add_interpolated(std::span<const std::int64_t> ranks, std::span<const double> residuals,
                      std::vector<double>& scores) {
  std::size_t next = 0;
  for (std::int64_t r = 0; r < std::ssize(scores); ++r) {
    while (next < ranks.size() && ranks[next] < r) ++next;
    double residual = 0.0;
    if (next == 0) {
      residual = residuals.front();
    } else if (next == ranks.size()) {
      residual = residuals.back();
    } else {
      residual =
          std::lerp(residuals[next - 1], residuals[next],
                    static_cast<double>(r - ranks[next - 1]) / static_cast<double>(ranks[next] - ranks[next - 1]));
    }
    scores[static_cast<std::size_t>(r)] += residual;
  }
}

}  // namespace

Result<> RankCorrection::apply(std::span<const std::int32_t> tokens, std::vector<double>& scores,
                               JobContext& ctx) const {
  // special tokens stand at the ends only: they are never deleted
  const std::int64_t special = run_.model.dictionary->has_special_tokens() ? 1 : 0;
  const std::int64_t num_genes = std::ssize(tokens) - 2 * special;
  if (num_genes < kFewestGenes) return {};
  std::vector<std::int64_t> ranks;
  for (std::int64_t k = 0; k < kCheckedRanks; ++k) {
    ranks.push_back(special + (2 * k + 1) * num_genes / (2 * kCheckedRanks));
  }
  CW_ASSIGN(std::vector<double> residuals, exact(tokens, ranks, ctx));
  for (std::size_t k = 0; k < ranks.size(); ++k) residuals[k] -= scores[static_cast<std::size_t>(ranks[k])];
  add_interpolated(ranks, residuals, scores);
  return {};
}

Result<std::vector<double>> RankCorrection::exact(std::span<const std::int32_t> tokens,
                                                  std::span<const std::int64_t> ranks, JobContext& ctx) const {
  CW_ASSIGN(std::vector<OriginalCell> originals, forward_.originals({{tokens.begin(), tokens.end()}}, ctx));
  std::vector<Variant> variants;
  for (const std::int64_t rank : ranks) {
    Variant variant{originals.data(), {tokens.begin(), tokens.end()}};
    variant.tokens.erase(variant.tokens.begin() + rank);
    variants.push_back(std::move(variant));
  }
  CW_ASSIGN(const ReadOuts after, forward_.run(variants, ctx));
  std::vector<double> effects;
  for (std::size_t k = 0; k < variants.size(); ++k) {
    effects.push_back(effect(originals[0].read_out(), after.of(k), after.num_rows(k), ranks[k]));
  }
  return effects;
}

double RankCorrection::effect(const at::Tensor& before, const float* after, std::int64_t num_rows,
                              std::int64_t deleted) const {
  const std::int64_t width = before.size(1);
  const float* rows = before.const_data_ptr<float>();
  if (!run_.centroids.states.centroids.empty()) {
    const std::int64_t used = run_.cls_mode ? 1 : num_rows;
    return run_.centroids.states.shifts(mean_row(rows, run_.cls_mode ? 1 : before.size(0), width),
                                        mean_row(after, used, width))[1];
  }
  if (run_.cls_mode) return 1.0 - cosine(rows, after, width);
  std::vector<std::pair<std::int32_t, std::int32_t>> pairs;
  for (std::int64_t i = 0; i < num_rows; ++i) {
    pairs.emplace_back(static_cast<std::int32_t>(i < deleted ? i : i + 1), static_cast<std::int32_t>(i));
  }
  std::vector<double> similarities(pairs.size());
  row_cosines(rows, after, width, pairs, similarities);
  return 1.0 - std::accumulate(similarities.begin(), similarities.end(), 0.0) / static_cast<double>(pairs.size());
}

}  // namespace cw
