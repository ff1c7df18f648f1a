// SPDX-License-Identifier: GPL-3.0-or-later
// Fine-tuning from token file to model folder.
#include "core/embed/run_predict.h"
#include "core/evaluate/gene_classes.h"
#include "core/io/label_table.h"
#include "core/train/checkpoint.h"
#include "core/weights/lora_adapter.h"
#include "tests/core/train/finetune_world.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

TEST_F(Finetune, LearnsCellTypesOfDonorsItHasNotSeen) {
  Recorder recorder;
  const Json summary = succeed(cells("run"), run_finetune_cells, recorder);
  EXPECT_EQ(summary["split_by"], "donor");
  EXPECT_EQ(summary["classes"], Json({"alpha", "beta"})) << "sorted, whatever their order in the file";
  EXPECT_GE(summary["test"]["accuracy"].get<double>(), 0.9);
  // Majority, then three models on the frozen embedding: no counts are at hand.
  EXPECT_EQ(summary["test"]["comparison"].size(), 5U);
  EXPECT_EQ(summary["test"]["comparison"][0]["model"], "fine-tuned");
  EXPECT_FALSE(recorder.metrics["validation_loss"].empty());
  EXPECT_EQ(recorder.metrics["macro_f1"].size(), recorder.metrics["validation_loss"].size());
  EXPECT_DOUBLE_EQ(recorder.last_fraction, 1.0);

  const auto split = read_label_table(folder_ / "run" / "split.csv");
  ASSERT_TRUE(split.ok()) << split.error().message;
  ASSERT_NE(split->find("donor"), nullptr) << first_line("run/split.csv");
  std::map<std::string, std::string> part_of;
  for (std::int64_t row = 0; row < split->num_rows(); ++row) {
    const auto [donor, added] = part_of.emplace(split->find("donor")->text(row), split->find("part")->text(row));
    EXPECT_EQ(donor->second, split->find("part")->text(row)) << donor->first << " is in two parts";
  }
  EXPECT_EQ(part_of.size(), static_cast<std::size_t>(kDonors));
  EXPECT_EQ(first_line("run/predictions.csv"), "cell,true,predicted,p_alpha,p_beta,donor");
  EXPECT_TRUE(fs::exists(folder_ / "run" / "comparison.csv"));
}

TEST_F(Finetune, ThePredictionsOfTheModelWrittenAreThoseOfTheRun) {
  Recorder recorder;
  succeed(cells("run"), run_finetune_cells, recorder);
  const auto model = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->config.architecture, kCellClassifier);
  EXPECT_TRUE(model->has_head);
  EXPECT_EQ(model->config.label_names, (std::vector<std::string>{"alpha", "beta"}));
  EXPECT_EQ(model->cellwright["training"]["label"], "type");

  PredictOptions o;
  o.input = in("cells.tokens.h5");
  o.models = {in("run/model")};
  o.dictionary = in("dictionary");
  o.output = in("labels.csv");
  o.probabilities = true;
  EXPECT_EQ(succeed(o, run_predict, recorder)["cells"], kCells);
  EXPECT_EQ(first_line("labels.csv"), "cell,type,type_probability,type_p_alpha,type_p_beta");
  expect_same("type_p_beta", "p_beta", 1e-5);
}

TEST_F(Finetune, CellsBelowTheThresholdAreUnknown) {
  Recorder recorder;
  FinetuneCellsOptions train = cells("run");
  train.epochs = 0.5;
  train.learning_rate = 1e-6;
  succeed(train, run_finetune_cells, recorder);
  PredictOptions o;
  o.input = in("cells.tokens.h5");
  o.models = {in("run/model")};
  o.dictionary = in("dictionary");
  o.output = in("labels.csv");
  o.threshold = 0.999;
  EXPECT_EQ(succeed(o, run_predict, recorder)["labels"]["type"], Json({{"unknown", kCells}}));
  o.threshold = 0.0;
  o.overwrite = true;
  EXPECT_FALSE(succeed(o, run_predict, recorder)["labels"]["type"].contains("unknown"));
  o.models = {in("run/model"), in("run/model")};
  EXPECT_EQ(error_id(o, run_predict), "E-FIN-009");
  o.models = {in("base")};
  EXPECT_EQ(error_id(o, run_predict), "E-FIN-008");
}

