// SPDX-License-Identifier: GPL-3.0-or-later
// What saves memory in a fine-tuning changes nothing: every kind, with dropout, frozen layers and LoRA.
#include "tests/core/train/finetune_world.h"

namespace cw {
namespace {

class FinetuneMemory : public Finetune {
 protected:
  /// Whether the models written are the same bytes with layers computed again and with the optimiser state on disk.
  template <class Options, class Run>
  void expect_same(Options o, Run* run, const std::string& model) const {
    o.epochs = 2.0;
    o.hidden_dropout = 0.1;
    o.attention_dropout = 0.1;
    Recorder recorder;
    succeed(o, run, recorder);
    const std::string plain = o.output;
    for (const bool recompute : {true, false}) {
      o.output = plain + (recompute ? "-recomputed" : "-on-disk");
      o.recompute = recompute;
      o.offload_optimiser = !recompute;
      succeed(o, run, recorder);
      EXPECT_EQ(bytes(plain, model), bytes(o.output, model)) << o.output;
    }
    o.output = plain + "-other";
    o.seed = 43;
    succeed(o, run, recorder);
    EXPECT_NE(bytes(plain, model), bytes(o.output, model)) << "a test that can fail";
  }

 private:
  std::string bytes(const std::string& run, const std::string& model) const {
    return content((fs::path(run).filename() / model / "model.safetensors").string());
  }
};

TEST_F(FinetuneMemory, CellClassesAreTheSameWithLessMemory) {
  FinetuneCellsOptions o = cells("run");
  o.baselines = false;
  expect_same(o, run_finetune_cells, "model");
}

TEST_F(FinetuneMemory, FrozenLayersAndLowRankChangesAreTheSameWithLessMemory) {
  FinetuneCellsOptions o = cells("frozen");
  o.baselines = false;
  o.freeze_layers = 1;
  expect_same(o, run_finetune_cells, "model");
  o = cells("lora");
  o.baselines = false;
  o.lora_rank = 2;
  expect_same(o, run_finetune_cells, "model");
}

TEST_F(FinetuneMemory, GeneClassesAreTheSameWithLessMemory) { expect_same(genes("run"), run_finetune_genes, "model"); }

TEST_F(FinetuneMemory, SeveralColumnsAreTheSameWithLessMemory) {
  auto o = shared<FinetuneMultitaskOptions>("run");
  o.labels = {"type", "some"};
  o.baselines = false;
  expect_same(o, run_finetune_multitask, "some/model");
}

}  // namespace
}  // namespace cw
