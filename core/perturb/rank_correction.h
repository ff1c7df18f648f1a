// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/perturb/prepared_run.h"
#include "core/perturb/variant_forward.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Takes out of screened scores the error that all genes of a rank share.
///
/// Deleting a gene moves every later gene up by one place. That part of the effect depends on the gene's rank alone and
/// is far from linear where neighbouring position embeddings differ much, so gradients miss it (engine-notes 5.3: 0.24
/// to 0.42 of the exact order with rough position embeddings). Here a few genes of each cell, evenly over its ranks,
/// are deleted exactly, and the difference to their screened scores is added to the genes between by linear
/// interpolation.
class RankCorrection {
 public:
  explicit RankCorrection(const PreparedRun& run)
      : run_(run), forward_(*run.model.encoder, ReadOut{run.layer, run.cls_mode}) {}

  /// `scores`: one per token of the list; as GradientScreen::cell. Lists too short for it stay as they are.
  /// Errors: kCancelled.
  Result<> apply(std::span<const std::int32_t> tokens, std::vector<double>& scores, JobContext& ctx) const;

 private:
  [[nodiscard]] Result<std::vector<double>> exact(std::span<const std::int32_t> tokens,
                                                  std::span<const std::int64_t> ranks, JobContext& ctx) const;
  [[nodiscard]] double effect(const at::Tensor& before, const float* after, std::int64_t num_rows,
                              std::int64_t deleted) const;

  const PreparedRun& run_;
  VariantForward forward_;
};

}  // namespace cw
