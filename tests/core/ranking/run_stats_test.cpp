// SPDX-License-Identifier: GPL-3.0-or-later
// From files to files.
#include "core/ranking/run_stats.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/effects/effects_file.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dictionary.h"
#include "tests/core/ranking/formula_run.h"

#include <gtest/gtest.h>

#include <sstream>

namespace cw {
namespace {

const std::string kKang = std::string(CW_TEST_DATA) + "/datasets/kang_pbmc_labelled.h5ad";

class RunStats : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = make_scratch_folder(std::filesystem::temp_directory_path()).value(); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string save(const Effects& run, const std::string& name) {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path);
    EXPECT_TRUE(write_effects(path / kEffectsFileName, run, true).ok());
    return path.string();
  }
  [[nodiscard]] StatsOptions options_for(const std::string& run) const {
    StatsOptions options;
    options.runs = {run};
    options.output = (folder_ / "ranked.csv").string();
    options.num_threads = 2;
    return options;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::istringstream text(read_file(folder_ / "ranked.csv").value());
    std::vector<std::string> result;
    for (std::string line; std::getline(text, line);) result.push_back(line);
    return result;
  }

  std::filesystem::path folder_;
};

TEST_F(RunStats, RawResultsOfThePublishedPackageAreRanked) {
  const std::string pickles = std::string(CW_SOURCE_DIR) + "/tests/golden/effects/all";
  JobContext context;
  StatsOptions options = options_for(pickles);
  const auto refused = run_stats(options, context);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "E-RNK-006");
  EXPECT_NE(refused.error().message.find("--dictionary"), std::string::npos);
  options.dictionary = "v1";
  const auto done = run_stats(options, context);
  ASSERT_TRUE(done.ok()) << done.error().message;
  const auto table = lines();
  ASSERT_EQ(table.size(), 3U);
  // cosines 0.5 in one cell, 0.25 and 0.75 in two: the mean impact of both genes is one half
  for (const std::size_t row : {1U, 2U}) EXPECT_NE(table[row].find(",0.5,"), std::string::npos) << table[row];
}

/// A deletion run of every given gene in the unstimulated cells of the Kang data, towards the stimulated ones, as
/// `cellwright perturb` would name its source. The effects themselves are made up.
Effects kang_run(const std::vector<std::string>& symbols) {
  const auto dictionary = Dictionary::load("v1").value();
  const auto reader = data_formats().open_dataset(kKang).value();
  const auto names = reader->cell_names().value();
  const Column condition = reader->cell_column("condition").value();
  Effects run;
  run.states = {"ctrl", "stim"};
  run.provenance = {{"dictionary", {{"name", "v1"}, {"vocabulary_sha256", dictionary->sha256()}}},
                    {"tokens", {{"files", {{{"path", kKang}, {"sha256", sha256_of_path(kKang).value()}}}}}},
                    {"options",
                     {{"state_column", "condition"},
                      {"donor_column", "donor"},
                      {"requests", {{{"kind", "delete"}, {"genes", {"all"}}}}}}}};
  for (const std::string& symbol : symbols) {
    const std::int32_t token = dictionary->resolve(symbol).value();
    Perturbation perturbation = test::perturbation_of({token});
    perturbation.symbols = {symbol};
    perturbation.ensembl_ids = {dictionary->ensembl_id(token)};
    run.perturbations.push_back(perturbation);
  }
  for (std::size_t i = 0; i < names.size() && run.cells.size() < 80; ++i) {
    if (condition.text(static_cast<std::int64_t>(i)) != "ctrl") continue;
    const auto c = static_cast<std::int32_t>(run.cells.size());
    run.cells.push_back({names[i], static_cast<std::int64_t>(i), 300, "ctrl", ""});
    for (std::size_t p = 0; p < symbols.size(); ++p) {
      const auto shift =
          static_cast<float>(test::uniform({7, static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(p)}));
      test::add_row(run, c, static_cast<std::int32_t>(p), {-shift, shift}, static_cast<std::int32_t>(10 * p), shift);
    }
  }
  return run;
}

