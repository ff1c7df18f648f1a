// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/gradient_scores.h"

#include "core/model/torch_guard.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cosine_similarity.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <torch/csrc/autograd/autograd.h>

namespace cw {
namespace {

/// Gradients of a scalar with respect to both leaves.
std::vector<at::Tensor> gradients(const at::Tensor& value, const GatedForward::Leaves& leaves, bool keep_graph) {
  return torch::autograd::grad({value}, {leaves.log_gate, leaves.embedded}, {}, keep_graph, false, true);
}

/// A leaf that the quantity does not depend on (the embedding layer has no gate) has gradient zero.
at::Tensor or_zero(const at::Tensor& gradient, const at::Tensor& leaf) {
  return gradient.defined() ? gradient : at::zeros_like(leaf);
}

}  // namespace

std::vector<double> GradientScreen::shift_scores(std::span<const std::int32_t> tokens, const JobContext* watch) const {
  const auto leaves = forward_.leaves(tokens);
  const at::Tensor states = forward_.states(leaves, watch);
  const at::Tensor embedding = run_.cls_mode ? states[0] : GatedForward::pooled(states, leaves);
  const at::Tensor goal = at::tensor(run_.centroids.states.centroids[1], at::kDouble).to(at::kFloat);
  const auto gradient = gradients(at::cosine_similarity(embedding, goal, 0, 1e-8), leaves, false);
  return forward_.deletion_changes(tokens, or_zero(gradient[0], leaves.log_gate),
                                   or_zero(gradient[1], leaves.embedded));
}

std::vector<double> GradientScreen::sketch_scores(std::span<const std::int32_t> tokens, std::int64_t row,
                                                  const JobContext* watch) const {
  const auto leaves = forward_.leaves(tokens);
  at::Tensor states = forward_.states(leaves, watch);
  if (run_.cls_mode) states = states.narrow(0, 0, 1);
  const at::Tensor fixed = states.detach();
  const at::Tensor length = fixed.norm(2, 1, true).clamp_min(1e-8);
  const at::Tensor along = fixed / length;
  auto generator =
      at::make_generator<at::CPUGeneratorImpl>(seed_ * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(row));
  std::vector<double> scores(tokens.size(), 0.0);
  for (int probe = 0; probe < num_probes_; ++probe) {
    at::Tensor direction = at::randn(states.sizes(), generator, states.options().requires_grad(false));
    direction = (direction - along * (direction * along).sum(1, true)) / length;
    const auto gradient = gradients((states * direction).sum(), leaves, probe + 1 < num_probes_);
    const auto changes =
        forward_.deletion_changes(tokens, or_zero(gradient[0], leaves.log_gate), or_zero(gradient[1], leaves.embedded));
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += changes[i] * changes[i];
  }
  const double scale = 0.5 / (static_cast<double>(num_probes_) * static_cast<double>(states.size(0)));
  for (double& score : scores) score *= scale;
  return scores;
}

std::vector<double> GradientScreen::cell(std::span<const std::int32_t> tokens, std::int64_t row,
                                         const JobContext* watch) const {
  return run_.centroids.states.centroids.empty() ? sketch_scores(tokens, row, watch) : shift_scores(tokens, watch);
}

Result<std::vector<double>> GradientScreen::corrected(std::span<const std::int32_t> tokens, std::int64_t row,
                                                      JobContext& ctx) const {
  std::vector<double> scores;
  try {
    scores = cell(tokens, row, &ctx);
  } catch (const GatedForward::Stopped&) {
    return cancelled_error("screening");
  }
  CW_TRY(correction_.apply(tokens, scores, ctx));
  return scores;
}

Result<GradientScores> GradientScreen::over(std::span<const std::int64_t> rows, JobContext& ctx) const {
  return guard_torch("screening cells", [&] { return summed(rows, ctx); });
}

Result<GradientScores> GradientScreen::summed(std::span<const std::int64_t> rows, JobContext& ctx) const {
  GradientScores scores(static_cast<std::size_t>(run_.model.dictionary->num_tokens()));
  std::vector<std::int32_t> tokens;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ctx.report(static_cast<std::int64_t>(i), std::ssize(rows), "Screening cells");
    run_.cells.copy_tokens(rows[i], tokens);
    CW_ASSIGN(const std::vector<double> values, corrected(tokens, rows[i], ctx));
    for (std::size_t k = 0; k < tokens.size(); ++k) {
      if (run_.model.dictionary->is_gene(tokens[k])) scores[static_cast<std::size_t>(tokens[k])].add(values[k]);
    }
  }
  ctx.report(std::ssize(rows), std::ssize(rows), "Screening cells");
  return scores;
}

}  // namespace cw
