// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/number_objective.h"

#include "core/evaluate/number_comparison.h"
#include "core/train/class_model.h"
#include "core/train/prediction_batches.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

struct NumberBatch final : TrainBatch {
  TokenRows rows;
  std::vector<double> targets_learned;
};

}  // namespace

at::Tensor number_loss(const at::Tensor& predicted, const std::vector<double>& targets, NumberLoss loss, double scale) {
  const at::Tensor off = predicted.to(at::kDouble).squeeze(1) - at::tensor(targets, at::kDouble);
  if (loss == NumberLoss::kSquared) return scale * at::sum(off * off);
  const at::Tensor size = at::abs(off);
  return scale * at::sum(at::where(size <= 1.0, 0.5 * off * off, size - 0.5));
}

bool is_number_metric(const std::string& metric) {
  return metric == "loss" || std::find(kNumberFigures.begin(), kNumberFigures.end(), metric) != kNumberFigures.end();
}

CellNumbers::CellNumbers(NumberPlan plan, const TokenizedCells& cells, std::vector<double> targets,
                         std::vector<std::int64_t> training, std::vector<std::int64_t> validation,
                         const Parameters& parameters)
    : plan_(std::move(plan)),
      cells_(cells),
      targets_(std::move(targets)),
      training_(std::move(training)),
      validation_(std::move(validation)),
      lengths_(lengths_of(cells, training_)),
      parameters_(parameters) {}

std::unique_ptr<TrainBatch> CellNumbers::batch(std::span<const std::int64_t> examples, std::int64_t /*epoch*/) const {
  auto batch = std::make_unique<NumberBatch>();
  std::vector<std::int32_t> tokens;
  for (const std::int64_t place : examples) {
    const std::int64_t cell = training_[static_cast<std::size_t>(place)];
    append_cell(cells_, cell, tokens, batch->rows);
    batch->targets_learned.push_back(plan_.scale.learned(targets_[static_cast<std::size_t>(cell)]));
  }
  batch->tokens = batch->rows.num_tokens();
  batch->cells = batch->rows.num_cells();
  batch->targets = batch->cells;
  batch->weight = static_cast<double>(batch->cells);
  return batch;
}

at::Tensor CellNumbers::loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                             const Workers& workers) const {
  const auto& own = static_cast<const NumberBatch&>(batch);
  EncoderPass pass(plan_.config, parameters_, own.rows, draw, workers);
  return number_loss(cell_class_logits(pass, plan_.config), own.targets_learned, plan_.loss, scale);
}

Result<std::vector<double>> CellNumbers::numbers(std::span<const std::int64_t> rows, GradientExchange& exchange,
                                                 JobContext& context) const {
  std::vector<double> all(rows.size());
  CW_TRY(for_prediction_batches(cells_, rows, plan_.tokens_per_batch, plan_.num_threads, exchange, context,
                                [&](const auto& places, const TokenRows& batch, const Workers& workers) {
                                  EncoderPass pass(plan_.config, parameters_, batch, {}, workers);
                                  scatter_rows(cell_class_logits(pass, plan_.config), places, all);
                                }));
  CW_TRY(exchange.sum(all));
  for (double& value : all) value = plan_.scale.shown(value);
  return all;
}

Result<Validation> CellNumbers::validate(GradientExchange& exchange, JobContext& context) const {
  CW_ASSIGN(const std::vector<double> found, numbers(validation_, exchange, context));
  std::vector<double> truth;
  std::vector<double> learned;
  std::vector<double> targets;
  for (std::size_t i = 0; i < validation_.size(); ++i) {
    truth.push_back(targets_[static_cast<std::size_t>(validation_[i])]);
    targets.push_back(plan_.scale.learned(truth.back()));
    learned.push_back(plan_.scale.learned(found[i]));
  }
  Validation validation;
  const at::NoGradGuard no_gradients;
  validation.loss = number_loss(at::tensor(learned, at::kDouble).unsqueeze(1), targets, plan_.loss,
                                1.0 / static_cast<double>(targets.size()))
                        .item<double>();
  validation.figure = validation.loss;
  const auto figures = figures_of(score_regression(truth, found));
  for (std::size_t m = 0; m < figures.size(); ++m) {
    const std::string name(kNumberFigures[m]);
    if (name == plan_.metric) {
      validation.higher_is_better = m < kRmse;
      // one that is not defined, as a correlation with a constant, is worse than any other
      constexpr double kWorst = 1e300;
      validation.figure = std::isfinite(figures[m]) ? figures[m] : m < kRmse ? -kWorst : kWorst;
    }
    if (name == plan_.metric || name == "rmse" || name == "r2") validation.metrics.emplace_back(name, figures[m]);
  }
  return validation;
}

void scale_classifier(const NumberScale& scale, Parameters& parameters) {
  const at::NoGradGuard no_gradients;
  parameters.at("classifier.weight").detach().mul_(scale.sd);
  parameters.at("classifier.bias").detach().mul_(scale.sd).add_(scale.mean);
}

}  // namespace cw
