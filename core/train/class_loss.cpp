// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/class_loss.h"

#include "core/train/encoder_pass.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tensor.h>

#include <numeric>

namespace cw {

at::Tensor class_loss(const at::Tensor& logits, const std::vector<std::int64_t>& targets, const ClassLossRule& rule,
                      double scale) {
  const at::Tensor index = index_tensor(targets).unsqueeze(1);
  const at::Tensor log_p = at::log_softmax(logits.to(at::kDouble), 1).gather(1, index).squeeze(1);
  at::Tensor losses = -log_p;
  if (rule.focal_gamma > 0.0) {
    // Where p rounds to 1 the gradient of the power is infinite below gamma = 1, and 0 times that is no number.
    losses = losses * at::pow((1.0 - log_p.exp()).clamp_min(1e-12), rule.focal_gamma);
  }
  std::vector<double> weights;
  weights.reserve(targets.size());
  for (const std::int64_t target : targets) weights.push_back(scale * rule.weight_of(target));
  return at::sum(losses * at::tensor(weights, at::kDouble));
}

std::vector<double> balanced_weights(const std::vector<std::int64_t>& counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<double> weights;
  weights.reserve(counts.size());
  for (const std::int64_t count : counts) {
    weights.push_back(count > 0 ? total / (static_cast<double>(counts.size()) * static_cast<double>(count)) : 0.0);
  }
  return weights;
}

}  // namespace cw
