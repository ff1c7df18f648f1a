// SPDX-License-Identifier: GPL-3.0-or-later
// Simulated runs with known truth.
#include "core/ranking/cellwright_table.h"

#include "core/ranking/null_reference.h"
#include "tests/core/ranking/formula_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace cw {
namespace {

struct Simulation {
  int genes = 400;
  int cells = 60;
  int donors = 0;              // 0 = no donor column
  double gene_sd = 0.0;        // genes differ, the same in all cells
  double donor_gene_sd = 0.0;  // a gene's effect differs between donors
  double cell_sd = 0.001;
  double donor_sd = 0.0;  // a donor's cells all react more or less
  unsigned seed = 1;
  bool states = true;
  std::function<double(int)> planted = [](int) { return 0.0; };  // by gene; also the trend with rank
};

// Gene g stands at rank g of `genes` in every cell.
Effects simulate(const Simulation& s) {
  std::mt19937 generator(s.seed);
  std::normal_distribution<double> normal;
  Effects run;
  if (s.states) run.states = {"start", "goal"};
  test::mark_all_genes(run);
  test::add_cells(run, s.cells);
  for (int c = 0; c < s.cells; ++c) {
    run.cells[static_cast<std::size_t>(c)].length = s.genes;
    if (s.donors > 0) run.cells[static_cast<std::size_t>(c)].donor = "d" + std::to_string(c % s.donors);
  }
  std::vector<double> donor_effect(static_cast<std::size_t>(std::max(1, s.donors)));
  for (double& effect : donor_effect) effect = s.donor_sd * normal(generator);
  for (int g = 0; g < s.genes; ++g) {
    run.perturbations.push_back(test::perturbation_of({100 + g}));
    const double own = s.planted(g) + s.gene_sd * normal(generator);
    std::vector<double> by_donor(donor_effect.size());
    for (double& effect : by_donor) effect = s.donor_gene_sd * normal(generator);
    for (int c = 0; c < s.cells; ++c) {
      const auto d = static_cast<std::size_t>(s.donors > 0 ? c % s.donors : 0);
      const double shift = own + by_donor[d] + donor_effect[d] + s.cell_sd * normal(generator);
      if (s.states) {
        test::add_row(run, c, g, {static_cast<float>(-shift), static_cast<float>(shift)}, g,
                      static_cast<float>(10.0 * shift));
      } else {
        test::add_row(run, c, g, {static_cast<float>(1.0 - shift)}, g);
      }
    }
  }
  return run;
}

Ranking ranking_of(const Effects& run, RankingOptions options = {}) {
  JobContext context;
  auto result = rank_perturbations(run, nullptr, options, context);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return std::move(result).value();
}

const std::vector<double>& reals(const Ranking& ranking, const std::string& name) {
  return ranking.table.find(name)->reals;
}

double share_below(const std::vector<double>& values, double limit) {
  double count = 0.0;
  for (const double value : values) count += value < limit ? 1.0 : 0.0;
  return count / static_cast<double>(values.size());
}

// Four standard deviations of a binomial share.
double slack(double share, double n) { return 4.0 * std::sqrt(share * (1.0 - share) / n); }

TEST(CellwrightTable, HasTheColumnsOfTheContractInOrder) {
  Simulation s;
  s.genes = 30;
  const Ranking ranking = ranking_of(simulate(s));
  std::vector<std::string> names;
  for (const Column& column : ranking.table.columns) names.push_back(column.name);
  EXPECT_EQ(
      names,
      (std::vector<std::string>{
          "rank",      "gene",        "ensembl_id", "perturbation", "effect",       "ci_low",      "ci_high",
          "p",         "fdr",         "n_cells",    "n_donors",     "donors_agree", "null_mean",   "null_sd",
          "vs_null_p", "vs_null_fdr", "progress",   "baseline",     "de_log2fc",    "median_rank", "detected_fraction",
          "flags"}));
}

TEST(CellwrightTable, FindsPlantedEffectsAndNothingElse) {
  Simulation s;
  s.genes = 1000;
  s.donors = 6;
  s.cells = 72;
  s.gene_sd = 0.0002;
  s.planted = [](int g) { return g % 100 == 50 ? 0.01 : 0.0; };
  const Ranking ranking = ranking_of(simulate(s));
  const Column& genes = *ranking.table.find("gene");
  for (std::size_t i = 0; i < 10; ++i) {
    const int gene = std::stoi(genes.strings[i].substr(3)) - 100;
    EXPECT_EQ(gene % 100, 50) << "rank " << i + 1;
    EXPECT_NEAR(reals(ranking, "effect")[i], 0.01, 0.002);
    EXPECT_LT(reals(ranking, "vs_null_fdr")[i], 0.001);
    EXPECT_LT(reals(ranking, "fdr")[i], 0.05);
    EXPECT_EQ(reals(ranking, "donors_agree")[i], 1.0);
    EXPECT_NEAR(reals(ranking, "progress")[i], 0.1, 0.02);
  }
  EXPECT_EQ(ranking.summary.num_by_donor, 1000);
}

TEST(CellwrightTable, ComparisonWithTheNullIsCalibrated) {
  Simulation s;
  s.genes = 3000;
  s.cells = 30;
  s.gene_sd = 0.002;
  s.cell_sd = 0.0005;
  s.seed = 4;
  const Ranking ranking = ranking_of(simulate(s));
  EXPECT_NEAR(share_below(reals(ranking, "vs_null_p"), 0.05), 0.05, slack(0.05, 3000));
  EXPECT_NEAR(share_below(reals(ranking, "vs_null_p"), 0.5), 0.5, slack(0.5, 3000));
}

TEST(CellwrightTable, NoiseAloneGivesNoMoreThanChance) {
  Simulation s;
  s.genes = 3000;
  s.cells = 30;
  s.seed = 5;
  EXPECT_LE(share_below(reals(ranking_of(simulate(s)), "vs_null_p"), 0.05), 0.05 + slack(0.05, 3000));
}

TEST(CellwrightTable, GenesAtTheTopOfTheListAreNotHitsForThatAlone) {
  Simulation s;
  s.genes = 2000;
  s.cells = 30;
  s.gene_sd = 0.002;
  s.cell_sd = 0.0005;
  s.seed = 6;
  s.planted = [](int g) { return 0.05 * std::exp(-g / 400.0); };  // 25 gene standard deviations at the top
  const Ranking ranking = ranking_of(simulate(s));
  double top = 0.0;
  double small = 0.0;
  for (std::size_t i = 0; i < 2000; ++i) {
    if (reals(ranking, "median_rank")[i] < 0.15 || reals(ranking, "median_rank")[i] > 0.5) continue;
    top += 1.0;
    small += reals(ranking, "vs_null_p")[i] < 0.05 ? 1.0 : 0.0;
  }
  EXPECT_LE(small / top, 0.05 + slack(0.05, top));
  EXPECT_EQ(ranking.summary.num_hits, 0);
}

TEST(CellwrightTable, DonorsAsReplicatesDoNotInflateWithMoreCellsPerDonor) {
  for (const int cells_per_donor : {10, 80}) {
    Simulation s;
    s.genes = 1500;
    s.donors = 5;
    s.cells = 5 * cells_per_donor;
    s.donor_gene_sd = 0.002;
    s.donor_sd = 0.01;
    s.seed = 7;
    const Ranking ranking = ranking_of(simulate(s));
    EXPECT_NEAR(share_below(reals(ranking, "p"), 0.05), 0.05, slack(0.05, 1500)) << cells_per_donor;
  }
}

TEST(CellwrightTable, FalseDiscoveriesStayBelowTheRateAskedFor) {
  double false_share = 0.0;
  for (unsigned seed = 20; seed < 30; ++seed) {
    Simulation s;
    s.genes = 600;
    s.cells = 30;
    s.gene_sd = 0.001;
    s.cell_sd = 0.0005;
    s.seed = seed;
    s.planted = [](int g) { return g % 20 == 0 ? 0.006 : 0.0; };
    const Ranking ranking = ranking_of(simulate(s));
    double found = 0.0;
    double wrong = 0.0;
    for (std::size_t i = 0; i < 600; ++i) {
      if (!(reals(ranking, "fdr")[i] < 0.05)) continue;
      found += 1.0;
      wrong += (std::stoi(ranking.table.find("gene")->strings[i].substr(3)) - 100) % 20 == 0 ? 0.0 : 1.0;
    }
    EXPECT_GT(found, 20.0);
    false_share += wrong / found / 10.0;
  }
  EXPECT_LE(false_share, 0.05);
}

TEST(CellwrightTable, ImpactIsOneMinusSimilarity) {
  Simulation s;
  s.genes = 60;
  s.states = false;
  s.planted = [](int g) { return g == 7 ? 0.2 : 0.01; };
  const Ranking ranking = ranking_of(simulate(s));
  EXPECT_EQ(ranking.table.find("gene")->strings[0], "SYM107");
  EXPECT_NEAR(reals(ranking, "effect")[0], 0.2, 0.001);
  EXPECT_LT(reals(ranking, "ci_low")[0], reals(ranking, "effect")[0]);
  EXPECT_GT(reals(ranking, "ci_high")[0], reals(ranking, "effect")[0]);
}

TEST(CellwrightTable, FlagsSayWhatToBeCarefulAbout) {
  Simulation s;
  s.genes = 40;
  s.cells = 15;
  s.donors = 2;
  Effects run = simulate(s);
  run.perturbations[0].kind = "inhibit";
  const Ranking ranking = ranking_of(run);
  for (std::size_t i = 0; i < 40; ++i) {
    const bool inhibited = ranking.table.find("perturbation")->strings[i] == "inhibit";
    EXPECT_EQ(ranking.table.find("flags")->strings[i],
              std::string("cells-not-donors;few-cells;few-donors") + (inhibited ? ";extension" : ""));
    EXPECT_EQ(ranking.table.find("n_donors")->integers[i], 2);
    EXPECT_EQ(ranking.table.find("n_cells")->integers[i], 15);
  }
}

TEST(CellwrightTable, RandomPerturbationsOfTheRunGiveTheExactRankProbability) {
  Effects run;
  run.states = {"s", "g"};
  test::add_cells(run, 12);
  run.perturbations.push_back(test::perturbation_of({1, 2}, "group"));
  for (int k = 0; k < 39; ++k) {
    run.perturbations.push_back(test::perturbation_of({10 + k, 60 + k}, "null"));
    run.perturbations.back().partner = 0;
  }
  for (int c = 0; c < 12; ++c) {
    test::add_row(run, c, 0, {0.0F, 0.35F});
    // Effects -19 .. 19 hundredths: median 0; none is as far from it as 0.35.
    for (int k = 0; k < 39; ++k) test::add_row(run, c, 1 + k, {0.0F, 0.01F * static_cast<float>(k - 19)});
  }
  Ranking ranking = ranking_of(run);
  ASSERT_EQ(ranking.table.num_rows(), 1);
  EXPECT_NEAR(reals(ranking, "null_mean")[0], 0.0, 1e-6);
  EXPECT_NEAR(reals(ranking, "null_sd")[0], 1.4826 * 0.1, 1e-6);
  EXPECT_DOUBLE_EQ(reals(ranking, "vs_null_p")[0], 1.0 / 40.0);
  EXPECT_NE(ranking.table.find("flags")->strings[0].find("smallest-p"), std::string::npos);

  for (std::size_t row = 0; row < run.cell.size(); ++row) {
    if (run.perturbation[row] == 0) run.cosine[2 * row + 1] = 0.175F;  // four controls (±0.18, ±0.19) lie further out
  }
  ranking = ranking_of(run);
  EXPECT_DOUBLE_EQ(reals(ranking, "vs_null_p")[0], 5.0 / 40.0);
}

TEST(CellwrightTable, WithoutAnyNullThereIsNoProbability) {
  Simulation s;
  s.genes = 30;
  Effects run = simulate(s);
  run.provenance = Json::object();  // a list of genes, not all
  const Ranking ranking = ranking_of(run);
  EXPECT_FALSE(ranking.summary.has_null);
  EXPECT_TRUE(std::isnan(reals(ranking, "p")[0]));
  EXPECT_TRUE(std::isnan(reals(ranking, "vs_null_p")[0]));
  EXPECT_FALSE(std::isnan(reals(ranking, "effect")[0]));
}

TEST(CellwrightTable, SynergyIsWhatThePairDoesBeyondItsGenes) {
  Effects run;
  test::add_cells(run, 4);
  run.perturbations = {test::perturbation_of({1}, "anchor"), test::perturbation_of({2}),
                       test::perturbation_of({1, 2}, "pair")};
  for (int c = 0; c < 4; ++c) {
    test::add_row(run, c, 0, {0.9F});
    if (c < 3) test::add_row(run, c, 1, {0.8F});
    test::add_row(run, c, 2, {c < 3 ? 0.5F : 0.0F});  // the last cell lacks gene 2 alone: it does not count
  }
  RankingOptions options;
  options.pairs_only = true;
  const Ranking ranking = ranking_of(run, options);
  ASSERT_EQ(ranking.table.num_rows(), 1);
  EXPECT_EQ(ranking.table.find("gene")->strings[0], "SYM1+SYM2");
  EXPECT_NEAR(reals(ranking, "synergy")[0], 0.5 - 0.1 - 0.2, 1e-6);
}

TEST(CellwrightTable, AlternativeStatesHaveTheirOwnColumns) {
  Simulation s;
  s.genes = 40;
  Effects run = simulate(s);
  run.states.emplace_back("other");
  std::vector<float> cosine;
  for (std::size_t row = 0; row < run.cell.size(); ++row) {
    cosine.insert(cosine.end(), {run.cosine[2 * row], run.cosine[2 * row + 1], 0.25F});
  }
  run.cosine = cosine;
  const Ranking ranking = ranking_of(run);
  EXPECT_EQ(reals(ranking, "effect_other")[3], 0.25);
  ASSERT_NE(ranking.table.find("p_other"), nullptr);
  ASSERT_NE(ranking.table.find("fdr_other"), nullptr);
}

TEST(CellwrightTable, DoesNotDependOnThreads) {
  Simulation s;
  s.genes = 300;
  s.donors = 4;
  const Effects run = simulate(s);
  RankingOptions one;
  one.num_threads = 1;
  RankingOptions four;
  four.num_threads = 4;
  const Ranking a = ranking_of(run, one);
  const Ranking b = ranking_of(run, four);
  for (std::size_t c = 0; c < a.table.columns.size(); ++c) {
    for (std::int64_t row = 0; row < a.table.num_rows(); ++row) {
      EXPECT_EQ(a.table.columns[c].text(row), b.table.columns[c].text(row)) << a.table.columns[c].name;
    }
  }
}

TEST(CellwrightTable, RankingIsStableWithManyCellsAndNotWithNoise) {
  Simulation s;
  s.genes = 200;
  s.cells = 120;
  s.gene_sd = 0.05;
  s.cell_sd = 0.0001;
  EXPECT_TRUE(ranking_of(simulate(s)).summary.stability.stable);
  s.gene_sd = 0.0;
  s.cell_sd = 0.01;
  EXPECT_FALSE(ranking_of(simulate(s)).summary.stability.stable);
}

TEST(CellwrightTable, GenesOfFewCellsDoNotMakeTheTopLookStable) {
  Simulation s;
  s.genes = 200;
  s.cells = 40;
  s.gene_sd = 0.0;
  s.cell_sd = 0.01;
  Effects run = simulate(s);
  ASSERT_FALSE(ranking_of(run).summary.stability.stable);
  // sixty genes on top, each in one early cell: their means are the same with half of the cells
  const std::size_t columns = run.states.size();
  ASSERT_EQ(columns, 2U);
  for (std::int32_t gene = 0; gene < 60; ++gene) {
    const auto p = static_cast<std::int32_t>(run.perturbations.size());
    run.perturbations.push_back(cw::test::perturbation_of({5000 + gene}));
    cw::test::add_row(run, gene % 5, p, {-0.5F, 0.5F + 0.001F * static_cast<float>(gene)}, 100, 0.1F);
  }
  EXPECT_FALSE(ranking_of(run).summary.stability.stable);
  EXPECT_LT(ranking_of(run).summary.stability.tau.value, 0.9);
}

TEST(NullReference, TakesTheTwoHundredNearestInRankAlsoAtTheEnds) {
  Simulation s;
  s.genes = 600;
  s.cells = 6;
  const Effects run = simulate(s);
  const RunRows rows(run);
  const NullReference reference(run, rows, median_relative_ranks(run, rows));
  const auto first = reference.controls_of(0);
  ASSERT_EQ(first.size(), 200U);
  EXPECT_EQ(first.front(), 1);
  EXPECT_EQ(first.back(), 200);
  const auto middle = reference.controls_of(300);
  ASSERT_EQ(middle.size(), 200U);
  EXPECT_EQ(middle.front(), 200);
  EXPECT_EQ(middle.back(), 400);
  const auto last = reference.controls_of(599);
  ASSERT_EQ(last.size(), 200U);
  EXPECT_EQ(last.front(), 399);
  EXPECT_EQ(last.back(), 598);
}

TEST(NullReference, MatchesPairsOfAnAnchorByTheOtherGene) {
  Effects run;
  test::mark_all_genes(run);
  test::add_cells(run, 6);
  run.perturbations.push_back(test::perturbation_of({1}, "anchor"));
  for (int g = 0; g < 300; ++g) {
    // Tokens fall with rank, so that the order of tokens is not that of ranks.
    run.perturbations.push_back(test::perturbation_of({900 - g}));
    run.perturbations.push_back(test::perturbation_of({1, 900 - g}, "pair"));
  }
  for (int c = 0; c < 6; ++c) {
    test::add_row(run, c, 0, {0.9F}, 500);
    for (int g = 0; g < 300; ++g) {
      test::add_row(run, c, 1 + 2 * g, {0.9F}, g);
      test::add_row(run, c, 2 + 2 * g, {0.8F}, 500);  // the anchor's position
    }
  }
  const RunRows rows(run);
  const auto ranks = median_relative_ranks(run, rows);
  EXPECT_DOUBLE_EQ(ranks[2 + 2 * 10], (0.5 + 0.010) / 2.0);
  const NullReference reference(run, rows, ranks);
  const auto controls = reference.controls_of(2 + 2 * 150);
  ASSERT_EQ(controls.size(), 200U);
  for (const std::int32_t control : controls) {
    EXPECT_EQ(control % 2, 0);
    EXPECT_NEAR(control, 2 + 2 * 150, 200);
  }
  EXPECT_EQ(reference.controls_of(0).size(), 200U) << "the anchor alone is compared with other single genes";
}

TEST(NullReference, LeavesOutGenesMeasuredInFewCells) {
  Simulation s;
  s.genes = 60;
  s.cells = 6;
  Effects run = simulate(s);
  EffectRows kept;
  for (std::size_t row = 0; row < run.cell.size(); ++row) {
    if (run.perturbation[row] == 10 && run.cell[row] > 3) continue;  // gene 10 in four cells only
    kept.cell.push_back(run.cell[row]);
    kept.perturbation.push_back(run.perturbation[row]);
    kept.cosine.insert(kept.cosine.end(), {run.cosine[2 * row], run.cosine[2 * row + 1]});
    kept.rank.push_back(run.rank[row]);
    kept.progress.push_back(run.progress[row]);
  }
  static_cast<EffectRows&>(run) = kept;
  const RunRows rows(run);
  const NullReference reference(run, rows, median_relative_ranks(run, rows));
  const auto controls = reference.controls_of(9);
  EXPECT_EQ(controls.size(), 58U);
  EXPECT_EQ(std::count(controls.begin(), controls.end(), 10), 0);
}

TEST(CellwrightTable, ReportsProgressFromNothingToAll) {
  class Sink : public JobSink {
   public:
    void progress(double fraction, std::int64_t, std::int64_t, std::string_view) override {
      fractions.push_back(fraction);
    }
    void event(std::string_view, const Json&) override {}
    std::vector<double> fractions;
  } sink;
  JobContext context(&sink, std::make_shared<std::atomic<bool>>(false));
  Simulation s;
  s.genes = 30;
  ASSERT_TRUE(rank_perturbations(simulate(s), nullptr, {}, context).ok());
  ASSERT_FALSE(sink.fractions.empty());
  EXPECT_EQ(sink.fractions.front(), 0.0);
  EXPECT_EQ(sink.fractions.back(), 1.0);
  EXPECT_TRUE(std::is_sorted(sink.fractions.begin(), sink.fractions.end()));
}

TEST(CellwrightTable, RefusesAnEmptyRunAndAnswersACancel) {
  JobContext context;
  EXPECT_EQ(rank_perturbations(Effects{}, nullptr, {}, context).error().id, "E-RNK-001");
  Simulation s;
  s.genes = 30;
  RankingOptions pairs;
  pairs.pairs_only = true;
  EXPECT_EQ(rank_perturbations(simulate(s), nullptr, pairs, context).error().id, "E-RNK-001");
  context.request_cancel();
  EXPECT_EQ(rank_perturbations(simulate(s), nullptr, {}, context).error().code, ErrorCode::kCancelled);
}

TEST(CellwrightTable, GenesThatAScreenLetThroughAreNoNull) {
  Simulation s;
  s.genes = 60;
  Effects run = simulate(s);
  EXPECT_TRUE(ranking_of(run).summary.has_null);
  run.provenance["options"]["method"] = "screen";
  const Ranking screened = ranking_of(run);
  EXPECT_FALSE(screened.summary.has_null);
  EXPECT_TRUE(std::isnan(reals(screened, "p")[0]));
}

TEST(CellwrightTable, LeavesOutCellsWithoutAValue) {
  Simulation s;
  s.genes = 30;
  s.states = false;
  Effects run = simulate(s);
  const double expected = 1.0 - static_cast<double>(run.cosine[1]);  // gene 0 in its second cell
  for (int c = 0; c < s.cells; ++c) {
    if (c != 1) run.cosine[static_cast<std::size_t>(c)] = std::numeric_limits<float>::quiet_NaN();
  }
  const Ranking ranking = ranking_of(run);
  const auto& ids = ranking.table.find("ensembl_id")->strings;
  const auto row =
      static_cast<std::size_t>(std::find(ids.begin(), ids.end(), gene_ids(run.perturbations[0])) - ids.begin());
  EXPECT_NEAR(reals(ranking, "effect")[row], expected, 1e-6);
  EXPECT_EQ(ranking.table.find("n_cells")->integers[row], 1);
}

}  // namespace
}  // namespace cw
