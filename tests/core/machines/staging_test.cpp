// SPDX-License-Identifier: GPL-3.0-or-later
// Which paths of a job are inputs and outputs, where they go, and files that are sent and fetched in pieces.
#include "core/machines/staging.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "tests/support/scratch_folder.h"

namespace cw {
namespace {

namespace fs = std::filesystem;

class StagingTest : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    write("data/cells.h5ad", "counts");
    write("copy/other name.h5ad", "counts");
    write("model/config.json", "{}");
    write("model/sub/weights", "1 2 3");
    machine_.name = "here";
    machine_.kind = MachineKind::kSlurm;  // without a host: commands run here
    machine_.folder = (folder_ / "far root").string();
  }
  void write(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(folder_ / name, text).ok());
  }
  [[nodiscard]] std::string in(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] Result<StagedJob> staged(const std::string& job, const Json& options) {
    auto folder = JobFolder::create(in(job), new_job("embed", options), true);
    EXPECT_TRUE(folder.ok());
    return stage(*folder, "/far", "/far/jobs/1", context_);
  }
  [[nodiscard]] TransferFile file(const std::string& name, const std::string& remote) const {
    const auto text = *read_file(in(name));
    return {in(name), remote, static_cast<std::int64_t>(text.size()), sha256(text)};
  }

  Machine machine_;
  JobContext context_;
};

// A search holds the options of the job that it tries.
TEST_F(StagingTest, InputsOfAJobWithinAJobAreSentToo) {
  const auto job = staged("search", {{"kind", "finetune-cells"},
                                     {"finetune", {{"input", in("data/cells.h5ad")}, {"model", in("model")}}},
                                     {"output", in("search")}});
  ASSERT_TRUE(job.ok()) << job.error().message;
  EXPECT_EQ(job->options["output"], "/far/jobs/1/search");
  EXPECT_EQ(job->options["finetune"]["input"].get<std::string>().rfind("/far/store/", 0), 0U);
  EXPECT_EQ(job->options["finetune"]["model"].get<std::string>().rfind("/far/store/", 0), 0U);
  EXPECT_EQ(job->files.size(), 3U);
}

TEST_F(StagingTest, InputsGoToTheStoreAndOutputsBesideTheJob) {
  const auto job = staged("cells.h5ad.run", {{"input", in("data/cells.h5ad")},
                                             {"model", in("model")},
                                             {"output", in("cells.h5ad")},
                                             {"csv", in("elsewhere/table.csv")},
                                             {"dictionary", "v1"},
                                             {"max_cells", 5}});
  ASSERT_TRUE(job.ok()) << job.error().message;
  const auto& options = job->options;
  EXPECT_EQ(options["output"], "/far/jobs/1/cells.h5ad");
  EXPECT_EQ(options["csv"], "/far/jobs/1/table.csv");
  EXPECT_EQ(options["dictionary"], "v1");
  EXPECT_EQ(options["max_cells"], 5);
  EXPECT_EQ(options["input"].get<std::string>().rfind("/far/store/", 0), 0U);
  EXPECT_EQ(fs::path(options["input"].get<std::string>()).filename(), "cells.h5ad");
  ASSERT_EQ(job->files.size(), 3U);
  const Json words = "cannot read " + options["model"].get<std::string>() + "/sub/weights: damaged";
  EXPECT_EQ(with_local_paths(words, job->paths), "cannot read " + in("model") + "/sub/weights: damaged");
  EXPECT_EQ(with_local_paths(Json("/far/jobs/1/cells.h5ad"), job->paths), in("cells.h5ad"));
  EXPECT_EQ(with_local_paths(Json("/far/jobs/1/cells.h5ad.run/log"), job->paths), in("cells.h5ad.run/log"));
  EXPECT_EQ(local_path_of("/far/jobs/1/table.csv", job->paths), in("elsewhere/table.csv"));
  EXPECT_EQ(local_path_of("/far/jobs/1/cells.h5ad.run/x/y", job->paths), in("cells.h5ad.run/x/y"));
  EXPECT_EQ(local_path_of("/etc/passwd", job->paths), "");
}

TEST_F(StagingTest, ARunFolderIsItsOwnOutput) {
  const auto job = staged("run", {{"tokens", in("data/cells.h5ad")}, {"out", in("run")}});
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->options["out"], "/far/jobs/1/run");
}

TEST_F(StagingTest, TheSameContentHasTheSamePlaceWhateverItIsCalled) {
  const auto one = staged("a", {{"inputs", {in("data/cells.h5ad")}}, {"output", in("a")}});
  const auto two = staged("b", {{"inputs", {in("copy/other name.h5ad")}}, {"output", in("b")}});
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->files[0].sha256, two->files[0].sha256);
  EXPECT_EQ(fs::path(one->files[0].remote).parent_path(), fs::path(two->files[0].remote).parent_path());
}

TEST_F(StagingTest, AnInputThatIsMissingIsNamedBeforeAnythingIsSent) {
  const auto job = staged("a", {{"input", in("none.h5ad")}, {"output", in("a")}});
  ASSERT_FALSE(job.ok());
  EXPECT_EQ(job.error().id, "E-IO-001");
}

TEST_F(StagingTest, FilesAreSentOnceAndGoneOnWith) {
  write("big", std::string(3'000'000, 'x') + "end");
  const Connection connection(machine_);
  const auto sent = send_files(connection, {file("big", "store/it's/big")}, context_);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(*sent, 3'000'003);
  EXPECT_EQ(*read_file(in("far root/store/it's/big")), *read_file(in("big")));
  EXPECT_EQ(*send_files(connection, {file("big", "store/it's/big")}, context_), 0);
  // what a cut left behind
  write("far root/store/two/big.part", std::string(2'000'000, 'x'));
  EXPECT_EQ(*send_files(connection, {file("big", "store/two/big")}, context_), 1'000'003);
  EXPECT_EQ(*read_file(in("far root/store/two/big")), *read_file(in("big")));
  // what is no beginning of it
  write("far root/store/three/big.part", std::string(2'000'000, 'y'));
  ASSERT_TRUE(send_files(connection, {file("big", "store/three/big")}, context_).ok());
  EXPECT_EQ(*read_file(in("far root/store/three/big")), *read_file(in("big")));
}

TEST_F(StagingTest, AFileThatChangesWhileItIsSentIsNotKept) {
  auto wrong = file("data/cells.h5ad", "store/x/cells.h5ad");
  wrong.sha256 = sha256("something else");
  const auto sent = send_files(Connection(machine_), {wrong}, context_);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().id, "E-MCH-026");
  EXPECT_FALSE(fs::exists(in("far root/store/x/cells.h5ad")));
}

TEST_F(StagingTest, AResultIsFetchedCheckedAndGoneOnWith) {
  write("far root/result", std::string(2'000'000, 'r'));
  TransferFile result = file("far root/result", in("far root/result"));
  result.local = in("here/result");
  write("here/.result.part-" + result.sha256.substr(0, 8), std::string(1'500'000, 'r'));
  const Connection connection(machine_);
  ASSERT_TRUE(fetch_file(connection, result, context_).ok());
  EXPECT_EQ(*read_file(result.local), *read_file(in("far root/result")));
  result.sha256 = sha256("other");
  result.local = in("here/damaged");
  const auto damaged = fetch_file(connection, result, context_);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().id, "E-MCH-026");
  EXPECT_FALSE(fs::exists(result.local));
}

}  // namespace
}  // namespace cw
