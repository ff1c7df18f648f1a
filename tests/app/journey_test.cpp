// SPDX-License-Identifier: GPL-3.0-or-later
// From counts to a ranked list, as a user goes: real cells, a small model with random weights.
#include "tests/support/command_line_test.h"

#include <fstream>

namespace cw {
namespace {

namespace fs = std::filesystem;

class JourneyTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model();
  }
  Json tokenize() {
    return succeed({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1", "--keep",
                    "cell_type", "--keep", "condition", "--keep", "donor", "--out", in("k.tokens.h5")});
  }
  std::vector<std::string> perturb(const std::string& run) const {
    return {"perturb",   in("k.tokens.h5"), "--model",         model_,   "--delete", "ISG15,B2M,CD74", "--state",
            "cell_type", "--start",         "CD14+ Monocytes", "--goal", "B cells",  "--alt",          "CD4 T cells",
            "--donor",   "donor",           "--max-cells",     "12",     "--out",    in(run)};
  }
  static std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  static std::string bytes_of(const std::string& path) {
    const auto bytes = read_file(path);
    EXPECT_TRUE(bytes.ok()) << path;
    return bytes.ok() ? *bytes : std::string();
  }
  std::string model_;
};

TEST_F(JourneyTest, InspectSaysWhatIsInTheFile) {
  const Json report = succeed({"inspect", test_data("datasets/kang_pbmc_labelled.h5ad")});
  EXPECT_EQ(report["format"], "h5ad");
  EXPECT_EQ(report["cells"], 954);
  EXPECT_EQ(report["genes"], 1267);
  EXPECT_EQ(report["counts"]["where"], "X");
  EXPECT_EQ(report["counts"]["integer"], true);
  EXPECT_EQ(report["counts"]["sum"], 1419090);
  EXPECT_EQ(report["gene_ids"]["kind"], "ensembl");
  EXPECT_EQ(report["gene_ids"]["species"], "human");
  EXPECT_EQ(report["dictionaries"].size(), 2U);
  EXPECT_GE(report["labels"].size(), 3U);
}

TEST_F(JourneyTest, InspectAnswersAlsoWhereSomethingIsWrong) {
  const std::string file = test_data("datasets/kang_pbmc_labelled.h5ad");
  for (const auto& [option, value] : {std::pair{"--gene-ids", "nothing"}, std::pair{"--counts", "layer:nothing"}}) {
    const Json report = succeed({"inspect", file, option, value});
    ASSERT_FALSE(report["problems"].empty()) << option;
    EXPECT_EQ(report["problems"][0]["severity"], "error");
    EXPECT_NE(report["problems"][0].dump().find("nothing"), std::string::npos) << report["problems"].dump();
  }
}

TEST_F(JourneyTest, TokensEmbeddingsAndMapsKeepTheCellsInOrder) {
  EXPECT_EQ(tokenize()["cells"], 954);
  const Json tokens = succeed({"inspect", in("k.tokens.h5")});
  EXPECT_EQ(tokens["format"], "tokens");
  EXPECT_EQ(tokens["cells"], 954);

  const Json embedded = succeed({"embed", in("k.tokens.h5"), "--model", model_, "--max-cells", "60", "--csv",
                                 in("e.csv"), "--labels", "cell_type", "--out", in("e.h5ad")});
  EXPECT_EQ(embedded["rows"], 60);
  EXPECT_EQ(embedded["width"], 64);
  const auto table = lines_of(in("e.csv"));
  ASSERT_EQ(table.size(), 61U);
  EXPECT_EQ(table[0].rfind(",0,1,2,", 0), 0U) << "the published layout begins with an index column";
  EXPECT_NE(table[0].find(",63,cell_type"), std::string::npos);

  const Json mapped = succeed({"map", in("e.h5ad"), "--out", in("m.h5ad"), "--neighbors", "10", "--umap", "--tsne",
                               "--clusters", "--perplexity", "10", "--label", "cell_type"});
  EXPECT_EQ(mapped["cells"], 60);
  const Json inspected = succeed({"inspect", in("m.h5ad")});
  for (const char* name : {"X_cellwright", "X_umap", "X_tsne", "X_pca"}) {
    EXPECT_NE(inspected["embeddings"].dump().find(name), std::string::npos) << name;
  }
  EXPECT_NE(inspected["labels"].dump().find("cluster"), std::string::npos);

  static_cast<void>(succeed(
      {"markers", test_data("datasets/kang_pbmc_labelled.h5ad"), "--groups", "cell_type", "--out", in("markers.csv")}));
  EXPECT_GT(lines_of(in("markers.csv")).size(), 5U);
}

