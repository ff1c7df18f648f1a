// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/perturb/gated_forward.h"
#include "core/perturb/prepared_run.h"
#include "core/perturb/rank_correction.h"
#include "core/stats/cell_mean.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Screened effect of deleting each gene over cells, by token.
using GradientScores = std::vector<CellMean>;

/// Approximates the deletion of every gene of a cell at once (engine-notes 5.3).
///
/// With states: the first-order change of cos(E, S_goal), from one gradient. Without: the first derivative of a
/// similarity to itself is zero, so the second-order size of 1 - similarity is estimated from `num_probes` random
/// directions: the mean of ½ |P Δh_i|² / |h_i|² over genes i, P taking out the part along h_i, Δh linear in the gate.
/// Repeat   equal for equal seed and cell; the number of threads changes the last digits.
/// Errors   kCancelled.
class GradientScreen {
 public:
  GradientScreen(const ModelWeights& weights, const ModelConfig& config, const PreparedRun& run, int num_probes,
                 std::uint64_t seed)
      : forward_(weights, config, run.layer), correction_(run), run_(run), num_probes_(num_probes), seed_(seed) {}

  /// One value per token of the list; those of special tokens mean nothing.
  /// After the cancel of `watch`, GatedForward::Stopped is thrown.
  [[nodiscard]] std::vector<double> cell(std::span<const std::int32_t> tokens, std::int64_t row,
                                         const JobContext* watch = nullptr) const;
  /// The same with the error that all genes of a rank share taken out (RankCorrection). Errors: kCancelled.
  [[nodiscard]] Result<std::vector<double>> corrected(std::span<const std::int32_t> tokens, std::int64_t row,
                                                      JobContext& ctx) const;
  /// `corrected` over cells, given as rows of the token file.
  [[nodiscard]] Result<GradientScores> over(std::span<const std::int64_t> rows, JobContext& ctx) const;

 private:
  [[nodiscard]] Result<GradientScores> summed(std::span<const std::int64_t> rows, JobContext& ctx) const;
  [[nodiscard]] std::vector<double> shift_scores(std::span<const std::int32_t> tokens, const JobContext* watch) const;
  [[nodiscard]] std::vector<double> sketch_scores(std::span<const std::int32_t> tokens, std::int64_t row,
                                                  const JobContext* watch) const;

  GatedForward forward_;
  RankCorrection correction_;
  const PreparedRun& run_;
  int num_probes_;
  std::uint64_t seed_;
};

}  // namespace cw