TEST_F(Finetune, AStoppedRunGoesOnToTheSameWeightsWithAnyNumberOfThreads) {
  FinetuneCellsOptions o = cells("whole");
  o.freeze_layers = 1;
  o.class_weights = "balanced";
  o.focal_gamma = 2.0;
  o.baselines = false;
  Recorder whole;
  succeed(o, run_finetune_cells, whole);

  o.output = in("stopped");
  o.num_threads = 2;
  Recorder stopped;
  stopped.cancel_at_checkpoint = 10;
  JobContext context(&stopped, stopped.cancel);
  const auto result = run_finetune_cells(o, context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(folder_ / "stopped" / "model"));
  Recorder resumed;
  o.resume = true;
  succeed(o, run_finetune_cells, resumed);
  EXPECT_LT(resumed.metrics["loss"].size(), 1000U);
  EXPECT_EQ(content("whole/model/model.safetensors"), content("stopped/model/model.safetensors"));
  EXPECT_EQ(content("whole/predictions.csv"), content("stopped/predictions.csv"));
}

TEST_F(Finetune, ARunThatPausesGoesOnToTheSameWeightsAndLooksAtTheTestPartAtTheEndOnly) {
  FinetuneCellsOptions o = cells("whole");
  o.baselines = false;
  o.warmup_share = 0.2;
  o.validate_every = 7;  // not where it pauses
  o.epochs = 3.0;
  Recorder whole;
  succeed(o, run_finetune_cells, whole);

  o.output = in("paused");
  double best = 0.0;
  std::int64_t steps = 0;
  for (const double share : {0.1, 0.5, 1.0}) {
    o.pause_after = share;
    Recorder recorder;
    const Json summary = succeed(o, run_finetune_cells, recorder);
    EXPECT_EQ(summary["paused"], true);
    EXPECT_GT(summary["steps"].get<std::int64_t>(), steps) << "it goes on from where it was";
    steps = summary["steps"].get<std::int64_t>();
    EXPECT_EQ(steps, std::llround(share * summary["planned_steps"].get<double>()));
    EXPECT_GE(summary["figure"].get<double>(), best) << "the best so far cannot fall";
    best = summary["figure"].get<double>();
    for (const char* name : {"model", "predictions.csv", "training.json"}) {
      EXPECT_FALSE(fs::exists(folder_ / "paused" / name)) << name;
    }
  }
  o.pause_after = 0.0;
  Recorder last;
  succeed(o, run_finetune_cells, last);
  EXPECT_EQ(content("whole/model/model.safetensors"), content("paused/model/model.safetensors"));
  EXPECT_EQ(content("whole/predictions.csv"), content("paused/predictions.csv"));
  EXPECT_EQ(best, *std::max_element(whole.metrics["macro_f1"].begin(), whole.metrics["macro_f1"].end()));
}

TEST_F(Finetune, AFoldOfGenesPausesBeforeItsGenesAreTested) {
  FinetuneGenesOptions o = genes("run");
  o.pause_after = 0.5;
  EXPECT_EQ(error_id(o, run_finetune_genes), "E-ARG-002") << "all folds at once cannot pause";
  o.fold = 1;
  o.validation = 0.2;
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_genes, recorder);
  EXPECT_TRUE(summary["figure"].is_number()) << summary.dump();
  EXPECT_FALSE(fs::exists(folder_ / "run" / "gene_predictions.csv"));
  o.pause_after = 0.0;
  EXPECT_EQ(succeed(o, run_finetune_genes, recorder)["folds"], 1);
  EXPECT_TRUE(fs::exists(folder_ / "run" / "gene_predictions.csv"));
}

TEST_F(Finetune, FrozenLayersKeepTheirWeightsAndTheBestWeightsAreWritten) {
  FinetuneCellsOptions o = cells("run");
  o.freeze_layers = 1;
  o.baselines = false;
  o.metric = "log_loss";
  o.validate_every = 2;
  o.patience = 3;
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_cells, recorder);
  EXPECT_LT(summary["trained_parameters"], summary["parameters"]);
  const auto before = open_model_folder(folder_ / "base");
  const auto after = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(before.ok() && after.ok());
  const auto bytes = [](const ModelFolder& folder, const char* name) {
    const TensorRef* tensor = folder.weights->find(name);
    return std::vector<std::byte>(tensor->bytes.begin(), tensor->bytes.end());
  };
  for (const char* name : {"bert.embeddings.word_embeddings.weight", "bert.encoder.layer.0.output.dense.weight"}) {
    EXPECT_EQ(bytes(*before, name), bytes(*after, name)) << name;
  }
  EXPECT_NE(bytes(*before, "bert.encoder.layer.1.output.dense.weight"),
            bytes(*after, "bert.encoder.layer.1.output.dense.weight"));
  const auto& losses = recorder.metrics["validation_loss"];
  const auto best = std::min_element(losses.begin(), losses.end()) - losses.begin();
  EXPECT_EQ(summary["best_step"], 2 * (best + 1)) << "log_loss is the loss, and lower is better";
}

