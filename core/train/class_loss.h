// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace cw {

/// How wrong class predictions are counted.
struct ClassLossRule {
  std::vector<double> weights;  ///< [C] of each class; empty = 1
  double focal_gamma = 0.0;     ///< 0 = cross-entropy; larger = easy examples count less

  [[nodiscard]] double weight_of(std::int64_t target) const {
    return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(target)];
  }
};

/// Sum over rows of w[t] (1 - p[t])^gamma (-log p[t]) times `scale`, p = softmax(logits), t the row's target: a float64
/// scalar. Divided by the sum of w[t] this is torch's weighted cross-entropy, and with gamma the focal loss.
///
/// Source   Lin et al. 2017, "Focal loss for dense object detection", doi:10.1109/ICCV.2017.324.
/// Shapes   logits [n, C], `targets` n classes.
[[nodiscard]] at::Tensor class_loss(const at::Tensor& logits, const std::vector<std::int64_t>& targets,
                                    const ClassLossRule& rule, double scale);

/// n / (C * n_c) for every class: each counts the same, whatever its number of examples. 0 for classes without any.
[[nodiscard]] std::vector<double> balanced_weights(const std::vector<std::int64_t>& counts);

}  // namespace cw
