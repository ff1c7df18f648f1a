// SPDX-License-Identifier: GPL-3.0-or-later
// --match-upstream: what the published recipes decide differently (behaviour spec 8 and 9).
#include "core/api/published_settings.h"
#include "core/embed/run_predict.h"
#include "core/evaluate/published_splits.h"
#include "core/io/label_table.h"
#include "core/train/finetune_setup.h"
#include "tests/core/train/finetune_world.h"

#include <set>

namespace cw {
namespace {

class MatchUpstream : public Finetune {
 protected:
  // As a job file that names little more than the switch.
  template <class Options>
  Options published(const std::string& kind, const Options& typed, Result<Options> (*read)(const Json&),
                    Json more = Json::object()) const {
    const Json all = to_json(typed);
    Json given = {{"match_upstream", true}};
    for (const char* key :
         {"input", "model", "dictionary", "output", "label", "labels", "classes", "folds", "num_threads"}) {
      if (all.contains(key)) given[key] = all[key];
    }
    given.update(more);
    auto options = read(given);
    EXPECT_TRUE(options.ok()) << kind << ": " << options.error().message;
    EXPECT_TRUE(options->validate().ok()) << kind;
    return std::move(*options);
  }

  FinetuneCellsOptions published_cells(Json more = Json::object()) const {
    return published("finetune-cells", cells("run"), finetune_cells_options_from_json, std::move(more));
  }

  std::set<std::string> cells_of_part(const std::string& part) const {
    const auto split = read_label_table(folder_ / "run" / "split.csv");
    std::set<std::string> names;
    for (std::int64_t row = 0; row < split->num_rows(); ++row) {
      if (split->find("part")->text(row) == part) names.insert(split->index[static_cast<std::size_t>(row)]);
    }
    return names;
  }
};

TEST_F(MatchUpstream, SettingsAreThePublishedOnesWhereNoneAreGiven) {
  const FinetuneCellsOptions o = published_cells();
  EXPECT_EQ(o.group, "none");
  EXPECT_EQ(o.metric, "loss");
  EXPECT_TRUE(o.train_embeddings);
  EXPECT_EQ(o.epochs, 10.0);
  EXPECT_EQ(o.weight_decay, 0.001);
  const FinetuneCellsOptions given = published_cells({{"metric", "macro_f1"}, {"train_embeddings", false}});
  EXPECT_EQ(given.metric, "macro_f1");
  EXPECT_FALSE(given.train_embeddings);
  EXPECT_EQ(published_cells().learning_rate, 5e-5);
  const auto tasks = finetune_multitask_options_from_json({{"match_upstream", true}});
  ASSERT_TRUE(tasks.ok());
  EXPECT_EQ(tasks->learning_rate, 1e-3);
  EXPECT_EQ(tasks->batch_size, 4);
  EXPECT_EQ(tasks->schedule, "cosine");
  EXPECT_EQ(tasks->pooling, "first");
  EXPECT_EQ(tasks->clip, 0.0);
  const auto ours = finetune_multitask_options_from_json({{"match_upstream", false}});
  ASSERT_TRUE(ours.ok());
  EXPECT_EQ(ours->learning_rate, 5e-5);
  for (const char* kind : {"finetune-cells", "finetune-genes", "finetune-multitask"}) {
    EXPECT_EQ(published_settings(kind)["match_upstream"], true) << kind;
  }
}

TEST_F(MatchUpstream, TheLengthCountsBegunBatchesAndTheWarmUpIsNotShortened) {
  FinetuneCellsOptions o = published_cells({{"epochs", 0.9}, {"tokens_per_batch", 16}});
  ModelConfig six;
  six.layers = 6;
  const std::vector<std::int64_t> lengths(100, 2000);
  TrainingPlan plan = finetune_plan(o, six, lengths);
  EXPECT_EQ(plan.steps, 9) << "ceil(0.9 * ceil(100 / 12)): transformers' TrainingArguments.max_steps";
  EXPECT_EQ(plan.warmup, 500.0) << "longer than the run, as published";
  EXPECT_EQ(plan.validate_every, 9) << "once per pass";
  EXPECT_GT(plan.tokens_per_batch, 12 * 2000) << "batches are counted in cells";
  six.layers = 12;
  EXPECT_EQ(finetune_plan(o, six, lengths).warmup, 0.0);
  o.match_upstream = false;
  o.tokens_per_batch = 24576;
  six.layers = 6;
  plan = finetune_plan(o, six, lengths);
  EXPECT_EQ(plan.steps, 8);
  EXPECT_EQ(plan.warmup, 0.0);
  o.match_upstream = true;
  o.warmup_share = 0.3;
  EXPECT_EQ(finetune_plan(o, six, lengths).warmup, 2.0) << "int(0.3 * 9)";
}

TEST_F(MatchUpstream, CellsAreDividedAsPublishedWhateverTheirDonors) {
  FinetuneCellsOptions o =
      published_cells({{"epochs", 1.0}, {"max_cells", 80}, {"max_cells_per_class", 35}, {"baselines", false}});
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_cells, recorder);
  EXPECT_EQ(summary["split_by"], "cell");
  SplitDesign design;
  design.classes = {"alpha", "beta"};
  for (int c = 0; c < kCells; ++c) design.labels.push_back(c % 2 == 0 ? 1 : 0);
  const Split expected = published_cell_split(design, {80, 35, 0.1, 0.1});
  for (const Part part : {Part::kTrain, Part::kValidation, Part::kTest}) {
    std::set<std::string> names;
    for (const std::int64_t row : expected.rows(part)) names.insert("cell " + std::to_string(row));
    EXPECT_EQ(cells_of_part(std::string(name_of(part))), names) << name_of(part);
  }
  EXPECT_EQ(summary["training_cells"].get<std::int64_t>() + summary["validation_cells"].get<std::int64_t>() +
                summary["test_cells"].get<std::int64_t>(),
            70);
  // With a column of donors of the user's, whole donors stay together.
  o = published_cells({{"epochs", 1.0}, {"group", "donor"}, {"baselines", false}});
  o.overwrite = true;
  EXPECT_EQ(succeed(o, run_finetune_cells, recorder)["split_by"], "donor");
}

TEST_F(MatchUpstream, FoldsOverGenesAndTheirClassesAreThePublishedOnes) {
  FinetuneGenesOptions typed = genes("run");
  FinetuneGenesOptions o =
      published("finetune-genes", typed, finetune_genes_options_from_json, {{"max_cells", 30}, {"fold", 2}});
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_genes, recorder);
  EXPECT_EQ(summary["classes"], Json({"low", "high"})) << "as in the file";
  SplitDesign design;
  design.classes = {"low", "high"};
  for (std::int32_t i = 0; i < kGenes; ++i) design.labels.push_back(i < kGenes / 2 ? 0 : 1);
  const auto splits = published_gene_folds(design, 2);
  ASSERT_TRUE(splits.ok());
  std::set<std::string> expected;
  for (const std::int64_t gene : (*splits)[1].rows(Part::kTest)) {
    expected.insert(gene_id(static_cast<std::int32_t>(gene) + 2));
  }
  const auto judged = read_label_table(folder_ / "run" / "gene_predictions.csv");
  ASSERT_TRUE(judged.ok()) << judged.error().message;
  std::set<std::string> found;
  for (std::int64_t row = 0; row < judged->num_rows(); ++row) found.insert(judged->find("ensembl_id")->text(row));
  EXPECT_EQ(found, expected);
  // 30 cells, 20 genes of which a cell has 70 %, half of the genes held out and 9 of 19 of those not judged
  EXPECT_LT(summary["test"]["per_occurrence"]["occurrences"].get<std::int64_t>(), 30 * 10);
}

