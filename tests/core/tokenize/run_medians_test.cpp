// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/run_medians.h"

#include "core/base/random.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/median_sketch.h"
#include "core/tokenize/run_tokenize.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

namespace fs = std::filesystem;

TEST(MedianSketch, IsExactForFewValues) {
  MedianSketch sketch;
  EXPECT_TRUE(std::isnan(sketch.median()));
  for (const double value : {5.0, 1.0, 4.0}) sketch.add(value);
  EXPECT_DOUBLE_EQ(sketch.median(), 4.0);
  sketch.add(2.0);
  EXPECT_DOUBLE_EQ(sketch.median(), 3.0);
}

TEST(MedianSketch, KeepsTheRankOfManyValuesInAnyOrderAndDivision) {
  const CounterRandom random(42);
  std::vector<double> values(200000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::exp(2.0 * random.uniform(2 * i) + random.uniform(2 * i + 1));
  }
  MedianSketch whole;
  MedianSketch first;
  MedianSketch second;
  for (std::size_t i = 0; i < values.size(); ++i) {
    whole.add(values[i]);
    (i < 500 ? first : second).add(values[i]);
  }
  first.merge(second);
  EXPECT_EQ(first.count(), whole.count());
  EXPECT_DOUBLE_EQ(first.median(), whole.median());
  const auto below = std::count_if(values.begin(), values.end(), [&](double v) { return v < whole.median(); });
  EXPECT_NEAR(static_cast<double>(below) / static_cast<double>(values.size()), 0.5, 1e-4);
}

TEST(MedianSketch, StaysWithinABinOfValuesThatRepeat) {
  // few different values, as counts of shallow cells give: the median is one of them, and no other is near
  const std::vector<std::pair<double, int>> value_and_times = {{0.7, 30000}, {1.9, 25000}, {2.0, 1}, {40.0, 50000}};
  MedianSketch sketch;
  for (const auto& [value, times] : value_and_times) {
    for (int i = 0; i < times; ++i) sketch.add(value);
  }
  EXPECT_NEAR(sketch.median() / 1.9, 1.0, 0.0028);
}

TEST(MedianSketch, HasTheRankErrorThatItStates) {
  const CounterRandom random(7);
  for (const double bend : {1.0, 3.0, 0.2}) {  // even, skewed to the left, to the right
    std::vector<double> values(100001);
    MedianSketch sketch;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 0.1 + 50.0 * std::pow(random.uniform(i), bend);
      sketch.add(values[i]);
    }
    const double median = sketch.median();
    const auto share = [&](double from, double to) {
      return static_cast<double>(
                 std::count_if(values.begin(), values.end(), [&](double v) { return v >= from && v < to; })) /
             static_cast<double>(values.size());
    };
    const double in_bin = share(median / std::exp2(1.0 / 256), median * std::exp2(1.0 / 256));
    EXPECT_LE(std::abs(share(0, median) - 0.5), in_bin);
    std::nth_element(values.begin(), values.begin() + 50000, values.end());
    EXPECT_NEAR(median / values[50000], 1.0, 0.0028);
  }
}

class RunMedians : public ScratchFolderTest {};

TEST_F(RunMedians, MakesADictionaryThatTokenizes) {
  const auto data = fs::path(CW_TEST_DATA) / "tokens" / "cardiac_diff_day2.h5ad";
  MediansOptions options;
  options.inputs = {data.string()};
  options.output = (folder_ / "heart").string();
  options.special_tokens = true;
  options.min_cells = 3;
  JobContext ctx;
  const auto summary = run_medians(options, ctx);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_EQ((*summary)["cells"], 60);
  const auto dictionary = Dictionary::load(options.output);
  ASSERT_TRUE(dictionary.ok()) << dictionary.error().message;
  EXPECT_EQ((*dictionary)->name(), "heart");
  EXPECT_EQ((*dictionary)->num_genes(), (*summary)["genes"].get<std::int64_t>());
  EXPECT_EQ((*dictionary)->model_input_size(), 4096);
  EXPECT_TRUE((*dictionary)->has_special_tokens());
  for (std::int32_t token = 5; token < (*dictionary)->num_tokens(); ++token) {
    ASSERT_LT((*dictionary)->ensembl_id(token - 1), (*dictionary)->ensembl_id(token));
  }
  const auto report = read_json(fs::path(options.output) / "medians.json");
  ASSERT_TRUE(report.ok());
  EXPECT_GT((*report)["genes"][0]["cells"], 0);
  TokenizeOptions tokenize;
  tokenize.keep_all = true;
  const auto cells = load_cells(data, **dictionary, tokenize, ctx);
  ASSERT_TRUE(cells.ok()) << cells.error().message;
  EXPECT_EQ(cells->num_cells(), 60);
}

TEST_F(RunMedians, RefusesAnExistingFolderAndNoGenes) {
  MediansOptions options;
  options.inputs = {(fs::path(CW_TEST_DATA) / "tokens" / "cardiac_diff_day2.h5ad").string()};
  options.output = (folder_ / "heart").string();
  options.min_cells = 1000;
  JobContext ctx;
  EXPECT_EQ(run_medians(options, ctx).error().id, "E-TOK-006");
  EXPECT_TRUE(fs::is_empty(folder_));
  fs::create_directory(options.output);
  EXPECT_EQ(run_medians(options, ctx).error().id, "E-IO-005");
}

}  // namespace
}  // namespace cw
