// SPDX-License-Identifier: GPL-3.0-or-later
// What is left of a job is damaged: checkpoints, specification, state. And files that the user may not read or write.
#include "tests/support/command_line_test.h"

#include <unistd.h>

#include <fstream>

namespace cw {
namespace {

namespace fs = std::filesystem;

class DamagedJobTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model("model", 1);
    static_cast<void>(succeed({"tokenize", data_, "--dictionary", "v1", "--max-length", "32", "--filter",
                               "cell_type=B cells,CD14+ Monocytes", "--out", in("k.tokens.h5")}));
  }

  std::vector<std::string> pretrain(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"pretrain",
                                    in("k.tokens.h5"),
                                    "--config",
                                    model_ + "/config.json",
                                    "--steps",
                                    "4",
                                    "--checkpoint-every",
                                    "2",
                                    "--out",
                                    in("run"),
                                    "--tokens-per-batch",
                                    "1024",
                                    "--validation",
                                    "0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  static void cut(const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }
  static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

  const std::string data_ = test_data("datasets/kang_pbmc_labelled.h5ad");
  std::string model_;
};

TEST_F(DamagedJobTest, TheOlderCheckpointIsTakenWhereTheNewestIsDamaged) {
  static_cast<void>(succeed(pretrain()));
  const auto whole = read_file(in("run/model/model.safetensors"));
  fs::remove_all(in("run/model"));
  cut(in("run/checkpoints/step-000000000004/weights.safetensors"));
  const auto again = cellwright(pretrain({"--resume"}));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.err.find("warning [W-TRN-001]"), std::string::npos) << again.err;
  EXPECT_NE(again.err.find("step-000000000004"), std::string::npos) << again.err;
  const auto repeated = read_file(in("run/model/model.safetensors"));
  ASSERT_TRUE(whole.ok() && repeated.ok());
  EXPECT_TRUE(*whole == *repeated) << "another model";
}

TEST_F(DamagedJobTest, ARunWithoutAWholeCheckpointIsRefused) {
  static_cast<void>(succeed(pretrain()));
  fs::remove_all(in("run/model"));
  for (const char* step : {"step-000000000002", "step-000000000004"}) {
    for (const char* file : {"weights.safetensors", "optimiser.safetensors", "state.json"}) {
      cut(fs::path(in("run/checkpoints")) / step / file);
    }
  }
  for (const auto& command : {pretrain({"--resume"}), {"resume", in("run")}}) {
    const auto outcome = cellwright(command);
    EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
    EXPECT_NE(outcome.err.find("error [E-TRN-007]"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(in("run/checkpoints")), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("--overwrite"), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(in("run/model")));
  }
}

TEST_F(DamagedJobTest, ADamagedStateIsWrittenAnewByResume) {
  static_cast<void>(succeed({"embed", in("k.tokens.h5"), "--model", model_, "--out", in("e.h5ad")}));
  const std::string run = in("e.h5ad.run");
  for (const char* text : {"", "{\"state\": ", "[]", "{\"state\": 7}"}) {
    write(run + "/state.json", text);
    const auto shown = cellwright({"jobs", "follow", run});
    EXPECT_EQ(shown.exit_code, 3) << shown.err;
    EXPECT_NE(shown.err.find("error [E-JOB-005]"), std::string::npos) << shown.err;
    EXPECT_NE(shown.err.find("cellwright resume"), std::string::npos) << shown.err;
    EXPECT_NE(cellwright({"jobs", "list"}).out.find("unreadable"), std::string::npos);
  }
  fs::remove(in("e.h5ad"));
  const auto again = cellwright({"resume", run});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(fs::exists(in("e.h5ad")));
}

TEST_F(DamagedJobTest, ADamagedSpecificationIsNamed) {
  static_cast<void>(succeed({"embed", in("k.tokens.h5"), "--model", model_, "--out", in("e.h5ad")}));
  const std::string run = in("e.h5ad.run");
  for (const char* text : {"", "{\"kind\": ", "[]", "{\"cellwright_job\": 1, \"kind\": 7}"}) {
    write(run + "/spec.json", text);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"resume", run}, {"jobs", "show", run}, {"run", run + "/spec.json"}}) {
      const auto outcome = cellwright(command);
      EXPECT_EQ(outcome.exit_code, 3) << command[0] << ": " << outcome.err;
      EXPECT_NE(outcome.err.find(run + "/spec.json"), std::string::npos) << outcome.err;
    }
  }
  EXPECT_EQ(cellwright({"jobs", "list"}).exit_code, 0) << "one damaged job must not hide the others";
}

TEST_F(DamagedJobTest, ACommandThatFailedAtOnceMayBeCorrectedAndGivenAgain) {
  const auto perturb = [&](const std::string& input) {
    return cellwright({"perturb", input, "--model", model_, "--delete", "ACTB", "--out", in("again")});
  };
  EXPECT_EQ(perturb(in("kk.tokens.h5")).exit_code, 3);
  const auto corrected = perturb(in("k.tokens.h5"));
  EXPECT_EQ(corrected.exit_code, 0) << corrected.err;
  const auto third = perturb(in("k.tokens.h5"));
  EXPECT_EQ(third.exit_code, 2) << "a result is not replaced without --overwrite";
}

/// Runs the program as somebody to whom permissions apply: as root without the capabilities to pass them over.
class PermissionTest : public CommandLineTest {
 protected:
  [[nodiscard]] ProgramOutcome run_with_permissions(std::vector<std::string> arguments) const {
    const std::string program = (fs::path(CW_BIN_DIR) / "cellwright").string();
    if (::geteuid() != 0) return run_program_to_end(program, arguments, folder_);
    std::vector<std::string> all = {"--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", program};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program_to_end("/usr/bin/setpriv", all, folder_);
  }
};

TEST_F(PermissionTest, FilesThatMayNotBeReadAreNotCalledDamaged) {
  fs::copy_file(test_data("datasets/kang_pbmc_labelled.h5ad"), in("secret.h5ad"));
  fs::copy_file(test_data("ingest/real/ad_cortex_small_counts.csv"), in("secret.csv"));
  fs::copy_file(test_data("tenx/kang_subset_10x.h5"), in("secret.h5"));
  fs::copy_file(test_data("loom/loompy_test.loom"), in("secret.loom"));
  for (const char* name : {"secret.h5ad", "secret.csv", "secret.h5", "secret.loom"}) {
    fs::permissions(in(name), fs::perms::none);
    const auto outcome = run_with_permissions({"inspect", in(name)});
    EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
    EXPECT_NE(outcome.err.find("error [E-IO-002]"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(name), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("check the permissions"), std::string::npos) << outcome.err;
  }
}

TEST_F(PermissionTest, FoldersThatMayNotBeWrittenAreNamed) {
  fs::create_directory(in("locked"));
  fs::permissions(in("locked"), fs::perms::owner_read | fs::perms::owner_exec);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1",
                                 "--out", in("locked/t.h5")},
        {"model", "new", "--preset", "demo", "--out", in("locked/model")}}) {
    const auto outcome = run_with_permissions(command);
    EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
    EXPECT_NE(outcome.err.find("error [E-IO-002]"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(in("locked")), std::string::npos) << outcome.err;
  }
  EXPECT_TRUE(names_below(in("locked")).empty());
}

}  // namespace
}  // namespace cw
