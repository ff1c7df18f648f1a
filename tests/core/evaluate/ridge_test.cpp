// SPDX-License-Identifier: GPL-3.0-or-later
// Ridge regression against scikit-learn (tests/golden/ridge/make.py), and the comparison of models of a number.
#include "core/evaluate/ridge.h"

#include "core/base/json.h"
#include "core/evaluate/number_comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace cw {
namespace {

std::vector<std::int64_t> range(std::int64_t begin, std::int64_t end) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

TEST(Ridge, PenaltyAndPredictionsEqualThoseOfScikitLearn) {
  const auto golden = read_json(CW_SOURCE_DIR "/tests/golden/ridge/golden.json");
  ASSERT_TRUE(golden.ok());
  std::vector<double> penalties;
  for (const Json& entry : golden->at("cases")) {
    const auto x = entry.at("x").get<std::vector<float>>();
    const auto y = entry.at("y").get<std::vector<double>>();
    const auto rows = static_cast<std::int64_t>(y.size());
    const auto train = entry.at("train").get<std::int64_t>();
    const MatrixView features{x.data(), rows, entry.at("columns").get<std::int64_t>()};
    const auto expected = entry.at("predicted").get<std::vector<double>>();
    for (const int threads : {1, 3}) {
      JobContext context;
      const auto fit = ridge_regression(features, y, range(0, train), range(train, rows), threads, context);
      ASSERT_TRUE(fit.ok()) << fit.error().message;
      EXPECT_EQ(fit->penalty, entry.at("penalty").get<double>());
      ASSERT_EQ(fit->predicted.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(fit->predicted[i], expected[i], 1e-7) << i;
    }
    penalties.push_back(entry.at("penalty").get<double>());
  }
  EXPECT_LT(penalties[0], penalties[1]) << "the cases differ in how much there is to learn";
}

TEST(Ridge, TooFewRowsAreRefused) {
  const std::vector<float> x = {1.0F, 2.0F, 3.0F};
  const std::vector<double> y = {1.0, 2.0, 3.0};
  JobContext context;
  const auto fit = ridge_regression({x.data(), 3, 1}, y, range(0, 2), range(2, 3), 1, context);
  ASSERT_FALSE(fit.ok());
  EXPECT_EQ(fit.error().id, "E-EVA-011");
}

TEST(NumberComparison, NamesTheBestBaselineAndWhetherTheDifferenceIsClear) {
  std::vector<double> truth, good, fair, flat;
  std::vector<std::int32_t> donors;
  for (int i = 0; i < 60; ++i) {
    truth.push_back(i % 10);
    good.push_back(i % 10 + 0.1 * std::sin(i));
    fair.push_back(i % 10 + 1.0 * std::cos(3 * i));
    flat.push_back(4.5);
    donors.push_back(i / 10);
  }
  const std::vector<NumberModel> models = {{"fine-tuned", "tokens", good}, {"mean", "", flat}, {"ridge", "PCA", fair}};
  const auto replicates = choose_replicates(donors, "donors", {}, "cells", 60);
  JobContext context;
  const auto found = compare_number_models(truth, models, replicates, {}, context);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->best, 2U);
  EXPECT_NEAR(found->figures[1].values[kRmse], std::sqrt(8.25), 1e-12);
  EXPECT_NEAR(found->differences[0].values[kRmse], found->figures[0].values[kRmse] - std::sqrt(8.25), 1e-12);
  EXPECT_LT(found->differences[1].intervals[kRmse].high, 0.0);
  EXPECT_NE(found->verdict.find("clearly better than the best simple baseline (ridge on PCA)"), std::string::npos)
      << found->verdict;
  EXPECT_TRUE(found->flags.empty());
  EXPECT_EQ(to_json(*found)["models"][0]["interval_over"], "donors");
  // the other way round, and between equals
  const std::vector<NumberModel> worse = {models[2], models[0]};
  EXPECT_NE(compare_number_models(truth, worse, replicates, {}, context)->verdict.find("is clearly better than the"),
            std::string::npos);
  const std::vector<NumberModel> equal = {models[2], models[2]};
  EXPECT_NE(compare_number_models(truth, equal, replicates, {}, context)->verdict.find("no clear difference"),
            std::string::npos);
  // columns: model, features, n_cells, five figures and the difference with intervals, over, replicates, flags
  const auto table = comparison_table(*found);
  ASSERT_EQ(table.size(), 3U + 3U * 6U + 3U);
  EXPECT_EQ(table[3].name, "r2");
  EXPECT_EQ(table[18].name, "difference");
  EXPECT_TRUE(table[18].is_missing(0));
  EXPECT_EQ(compare_number_models(truth, std::span(models).first(1), replicates, {}, context).error().id, "E-EVA-014");
  const std::vector<NumberModel> shorter = {models[0], {"other", "", {1.0}}};
  EXPECT_EQ(compare_number_models(truth, shorter, replicates, {}, context).error().id, "E-EVA-013");
}

}  // namespace
}  // namespace cw
