// SPDX-License-Identifier: GPL-3.0-or-later
// Values by tests/golden/evaluate/make.py (scikit-learn): tolerance 1e-12.
#include "core/evaluate/metrics.h"

#include "core/evaluate/comparison.h"
#include "core/stats/t_test.h"
#include "tests/core/evaluate/golden.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace cw {
namespace {

constexpr double kExact = 1e-12;
using Values = std::vector<double>;

Predictions predictions_of(const Json& json, int num_classes) {
  Predictions predictions;
  for (int c = 0; c < num_classes; ++c) predictions.classes.push_back("class " + std::to_string(c));
  predictions.truth = json["truth"].get<std::vector<std::int32_t>>();
  predictions.scores = json["p"].get<Values>();
  return predictions;
}

void expect_near(const Values& ours, const Values& theirs, const char* what) {
  ASSERT_EQ(ours.size(), theirs.size()) << what;
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], kExact) << what << " " << i;
}

Values of_classes(const Scores& scores, ClassMetric metric) {
  Values values;
  for (const auto& of_class : scores.classes) values.push_back(of_class[static_cast<std::size_t>(metric)]);
  return values;
}

TEST(Metrics, AgreeWithScikitLearn) {
  for (const auto& [name, size] : {std::pair("metrics", 3), std::pair("binary", 2)}) {
    const auto& json = test::golden()[name];
    const Scorer scorer(predictions_of(json, size));
    const Scores scores = scorer.score({});
    for (std::size_t m = 0; m < kNumMetrics; ++m) {
      const std::string metric(name_of(static_cast<Metric>(m)));
      if (json[metric].is_null()) continue;
      EXPECT_NEAR(scores.overall[m], json[metric].get<double>(), kExact) << name << " " << metric;
    }
    for (std::size_t m = 0; m < kNumClassMetrics; ++m) {
      const auto metric = static_cast<ClassMetric>(m);
      expect_near(of_classes(scores, metric), json[std::string(name_of(metric))].get<Values>(), name_of(metric).data());
    }
    expect_near(scores.confusion, json["confusion"].get<Values>(), "confusion");
    const auto weights = json["weights"].get<Values>();
    const Scores weighted = scorer.score(weights);
    EXPECT_NEAR(weighted[Metric::kMacroF1], json["weighted_f1"].get<double>(), kExact);
    EXPECT_NEAR(of_classes(weighted, ClassMetric::kAuroc)[0], json["weighted_auroc"].get<double>(), kExact);
    EXPECT_NEAR(of_classes(weighted, ClassMetric::kAuprc)[0], json["weighted_auprc"].get<double>(), kExact);
  }
}

TEST(Metrics, CurvesAgreeWithScikitLearn) {
  const auto& json = test::golden()["metrics"];
  const Scorer scorer(predictions_of(json, 3));
  const Curve roc = scorer.ranked(0).roc();
  expect_near(roc.x, json["fpr"].get<Values>(), "fpr");
  expect_near(roc.y, json["tpr"].get<Values>(), "tpr");
  EXPECT_NEAR(scorer.ranked(0).roc_area({}), json["roc_trapezoid"].get<double>(), kExact);
  const Curve pr = scorer.ranked(0).precision_recall();
  expect_near(pr.x, json["recall_curve"].get<Values>(), "recall");
  expect_near(pr.y, json["precision_curve"].get<Values>(), "precision");
}

TEST(Metrics, ReliabilityAgreesWithScikitLearn) {
  const auto& json = test::golden()["metrics"];
  const auto predictions = predictions_of(json, 3);
  Values probability;
  std::vector<std::uint8_t> right;
  for (std::int64_t i = 0; i < predictions.num_rows(); ++i) {
    probability.push_back(predictions.row(i)[0]);
    right.push_back(predictions.truth[static_cast<std::size_t>(i)] == 0 ? 1 : 0);
  }
  Values observed, mean_probability;
  std::int64_t count = 0;
  for (const auto& bin : reliability(probability, right)) {
    count += bin.count;
    if (bin.count == 0) continue;
    observed.push_back(bin.observed);
    mean_probability.push_back(bin.mean_probability);
  }
  EXPECT_EQ(count, predictions.num_rows());
  expect_near(observed, json["calibration_observed"].get<Values>(), "observed");
  expect_near(mean_probability, json["calibration_mean"].get<Values>(), "mean");
}