TEST_F(JourneyTest, PerturbationsBecomeRankedLists) {
  static_cast<void>(tokenize());
  const Json run = succeed(perturb("run"));
  EXPECT_EQ(run["cells"], 12);
  EXPECT_EQ(run["perturbations"], 3);
  for (const char* name : {"run/effects.h5", "run/spec.json", "run/events.jsonl", "run/state.json", "run/log"}) {
    EXPECT_TRUE(fs::exists(in(name))) << name;
  }
  const Json listed = succeed({"stats", in("run"), "--out", in("ranked.csv"), "--xlsx", in("ranked.xlsx")});
  EXPECT_EQ(listed["rows"], 3);
  const auto ranked = lines_of(in("ranked.csv"));
  ASSERT_EQ(ranked.size(), 4U);
  EXPECT_EQ(
      ranked[0].rfind("rank,gene,ensembl_id,perturbation,effect,ci_low,ci_high,p,fdr,n_cells,n_donors,donors_agree,"
                      "null_mean,null_sd,vs_null_p,vs_null_fdr,progress,baseline,de_log2fc,median_rank,"
                      "detected_fraction,flags",
                      0),
      0U)
      << ranked[0];
  EXPECT_NE(ranked[0].find("effect_CD4 T cells"), std::string::npos) << ranked[0];
  EXPECT_EQ(bytes_of(in("ranked.xlsx")).substr(0, 2), "PK");
  EXPECT_TRUE(fs::exists(in("ranked.csv.provenance.json")));

  static_cast<void>(succeed({"stats", in("run"), "--columns", "upstream", "--out", in("upstream.csv")}));
  const auto upstream = lines_of(in("upstream.csv"));
  ASSERT_EQ(upstream.size(), 4U);
  EXPECT_EQ(upstream[0].rfind(",Gene,Gene_name,Ensembl_ID,Shift_to_goal_end,", 0), 0U) << upstream[0];
}

