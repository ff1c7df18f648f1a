// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/inspect.h"

#include "core/tokenize/run_tokenize.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cw {
namespace {

namespace fs = std::filesystem;

const fs::path kData = CW_TEST_DATA;

class Inspect : public ScratchFolderTest {
 protected:
  static Json look(const fs::path& path) {
    JobContext ctx;
    const auto report = inspect(path, {}, ctx);
    EXPECT_TRUE(report.ok()) << report.error().message;
    return report.ok() ? *report : Json::object();
  }
  static bool has_problem(const Json& report, const std::string& code) {
    return std::any_of(report["problems"].begin(), report["problems"].end(),
                       [&](const Json& problem) { return problem["code"] == code; });
  }
};

TEST_F(Inspect, TellsWhatIsInADataFile) {
  const auto report = look(kData / "tokens/kang_pbmc.h5ad");
  EXPECT_EQ(report["format"], "h5ad");
  EXPECT_EQ(report["cells"], 120);
  EXPECT_EQ(report["counts"]["where"], "X");
  EXPECT_EQ(report["counts"]["dtype"], "int32");
  EXPECT_GT(report["counts"]["sum"], 100000);
  EXPECT_EQ(report["gene_ids"]["where"], "var/ensembl_id");
  EXPECT_EQ(report["gene_ids"]["kind"], "ensembl");
  EXPECT_EQ(report["gene_ids"]["species"], "human");
  ASSERT_EQ(report["dictionaries"].size(), 2U);
  EXPECT_EQ(report["dictionaries"][0]["name"], "v1");
  EXPECT_GT(report["dictionaries"][0]["fraction_of_counts"], 0.8);
  EXPECT_GT(report["dictionaries"][1]["median_length"], 100);
  const auto text = inspect_text(report);
  EXPECT_NE(text.find("cells        120"), std::string::npos) << text;
  EXPECT_NE(text.find("var/ensembl_id"), std::string::npos);
}

TEST_F(Inspect, AgreesWithTokenizing) {
  const auto report = look(kData / "tokens/cardiac_diff_day2.h5ad");
  TokenizeOptions options;
  options.inputs = {(kData / "tokens/cardiac_diff_day2.h5ad").string()};
  options.dictionary = "v1";
  options.output = (folder_ / "cells.tokens.h5").string();
  JobContext ctx;
  const auto summary = run_tokenize(options, ctx);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ((*summary)["median_length"], report["dictionaries"][0]["median_length"]);
  EXPECT_NEAR((*summary)["files"][0]["report"]["genes"]["fraction_of_counts"].get<double>(),
              report["dictionaries"][0]["fraction_of_counts"].get<double>(), 1e-12);
  const auto tokens = look(options.output);
  EXPECT_EQ(tokens["format"], "tokens");
  EXPECT_EQ(tokens["dictionary"], "v1");
  EXPECT_EQ(tokens["cells"], 60);
  EXPECT_EQ(tokens["median_length"], report["dictionaries"][0]["median_length"]);
  EXPECT_FALSE(inspect_text(tokens).empty());
}

TEST_F(Inspect, ListsWhatWouldBeRefused) {
  const auto generated = kData / "ingest/generated";
  EXPECT_TRUE(has_problem(look(generated / "one_fractional_value.h5ad"), "E-IO-015"));
  const auto no_counts = look(kData / "datasets/cell_lines.h5ad");
  EXPECT_FALSE(no_counts["problems"].empty());
  EXPECT_TRUE(no_counts["counts"]["where"].is_null());
  EXPECT_EQ(no_counts["embeddings"][0], "X_pca");
  JobContext ctx;
  EXPECT_EQ(inspect(folder_ / "none.h5ad", {}, ctx).error().id, "E-TOK-001");
  EXPECT_FALSE(inspect(generated / "not_hdf5.h5ad", {}, ctx).ok());
}

TEST_F(Inspect, FindsIdentifiersWhereverTheyAre) {
  const auto generated = kData / "ingest/generated";
  const auto versions = look(generated / "ensembl_with_version_suffix.h5ad");
  EXPECT_EQ(versions["gene_ids"]["versioned"], true);
  EXPECT_GT(versions["gene_ids"]["mapped"], 200);
  const auto index = look(generated / "var_names_are_ensembl.h5ad");
  EXPECT_EQ(index["gene_ids"]["where"], "index");
  EXPECT_EQ(look(generated / "duplicate_genes.h5ad")["gene_ids"]["duplicates"], 20);
  EXPECT_EQ(look(generated / "lognorm_X_counts_in_raw.h5ad")["counts"]["where"], "raw");
}

}  // namespace
}  // namespace cw
