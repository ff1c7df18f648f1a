// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/run_perturb.h"

#include "core/effects/effects_file.h"
#include "core/perturb/map_shift.h"
#include "core/perturb/preview.h"
#include "core/perturb/run_estimate.h"
#include "core/perturb/screen.h"
#include "tests/core/perturb/perturb_case.h"

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <set>

namespace cw {
namespace {

using namespace testing_support;

/// Counts what a job says, and cancels it after some units.
class Listener : public JobSink {
 public:
  void progress(double fraction, std::int64_t done, std::int64_t, std::string_view) override {
    fractions.push_back(fraction);
    if (cancel_after >= 0 && done >= cancel_after) cancel->store(true);
  }
  void event(std::string_view type, const Json& fields) override {
    events[std::string(type)].push_back(fields);
    // progress is thinned out in time, metrics are not
    if (cancel_after >= 0 && type == "metric" && fields.at("step") >= cancel_after) cancel->store(true);
  }
  [[nodiscard]] JobContext context() { return {this, cancel}; }

  std::shared_ptr<std::atomic<bool>> cancel = std::make_shared<std::atomic<bool>>(false);
  std::int64_t cancel_after = -1;
  std::vector<double> fractions;
  std::map<std::string, std::vector<Json>> events;
};

class RunPerturbTest : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    model_ = open_small_model(std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "perturb" / "v1", false, 2);
    std::mt19937 random(1);
    std::vector<std::int32_t> genes;
    for (std::int32_t token = 2; token < 150; ++token) genes.push_back(token);
    std::vector<std::string> states;
    std::vector<std::string> donors;
    for (int i = 0; i < 12; ++i) {
      // half of the genes are common, so that perturbations have cells to be averaged over
      for (std::size_t k = 20; k-- > 1;) std::swap(genes[k], genes[random() % (k + 1)]);
      const auto length = static_cast<std::ptrdiff_t>(12 + random() % 16);
      lists_.emplace_back(genes.begin(), genes.begin() + length);
      table_.index.push_back("cell" + std::to_string(i));
      states.push_back(i % 3 == 0 ? "B" : "A");
      donors.push_back("d" + std::to_string(i % 4));
    }
    table_.set(Column::of_strings("type", states));
    table_.set(Column::of_strings("donor", donors));
    cells_ = cells_of(lists_, model_, table_);
  }

  [[nodiscard]] PerturbOptions with_states(std::vector<PerturbRequest> requests) const {
    PerturbOptions options = options_for(std::move(requests));
    options.state_column = "type";
    options.start = "A";
    options.goal = "B";
    options.donor_column = "donor";
    return options;
  }

  Result<PreparedRun> prepared(const PerturbOptions& options, JobContext ctx = {}) {
    return prepare_run(options, model_, cells_, fresh_centroids(), ctx);
  }

  Effects effects_of(const PerturbOptions& options, const std::string& name) {
    JobContext ctx;
    const auto run = prepared(options);
    EXPECT_TRUE(run.ok()) << run.error().message;
    if (!run.ok()) return {};
    const auto summary = run_exact(*run, options, folder_ / name, ctx);
    EXPECT_TRUE(summary.ok()) << summary.error().message;
    return *read_effects(folder_ / name);
  }

  /// Values by cell name and perturbation.
  static std::map<std::string, float> by_name(const Effects& effects) {
    std::map<std::string, float> values;
    for (std::size_t i = 0; i < effects.cell.size(); ++i) {
      const auto& p = effects.perturbations[static_cast<std::size_t>(effects.perturbation[i])];
      std::string key = effects.cells[static_cast<std::size_t>(effects.cell[i])].name + " " + p.kind;
      for (const std::int32_t token : p.tokens) key += " " + std::to_string(token);
      values[key] = effects.cosine[i * static_cast<std::size_t>(effects.num_columns())];
    }
    return values;
  }

  static void expect_near(const std::map<std::string, float>& a, const std::map<std::string, float>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [key, value] : a) {
      ASSERT_TRUE(b.contains(key)) << key;
      EXPECT_NEAR(value, b.at(key), 1e-6F) << key;
    }
  }

  OpenModel model_;
  std::vector<std::vector<std::int32_t>> lists_;
  Table table_;
  TokenizedCells cells_;
};

