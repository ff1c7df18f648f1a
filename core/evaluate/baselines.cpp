// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/baselines.h"

#include "core/evaluate/feature_scaling.h"
#include "core/evaluate/linear_models.h"
#include "core/evaluate/random_forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace cw {
namespace {

// Below every margin that occurs, so that a class that was never seen is never predicted.
constexpr double kNeverSeen = -1e30;

std::vector<std::int32_t> labels_of(std::span<const std::int32_t> labels, std::span<const std::int64_t> rows) {
  std::vector<std::int32_t> result;
  for (const auto row : rows) result.push_back(labels[static_cast<std::size_t>(row)]);
  return result;
}

std::vector<double> majority_scores(std::span<const std::int32_t> train_labels, std::size_t num_classes,
                                    std::size_t num_test) {
  std::vector<double> shares(num_classes, 0.0);
  for (const auto label : train_labels) {
    shares[static_cast<std::size_t>(label)] += 1.0 / static_cast<double>(train_labels.size());
  }
  std::vector<double> scores;
  for (std::size_t i = 0; i < num_test; ++i) scores.insert(scores.end(), shares.begin(), shares.end());
  return scores;
}

/// Logistic functions of each class against the rest, scaled to sum to 1, as scikit-learn's one-against-rest.
void logistic_probabilities(std::span<double> row) {
  double sum = 0.0;
  for (double& score : row) sum += score = 1.0 / (1.0 + std::exp(-score));
  for (double& score : row) score /= sum;
}

Result<std::vector<double>> linear_baseline(Baseline baseline, MatrixView features,
                                            std::span<const std::int32_t> train_labels, std::size_t num_classes,
                                            std::span<const std::int64_t> train, std::span<const std::int64_t> test,
                                            const BaselineOptions& options, JobContext& ctx) {
  const FeatureScaling scaling(features, train);
  const auto loss = baseline == Baseline::kLogistic ? LinearLoss::kLogistic : LinearLoss::kSquaredHinge;
  const auto train_rows = scaling.apply(features, train);
  CW_ASSIGN(const LinearModel model, fit_linear(loss, {train_rows, features.num_columns}, train_labels,
                                                options.inverse_penalty, options.num_threads, ctx));
  const auto test_rows = scaling.apply(features, test);
  const auto known = linear_scores(model, {test_rows, features.num_columns});
  std::vector<double> scores(test.size() * num_classes, baseline == Baseline::kSvm ? kNeverSeen : 0.0);
  std::vector<double> row(model.classes.size());
  for (std::size_t i = 0; i < test.size(); ++i) {
    std::copy_n(known.begin() + static_cast<std::ptrdiff_t>(i * row.size()), row.size(), row.begin());
    if (baseline == Baseline::kLogistic) logistic_probabilities(row);
    for (std::size_t c = 0; c < row.size(); ++c) {
      scores[i * num_classes + static_cast<std::size_t>(model.classes[c])] = row[c];
    }
  }
  return scores;
}

}  // namespace

std::string_view name_of(Baseline baseline) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"majority", "logistic-regression", "linear-svm",
                                                          "random-forest"};
  return kNames[static_cast<std::size_t>(baseline)];
}

Result<std::vector<double>> fit_and_score(Baseline baseline, MatrixView features, std::span<const std::int32_t> labels,
                                          std::int64_t num_classes, std::span<const std::int64_t> train,
                                          std::span<const std::int64_t> test, const BaselineOptions& options,
                                          JobContext& ctx) {
  const auto classes = static_cast<std::size_t>(num_classes);
  const auto train_labels = labels_of(labels, train);
  const std::set<std::int32_t> seen(train_labels.begin(), train_labels.end());
  if (seen.empty() || (seen.size() < 2 && baseline != Baseline::kMajority)) {
    return Error{ErrorCode::kRefused, "E-EVA-011",
                 "the training part of " + std::to_string(train.size()) + " cells holds " +
                     std::to_string(seen.size()) + " class, so no baseline can learn to tell classes apart; " +
                     "split differently, or choose another label"};
  }
  if (baseline == Baseline::kMajority) return majority_scores(train_labels, classes, test.size());
  if (baseline != Baseline::kForest) {
    return linear_baseline(baseline, features, train_labels, classes, train, test, options, ctx);
  }
  CW_ASSIGN(const RandomForest forest, RandomForest::fit(features, train, labels, num_classes,
                                                         {options.num_trees, options.seed, options.num_threads}, ctx));
  std::vector<double> scores(test.size() * classes);
  for (std::size_t i = 0; i < test.size(); ++i) {
    forest.probabilities(features.row(test[i]), std::span(scores).subspan(i * classes, classes));
  }
  return scores;
}

Result<std::vector<BaselineResult>> run_baselines(const SplitDesign& design, const Split& split,
                                                  std::span<const FeatureMatrix> features,
                                                  const BaselineOptions& options, JobContext& ctx) {
  const auto train = split.rows(Part::kTrain);
  const auto test = split.rows(Part::kTest);
  const auto num_classes = static_cast<std::int64_t>(design.classes.size());
  Predictions rows;
  rows.classes = design.classes;
  rows.truth = labels_of(design.labels, test);
  if (design.by_group()) {
    rows.groups = labels_of(design.groups, test);
    rows.group_names = design.group_names;
  }
  std::vector<BaselineResult> results;
  const auto total = static_cast<std::int64_t>(1 + 3 * features.size());
  const auto add = [&](Baseline baseline, MatrixView view, const std::string& name) -> Result<> {
    if (ctx.cancelled()) return cancelled_error("fitting baselines");
    ctx.report(static_cast<std::int64_t>(results.size()), total, "Simple baselines");
    BaselineResult result{baseline, name, rows};
    CW_ASSIGN(result.predictions.scores,
              fit_and_score(baseline, view, design.labels, num_classes, train, test, options, ctx));
    result.predictions.probabilities = baseline != Baseline::kSvm;
    results.push_back(std::move(result));
    return {};
  };
  CW_TRY(add(Baseline::kMajority, {}, ""));
  for (const FeatureMatrix& matrix : features) {
    for (const auto baseline : {Baseline::kLogistic, Baseline::kSvm, Baseline::kForest}) {
      CW_TRY(add(baseline, matrix.view(), matrix.name));
    }
  }
  ctx.report(total, total, "Simple baselines");
  return results;
}

}  // namespace cw
