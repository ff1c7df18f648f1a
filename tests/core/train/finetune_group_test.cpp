// SPDX-License-Identifier: GPL-3.0-or-later
// Fine-tuning by several processes gives the same models as by one, with dropout.
#include "core/train/checkpoint.h"
#include "tests/core/exchange/group_of_threads.h"
#include "tests/core/train/finetune_world.h"
#include "tests/core/train/forked_group.h"

namespace cw {
namespace {

constexpr double kLimit = 1e-5;

class FinetuneGroup : public Finetune {
 protected:
  // Twenty steps and their last weights: which ones are the best may hang on a rounding.
  template <class Options>
  void twenty_steps(Options& o) const {
    o.epochs = 1.0;
    o.batch_size = 3;
    o.learning_rate = 1e-3;
    o.validation = 0.0;
  }

  template <class Options, class Part>
  void run_in_group(Options o, int size, bool zero, Part* part) const {
    o.zero = zero;
    const GroupOutcome outcome =
        run_forked(folder_, places(size, TransportChoice::kShared), [&](Communicator& communicator) {
          Recorder recorder;
          JobContext context(&recorder, recorder.cancel);
          return GroupOutcome::part(part(o, communicator, context), recorder.metrics);
        });
    for (const std::string& error : outcome.errors) EXPECT_EQ(error, "");
    EXPECT_FALSE(outcome.metrics.at("loss").empty());
  }

  fs::path model(const std::string& run) const { return folder_ / run / "model" / "model.safetensors"; }
};

TEST_F(FinetuneGroup, OneAndTwoProcessesGiveTheSameCellClassifier) {
  FinetuneCellsOptions o = cells("alone");
  twenty_steps(o);
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_cells, recorder);
  EXPECT_GE(summary["steps"].get<int>(), 20);
  for (const bool zero : {false, true}) {
    const std::string out = zero ? "shared" : "together";
    o.output = in(out);
    run_in_group(o, 2, zero, finetune_cells_in_group);
    EXPECT_LE(largest_difference(model("alone"), model(out)), kLimit) << zero;
    EXPECT_EQ(content("alone/split.csv"), content(out + "/split.csv"));
    EXPECT_TRUE(fs::exists(folder_ / out / "comparison.csv"));
  }
  o.output = in("other");
  o.seed = 43;
  o.split = in("alone/split.csv");
  succeed(o, run_finetune_cells, recorder);
  EXPECT_GT(largest_difference(model("alone"), model("other")), 100 * kLimit) << "a test that can fail";
}

TEST_F(FinetuneGroup, OneAndTwoProcessesGiveTheSameGeneClassifiersOneAfterTheOther) {
  FinetuneGenesOptions o = genes("alone");
  twenty_steps(o);
  Recorder recorder;
  succeed(o, run_finetune_genes, recorder);
  o.output = in("together");
  run_in_group(o, 2, false, finetune_genes_in_group);
  EXPECT_LE(largest_difference(model("alone"), model("together")), kLimit);
  EXPECT_EQ(first_line("alone/gene_predictions.csv"), first_line("together/gene_predictions.csv"));
}

TEST_F(FinetuneGroup, OneAndTwoProcessesLearnTheSameOfSeveralColumns) {
  auto o = shared<FinetuneMultitaskOptions>("alone");
  o.labels = {"type", "some"};
  o.baselines = false;
  twenty_steps(o);
  Recorder recorder;
  succeed(o, run_finetune_multitask, recorder);
  o.output = in("together");
  run_in_group(o, 2, true, finetune_multitask_in_group);
  for (const char* label : {"type", "some"}) {
    EXPECT_LE(largest_difference(model(std::string("alone/") + label), model(std::string("together/") + label)),
              kLimit);
  }
}

}  // namespace
}  // namespace cw