TEST_F(RunPerturbTest, packSizeThreadsAndOrderOfCellsDoNotMatter) {
  PerturbOptions options = options_for({{"delete", {"all"}}, {"overexpress", {"all"}}});
  const auto expected = by_name(effects_of(options, "a"));
  EXPECT_GT(expected.size(), 100U);
  options.tokens_per_batch = 512;
  options.seed = 7;  // another order
  expect_near(by_name(effects_of(options, "b")), expected);
  model_ = open_small_model(model_.path, false, 1);
  options.tokens_per_batch = 100000;
  expect_near(by_name(effects_of(options, "c")), expected);
}

TEST_F(RunPerturbTest, aStoppedAndResumedRunGivesTheSameFile) {
  // many blocks: cells that differ only in order of genes
  const auto base = lists_;
  for (int copy = 0; copy < 6; ++copy) {
    for (const auto& cell : base) {
      lists_.push_back(cell);
      table_.index.push_back("copy" + std::to_string(lists_.size()));
    }
  }
  Table table;
  table.index = table_.index;
  cells_ = cells_of(lists_, model_, table);
  PerturbOptions options = options_for({{"delete", {"all"}}});
  options.gene_effects = true;
  const auto run = prepared(options);
  ASSERT_TRUE(run.ok()) << run.error().message;
  JobContext quiet;
  const auto whole = run_exact(*run, options, folder_ / "whole", quiet);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  ASSERT_GT(whole->at("blocks").get<int>(), 3);
  for (int stop = 0; stop < 3; ++stop) {
    Listener listener;
    listener.cancel_after = 1 + stop * 500;
    JobContext ctx = listener.context();
    const auto stopped = run_exact(*run, options, folder_ / "resumed", ctx);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "resumed" / kEffectsFileName));
  }
  const auto partial = read_effects(folder_ / "resumed");
  ASSERT_TRUE(partial.ok()) << partial.error().message;
  EXPECT_FALSE(partial->complete);
  EXPECT_GT(partial->size(), 0);
  Listener listener;
  JobContext ctx = listener.context();
  ASSERT_TRUE(run_exact(*run, options, folder_ / "resumed", ctx).ok());
  EXPECT_EQ(listener.events["resumed"].size(), 1U);
  EXPECT_EQ(*read_file(folder_ / "whole" / kEffectsFileName), *read_file(folder_ / "resumed" / kEffectsFileName));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "resumed"), {}), 1);
}

TEST_F(RunPerturbTest, progressGoesFromZeroToOneWithEstimateAndRanking) {
  Listener listener;
  JobContext ctx = listener.context();
  const PerturbOptions options = with_states({{"delete", {"all"}}});
  const auto run = prepared(options);
  ASSERT_TRUE(run.ok()) << run.error().message;
  ASSERT_TRUE(run_exact(*run, options, folder_, ctx).ok());
  EXPECT_EQ(listener.fractions.front(), 0.0);
  EXPECT_EQ(listener.fractions.back(), 1.0);
  ASSERT_GE(listener.events["estimate"].size(), 1U);
  EXPECT_EQ(listener.events["estimate"][0]["passes"], run->plan.num_units());
  EXPECT_GT(listener.events["estimate"][0]["seconds"].get<double>(), 0.0);
  ASSERT_FALSE(listener.events["result"].empty());
  EXPECT_GT(listener.events["result"].back()["top"].size(), 10U);
}