TEST(Metrics, RegressionAgreesWithScikitLearn) {
  const auto& json = test::golden()["regression"];
  const auto truth = json["truth"].get<Values>();
  const auto predicted = json["predicted"].get<Values>();
  const auto scores = score_regression(truth, predicted);
  EXPECT_NEAR(scores.r2, json["r2"].get<double>(), kExact);
  EXPECT_NEAR(scores.spearman, json["spearman"].get<double>(), kExact);
  EXPECT_NEAR(scores.pearson, json["pearson"].get<double>(), kExact);
  EXPECT_NEAR(scores.rmse, json["rmse"].get<double>(), kExact);
  EXPECT_NEAR(scores.mae, json["mae"].get<double>(), kExact);
}

TEST(Metrics, AThinnedCurveKeepsItsEnds) {
  const auto& json = test::golden()["metrics"];
  const Curve roc = Scorer(predictions_of(json, 3)).ranked(0).roc();
  const Curve thin = thinned(roc, 20);
  EXPECT_LT(thin.x.size(), roc.x.size());
  EXPECT_EQ(thin.x.front(), roc.x.front());
  EXPECT_EQ(thin.x.back(), roc.x.back());
  EXPECT_EQ(thin.y.back(), roc.y.back());
}

/// Six donors of ten cells with different numbers of right answers.
Predictions of_six_donors(bool with_groups) {
  Predictions predictions;
  predictions.classes = {"a", "b"};
  for (int donor = 0; donor < 6; ++donor) {
    predictions.group_names.push_back("d" + std::to_string(donor));
    for (int i = 0; i < 10; ++i) {
      const int truth = i % 2;
      const bool right = i < 5 + donor - (donor == 2 ? 1 : 0);
      predictions.truth.push_back(truth);
      const double p = right ? 0.8 : 0.3;
      predictions.scores.push_back(truth == 0 ? p : 1.0 - p);
      predictions.scores.push_back(truth == 1 ? p : 1.0 - p);
      if (with_groups) predictions.groups.push_back(donor);
    }
  }
  return predictions;
}

TEST(Intervals, OverEqualDonorsAreTheTIntervalOfDonorMeans) {
  const auto predictions = of_six_donors(true);
  JobContext ctx;
  const auto scores = score_model(predictions, {}, ctx).value();
  EXPECT_EQ(scores.interval_over, "donors");
  EXPECT_EQ(scores.num_replicates, 6);
  const Values accuracies{0.5, 0.6, 0.6, 0.8, 0.9, 1.0};
  const TTest expected = one_sample_t_test(accuracies);
  EXPECT_NEAR(scores.scores[Metric::kAccuracy], expected.mean, kExact);
  EXPECT_NEAR(scores.overall[0].low, expected.ci_low, kExact);
  EXPECT_NEAR(scores.overall[0].high, expected.ci_high, kExact);
  EXPECT_TRUE(scores.flags.empty());
}

TEST(Intervals, OverCellsAreFlaggedAndDoNotDependOnThreads) {
  const auto predictions = of_six_donors(false);
  JobContext ctx;
  IntervalOptions options;
  options.num_threads = 1;
  const auto one = score_model(predictions, options, ctx).value();
  options.num_threads = 3;
  const auto three = score_model(predictions, options, ctx).value();
  EXPECT_EQ(one.flags, std::vector<std::string>{"cells-not-donors"});
  EXPECT_EQ(one.interval_over, "cells");
  EXPECT_EQ(one.overall[0].low, three.overall[0].low);
  EXPECT_EQ(one.overall[2].high, three.overall[2].high);
  // the normal interval of a share of 44 in 60, within the noise of 1000 resamples
  const double share = 44.0 / 60.0;
  const double half = 1.96 * std::sqrt(share * (1.0 - share) / 60.0);
  EXPECT_NEAR(one.overall[0].low, share - half, 0.02);
  EXPECT_NEAR(one.overall[0].high, share + half, 0.02);
}

TEST(Intervals, FallBackToFoldsAndStopWhenCancelled) {
  auto predictions = of_six_donors(true);
  predictions.folds = predictions.groups;
  predictions.groups.clear();
  JobContext ctx;
  EXPECT_EQ(score_model(predictions, {}, ctx).value().interval_over, "folds");
  ctx.request_cancel();
  EXPECT_EQ(score_model(predictions, {}, ctx).error().code, ErrorCode::kCancelled);
}

