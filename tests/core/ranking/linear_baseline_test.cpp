// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/linear_baseline.h"

#include "tests/core/ranking/formula_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace cw {
namespace {

constexpr int kGenes = 8;
constexpr int kCells = 30;  // the first 20 are start cells, the others goal cells

struct Case {
  Effects run;
  BaselineCounts counts;
  std::vector<std::vector<double>> dense;  // [cells][genes] counts
};

// Eight genes fill all principal components, so the linear space is the space of normalised genes itself, turned.
Case make_case(const std::string& kind, bool states, const Json& options = Json::object()) {
  std::mt19937 generator(3);
  Case result;
  if (states) result.run.states = {"start", "goal"};
  result.run.provenance = {{"options", options}};
  test::add_cells(result.run, 20);
  for (int g = 0; g < kGenes; ++g) result.run.perturbations.push_back(test::perturbation_of({50 + g}, "single", kind));
  for (int g = 0; g < kGenes; ++g) {
    result.counts.token_of_gene.push_back(50 + g);
    result.counts.median_of_gene.push_back(1.0 + 0.5 * g);
  }
  for (int c = 0; c < kCells; ++c) {
    std::vector<double> row;
    for (int g = 0; g < kGenes; ++g) {
      const auto count = static_cast<double>(1 + generator() % 20 + (c >= 20 && g < 3 ? 15U : 0U));
      row.push_back(count);
      result.counts.genes.push_back(static_cast<std::uint32_t>(g));
      result.counts.counts.push_back(static_cast<float>(count));
    }
    result.dense.push_back(row);
    result.counts.offsets.push_back(result.counts.genes.size());
    result.counts.state_of_row.push_back(c < 20 ? 0 : 1);
    result.counts.donor_of_row.emplace_back();
    if (c < 20) result.counts.row_of_cell.push_back(c);
  }
  for (int c = 0; c < 20; ++c) {
    result.run.cells[static_cast<std::size_t>(c)].length = kGenes;
    const auto score = [&](int g) {
      return result.dense[static_cast<std::size_t>(c)][static_cast<std::size_t>(g)] / (1.0 + 0.5 * g);
    };
    for (int g = 0; g < kGenes; ++g) {
      std::int32_t rank = 0;
      for (int other = 0; other < kGenes; ++other)
        rank += score(other) > score(g) || (score(other) == score(g) && other < g) ? 1 : 0;
      test::add_row(result.run, c, g, states ? std::vector<float>{0.0F, 0.0F} : std::vector<float>{1.0F}, rank);
    }
  }
  return result;
}

std::vector<std::vector<double>> normalised(const Case& data) {
  auto x = data.dense;
  for (auto& row : x) {
    double total = 0.0;
    for (const double count : row) total += count;
    for (double& count : row) count = std::log1p(1e4 * count / total);
  }
  return x;
}

std::vector<double> mean_of_rows(const std::vector<std::vector<double>>& x, int begin, int end) {
  std::vector<double> mean(kGenes, 0.0);
  for (int c = begin; c < end; ++c) {
    for (std::size_t g = 0; g < kGenes; ++g) mean[g] += x[static_cast<std::size_t>(c)][g] / (end - begin);
  }
  return mean;
}

LinearBaseline baseline_of(const Case& data, const RunRows& rows) {
  JobContext context;
  auto result = linear_baseline(data.run, rows, data.counts, 42, 2, context);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return std::move(result).value();
}

TEST(LinearBaseline, DeletionIsTheShareOfTheWayInTheSpaceOfGenes) {
  const Case data = make_case("delete", true);
  const RunRows rows(data.run);
  const LinearBaseline baseline = baseline_of(data, rows);
  EXPECT_EQ(baseline.num_components, kGenes);
  const auto x = normalised(data);
  const auto start = mean_of_rows(x, 0, 20);
  const auto goal = mean_of_rows(x, 20, kCells);
  double squared = 0.0;
  for (std::size_t g = 0; g < kGenes; ++g) squared += (goal[g] - start[g]) * (goal[g] - start[g]);
  for (std::int32_t p = 0; p < kGenes; ++p) {
    const auto values = rows.of(baseline.values, p);
    const auto g = static_cast<std::size_t>(p);
    for (std::size_t c = 0; c < 20; ++c) {
      EXPECT_NEAR(values[c], -x[c][g] * (goal[g] - start[g]) / squared, 2e-4);
    }
  }
}

TEST(LinearBaseline, OverexpressionSetsTheLargestCountOfTheCell) {
  const Case data = make_case("overexpress", true);
  const RunRows rows(data.run);
  const LinearBaseline baseline = baseline_of(data, rows);
  const auto x = normalised(data);
  for (std::int32_t p = 0; p < kGenes; ++p) {
    for (std::size_t c = 0; c < 20; ++c) {
      if (x[c][static_cast<std::size_t>(p)] == *std::max_element(x[c].begin(), x[c].end())) {
        EXPECT_NEAR(rows.of(baseline.values, p)[c], 0.0, 1e-6);
      }
    }
  }
}

TEST(LinearBaseline, ActivationGivesTheGeneTheScoreOfItsTargetRank) {
  const Case data = make_case("activate", true, {{"quartiles", 3}});
  const RunRows rows(data.run);
  const LinearBaseline baseline = baseline_of(data, rows);
  const auto x = normalised(data);
  const auto start = mean_of_rows(x, 0, 20);
  const auto goal = mean_of_rows(x, 20, kCells);
  double squared = 0.0;
  for (std::size_t g = 0; g < kGenes; ++g) squared += (goal[g] - start[g]) * (goal[g] - start[g]);
  for (std::size_t c = 0; c < 20; ++c) {
    double total = 0.0;
    for (const double count : data.dense[c]) total += count;
    for (std::int32_t p = 0; p < kGenes; ++p) {
      const auto g = static_cast<std::size_t>(p);
      const std::int32_t rank = data.run.rank[c * kGenes + g];
      if (rank >= 6) continue;  // the last quartile goes to the middle of the first; the others to the front
      double best = 0.0;        // score at the front of the list without the gene
      for (std::size_t other = 0; other < kGenes; ++other) {
        if (other != g) best = std::max(best, data.dense[c][other] / (1.0 + 0.5 * static_cast<double>(other)));
      }
      const double count = best * (1.0 + 0.5 * static_cast<double>(g));
      const double change = std::log1p(1e4 * count / total) - x[c][g];
      EXPECT_NEAR(rows.of(baseline.values, p)[c], change * (goal[g] - start[g]) / squared, 2e-4);
    }
  }
}

TEST(LinearBaseline, WithoutStatesItIsTheCosineDistance) {
  const Case data = make_case("delete", false);
  const RunRows rows(data.run);
  const LinearBaseline baseline = baseline_of(data, rows);
  const auto x = normalised(data);
  const auto mean = mean_of_rows(x, 0, kCells);
  for (std::size_t c = 0; c < 20; ++c) {
    double aa = 0.0;
    double bb = 0.0;
    double ab = 0.0;
    for (std::size_t g = 0; g < kGenes; ++g) {
      const double a = x[c][g] - mean[g];
      const double b = (g == 2 ? 0.0 : x[c][g]) - mean[g];
      aa += a * a;
      bb += b * b;
      ab += a * b;
    }
    EXPECT_NEAR(rows.of(baseline.values, 2)[c], 1.0 - ab / std::sqrt(aa * bb), 1e-4);
  }
}

TEST(LinearBaseline, FoldChangeComparesPseudobulks) {
  Case data = make_case("delete", true);
  const RunRows rows(data.run);
  const LinearBaseline baseline = baseline_of(data, rows);
  double sums[2][2] = {};
  for (std::size_t c = 0; c < kCells; ++c) {
    const std::size_t state = c < 20 ? 0 : 1;
    sums[state][0] += data.dense[c][1];
    for (const double count : data.dense[c]) sums[state][1] += count;
  }
  const double start = 1e6 * sums[0][0] / sums[0][1];
  const double goal = 1e6 * sums[1][0] / sums[1][1];
  EXPECT_NEAR(baseline.de_log2fc[1], std::log2((goal + 1.0) / (start + 1.0)), 1e-9);
}

TEST(LinearBaseline, GenesAndCellsThatTheDataLackStayEmpty) {
  Case data = make_case("delete", true);
  data.counts.token_of_gene[4] = -1;
  data.counts.row_of_cell[5] = -1;
  const RunRows rows(data.run);
  const LinearBaseline baseline = baseline_of(data, rows);
  EXPECT_TRUE(std::isnan(rows.of(baseline.values, 4)[0]));
  EXPECT_TRUE(std::isnan(baseline.de_log2fc[4]));
  EXPECT_TRUE(std::isnan(rows.of(baseline.values, 1)[5]));
  EXPECT_FALSE(std::isnan(rows.of(baseline.values, 1)[6]));
}

}  // namespace
}  // namespace cw