TEST_F(RunPerturbTest, statesGiveShiftsAndProgressAlongTheAxis) {
  const Effects effects = effects_of(with_states({{"delete", {"all"}}}), "run");
  EXPECT_EQ(effects.states, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(effects.progress.size(), effects.cell.size());
  std::set<std::string> names;
  for (const auto& cell : effects.cells) {
    EXPECT_EQ(cell.state, "A");
    EXPECT_FALSE(cell.donor.empty());
    names.insert(cell.name);
  }
  EXPECT_EQ(names.size(), 8U);
  EXPECT_EQ(effects.provenance["centroids"]["B"]["cells"], 4);
}

TEST_F(RunPerturbTest, labelsOfAFileTakeThePlaceOfColumns) {
  const Effects expected = effects_of(with_states({{"delete", {"all"}}}), "columns");
  std::ofstream file(folder_ / "labels.csv");
  file << "cell,mine,batch\n";
  for (std::size_t i = table_.index.size(); i-- > 0;) {
    file << table_.index[i] << ',' << table_.columns[0].strings[i] << ',' << table_.columns[1].strings[i] << '\n';
  }
  file.close();
  cells_ = cells_of(lists_, model_, {.index_name = "", .index = table_.index, .columns = {}});
  PerturbOptions options = with_states({{"delete", {"all"}}});
  options.labels = (folder_ / "labels.csv").string();
  options.state_column = "mine";
  options.donor_column = "batch";
  const Effects labelled = effects_of(options, "labels");
  expect_near(by_name(expected), by_name(labelled));
  EXPECT_EQ(labelled.provenance["labels"]["matched"], 12);
}

TEST_F(RunPerturbTest, placesOfChangedCellsAreSharesOfTheirNeighbours) {
  const PerturbOptions options = options_for({{"overexpress", {ensembl_id_of(40)}}, {"delete", {"all"}}});
  JobContext ctx;
  const auto run = prepared(options);
  ASSERT_TRUE(run.ok());
  OriginalCache cache(std::int64_t{1} << 30);
  const auto places = place_changes(*run, options, cache, ctx);
  ASSERT_TRUE(places.ok()) << places.error().message;
  EXPECT_EQ((*places)["reference"], 12);
  EXPECT_EQ((*places)["cells"], 12);
  std::size_t differing = 0;
  for (const Json& one : (*places)["perturbations"]) {
    for (const char* end : {"from", "to"}) {
      double total = 0.0;
      for (const auto& [name, weight] : one[end].items()) {
        EXPECT_EQ(std::count(table_.index.begin(), table_.index.end(), name), 1);
        total += weight.get<double>();
      }
      EXPECT_NEAR(total, 1.0, 1e-9);
    }
    differing += one["from"] != one["to"] ? 1U : 0U;
  }
  EXPECT_GT(differing, 0U);
}

TEST_F(RunPerturbTest, anEstimateCountsWhatTheRunComputes) {
  const PerturbOptions options = with_states({{"delete", {"all"}}});
  JobContext ctx;
  const CentroidSource none = [](const Json&, const auto&) -> Result<NamedCentroids> { return NamedCentroids{}; };
  const auto run = prepare_run(options, model_, cells_, none, ctx);
  ASSERT_TRUE(run.ok());
  const auto estimate = estimate_run(*run, options, ctx);
  ASSERT_TRUE(estimate.ok()) << estimate.error().message;
  EXPECT_EQ((*estimate)["passes"], effects_of(options, "run").size());
  EXPECT_EQ((*estimate)["state_cells"], 12);
  EXPECT_GT((*estimate)["seconds"].get<double>(), 0.0);
  EXPECT_GE((*estimate)["seconds_error"].get<double>(), 0.14 * (*estimate)["seconds"].get<double>());
}

TEST_F(RunPerturbTest, centroidsWeighDonorsNotCells) {
  JobContext ctx;
  PerturbOptions options = with_states({{"delete", {"all"}}});
  std::vector<std::int64_t> rows = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const auto by_donor = make_centroids(options, model_, cells_, rows, 2, false, ctx);
  options.donor_column.clear();
  const auto by_cell = make_centroids(options, model_, cells_, rows, 2, false, ctx);
  ASSERT_TRUE(by_donor.ok() && by_cell.ok());
  // state B: cells 0, 3, 6, 9 of donors d0, d3, d2, d1: one each, so both agree
  for (std::size_t k = 0; k < 64; ++k) {
    EXPECT_NEAR(by_donor->states.centroids[1][k], by_cell->states.centroids[1][k], 1e-12);
  }
  // donor d0 twice, d3 once: the mean of donor means differs from the mean over cells
  rows = {0, 3};
  table_.columns[1].strings = std::vector<std::string>(12, "d0");
  cells_ = cells_of(lists_, model_, table_);
  const auto same = make_centroids(options, model_, cells_, {0, 3, 6, 1}, 2, false, ctx);
  table_.columns[1].strings[6] = "d1";
  options.donor_column = "donor";
  cells_ = cells_of(lists_, model_, table_);
  const auto weighted = make_centroids(options, model_, cells_, {0, 3, 6, 1}, 2, false, ctx);
  ASSERT_TRUE(same.ok() && weighted.ok());
  const auto one = make_centroids(options, model_, cells_, {6, 1}, 2, false, ctx);
  const auto two = make_centroids(options, model_, cells_, {0, 3, 1}, 2, false, ctx);
  for (std::size_t k = 0; k < 64; ++k) {
    const double expected = 0.5 * (one->states.centroids[1][k] + two->states.centroids[1][k]);
    EXPECT_NEAR(weighted->states.centroids[1][k], expected, 1e-9);
  }
}

TEST_F(RunPerturbTest, anchorRunsHoldAnchorGeneAndPairInTheSameCells) {
  PerturbOptions options = options_for({{"delete", {"all"}}}, "anchor");
  options.anchor = ensembl_id_of(lists_[0][0]);
  const Effects effects = effects_of(options, "anchor");
  std::map<std::string, std::set<std::int32_t>> cells_of_role;
  for (std::size_t i = 0; i < effects.cell.size(); ++i) {
    const auto& p = effects.perturbations[static_cast<std::size_t>(effects.perturbation[i])];
    cells_of_role[p.role].insert(effects.cell[i]);
    if (p.role == "pair") {
      EXPECT_EQ(p.tokens[0], lists_[0][0]);
    }
  }
  EXPECT_EQ(cells_of_role["anchor"], cells_of_role["pair"]);
  EXPECT_EQ(cells_of_role["single"], cells_of_role["pair"]);
}

TEST_F(RunPerturbTest, pairsRunBothGenesAloneAndTogether) {
  const std::vector<std::string> genes = {ensembl_id_of(lists_[0][0]), ensembl_id_of(lists_[0][1]),
                                          ensembl_id_of(lists_[0][2])};
  const Effects effects = effects_of(options_for({{"delete", genes}}, "pairs"), "pairs");
  std::map<std::string, int> roles;
  for (const auto& p : effects.perturbations) ++roles[p.role];
  EXPECT_EQ(roles["single"], 3);
  EXPECT_EQ(roles["pair"], 3);
}

TEST_F(RunPerturbTest, randomControlsStandInForTheNamedGene) {
  PerturbOptions options = options_for({{"delete", {ensembl_id_of(lists_[0][0])}}});
  options.null_count = 8;
  const Effects effects = effects_of(options, "null");
  std::set<std::int32_t> controls;
  for (const auto& p : effects.perturbations) {
    if (p.role != "null") continue;
    EXPECT_EQ(p.partner, 0);
    EXPECT_EQ(p.kind, "delete");
    EXPECT_NE(p.tokens[0], lists_[0][0]);
    controls.insert(p.tokens[0]);
  }
  EXPECT_EQ(controls.size(), 8U);
}

TEST_F(RunPerturbTest, tooFewControlsAreSaid) {
  PerturbOptions options = options_for({{"delete", {ensembl_id_of(lists_[0][0])}}});
  options.null_count = 1000;
  Listener listener;
  JobContext context = listener.context();
  ASSERT_TRUE(prepare_run(options, model_, cells_, fresh_centroids(), context).ok());
  ASSERT_EQ(listener.events["warning"].size(), 1U);
  EXPECT_EQ(listener.events["warning"][0].at("code"), "W-PRT-011");
}

TEST_F(RunPerturbTest, inhibitAndActivateMoveGenesWithinTheCell) {
  const Effects effects = effects_of(options_for({{"inhibit", {"all"}}, {"activate", {"all"}}}), "moved");
  EXPECT_GT(effects.size(), 100);
  for (const float value : effects.cosine) {
    EXPECT_LE(value, 1.0F + 1e-6F);
    EXPECT_GT(value, 0.0F);
  }
}

TEST_F(RunPerturbTest, aRangeOfCellsIsTheSameAsThatPartOfAWholeRun) {
  PerturbOptions options = options_for({{"delete", {"all"}}});
  const auto whole = by_name(effects_of(options, "whole"));
  options.end_cell = 5;
  auto parts = by_name(effects_of(options, "first"));
  options.first_cell = 5;
  options.end_cell = -1;
  for (const auto& [key, value] : by_name(effects_of(options, "second"))) parts[key] = value;
  expect_near(parts, whole);
}

TEST_F(RunPerturbTest, whatIsAskedForTwiceIsComputedOnce) {
  lists_[0].push_back(lists_[0][3]);  // published token files hold some genes twice
  cells_ = cells_of(lists_, model_, table_);
  const std::string gene = ensembl_id_of(lists_[0][5]);
  const Effects effects = effects_of(options_for({{"delete", {gene}}, {"delete", {"all"}}}), "twice");
  std::set<std::pair<std::int32_t, std::int32_t>> rows;
  for (std::size_t i = 0; i < effects.cell.size(); ++i) {
    EXPECT_TRUE(rows.emplace(effects.cell[i], effects.perturbation[i]).second) << "row " << i;
  }
}

TEST_F(RunPerturbTest, aSampleIsDrawnFromTheCellsThatHaveTheGenes) {
  const std::int32_t gene = lists_[4].back();
  std::int64_t num_with_gene = 0;
  for (const auto& list : lists_) num_with_gene += std::count(list.begin(), list.end(), gene);
  ASSERT_LT(num_with_gene, std::ssize(lists_));
  PerturbOptions options = options_for({{"delete", {ensembl_id_of(gene)}}});
  const auto all = prepared(options);
  ASSERT_TRUE(all.ok()) << all.error().message;
  EXPECT_EQ(all->plan.num_cells(), num_with_gene);
  options.max_cells = 1;
  const auto one = prepared(options);
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_EQ(one->plan.num_units(), 1);
  options.how = "anchor";
  options.anchor = ensembl_id_of(gene);
  options.requests = {{"delete", {"all"}}};
  options.max_cells = 0;
  const auto anchored = prepared(options);
  ASSERT_TRUE(anchored.ok()) << anchored.error().message;
  EXPECT_EQ(anchored->plan.num_cells(), num_with_gene);
}

TEST_F(RunPerturbTest, matchUpstreamNamesAffectedGenesOneOff) {
  PerturbOptions options = options_for({{"overexpress", {"all"}}});
  options.gene_effects = true;
  options.max_cells = 1;
  options.match_upstream = true;
  const GeneEffects shifted = effects_of(options, "upstream").gene_effects;
  options.match_upstream = false;
  options.max_cells = 0;
  const GeneEffects right = effects_of(options, "right").gene_effects;
  EXPECT_LT(shifted.size(), right.size());
}

TEST_F(RunPerturbTest, wrongRequestsAreRefusedWithTheirReason) {
  const auto id_of = [&](const PerturbOptions& options) {
    const auto run = prepared(options);
    return run.ok() ? std::string("none") : run.error().id;
  };
  EXPECT_EQ(id_of(options_for({{"delete", {"NOGENE1"}}})), "E-PRT-001");
  ASSERT_TRUE(write_file_atomically(folder_ / "empty.txt", "# nothing\n").ok());
  EXPECT_EQ(id_of(options_for({{"delete", {"@" + (folder_ / "empty.txt").string()}}})), "E-PRT-002");
  EXPECT_EQ(id_of(options_for({{"delete", {ensembl_id_of(149)}}})), "E-PRT-003");
  PerturbOptions range = options_for({{"delete", {"all"}}});
  range.first_cell = 100;
  EXPECT_EQ(id_of(range), "E-PRT-004");
  PerturbOptions states = with_states({{"delete", {"all"}}});
  states.start = "C";
  EXPECT_EQ(id_of(states), "E-PRT-010");
  states = with_states({{"delete", {"all"}}});
  states.goal = "C";
  EXPECT_EQ(id_of(states), "E-PRT-010");
  PerturbOptions cls = options_for({{"delete", {"all"}}});
  cls.mode = "cls";
  EXPECT_EQ(id_of(cls), "E-EMB-006");
  PerturbOptions filter = options_for({{"delete", {"all"}}});
  filter.filter = {{"type", {"C"}}};
  EXPECT_EQ(id_of(filter), "E-EMB-001");
  filter.filter = {{"type", {"A"}}, {"donor", {"d0"}}};
  EXPECT_EQ(id_of(filter), "none");
}

TEST_F(RunPerturbTest, equalStatesHaveNoAxis) {
  lists_.assign(12, lists_[0]);
  cells_ = cells_of(lists_, model_, table_);
  const auto run = prepared(with_states({{"delete", {"all"}}}));
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().id, "E-PRT-011");
}