TEST(Scores, LeaveOutRowsOfUnknownTruth) {
  auto predictions = of_six_donors(true);
  predictions.truth[0] = -1;
  JobContext ctx;
  EXPECT_EQ(score_model(predictions, {}, ctx).value().num_rows, 59);
  std::fill(predictions.truth.begin(), predictions.truth.end(), -1);
  EXPECT_EQ(score_model(predictions, {}, ctx).error().id, "E-EVA-010");
}

TEST(Scores, MarginsHaveNoCalibration) {
  auto predictions = of_six_donors(true);
  predictions.probabilities = false;
  JobContext ctx;
  const auto scores = score_model(predictions, {}, ctx).value();
  EXPECT_TRUE(std::isnan(scores.scores[Metric::kBrier]));
  EXPECT_FALSE(std::isnan(scores.scores[Metric::kMacroAuroc]));
}

TEST(Scores, OfGenesAreMeansOfTheirOccurrences) {
  Predictions occurrences;
  occurrences.classes = {"a", "b"};
  occurrences.group_names = {"G1", "G2", "G3"};
  occurrences.groups = {0, 0, 1, 2, 2, 2};
  occurrences.truth = {0, 0, 1, 1, 1, 1};
  occurrences.scores = {2.0, 0.0, 0.0, 1.0, 0.0, 3.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0};
  occurrences.unit = "occurrences";
  occurrences.group_unit = "genes";
  const auto genes = mean_over_groups(occurrences);
  ASSERT_EQ(genes.num_rows(), 3);
  EXPECT_EQ(genes.unit, "genes");
  EXPECT_EQ(genes.truth, (std::vector<std::int32_t>{0, 1, 1}));
  EXPECT_NEAR(genes.row(0)[0], 1.0 / (1.0 + std::exp(-0.5)), kExact);  // mean logits 1 and 0.5
  EXPECT_NEAR(genes.row(2)[0], 1.0 / (1.0 + std::exp(-1.0)), kExact);
  EXPECT_EQ(genes.predicted(1), 1);
}

ComparedModel shifted(std::string name, int worse) {
  ComparedModel model{std::move(name), "", of_six_donors(true)};
  auto& predictions = model.predictions;
  for (int donor = 0; donor < 6; ++donor) {
    for (int i = 0; i < worse + donor % 2; ++i) {
      double* row = predictions.scores.data() + (donor * 10 + i) * 2;
      row[0] = predictions.truth[static_cast<std::size_t>(donor * 10 + i)] == 0 ? 0.2 : 0.8;
      row[1] = 1.0 - row[0];
    }
  }
  return model;
}

TEST(Comparison, PairsDonorsAndSaysWhoWins) {
  JobContext ctx;
  const std::vector<ComparedModel> models{shifted("fine-tuned", 0), shifted("majority", 4), shifted("linear-svm", 2)};
  const auto comparison = compare_models(models, {}, ctx).value();
  EXPECT_EQ(comparison.models[comparison.best], "linear-svm");
  const auto& difference = comparison.differences[1];
  const TTest expected = one_sample_t_test(Values{0.2, 0.2, 0.2, 0.2, 0.2, 0.2});
  EXPECT_NEAR(difference.value[0], expected.mean, kExact);
  const auto& against_majority = comparison.differences[0];
  EXPECT_NEAR(against_majority.value[0], 0.4, kExact);
  EXPECT_NE(comparison.verdict.find("clearly better than the best simple baseline (linear-svm)"), std::string::npos)
      << comparison.verdict;
  const std::vector<ComparedModel> swapped{models[2], models[0]};
  EXPECT_NE(compare_models(swapped, {}, ctx).value().verdict.find("A simple baseline (fine-tuned) is clearly better"),
            std::string::npos);
  const auto table = comparison_table(comparison);
  EXPECT_EQ(table[0].strings.size(), 3U);
  EXPECT_EQ(table.back().name, "flags");
}

TEST(Comparison, NeedsTheSameCells) {
  JobContext ctx;
  std::vector<ComparedModel> models{shifted("fine-tuned", 0), shifted("majority", 4)};
  models[1].predictions.truth[3] = 0;
  EXPECT_EQ(compare_models(models, {}, ctx).error().id, "E-EVA-013");
  models.pop_back();
  EXPECT_EQ(compare_models(models, {}, ctx).error().id, "E-EVA-014");
}

}  // namespace
}  // namespace cw
