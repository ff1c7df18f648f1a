// SPDX-License-Identifier: GPL-3.0-or-later
// Values by tests/golden/evaluate/make.py (scikit-learn).
#include "core/evaluate/baselines.h"

#include "core/evaluate/linear_models.h"
#include "core/evaluate/metrics.h"
#include "core/tokenize/data_formats.h"
#include "tests/core/evaluate/golden.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace cw {
namespace {

using Values = std::vector<double>;

FeatureMatrix matrix_of(const Values& values, std::int64_t columns) {
  FeatureMatrix matrix;
  matrix.num_columns = columns;
  matrix.num_rows = static_cast<std::int64_t>(values.size()) / columns;
  for (const double value : values) matrix.values.push_back(static_cast<float>(value));
  return matrix;
}

std::vector<std::int64_t> all_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TEST(Baselines, LinearModelsAgreeWithScikitLearn) {
  const auto& json = test::golden()["linear"];
  const auto features = matrix_of(json["x"].get<Values>(), 4);
  const auto labels = json["y"].get<std::vector<std::int32_t>>();
  const auto rows = all_rows(features.num_rows);
  JobContext ctx;
  // LIBLINEAR stops at a relative gradient of 1e-4, the reference at 1e-10
  constexpr double kTolerance = 2e-3;
  const auto p = fit_and_score(Baseline::kLogistic, features.view(), labels, 3, rows, rows, {}, ctx).value();
  const auto expected_p = json["logistic_p"].get<Values>();
  ASSERT_EQ(p.size(), expected_p.size());
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], expected_p[i], kTolerance) << i;
  const auto scores = fit_and_score(Baseline::kSvm, features.view(), labels, 3, rows, rows, {}, ctx).value();
  const auto expected_scores = json["svm_scores"].get<Values>();
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(scores[i], expected_scores[i], kTolerance) << i;
  std::vector<std::int32_t> binary;
  for (const auto label : labels) binary.push_back(label == 2 ? 1 : 0);
  const auto two = fit_and_score(Baseline::kLogistic, features.view(), binary, 2, rows, rows, {}, ctx).value();
  const auto expected_two = json["binary_p"].get<Values>();
  for (std::size_t i = 0; i < expected_two.size(); ++i) EXPECT_NEAR(two[2 * i + 1], expected_two[i], kTolerance) << i;
}

/// The same cells, labels and split as the reference.
struct Kang {
  CountMatrix counts;
  SplitDesign design;
  Split split;

  Kang() {
    const auto reader =
        data_formats().open_dataset(std::string(CW_TEST_DATA) + "/datasets/kang_pbmc_labelled.h5ad").value();
    JobContext ctx;
    counts = read_count_matrix(*reader, "auto", ctx).value();
    design = split_design(read_cells(*reader).value(), "cell_type", "none").value();
    for (std::int64_t i = 0; i < design.num_cells(); ++i) {
      split.parts.push_back(i % 3 == 0 ? Part::kTest : Part::kTrain);
    }
  }
};

TEST(Baselines, OnRealCellsAgreeWithScikitLearn) {
  const Kang kang;
  const auto& json = test::golden()["kang"];
  ASSERT_EQ(kang.design.classes, json["classes"].get<std::vector<std::string>>());
  JobContext ctx;
  const auto train = kang.split.rows(Part::kTrain);
  ASSERT_EQ(train.size(), json["train"].get<std::size_t>());
  const auto features = expression_features(kang.counts, train, {0, 30, 42, 0}, ctx).value();
  EXPECT_EQ(features.num_columns, 30);
  const auto results = run_baselines(kang.design, kang.split, std::span(&features, 1), {}, ctx).value();
  ASSERT_EQ(results.size(), 4U);
  for (const auto& result : results) {
    const Scores scores = Scorer(result.predictions).score({});
    const auto& expected = json[std::string(name_of(result.baseline))];
    // one cell of 318 where the fit is deterministic; three standard deviations over seeds of the forest
    const double tolerance =
        result.baseline == Baseline::kForest ? 3.0 * json["random-forest-sd"].get<double>() : 1.01 / 318.0;
    EXPECT_NEAR(scores[Metric::kAccuracy], expected["accuracy"].get<double>(), tolerance) << name_of(result.baseline);
    EXPECT_NEAR(scores[Metric::kMacroF1], expected["macro_f1"].get<double>(), 1.5 * tolerance)
        << name_of(result.baseline);
  }
}