TEST_F(RunPerturbTest, unknownGenesAndPerturbationsWithoutCellsAreReported) {
  Listener listener;
  const PerturbOptions options =
      options_for({{"delete", {ensembl_id_of(lists_[0][0]), "NOGENE1", ensembl_id_of(149)}}});
  const auto run = prepared(options, listener.context());
  ASSERT_TRUE(run.ok()) << run.error().message;
  EXPECT_EQ(run->not_applied.size(), 1U);
  std::set<std::string> warnings;
  for (const Json& warning : listener.events["warning"]) warnings.insert(warning.dump());
  const auto mentions = [&](const std::string& text) {
    return std::any_of(warnings.begin(), warnings.end(),
                       [&](const auto& w) { return w.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(mentions("W-PRT-001") && mentions("NOGENE1"));
  EXPECT_TRUE(mentions("W-PRT-005"));
}

TEST_F(RunPerturbTest, geneListsAreReadFromTextCsvAndGmtFiles) {
  JobContext ctx;
  const std::string a = ensembl_id_of(10);
  const std::string b = ensembl_id_of(11);
  const auto groups_of = [&](const std::string& name, const std::string& content) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, content).ok());
    const auto resolved =
        resolve_requests(options_for({{"delete", {"@" + (folder_ / name).string()}}}), *model_.dictionary, ctx);
    EXPECT_TRUE(resolved.ok()) << resolved.error().message;
    return resolved.ok() ? resolved->requests[0].groups : std::vector<std::vector<std::int32_t>>{};
  };
  using Groups = std::vector<std::vector<std::int32_t>>;
  EXPECT_EQ(groups_of("list.txt", "# two genes\n" + a + ", " + b + "\n" + a + "\n"), (Groups{{10, 11}}));
  EXPECT_EQ(groups_of("list.csv", "rank,gene\n1," + b + "\n2," + a + "\n"), (Groups{{11, 10}}));
  EXPECT_EQ(groups_of("sets.gmt", "ONE\tx\t" + a + "\nTWO\tx\t" + b + "\t" + a + "\n"), (Groups{{10}, {11, 10}}));
}