TEST_F(RunStats, WritesTheRankedListWithBaselineAndProvenance) {
  const std::string run = save(kang_run({"ISG15", "IFI6", "ISG20", "RPL11", "FTL", "TMSB4X"}), "run");
  JobContext context;
  StatsOptions options = options_for(run);
  options.xlsx = (folder_ / "ranked.xlsx").string();
  const auto result = run_stats(options, context);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ((*result)["test"], "goal");
  EXPECT_EQ((*result)["rows"], 6);
  EXPECT_TRUE(std::filesystem::exists(options.xlsx));
  const auto table = lines();
  ASSERT_EQ(table.size(), 7U);
  EXPECT_EQ(table[0],
            "rank,gene,ensembl_id,perturbation,effect,ci_low,ci_high,p,fdr,n_cells,n_donors,donors_agree,null_mean,"
            "null_sd,vs_null_p,vs_null_fdr,progress,baseline,de_log2fc,median_rank,detected_fraction,flags");
  for (const std::string& line : table) {
    if (line.find("ISG15") == std::string::npos) continue;
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
    // Interferon raises ISG15 in these cells: deleting it leads away from the stimulated ones.
    EXPECT_LT(std::stod(fields[17]), 0.0) << line;
    EXPECT_GT(std::stod(fields[18]), 2.0) << line;
  }
  const Json provenance = read_json(options.output + ".provenance.json").value();
  EXPECT_EQ(provenance["baseline"]["computed"], true);
  EXPECT_EQ(provenance["runs"][0]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(provenance["options"]["seed"], 42);
  EXPECT_NE((*result)["line"].get<std::string>().find("Spearman"), std::string::npos);
  EXPECT_NE((*result)["text"].get<std::string>().find("What it is not"), std::string::npos);
}

TEST_F(RunStats, SaysWhyThereIsNoBaseline) {
  Effects changed = kang_run({"ISG15", "IFI6"});
  changed.provenance["tokens"]["files"][0]["sha256"] = std::string(64, '0');
  JobContext context;
  const auto result = run_stats(options_for(save(changed, "changed")), context);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ((*result)["baseline"]["computed"], false);
  EXPECT_NE((*result)["baseline"]["reason"].get<std::string>().find("has changed"), std::string::npos);

  StatsOptions named = options_for(save(changed, "changed"));
  named.data = kKang;  // the user says that it is the right file
  named.overwrite = true;
  const auto with_data = run_stats(named, context);
  ASSERT_TRUE(with_data.ok()) << with_data.error().message;
  EXPECT_EQ((*with_data)["baseline"]["computed"], true);

  Effects renamed = kang_run({"ISG15", "IFI6"});
  renamed.provenance["options"]["state_column"] = "no_such_column";
  named = options_for(save(renamed, "renamed"));
  named.overwrite = true;
  EXPECT_NE((*run_stats(named, context))["baseline"]["reason"].get<std::string>().find("no_such_column"),
            std::string::npos);

  named = options_for(save(test::formula_run(5, 6, {}, 1, true), "elsewhere"));
  named.data = kKang;
  named.overwrite = true;
  EXPECT_EQ((*run_stats(named, context))["baseline"]["computed"], false);
}

TEST_F(RunStats, FindsColumnsThatWereRenamedAndLeavesOutCellsThatWereNotTokenized) {
  JobContext context;
  const auto fold_change = [&](const Effects& run, const std::string& name) {
    StatsOptions options = options_for(save(run, name));
    options.overwrite = true;
    const auto result = run_stats(options, context);
    EXPECT_TRUE(result.ok() && (*result)["baseline"]["computed"] == true)
        << (result.ok() ? result->dump() : result.error().message);
    for (const std::string& line : lines()) {
      std::vector<std::string> fields;
      std::istringstream text(line);
      for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
      if (fields[1] == "ISG15") return fields[18];
    }
    return std::string();
  };
  const Effects plain = kang_run({"ISG15", "IFI6"});
  const std::string expected = fold_change(plain, "plain");
  EXPECT_FALSE(expected.empty());

  Effects renamed = plain;
  renamed.provenance["options"]["state_column"] = "treatment";
  renamed.provenance["tokens"]["options"] = {{"keep", {"condition=treatment", "donor"}}};
  EXPECT_EQ(fold_change(renamed, "renamed"), expected);

  Effects filtered = plain;
  filtered.provenance["options"]["filter"] = {{"cell_type", {"CD14+ Monocytes"}}};
  const std::string of_monocytes = fold_change(filtered, "filtered");
  EXPECT_NE(of_monocytes, expected);

  Effects tokenized = plain;
  tokenized.provenance["tokens"]["options"] = {{"filter", {"cell_type=CD14+ Monocytes"}}};
  EXPECT_EQ(fold_change(tokenized, "tokenized"), of_monocytes);
}

TEST_F(RunStats, GivesThePublishedColumnsWithTheirIndex) {
  JobContext context;
  StatsOptions options = options_for(save(test::formula_run(60, 50, {"s", "g"}, 1, false), "run"));
  options.columns = "upstream";
  ASSERT_TRUE(run_stats(options, context).ok());
  EXPECT_EQ(lines()[0],
            ",Gene,Gene_name,Ensembl_ID,Shift_to_goal_end,Goal_end_vs_random_pval,Goal_end_FDR,N_Detections,Sig");
}

TEST_F(RunStats, ChoosesTheTestFromTheRun) {
  JobContext context;
  const std::string similarities = save(test::formula_run(40, 20, {}, 5, true), "a");
  StatsOptions options = options_for(similarities);
  options.baseline = false;
  EXPECT_EQ((*run_stats(options, context))["test"], "mixture");
  EXPECT_NE(lines()[0].find("impact_component,impact_percent"), std::string::npos);

  options.overwrite = true;
  options.null_run = save(test::formula_run(40, 20, {}, 6, true), "b");
  EXPECT_EQ((*run_stats(options, context))["test"], "null");
  options.columns = "upstream";
  EXPECT_EQ((*run_stats(options, context))["test"], "null");
  EXPECT_EQ(lines()[0].substr(0, 6), ",Gene,");

  options = options_for(similarities);
  options.overwrite = true;
  options.test = "aggregate";
  EXPECT_EQ((*run_stats(options, context))["rows"], 800);
  EXPECT_EQ(lines()[0], "gene,ensembl_id,perturbation,cell,state,donor,effect,relative_rank");
}

TEST_F(RunStats, RefusesToOverwriteAndLeavesNothingBehindAfterAnError) {
  JobContext context;
  StatsOptions options = options_for(save(test::formula_run(10, 6, {}, 1, true), "run"));
  options.test = "goal";
  EXPECT_EQ(run_stats(options, context).error().id, "E-RNK-001");
  EXPECT_FALSE(std::filesystem::exists(options.output));
  options.test = "gene-effects";
  EXPECT_EQ(run_stats(options, context).error().id, "E-RNK-001");
  options.runs = {(folder_ / "nowhere").string()};
  EXPECT_FALSE(run_stats(options, context).ok());
  options = options_for(save(test::formula_run(10, 6, {}, 1, true), "run"));
  options.baseline = false;
  ASSERT_TRUE(run_stats(options, context).ok());
  EXPECT_EQ(run_stats(options, context).error().id, "E-IO-005");
  options.overwrite = true;
  context.request_cancel();
  EXPECT_EQ(run_stats(options, context).error().code, ErrorCode::kCancelled);
}

TEST_F(RunStats, RefusesOptionsThatMakeNoSense) {
  StatsOptions options = options_for("x");
  options.test = "everything";
  EXPECT_EQ(options.validate().error().id, "E-ARG-002");
  options = options_for("x");
  options.test = "null";
  EXPECT_EQ(options.validate().error().id, "E-ARG-002");
  EXPECT_EQ(stats_options_from_json({{"runz", 1}}).error().id, "E-ARG-001");
  options = options_for("x");
  options.seed = 7;
  EXPECT_EQ(to_json(*stats_options_from_json(to_json(options))), to_json(options));
}

}  // namespace
}  // namespace cw
