// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done with a single checkpoint, and what a run leaves of its validation cells.
#include "core/io/label_table.h"
#include "core/train/checkpoint.h"
#include "core/weights/model_tools.h"
#include "core/weights/run_checkpoint.h"
#include "tests/core/train/finetune_world.h"

#include <algorithm>
#include <fstream>

namespace cw {
namespace {

/// Keeps the checkpoint of one step as soon as it is there.
struct Keeper : Recorder {
  Keeper(fs::path run, std::int64_t step) : folder(std::move(run)), wanted(step) {}
  void event(std::string_view type, const Json& fields) override {
    Recorder::event(type, fields);
    if (type != "checkpoint" || fields.at("step") != wanted) return;
    for (const fs::path& checkpoint : CheckpointStore(folder / "checkpoints").list()) {
      if (checkpoint.filename().string().ends_with(std::to_string(wanted))) {
        kept = checkpoint;
        EXPECT_TRUE(keep_checkpoint(checkpoint, true).ok());
      }
    }
  }
  fs::path folder, kept;
  std::int64_t wanted;
};

class Branch : public Finetune {
 protected:
  /// Trains without a validation part: the model is that of the last step.
  fs::path trained(const FinetuneCellsOptions& options) {
    Keeper keeper(options.output, 5);
    JobContext context(&keeper, keeper.cancel);
    const auto done = run_finetune_cells(options, context);
    EXPECT_TRUE(done.ok()) << done.error().message;
    return keeper.kept;
  }
  FinetuneCellsOptions plain(const std::string& out) {
    FinetuneCellsOptions o = cells(out);
    o.validation = 0.0;
    o.baselines = false;
    return o;
  }
};

TEST_F(Branch, AKeptCheckpointOutlivesNewerOnes) {
  const fs::path kept = trained(plain("run"));
  ASSERT_FALSE(kept.empty());
  const CheckpointStore store(folder_ / "run" / "checkpoints");
  ASSERT_EQ(store.list().size(), 3U);
  EXPECT_EQ(store.list().back(), kept);
  ASSERT_TRUE(keep_checkpoint(kept, false).ok());
  store.remove_old();
  EXPECT_EQ(store.list().size(), 2U);
  const auto gone = keep_checkpoint(kept, true);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().id, "E-TRN-015");
}

TEST_F(Branch, ARunThatBranchesOffComesToTheSameWeights) {
  const fs::path kept = trained(plain("run"));
  ASSERT_TRUE(branch_from_checkpoint(kept, folder_ / "branch").ok());
  FinetuneCellsOptions again = plain("branch");
  again.resume = true;
  JobContext context;
  const auto done = run_finetune_cells(again, context);
  ASSERT_TRUE(done.ok()) << done.error().message;
  const auto compared = compare_models(folder_ / "run" / "model", folder_ / "branch" / "model", context);
  ASSERT_TRUE(compared.ok());
  EXPECT_TRUE(compared->same_bits());
  EXPECT_EQ(branch_from_checkpoint(kept, folder_ / "branch").error().id, "E-IO-005");
}

TEST_F(Branch, ABranchForgetsABestThatCameLater) {
  const fs::path kept = trained(cells("run"));
  ASSERT_TRUE(branch_from_checkpoint(kept, folder_ / "branch").ok());
  const auto state = read_json(folder_ / "branch" / "checkpoints" / kept.filename() / "state.json");
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE((*state)["state"].contains("best_figure"));
  FinetuneCellsOptions again = cells("branch");
  again.resume = true;
  JobContext context;
  const auto done = run_finetune_cells(again, context);
  EXPECT_TRUE(done.ok()) << done.error().message;
}

TEST_F(Branch, ACheckpointBecomesAnEncoder) {
  const fs::path kept = trained(plain("run"));
  const Json dictionary{{"name", "small"}};
  ASSERT_TRUE(export_checkpoint(kept, folder_ / "encoder", dictionary).ok());
  const auto model = open_model_folder(folder_ / "encoder");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_FALSE(model->has_head);
  EXPECT_EQ(model->config.hidden, 32);
  EXPECT_EQ(model->cellwright["dictionary"], dictionary);
  const auto weights = TensorFile::open(kept / kCheckpointWeights);
  ASSERT_TRUE(weights.ok());
  for (const TensorRef& tensor : model->weights->tensors()) {
    const TensorRef* there = (*weights)->find(tensor.name);
    ASSERT_NE(there, nullptr) << tensor.name;
    EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), there->bytes.begin(), there->bytes.end()));
  }
  FinetuneCellsOptions lora = plain("lora");
  lora.lora_rank = 2;
  EXPECT_EQ(export_checkpoint(trained(lora), folder_ / "no", Json()).error().id, "E-TRN-016");
}

TEST_F(Branch, CallsOfTheValidationCellsAreKeptForEveryValidation) {
  FinetuneCellsOptions options = cells("run");
  options.group = "none";
  options.validation = 0.2;
  Recorder recorder;
  JobContext context(&recorder, recorder.cancel);
  ASSERT_TRUE(run_finetune_cells(options, context).ok());
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder_ / "run" / "replay")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  const std::vector<double>& accuracy = recorder.metrics["accuracy"];
  ASSERT_EQ(files.size(), accuracy.size());
  ASSERT_GE(files.size(), 5U);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto table = read_label_table(files[i]);
    ASSERT_TRUE(table.ok()) << table.error().message;
    std::int64_t right = 0;
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      right += table->find("true")->text(row) == table->find("predicted")->text(row);
    }
    EXPECT_NEAR(static_cast<double>(right) / static_cast<double>(table->num_rows()), accuracy[i], 1e-9);
  }
  // a run that begins anew leaves nothing of the one before
  std::ofstream(folder_ / "run" / "replay" / "step-000000999999.csv") << "cell,true,predicted,probability\n";
  options.overwrite = true;
  options.seed = 7;
  ASSERT_TRUE(run_finetune_cells(options, context).ok());
  EXPECT_FALSE(fs::exists(folder_ / "run" / "replay" / "step-000000999999.csv"));
}

}  // namespace
}  // namespace cw
