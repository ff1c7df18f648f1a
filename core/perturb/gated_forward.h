// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/model/model_weights.h"
#include "core/weights/model_config.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <exception>
#include <span>
#include <vector>

namespace cw {

/// The encoder written with LibTorch's differentiable operations, for one cell, with a gate per token: gate g_r scales
/// the weight of token r as a key in every layer and in the mean over positions. g = 1 is the cell as it is, g_r = 0
/// the cell without r in its place (engine-notes 5.3, "gate gradient"; attribution patching, Kramár et al. 2024, arXiv
/// 2403.00745).
class GatedForward {
 public:
  /// Thrown out of `states`, and of a backward pass through them, after the watch's cancel.
  struct Stopped : std::exception {};

  GatedForward(const ModelWeights& weights, const ModelConfig& config, int layer)
      : weights_(weights), config_(config), layer_(layer) {}

  /// What a cell's states depend on, as leaves that gradients are taken for.
  struct Leaves {
    at::Tensor embedded;  ///< [L, D]: word + position + type embedding, before LayerNorm
    at::Tensor log_gate;  ///< [L], 0 = as it is
  };
  [[nodiscard]] Leaves leaves(std::span<const std::int32_t> tokens) const;
  /// [L, D]: hidden state of the layer, differentiable in both leaves. `watch` is polled once per layer, in
  /// the backward pass too, so it must outlive that.
  [[nodiscard]] at::Tensor states(const Leaves& leaves, const JobContext* watch = nullptr) const;
  /// [D]: mean over positions weighted by the gates.
  [[nodiscard]] static at::Tensor pooled(const at::Tensor& states, const Leaves& leaves);

  /// First-order change when each token is deleted, from the gradients of one quantity: minus the gate's derivative,
  /// plus the change of the position embeddings of all later tokens, which move up by one.
  [[nodiscard]] std::vector<double> deletion_changes(std::span<const std::int32_t> tokens,
                                                     const at::Tensor& gate_gradient,
                                                     const at::Tensor& embedded_gradient) const;

 private:
  const ModelWeights& weights_;
  const ModelConfig& config_;
  int layer_;
};

}  // namespace cw
