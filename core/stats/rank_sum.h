// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Outcome of a Wilcoxon rank-sum test: `z` > 0 where the first sample is larger, `p` two-sided normal.
/// NaN where a sample is empty.
struct RankSum {
  double z;
  double p;
};

/// Wilcoxon rank-sum test in the form of scipy.stats.ranksums: average ranks, normal approximation, neither tie nor
/// continuity correction (geneformer-behaviour 7.2).
[[nodiscard]] RankSum rank_sum(std::span<const double> first, std::span<const double> second);

/// One large first sample, sorted once, that many second samples are tested against.
/// Cost: O(N log N) once, then O(n log n + n log(N / n)) per test. Tests may run on several threads.
class RankSumPool {
 public:
  explicit RankSumPool(std::vector<double> pool);
  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(sorted_.size()); }
  /// `rank_sum(pool, sample)`. Sorts `sample`.
  [[nodiscard]] RankSum test_in_place(std::span<double> sample) const;

 private:
  std::vector<double> sorted_;
};

}  // namespace cw
