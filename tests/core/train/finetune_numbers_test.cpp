// SPDX-License-Identifier: GPL-3.0-or-later
// Regressions of one number per cell, and other poolings, from token file to predictions.
#include "core/embed/run_predict.h"
#include "core/evaluate/run_evaluate.h"
#include "tests/core/train/finetune_world.h"

namespace cw {
namespace {

class FinetuneNumbers : public Finetune {
 protected:
  FinetuneCellsOptions days(const std::string& out) const {
    FinetuneCellsOptions o = cells(out);
    o.label = "days";
    o.target_type = "number";
    return o;
  }

  Json predict(const std::string& model, Recorder& recorder) const {
    PredictOptions o;
    o.input = in("cells.tokens.h5");
    o.models = {in(model)};
    o.dictionary = in("dictionary");
    o.output = in("labels.csv");
    o.probabilities = true;
    o.overwrite = true;
    return succeed(o, run_predict, recorder);
  }
};

TEST_F(FinetuneNumbers, LearnsANumberInTheUnitsOfTheUser) {
  Recorder recorder;
  const Json summary = succeed(days("run"), run_finetune_cells, recorder);
  EXPECT_TRUE(recorder.warned("W-FIN-001"));
  EXPECT_EQ(summary["split_by"], "donor");
  EXPECT_GE(summary["test"]["r2"].get<double>(), 0.8);
  EXPECT_LE(summary["test"]["rmse"].get<double>(), 9.0);
  // the mean and ridge regression on the frozen embedding: no counts are at hand
  ASSERT_EQ(summary["test"]["comparison"].size(), 3U);
  EXPECT_EQ(summary["test"]["comparison"][1]["model"], "mean");
  EXPECT_NEAR(summary["test"]["comparison"][1]["rmse"].get<double>(), 20.0, 1.0) << "of 80 and 120";
  EXPECT_EQ(summary["test"]["comparison"][2]["model"], "ridge-regression");
  EXPECT_FALSE(recorder.metrics["rmse"].empty());
  EXPECT_LE(recorder.metrics["validation_loss"].back(), 0.5) << "in standard deviations";
  EXPECT_NEAR(summary["target"]["sd"].get<double>(), 20.0, 0.5);
  EXPECT_EQ(summary["target"]["lowest"], 80.0);

  const auto model = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(model->config.predicts_number());
  EXPECT_EQ(model->config.label_names, std::vector<std::string>{"days"});
  EXPECT_EQ(model->cellwright["training"]["target"]["highest"], 120.0);
  const Json predicted = predict("run/model", recorder);
  EXPECT_EQ(first_line("labels.csv"), "cell,days");
  EXPECT_GT(predicted["labels"]["days"]["mean"].get<double>(), 80.0);
  EXPECT_LT(predicted["labels"]["days"]["mean"].get<double>(), 120.0);
  expect_same("days", "predicted", 1e-3);
}

TEST_F(FinetuneNumbers, TheEvaluationOfTheFileWrittenIsThatOfTheRun) {
  Recorder recorder;
  FinetuneCellsOptions o = days("run");
  o.number_loss = "huber";
  o.metric = "spearman";
  o.test = 0.34;  // two donors
  const Json summary = succeed(o, run_finetune_cells, recorder);
  EvaluateOptions evaluate;
  evaluate.input = in("run/predictions.csv");
  evaluate.output = in("evaluation");
  evaluate.regression = true;
  evaluate.against = {in("run/predictions.csv")};
  const Json judged = succeed(evaluate, run_evaluate, recorder);
  EXPECT_NEAR(judged["metrics"]["rmse"]["value"].get<double>(), summary["test"]["rmse"].get<double>(), 1e-6);
  EXPECT_EQ(judged["interval_over"], "donors");
  EXPECT_NE(judged["verdict"].get<std::string>().find("no clear difference"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder_ / "evaluation" / "comparison.csv"));
  std::ofstream(folder_ / "other.csv") << "cell,true,predicted\nelse,1,2\n";
  evaluate.against = {in("other.csv")};
  evaluate.overwrite = true;
  EXPECT_EQ(error_id(evaluate, run_evaluate), "E-EVA-013");
}

TEST_F(FinetuneNumbers, AStoppedRunGoesOnToTheSameNumbers) {
  FinetuneCellsOptions o = days("whole");
  o.baselines = false;
  Recorder whole;
  succeed(o, run_finetune_cells, whole);
  o.output = in("stopped");
  Recorder stopped;
  stopped.cancel_at_checkpoint = 10;
  JobContext context(&stopped, stopped.cancel);
  EXPECT_EQ(run_finetune_cells(o, context).error().code, ErrorCode::kCancelled);
  o.resume = true;
  Recorder resumed;
  succeed(o, run_finetune_cells, resumed);
  EXPECT_EQ(content("whole/model/model.safetensors"), content("stopped/model/model.safetensors"));
  EXPECT_EQ(content("whole/predictions.csv"), content("stopped/predictions.csv"));
}

TEST_F(FinetuneNumbers, WhatIsNoNumberIsNamed) {
  FinetuneCellsOptions o = days("run");
  o.label = "type";
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-EVA-003");
  o.label = "constant";
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-EVA-001");
  // the training cells are all of one number, the others are not
  o = days("run");
  std::ofstream file(folder_ / "split.csv");
  file << "cell,part\n";
  for (int c = 0; c < kCells; ++c) file << "cell " << c << "," << (c % 2 == 0 ? "train" : "test") << "\n";
  file.close();
  o.split = in("split.csv");
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-FIN-012");
  o = days("run");
  for (const char* wrong : {"macro_f1", "nothing"}) {
    o.metric = wrong;
    EXPECT_EQ(error_id(o, run_finetune_cells), "E-ARG-002") << wrong;
  }
  o = days("run");
  o.class_weights = "balanced";
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-ARG-002");
  o = cells("run");
  o.pooling = "largest";
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-ARG-002");
}

TEST_F(FinetuneNumbers, OtherPoolingsAreSavedReadAndMerged) {
  for (const std::string pooling : {"first", "mean", "attention"}) {
    for (const std::int64_t rank : {0, 4}) {
      FinetuneCellsOptions o = cells("run");
      o.pooling = pooling;
      o.lora_rank = rank;
      o.learning_rate = 1e-2;
      o.baselines = false;
      Recorder recorder;
      o.overwrite = true;
      fs::remove_all(folder_ / "run");
      const Json summary = succeed(o, run_finetune_cells, recorder);
      EXPECT_GE(summary["test"]["accuracy"].get<double>(), 0.9) << pooling << " " << rank;
      const auto model = open_model_folder(folder_ / "run" / "model");
      ASSERT_TRUE(model.ok()) << model.error().message;
      EXPECT_TRUE(model->has_head);
      EXPECT_EQ(model->config.pooling, pooling);
      EXPECT_EQ(model->weights->find("bert.pooler.dense.weight"), nullptr);
      EXPECT_EQ(model->weights->find("attention_pool.attention_weights") != nullptr, pooling == "attention");
      predict("run/model", recorder);
      expect_same("type_p_beta", "p_beta", 1e-5);
    }
  }
}

TEST_F(FinetuneNumbers, SeveralColumnsShareOnePooling) {
  auto o = shared<FinetuneMultitaskOptions>("run");
  o.labels = {"type", "some"};
  o.pooling = "attention";
  o.baselines = false;
  o.validation = 0.17;
  o.test = 0.17;
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_multitask, recorder);
  for (const Json& task : summary["tasks"]) EXPECT_GE(task["test"]["accuracy"].get<double>(), 0.9);
  predict("run/some/model", recorder);
  fs::copy_file(folder_ / "run" / "some" / "predictions.csv", folder_ / "run" / "predictions.csv");
  expect_same("some_p_second", "p_second", 1e-5);
}

}  // namespace
}  // namespace cw
