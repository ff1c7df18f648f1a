// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/linear_models.h"

#include "core/base/check.h"
#include "core/base/parallel.h"

#include <linear.h>

#include <algorithm>
#include <memory>
#include <set>

namespace cw {
namespace {

constexpr double kTolerance = 1e-4;  // as scikit-learn

struct FreeModel {
  void operator()(model* fitted) const { free_and_destroy_model(&fitted); }
};

/// The rows as LIBLINEAR wants them: numbered values with the constant 1 behind them.
struct Nodes {
  std::vector<feature_node> values;
  std::vector<feature_node*> rows;

  explicit Nodes(DenseRows dense) {
    const auto columns = static_cast<std::size_t>(dense.num_columns);
    const auto num_rows = static_cast<std::size_t>(dense.num_rows());
    values.reserve(num_rows * (columns + 2));
    for (std::size_t i = 0; i < num_rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        values.push_back({static_cast<int>(j + 1), dense.values[i * columns + j]});
      }
      values.push_back({static_cast<int>(columns + 1), 1.0});
      values.push_back({-1, 0.0});
    }
    for (std::size_t i = 0; i < num_rows; ++i) rows.push_back(values.data() + i * (columns + 2));
  }
};

/// Weights of one class against the rest.
void fit_one(int solver, Nodes& nodes, std::int64_t num_columns, std::span<const std::int32_t> labels,
             std::int32_t of_class, double inverse_penalty, std::span<double> weights) {
  std::vector<double> targets;
  for (const auto label : labels) targets.push_back(label == of_class ? 1.0 : -1.0);
  problem task{};
  task.l = static_cast<int>(nodes.rows.size());
  task.n = static_cast<int>(num_columns + 1);
  task.y = targets.data();
  task.x = nodes.rows.data();
  task.bias = 1.0;
  parameter settings{};
  settings.solver_type = solver;
  settings.eps = kTolerance;
  settings.C = inverse_penalty;
  const std::unique_ptr<model, FreeModel> fitted(train(&task, &settings));
  // with two classes there is one function, of the class that LIBLINEAR names first
  const double sign = fitted->label[0] == 1 ? 1.0 : -1.0;
  for (std::size_t j = 0; j < weights.size(); ++j) weights[j] = sign * fitted->w[j];
}

}  // namespace

Result<LinearModel> fit_linear(LinearLoss loss, DenseRows rows, std::span<const std::int32_t> labels,
                               double inverse_penalty, int num_threads, JobContext& ctx) {
  const std::set<std::int32_t> present(labels.begin(), labels.end());
  CW_ASSERT(present.size() >= 2 && rows.num_rows() == static_cast<std::int64_t>(labels.size()));
  LinearModel result;
  result.num_columns = rows.num_columns;
  result.classes.assign(present.begin(), present.end());
  const auto width = static_cast<std::size_t>(rows.num_columns + 1);
  result.weights.resize(result.classes.size() * width);
  set_print_string_function([](const char*) {});
  Nodes nodes(rows);
  const int solver = loss == LinearLoss::kLogistic ? L2R_LR : L2R_L2LOSS_SVC;
  const auto weights_of = [&](std::size_t place) { return std::span(result.weights).subspan(place * width, width); };
  if (result.classes.size() == 2) {  // the second function is the first with the sign changed
    fit_one(solver, nodes, rows.num_columns, labels, result.classes[1], inverse_penalty, weights_of(1));
    for (std::size_t j = 0; j < width; ++j) weights_of(0)[j] = -weights_of(1)[j];
    return result;
  }
  parallel_for(0, static_cast<std::int64_t>(result.classes.size()), 1, num_threads,
               [&](std::int64_t begin, std::int64_t end, int) {
                 for (auto place = static_cast<std::size_t>(begin); place < static_cast<std::size_t>(end); ++place) {
                   if (ctx.cancelled()) return;
                   fit_one(solver, nodes, rows.num_columns, labels, result.classes[place], inverse_penalty,
                           weights_of(place));
                 }
               });
  if (ctx.cancelled()) return cancelled_error("fitting a linear model");
  return result;
}

std::vector<double> linear_scores(const LinearModel& model, DenseRows rows) {
  const auto columns = static_cast<std::size_t>(model.num_columns);
  std::vector<double> scores;
  scores.reserve(static_cast<std::size_t>(rows.num_rows()) * model.classes.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows.num_rows()); ++i) {
    for (std::size_t c = 0; c < model.classes.size(); ++c) {
      const double* weights = model.weights.data() + c * (columns + 1);
      double sum = weights[columns];
      for (std::size_t j = 0; j < columns; ++j) sum += weights[j] * rows.values[i * columns + j];
      scores.push_back(sum);
    }
  }
  return scores;
}

}  // namespace cw