TEST_F(Finetune, TrainsOnEveryCellWhereNothingIsHeldOut) {
  FinetuneCellsOptions o = cells("run");
  o.validation = 0.0;
  o.test = 0.0;
  o.epochs = 1.0;
  Recorder recorder;
  Json summary = succeed(o, run_finetune_cells, recorder);
  EXPECT_EQ(summary["training_cells"], kCells);
  EXPECT_EQ(summary["best_step"], summary["steps"]) << "the last weights are the result";
  EXPECT_FALSE(summary.contains("test"));
  EXPECT_TRUE(open_model_folder(folder_ / "run" / "model").ok());
}

TEST_F(Finetune, LabelsThatCannotBeLearnedAreNamed) {
  FinetuneCellsOptions o = cells("run");
  o.label = "same";
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-FIN-002");
  o.label = "nothing";
  EXPECT_NE(error_id(o, run_finetune_cells), "no error");
  o = cells("run");
  o.freeze_layers = 3;
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-FIN-001");
  // All cells of a class are of one donor, who is in the test part.
  o = cells("run");
  o.label = "by_donor";
  std::ofstream(folder_ / "split.csv") << "donor,part\nD0,test\nD1,train\nD2,train\nD3,validation\nD4,train\nD5,test\n";
  o.split = in("split.csv");
  EXPECT_EQ(error_id(o, run_finetune_cells), "E-FIN-003");
}

TEST_F(Finetune, CellsWithoutALabelAndRareClassesAreLeftOutByName) {
  FinetuneCellsOptions o = cells("run");
  o.label = "partly";
  o.rare_threshold = 0.05;
  o.group = "none";
  o.epochs = 1.0;
  o.baselines = false;
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_cells, recorder);
  EXPECT_EQ(summary["classes"], Json({"alpha", "beta"}));
  EXPECT_EQ(summary["split_by"], "cell");
  EXPECT_EQ(
      summary["training_cells"].get<int>() + summary["validation_cells"].get<int>() + summary["test_cells"].get<int>(),
      kCells - 4);
  EXPECT_TRUE(recorder.warned("W-FIN-001"));
  EXPECT_TRUE(recorder.warned("W-FIN-002"));
}

TEST_F(Finetune, LearnsClassesOfGenesItHasNotSeen) {
  FinetuneGenesOptions o = genes("run");
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_genes, recorder);
  EXPECT_EQ(summary["classes"], Json({"high", "low"}));
  EXPECT_EQ(summary["genes"], kGenes);
  // The genes around a gene tell its class.
  EXPECT_GE(summary["test"]["comparison"][0]["auroc"].get<double>(), 0.9);
  EXPECT_GE(summary["test"]["per_occurrence"]["auroc"].get<double>(), 0.9);
  EXPECT_GT(summary["test"]["per_occurrence"]["occurrences"].get<int>(), 10 * kGenes);
  const auto model = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->config.architecture, kGeneClassifier);
  const auto predictions = read_label_table(folder_ / "run" / "gene_predictions.csv");
  ASSERT_TRUE(predictions.ok());
  EXPECT_EQ(predictions->num_rows(), kGenes) << "every gene is held out once";
  PredictOptions predict;
  predict.input = in("cells.tokens.h5");
  predict.models = {in("run/model")};
  predict.dictionary = in("dictionary");
  predict.output = in("labels.csv");
  EXPECT_EQ(error_id(predict, run_predict), "E-FIN-008");
  o.output = in("many");
  o.folds = 30;
  EXPECT_EQ(error_id(o, run_finetune_genes), "E-FIN-007");
}