TEST(Baselines, LearnNothingFromTheTestCells) {
  Kang kang;
  JobContext ctx;
  const auto train = kang.split.rows(Part::kTrain);
  const auto test = kang.split.rows(Part::kTest);
  const auto before = expression_features(kang.counts, train, {500, 10, 42, 0}, ctx).value();
  // what the test cells are must not move a training cell
  for (const auto cell : test) {
    const auto begin = kang.counts.offsets[static_cast<std::size_t>(cell)];
    const auto end = kang.counts.offsets[static_cast<std::size_t>(cell) + 1];
    for (auto at = begin; at < end; ++at) kang.counts.logs[at] *= 10.0F;
  }
  const auto after = expression_features(kang.counts, train, {500, 10, 42, 0}, ctx).value();
  for (const auto cell : train) {
    for (std::int64_t j = 0; j < 10; ++j) {
      ASSERT_EQ(before.view().row(cell)[static_cast<std::size_t>(j)],
                after.view().row(cell)[static_cast<std::size_t>(j)]);
    }
  }
  EXPECT_NE(before.view().row(test[0])[0], after.view().row(test[0])[0]);
}

TEST(Baselines, DoNotDependOnThreads) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  FeatureMatrix features;
  features.num_rows = 120;
  features.num_columns = 6;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 120; ++i) {
    labels.push_back(i % 3);
    for (int j = 0; j < 6; ++j) features.values.push_back(normal(generator) + (j == i % 3 ? 1.0F : 0.0F));
  }
  const auto rows = all_rows(120);
  JobContext ctx;
  for (const auto baseline : {Baseline::kLogistic, Baseline::kForest}) {
    BaselineOptions options;
    options.num_trees = 20;
    options.num_threads = 1;
    const auto one = fit_and_score(baseline, features.view(), labels, 3, rows, rows, options, ctx).value();
    options.num_threads = 4;
    EXPECT_EQ(fit_and_score(baseline, features.view(), labels, 3, rows, rows, options, ctx).value(), one);
  }
}

TEST(Baselines, NeverPredictAClassThatWasNotTrained) {
  const auto& json = test::golden()["linear"];
  const auto features = matrix_of(json["x"].get<Values>(), 4);
  auto labels = json["y"].get<std::vector<std::int32_t>>();
  for (auto& label : labels) label = label == 2 ? 3 : label;  // class 2 of four has no cell
  const auto rows = all_rows(features.num_rows);
  JobContext ctx;
  for (const auto baseline : {Baseline::kLogistic, Baseline::kSvm, Baseline::kForest}) {
    Predictions predictions;
    predictions.classes = {"a", "b", "c", "d"};
    predictions.truth = labels;
    predictions.scores = fit_and_score(baseline, features.view(), labels, 4, rows, rows, {}, ctx).value();
    for (std::int64_t i = 0; i < predictions.num_rows(); ++i) ASSERT_NE(predictions.predicted(i), 2);
  }
}

TEST(Baselines, RefuseOneClassAndStopWhenCancelled) {
  const auto features = matrix_of({1, 2, 3, 4}, 1);
  const std::vector<std::int32_t> labels{0, 0, 0, 0};
  const auto rows = all_rows(4);
  JobContext ctx;
  EXPECT_EQ(fit_and_score(Baseline::kLogistic, features.view(), labels, 2, rows, rows, {}, ctx).error().id,
            "E-EVA-011");
  const std::vector<std::int32_t> two{0, 1, 0, 1};
  ctx.request_cancel();
  EXPECT_EQ(fit_and_score(Baseline::kForest, features.view(), two, 2, rows, rows, {}, ctx).error().code,
            ErrorCode::kCancelled);
}

TEST(Baselines, RefuseGenesThatDoNotVary) {
  CountMatrix counts;
  counts.genes.index = {"g"};
  for (int i = 0; i < 5; ++i) {
    counts.offsets.push_back(0);
    counts.totals.push_back(0.0);
  }
  JobContext ctx;
  EXPECT_EQ(expression_features(counts, all_rows(4), {}, ctx).error().id, "E-EVA-012");
}

}  // namespace
}  // namespace cw