TEST_F(RunPerturbTest, anotherRunInTheFolderIsReplacedOnlyWithOverwrite) {
  PerturbOptions options = options_for({{"delete", {"all"}}});
  effects_of(options, "run");
  options.requests[0].kind = "overexpress";
  const auto run = prepared(options);
  JobContext ctx;
  EXPECT_EQ(run_exact(*run, options, folder_ / "run", ctx).error().id, "E-EFF-003");
  options.overwrite = true;
  EXPECT_TRUE(run_exact(*run, options, folder_ / "run", ctx).ok());
}

TEST_F(RunPerturbTest, matchUpstreamWeighsCellsNotDonorsInCentroids) {
  std::vector<std::string> donors(lists_.size(), "large");
  donors[0] = donors[1] = "small";
  table_.set(Column::of_strings("donor", donors));
  cells_ = cells_of(lists_, model_, table_);
  PerturbOptions options = with_states({{"delete", {"all"}}});
  const auto by_donor = prepared(options)->centroids.states.centroids;
  options.match_upstream = true;
  const auto published = prepared(options)->centroids.states.centroids;
  options.donor_column.clear();
  EXPECT_EQ(published, prepared(options)->centroids.states.centroids);
  EXPECT_NE(published, by_donor);
}

TEST_F(RunPerturbTest, aTableOfGenesIsReadByItsBestColumn) {
  ASSERT_TRUE(write_file_atomically(folder_ / "ranked.csv",
                                    ",Gene,Gene_name,Ensembl_ID\n0,7,X," + ensembl_id_of(lists_[0][0]) + "\n")
                  .ok());
  const auto run = prepared(options_for({{"delete", {"@" + (folder_ / "ranked.csv").string()}}}));
  ASSERT_TRUE(run.ok()) << run.error().message;
  ASSERT_EQ(run->header.perturbations.size(), 1U);
  EXPECT_EQ(run->header.perturbations[0].tokens[0], lists_[0][0]);
}