TEST_F(Finetune, LearnsSeveralColumnsAtOnceThoughLabelsAreMissing) {
  auto o = shared<FinetuneMultitaskOptions>("run");
  o.labels = {"type", "some"};
  o.task_weights = {1.0, 0.5};
  o.validation = 0.17;
  o.test = 0.17;
  Recorder recorder;
  Json summary = succeed(o, run_finetune_multitask, recorder);
  ASSERT_EQ(summary["tasks"].size(), 2U);
  EXPECT_GE(summary["tasks"][0]["test"]["accuracy"].get<double>(), 0.9);
  EXPECT_GE(summary["tasks"][1]["test"]["accuracy"].get<double>(), 0.9);
  EXPECT_LT(summary["tasks"][1]["training_cells"].get<int>(), summary["tasks"][0]["training_cells"].get<int>());
  EXPECT_EQ(recorder.metrics["type macro_f1"].size(), recorder.metrics["some macro_f1"].size());
  EXPECT_EQ(first_line("run/some/predictions.csv"), "cell,true,predicted,p_first,p_second,donor");

  // What is written is what was judged, and both columns come from one run of predict.
  PredictOptions predict;
  predict.input = in("cells.tokens.h5");
  predict.models = {in("run/type/model"), in("run/some/model")};
  predict.dictionary = in("dictionary");
  predict.output = in("labels.csv");
  predict.threshold = 0.0;
  predict.probabilities = true;
  succeed(predict, run_predict, recorder);
  const auto labels = read_label_table(folder_ / "labels.csv");
  const auto tested = read_label_table(folder_ / "run" / "some" / "predictions.csv");
  ASSERT_TRUE(labels.ok() && tested.ok());
  for (std::int64_t row = 0; row < tested->num_rows(); ++row) {
    const auto place =
        std::find(labels->index.begin(), labels->index.end(), tested->index[static_cast<std::size_t>(row)]);
    ASSERT_NE(place, labels->index.end());
    EXPECT_NEAR(std::stod(labels->find("some_p_second")->text(place - labels->index.begin())),
                std::stod(tested->find("p_second")->text(row)), 1e-5);
  }
}

TEST_F(Finetune, ALowRankChangeIsSavedMergedAndJudgedAsOneModel) {
  FinetuneCellsOptions o = cells("run");
  o.lora_rank = 4;
  o.learning_rate = 1e-2;
  o.baselines = false;
  Recorder recorder;
  Json summary = succeed(o, run_finetune_cells, recorder);
  EXPECT_LT(summary["trained_parameters"].get<int>(), summary["parameters"].get<int>() / 2);
  EXPECT_GE(summary["test"]["accuracy"].get<double>(), 0.9);

  const auto base = open_model_folder(folder_ / "base");
  const auto model = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(base.ok() && model.ok());
  const auto change_of = [&](const std::string& name) {
    double largest = 0.0;
    const TensorRef* before = base->weights->find(name);
    const TensorRef* after = model->weights->find(name);
    for (std::size_t i = 0; i < static_cast<std::size_t>(before->num_elements()); ++i) {
      largest = std::max(largest, std::abs(element_at(*before, i) - element_at(*after, i)));
    }
    return largest;
  };
  const std::string self = "bert.encoder.layer.1.attention.self.";
  EXPECT_GT(change_of(self + "query.weight"), 1e-4);
  EXPECT_GT(change_of(self + "value.weight"), 1e-4);
  EXPECT_EQ(change_of(self + "key.weight"), 0.0);
  EXPECT_EQ(change_of("bert.embeddings.word_embeddings.weight"), 0.0);

  // The run judged base plus change; predict sees the merged weights.
  PredictOptions predict;
  predict.input = in("cells.tokens.h5");
  predict.models = {in("run/model")};
  predict.dictionary = in("dictionary");
  predict.output = in("labels.csv");
  predict.probabilities = true;
  succeed(predict, run_predict, recorder);
  const auto labels = read_label_table(folder_ / "labels.csv");
  const auto tested = read_label_table(folder_ / "run" / "predictions.csv");
  ASSERT_TRUE(labels.ok() && tested.ok());
  for (std::int64_t row = 0; row < tested->num_rows(); ++row) {
    const auto place =
        std::find(labels->index.begin(), labels->index.end(), tested->index[static_cast<std::size_t>(row)]);
    EXPECT_NEAR(std::stod(labels->find("type_p_beta")->text(place - labels->index.begin())),
                std::stod(tested->find("p_beta")->text(row)), 1e-5);
  }

  ASSERT_TRUE(merge_adapter(in("base"), in("run/adapter"), in("again"), Json(), false).ok());
  EXPECT_EQ(content("again/model.safetensors"), content("run/model/model.safetensors"));
  EXPECT_EQ(merge_adapter(in("run/model"), in("base"), in("other"), Json(), false).error().code, ErrorCode::kNotFound);
  ModelConfig wider = base->config;
  wider.hidden = 64;
  Parameters parameters = Parameters::allocate(wider);
  ASSERT_TRUE(write_model_folder(folder_ / "wider", wider, parameters.tensors(), Json(), true).ok());
  EXPECT_EQ(merge_adapter(in("wider"), in("run/adapter"), in("other"), Json(), false).error().id, "E-FIN-010");
  std::ofstream(folder_ / "run" / "adapter" / "adapter_config.json") << "{}";
  EXPECT_EQ(merge_adapter(in("base"), in("run/adapter"), in("other"), Json(), false).error().id, "E-FIN-011");
}