TEST_F(MatchUpstream, SeveralColumnsBeginAtRandomAsPublished) {
  FinetuneMultitaskOptions typed = shared<FinetuneMultitaskOptions>("run");
  typed.labels = {"type", "some"};
  const FinetuneMultitaskOptions o =
      published("finetune-multitask", typed, finetune_multitask_options_from_json, {{"baselines", false}, {"seed", 7}});
  Recorder recorder;
  succeed(o, run_finetune_multitask, recorder);
  const auto base = open_model_folder(folder_ / "base");
  const auto tuned = open_model_folder(folder_ / "run" / "some" / "model");
  ASSERT_TRUE(base.ok() && tuned.ok());
  EXPECT_EQ(tuned->config.pooling, kPoolPlainFirst);
  EXPECT_EQ(tuned->config.classifier_dropout, 0.1);
  EXPECT_EQ(tuned->weights->find("bert.pooler.dense.weight"), nullptr);
  // Both layers are frozen: they are what they began as, and that is not the model.
  Parameters random = Parameters::allocate(base->config);
  random.initialise(base->config, 7);
  const std::string frozen = "bert.encoder.layer.1.output.dense.weight";
  const auto bytes = [](const TensorRef* tensor) {
    return std::string(reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size());
  };
  const at::Tensor& start = random.at(frozen);
  EXPECT_EQ(bytes(tuned->weights->find(frozen)), std::string(static_cast<const char*>(start.const_data_ptr()),
                                                             static_cast<std::size_t>(start.numel()) * sizeof(float)));
  EXPECT_NE(bytes(tuned->weights->find(frozen)), bytes(base->weights->find(frozen)));
  // Xavier: the classifier of two classes begins within +-sqrt(6 / 34), far wider than the encoder's 0.02.
  float largest = 0.0F;
  const std::string weights = bytes(tuned->weights->find("classifier.weight"));
  const auto* values = reinterpret_cast<const float*>(weights.data());
  for (std::size_t i = 0; i < weights.size() / sizeof(float); ++i) largest = std::max(largest, std::abs(values[i]));
  EXPECT_GT(largest, 0.3F);
  EXPECT_LT(largest, 0.5F);
}

TEST_F(MatchUpstream, WhatWasNeverPublishedOrIsNotRepeatedIsRefused) {
  FinetuneCellsOptions o = published_cells({{"train_embeddings", false}});
  o.lora_rank = 4;
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-ARG-002");
  o = published_cells();
  o.target_type = "number";
  o.metric = "rmse";
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-ARG-002");
  auto tasks = finetune_multitask_options_from_json({{"match_upstream", true}, {"pooling", "attention"}});
  ASSERT_TRUE(tasks.ok());
  static_cast<FinetuneOptions&>(*tasks) = shared<FinetuneMultitaskOptions>("run");
  tasks->match_upstream = true;
  tasks->labels = {"type", "some"};
  EXPECT_EQ(error_id(*tasks, run_finetune_multitask), "E-ARG-002");
  tasks->pooling = "mean";
  EXPECT_TRUE(tasks->validate().ok()) << "another choice of the user's";
}

}  // namespace
}  // namespace cw