TEST_F(RunPerturbTest, centroidsAreKeptForAResumedRun) {
  int made = 0;
  const auto make = [&]() -> Result<NamedCentroids> {
    ++made;
    return NamedCentroids{{{{0.1, 0.2}, {0.3, 1.0 / 3.0}}}, {"A", "B"}, Json{{"A", 1}}, Json()};
  };
  const auto first = kept_centroids(folder_, Json{{"key", 1}}, make);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "the folder may be another run's";
  ASSERT_TRUE(keep_centroids(folder_, *first).ok());
  const auto again = kept_centroids(folder_, Json{{"key", 1}}, make);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(made, 1);
  EXPECT_EQ(again->states.centroids, first->states.centroids);
  ASSERT_TRUE(kept_centroids(folder_, Json{{"key", 2}}, make).ok());
  EXPECT_EQ(made, 2);
}

TEST(BalancedOrderTest, everyPrefixHoldsTheDonorsInTheirShares) {
  std::vector<std::int64_t> rows;
  std::vector<std::string> donors;
  for (std::int64_t i = 0; i < 400; ++i) {
    rows.push_back(i);
    donors.push_back(i < 300 ? "large" : "small");
  }
  const auto order = balanced_order(rows, donors, 42);
  ASSERT_EQ(order.size(), rows.size());
  for (const std::size_t prefix : {40U, 100U, 200U}) {
    const auto of_large =
        std::count_if(order.begin(), order.begin() + prefix, [](std::int64_t row) { return row < 300; });
    EXPECT_NEAR(static_cast<double>(of_large) / static_cast<double>(prefix), 0.75, 0.03);
  }
  EXPECT_NE(balanced_order(rows, donors, 43), order);
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), rows.size());
}

