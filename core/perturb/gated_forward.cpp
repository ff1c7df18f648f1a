// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/gated_forward.h"

#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace cw {
namespace {

void stop_if_cancelled(const JobContext* watch) {
  if (watch != nullptr && watch->cancelled()) throw GatedForward::Stopped();
}

}  // namespace

GatedForward::Leaves GatedForward::leaves(std::span<const std::int32_t> tokens) const {
  const auto length = static_cast<std::int64_t>(tokens.size());
  const at::Tensor ids = at::tensor(std::vector<std::int64_t>(tokens.begin(), tokens.end()), at::kLong);
  Leaves leaves;
  leaves.embedded = (weights_.word_embeddings.index_select(0, ids) + weights_.position_embeddings.narrow(0, 0, length) +
                     weights_.type_embeddings[0])
                        .detach();
  leaves.log_gate = at::zeros({length}, leaves.embedded.options());
  leaves.embedded.requires_grad_(true);
  leaves.log_gate.requires_grad_(true);
  return leaves;
}

at::Tensor GatedForward::states(const Leaves& leaves, const JobContext* watch) const {
  const std::int64_t length = leaves.embedded.size(0);
  const std::int64_t width = config_.hidden;
  const std::int64_t head_width = width / config_.heads;
  const auto norm = [&](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return at::layer_norm(x, {width}, weight, bias, config_.layer_norm_eps);
  };
  const auto heads = [&](const at::Tensor& x) {
    return x.view({length, config_.heads, head_width}).transpose(0, 1);  // [H, L, D / H]
  };
  at::Tensor hidden = norm(leaves.embedded, weights_.embedding_norm_weight, weights_.embedding_norm_bias);
  for (int i = 0; i < layer_; ++i) {
    stop_if_cancelled(watch);
    if (watch != nullptr) hidden.register_hook([watch](const at::Tensor&) { stop_if_cancelled(watch); });
    const LayerWeights& w = weights_.layers[static_cast<std::size_t>(i)];
    const at::Tensor q = heads(at::linear(hidden, w.query_weight, w.query_bias));
    const at::Tensor k = heads(at::linear(hidden, w.key_weight, w.key_bias));
    const at::Tensor v = heads(at::linear(hidden, w.value_weight, w.value_bias));
    const at::Tensor scores = at::matmul(q, k.transpose(1, 2)) / std::sqrt(static_cast<double>(head_width));
    const at::Tensor context = at::matmul(at::softmax(scores + leaves.log_gate, -1), v);
    const at::Tensor merged = context.transpose(0, 1).reshape({length, width});
    const at::Tensor attended = norm(at::linear(merged, w.attention_output_weight, w.attention_output_bias) + hidden,
                                     w.attention_norm_weight, w.attention_norm_bias);
    const at::Tensor inner = at::relu(at::linear(attended, w.intermediate_weight, w.intermediate_bias));
    hidden =
        norm(at::linear(inner, w.output_weight, w.output_bias) + attended, w.output_norm_weight, w.output_norm_bias);
  }
  return hidden;
}

at::Tensor GatedForward::pooled(const at::Tensor& states, const Leaves& leaves) {
  return at::matmul(at::softmax(leaves.log_gate, 0), states);  // softmax of log gates: g_i / sum of g
}

std::vector<double> GatedForward::deletion_changes(std::span<const std::int32_t> tokens,
                                                   const at::Tensor& gate_gradient,
                                                   const at::Tensor& embedded_gradient) const {
  const auto length = static_cast<std::int64_t>(tokens.size());
  // row i: what moving token i up by one place changes; the first token cannot move
  const at::Tensor& positions = weights_.position_embeddings;
  const at::Tensor steps = positions.narrow(0, 0, length - 1) - positions.narrow(0, 1, length - 1);
  const at::Tensor moved = (embedded_gradient.narrow(0, 1, length - 1) * steps).sum(1).to(at::kDouble).contiguous();
  const at::Tensor gate = gate_gradient.to(at::kDouble).contiguous();
  const double* of_gate = gate.const_data_ptr<double>();
  const double* of_move = moved.const_data_ptr<double>();
  std::vector<double> changes(tokens.size());
  double later = 0.0;
  for (std::int64_t r = length - 1; r >= 0; --r) {
    changes[static_cast<std::size_t>(r)] = later - of_gate[r];
    if (r > 0) later += of_move[r - 1];
  }
  return changes;
}

}  // namespace cw