TEST_F(Finetune, GeneClassesAreReadFromEveryFormat) {
  const auto dictionary = Dictionary::load(in("dictionary"));
  ASSERT_TRUE(dictionary.ok());
  // "G2" stands for the Ensembl id of token 2.
  const auto with_ids = [](std::string text) {
    for (std::int32_t i = 2; i < 5; ++i) {
      const std::string mark = "G" + std::to_string(i);
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.replace(at, 2, gene_id(i));
    }
    return text;
  };
  const auto read = [&](const std::string& name, const std::string& text, const std::string& column = "") {
    std::ofstream(folder_ / name) << with_ids(text);
    Recorder recorder;
    JobContext context(&recorder, recorder.cancel);
    auto list = read_gene_classes(folder_ / name, column, **dictionary, ClassOrder::kByName, context);
    return std::pair(list.ok() ? list->classes.size() * 100 + list->tokens.size() : 0,
                     list.ok() ? (recorder.warned("W-FIN-004") ? "W-FIN-004" : "") : list.error().id);
  };
  using Found = std::pair<std::size_t, std::string>;
  EXPECT_EQ(read("a.json", R"({"x": ["G2", "G3"], "y": ["G4", "nothing"]})"), Found(203, "W-FIN-004"));
  EXPECT_EQ(read("a.gmt", "x\tsaid\tG2\tG3\ny\t\tG4\r\n"), Found(203, ""));
  EXPECT_EQ(read("a.csv", "gene,name,class\nG2,a,x\nG3,b,y\n"), Found(202, ""));
  EXPECT_EQ(read("flags.csv", "id,gene_name,x,y\nG2,a,Yes,\nG3,b,,Yes\nG4,c,No,Yes\n"), Found(203, ""));
  EXPECT_EQ(read("named.csv", "id,m,n\nG2,True,True\nG3,True,False\n", "n"), Found(202, ""));
  EXPECT_EQ(read("list.json", R"(["G2"])").second, "E-FIN-004");
  EXPECT_EQ(read("none.csv", "id,name,other\nG2,a,b\nG3,c,d\n").second, "E-FIN-004");
  EXPECT_EQ(read("column.csv", "id,m\nG2,True\n", "n").second, "E-FIN-004");
  EXPECT_EQ(read("one.json", R"({"x": ["G2"]})").second, "E-FIN-005");
  EXPECT_EQ(read("both.json", R"({"x": ["G2"], "y": ["G2"]})").second, "E-FIN-006");

  JobContext context;
  std::ofstream(folder_ / "order.json") << with_ids(R"({"y": ["G4"], "x": ["G3", "G2"]})");
  const auto by_name = read_gene_classes(folder_ / "order.json", "", **dictionary, ClassOrder::kByName, context);
  const auto as_in_file = read_gene_classes(folder_ / "order.json", "", **dictionary, ClassOrder::kAsInFile, context);
  ASSERT_TRUE(by_name.ok() && as_in_file.ok());
  EXPECT_EQ(by_name->classes, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(by_name->class_of, (std::vector<std::int32_t>{0, 0, 1}));
  EXPECT_EQ(as_in_file->classes, (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(as_in_file->class_of, (std::vector<std::int32_t>{1, 1, 0}));
}

}  // namespace
}  // namespace cw