TEST_F(RunPerturbTest, cellsThatAreKnownAlreadyGiveTheSameNumbers) {
  const PerturbOptions options = with_states({{"delete", {"all"}}});
  const auto run = prepared(options);
  ASSERT_TRUE(run.ok()) << run.error().message;
  const VariantForward forward(*model_.encoder, read_out_of(*run, options));
  const auto score_options = score_options_of(*run, options);
  const auto blocks = run->plan.blocks(forward.cost(), 30, 1e11);
  JobContext ctx;
  for (const std::int64_t most_bytes : {std::int64_t{1} << 30, std::int64_t{1}}) {
    OriginalCache cache(most_bytes);
    cache.prepare(forward.read_out());
    const BlockRunner plain(run->plan, forward, run->centroids.states, score_options);
    const BlockRunner keeping(run->plan, forward, run->centroids.states, score_options, &cache);
    for (const PlanBlock& block : blocks) {
      const auto expected = plain.run(block, ctx);
      for (int time = 0; time < 2; ++time) EXPECT_EQ(keeping.run(block, ctx)->rows.cosine, expected->rows.cosine);
    }
    EXPECT_NE(cache.find(run->plan.rows().front()), nullptr);
    EXPECT_EQ(cache.find(run->plan.rows().back()) != nullptr, most_bytes > 1);
    EXPECT_EQ(cache.has_room(), most_bytes > 1);
    cache.prepare({forward.read_out().layer + 1, false});
    EXPECT_EQ(cache.find(run->plan.rows().front()), nullptr) << "another layer";
  }
}

}  // namespace
}  // namespace cw