TEST_F(JourneyTest, ARunSaysBeforehandWhatItTakesAndAtTheEndWhatComesNext) {
  static_cast<void>(tokenize());
  const auto outcome = cellwright(perturb("run one"));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find(" passes through the model, about "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(" of memory, about "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.out.find("cellwright stats '" + in("run one") + "' --out ranked.csv"), std::string::npos)
      << outcome.out;
  auto quiet = perturb("run two");
  quiet.emplace_back("--quiet");
  EXPECT_EQ(cellwright(quiet).err.find(" of memory"), std::string::npos);
}

TEST_F(JourneyTest, AFinishedRunThatIsResumedDoesNotRepeatItsWarnings) {
  static_cast<void>(tokenize());
  const auto first = cellwright(perturb("run"));
  EXPECT_NE(first.err.find("[W-EMB-001]"), std::string::npos) << first.err;
  const auto again = cellwright({"resume", in("run")});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  const auto at = again.err.find("[W-EMB-001]");
  EXPECT_EQ(at == std::string::npos ? at : again.err.find("[W-EMB-001]", at + 1), std::string::npos) << again.err;
}

TEST_F(JourneyTest, APreviewNeedsNoFolderAndLeavesNone) {
  static_cast<void>(tokenize());
  const Json preview = succeed(
      {"perturb", in("k.tokens.h5"), "--model", model_, "--delete", "ISG15,B2M", "--preview", "5", "--threads", "2"});
  EXPECT_EQ(preview["cells"], 5);
  EXPECT_EQ(preview["perturbations"].size(), 2U);
  EXPECT_EQ(succeed({"jobs", "list"}).size(), 1U);
  const auto refused = cellwright({"perturb", in("k.tokens.h5"), "--model", model_, "--delete", "ISG15"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("--out"), std::string::npos) << refused.err;
}

TEST_F(JourneyTest, TheSameSpecificationGivesTheSameBytes) {
  static_cast<void>(tokenize());
  static_cast<void>(
      succeed({"embed", in("k.tokens.h5"), "--model", model_, "--max-cells", "20", "--out", in("e.h5ad")}));
  static_cast<void>(succeed(perturb("run")));
  const std::string embedding = bytes_of(in("e.h5ad"));
  const std::string effects = bytes_of(in("run/effects.h5"));
  fs::rename(in("e.h5ad.run/spec.json"), in("embed.json"));
  fs::rename(in("run/spec.json"), in("perturb.json"));
  fs::remove_all(in("run"));
  fs::remove(in("e.h5ad"));
  static_cast<void>(succeed({"run", in("embed.json")}));
  static_cast<void>(succeed({"run", in("perturb.json")}));
  EXPECT_TRUE(bytes_of(in("e.h5ad")) == embedding);
  EXPECT_TRUE(bytes_of(in("run/effects.h5")) == effects);
}

TEST_F(JourneyTest, SeveralSpecificationsRunWithoutTheTerminal) {
  static_cast<void>(tokenize());
  const std::vector<std::string> names = {"one", "two"};
  std::vector<std::string> command = {"run", "--detach"};
  for (const auto& name : names) {
    const Json options = {
        {"input", in("k.tokens.h5")}, {"model", model_}, {"max_cells", 5}, {"output", in(name + ".h5ad")}};
    ASSERT_TRUE(write_json(in(name + ".json"), {{"cellwright_job", 1}, {"kind", "embed"}, {"options", options}}).ok());
    command.push_back(in(name + ".json"));
  }
  const Json started = succeed(command);
  ASSERT_EQ(started.size(), names.size());
  for (const auto& job : started) {
    static_cast<void>(succeed({"jobs", "follow", job["folder"].get<std::string>()}));
  }
  for (const auto& name : names) EXPECT_TRUE(fs::exists(in(name + ".h5ad"))) << name;
}

TEST_F(JourneyTest, NothingIsReplacedUnlessAsked) {
  static_cast<void>(tokenize());
  const std::string tokens = bytes_of(in("k.tokens.h5"));
  const std::vector<std::string> again = {"tokenize",     test_data("datasets/kang_pbmc_labelled.h5ad"),
                                          "--dictionary", "v1",
                                          "--max-length", "100",
                                          "--out",        in("k.tokens.h5")};
  const auto refused = cellwright(again);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("--overwrite"), std::string::npos) << refused.err;
  EXPECT_TRUE(bytes_of(in("k.tokens.h5")) == tokens);
  auto replace = again;
  replace.emplace_back("--overwrite");
  static_cast<void>(succeed(replace));
  EXPECT_FALSE(bytes_of(in("k.tokens.h5")) == tokens);
}

TEST_F(JourneyTest, APipeGetsNoProgressLineAndPeopleGetText) {
  const auto outcome = cellwright(
      {"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1", "--out", in("k.tokens.h5")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err.find('\r'), std::string::npos) << outcome.err;
  std::istringstream lines(outcome.err);
  for (std::string line; std::getline(lines, line);) EXPECT_EQ(line.rfind("warning [W-", 0), 0U) << line;
  EXPECT_TRUE(Json::parse(outcome.out, nullptr, false).is_discarded()) << "text for people was asked for";
  EXPECT_NE(outcome.out.find("954"), std::string::npos) << outcome.out;
}

TEST_F(JourneyTest, JobsAreListedShownAndForgotten) {
  static_cast<void>(tokenize());
  const Json list = succeed({"jobs", "list"});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["kind"], "tokenize");
  EXPECT_EQ(list[0]["state"], "done");
  const auto id = list[0]["id"].get<std::string>();
  const Json shown = succeed({"jobs", "show", id.substr(0, 6)});
  EXPECT_EQ(shown["options"]["dictionary"], "v1");
  EXPECT_EQ(shown["result"]["cells"], 954);
  EXPECT_EQ(succeed({"jobs", "show", in("k.tokens.h5.run")})["id"], id);
  static_cast<void>(succeed({"jobs", "remove", id}));
  EXPECT_EQ(succeed({"jobs", "list"}).size(), 0U);
  EXPECT_TRUE(fs::exists(in("k.tokens.h5.run/spec.json")));
}

TEST_F(JourneyTest, AJobGoesOnFromAnotherFolder) {
  const auto here = fs::current_path();
  fs::current_path(folder_);
  fs::copy_file(test_data("datasets/kang_pbmc_labelled.h5ad"), "k.h5ad");
  static_cast<void>(succeed({"tokenize", "k.h5ad", "--dictionary", "v1", "--out", "k.tokens.h5"}));
  static_cast<void>(succeed({"map", "k.h5ad", "--out", "m.h5ad", "--clusters"}));
  fs::current_path(here);
  for (const char* run : {"k.tokens.h5.run", "m.h5ad.run"}) {
    const auto spec = read_json(folder_ / run / "spec.json");
    ASSERT_TRUE(spec.ok());
    EXPECT_EQ((*spec)["options"].dump().find("\"k."), std::string::npos) << "a relative path: " << spec->dump();
  }
}

}  // namespace
}  // namespace cw
