// SPDX-License-Identifier: GPL-3.0-or-later
// The job from token file to model folder on a small world with structure: cells of two types, each with its own genes
// in its own order.
#include "core/train/run_pretrain.h"

#include "core/train/checkpoint.h"
#include "core/train/keyed_random.h"
#include "core/weights/model_folder.h"
#include "core/weights/safetensors.h"
#include "tests/core/train/pretrain_world.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>

namespace cw {
namespace {

TEST_F(Pretrain, LearnsTheStructureThatFrequenciesDoNotHave) {
  PretrainOptions o = options("run");
  o.steps = 0;
  o.epochs = 40;
  o.validate_every = 0;
  Recorder recorder;
  const Json summary = run(o, recorder);
  // Which half of the genes a cell has is worth log 2 = 0.69 nats; the order within the cell is worth more.
  EXPECT_LT(summary["validation_loss"].get<double>(), summary["unigram_loss"].get<double>() - 0.6);
  const auto& losses = recorder.metrics["validation_loss"];
  ASSERT_GE(losses.size(), 8U);
  EXPECT_LT(losses.back(), losses.front() - 0.5);
  EXPECT_EQ(recorder.metrics.count("learning_rate"), 1U);
  EXPECT_EQ(recorder.metrics.count("tokens_per_second"), 1U);
}

TEST_F(Pretrain, WritesAModelFolderWithItsProvenance) {
  Recorder recorder;
  const Json summary = run(options("run"), recorder);
  EXPECT_EQ(summary["steps"], 12);
  EXPECT_EQ(summary["validation_cells"], 12);
  const auto model = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(model->has_head);
  EXPECT_EQ(model->config.hidden, 16);
  EXPECT_EQ(model->cellwright["dictionary"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(model->cellwright["training"]["steps"], 12);
  EXPECT_EQ(model->cellwright["options"]["seed"], 42);
  const auto kept_out = read_file(folder_ / "run" / "validation_cells.csv");
  ASSERT_TRUE(kept_out.ok());
  EXPECT_EQ(std::count(kept_out->begin(), kept_out->end(), '\n'), 13);
  EXPECT_TRUE(fs::exists(folder_ / "run" / "training.json"));
}

TEST_F(Pretrain, StoresHalfTheBytesWhereAsked) {
  Recorder recorder;
  run(options("full"), recorder);
  PretrainOptions o = options("half");
  o.store = "float16";
  run(o, recorder);
  const auto full = open_model_folder(folder_ / "full" / "model");
  const auto half = open_model_folder(folder_ / "half" / "model");
  ASSERT_TRUE(full.ok());
  ASSERT_TRUE(half.ok()) << half.error().message;
  for (const TensorRef& tensor : half->weights->tensors()) {
    EXPECT_EQ(tensor.dtype, DType::kFloat16);
    const TensorRef* exact = full->weights->find(tensor.name);
    ASSERT_NE(exact, nullptr);
    const double value = element_at(*exact, 3);
    EXPECT_NEAR(element_at(tensor, 3), value, std::abs(value) / 1024 + 1e-7);
  }
}

TEST_F(Pretrain, AStoppedAndResumedRunEqualsOneRunBitByBit) {
  Recorder whole;
  run(options("whole"), whole);
  for (const std::int64_t stop : {3, 9}) {
    const PretrainOptions o = options("parts" + std::to_string(stop));
    Recorder first;
    first.cancel_at_checkpoint = stop;
    JobContext context(&first, first.cancel);
    const auto stopped = run_pretrain(o, context);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(fs::exists(fs::path(o.out) / "model"));
    PretrainOptions again = o;
    again.resume = true;
    Recorder second;
    run(again, second);
    EXPECT_EQ(weights(options("whole").out), weights(o.out)) << "stopped after step " << stop;
  }
}

TEST_F(Pretrain, SeveralFilesAreOneCorpus) {
  const auto cells = structured_cells(120);
  fs::create_directories(folder_ / "corpus");
  write_tokens("corpus/a.tokens.h5", {cells.begin(), cells.begin() + 50});
  write_tokens("corpus/b.tokens.h5", {cells.begin() + 50, cells.begin() + 51});
  write_tokens("c.tokens.h5", {cells.begin() + 51, cells.end()});
  Recorder recorder;
  run(options("one"), recorder);
  PretrainOptions several = options("several");
  several.tokens = in("corpus");
  several.more_tokens = {in("c.tokens.h5")};
  Recorder first;
  first.cancel_at_checkpoint = 6;
  JobContext context(&first, first.cancel);
  ASSERT_FALSE(run_pretrain(several, context).ok());
  run(several, recorder);
  EXPECT_EQ(weights(options("one").out), weights(several.out)) << "stopped and resumed";
  const auto model = open_model_folder(fs::path(several.out) / "model");
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->cellwright["corpus"]["files"], 3);
  EXPECT_EQ(model->cellwright["corpus"]["source"][1]["cells"], 1);
  EXPECT_EQ(model->cellwright["corpus"]["source"].size(), 3U);
}

TEST_F(Pretrain, RefusesFilesThatAreNoCorpus) {
  PretrainOptions o = options("run");
  o.more_tokens = {o.tokens};
  EXPECT_EQ(error_id(o), "E-TOK-009");
  write_tokens("other.tokens.h5", structured_cells(10), std::string(64, 'a'));
  o.more_tokens = {in("other.tokens.h5")};
  EXPECT_EQ(error_id(o), "E-TOK-010");
  o.more_tokens = {in("missing.tokens.h5")};
  EXPECT_NE(error_id(o), "no error");
}

TEST_F(Pretrain, TheResultDoesNotDependOnTheNumberOfThreads) {
  Recorder recorder;
  run(options("one"), recorder);
  PretrainOptions three = options("three");
  three.num_threads = 3;
  run(three, recorder);
  EXPECT_EQ(weights(options("one").out), weights(three.out));
  PretrainOptions other = options("other");
  other.seed = 43;
  run(other, recorder);
  EXPECT_NE(weights(options("one").out), weights(other.out));
}

TEST_F(Pretrain, SurvivesBeingKilledAtAnyMoment) {
  PretrainOptions o = options("killed");
  o.checkpoint_every = 1;
  for (int attempt = 0; attempt < 6; ++attempt) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      JobContext context;
      const auto result = run_pretrain(o, context);
      _exit(result.ok() ? 0 : 1);
    }
    KeyedRandom random(11, RandomUse::kOrder, {static_cast<std::uint64_t>(attempt)});
    usleep(static_cast<useconds_t>(20000 + random.below(120000)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    EXPECT_LE(CheckpointStore(fs::path(o.out) / "checkpoints").list().size(), 3U);
  }
  Recorder recorder;
  run(o, recorder);
  EXPECT_TRUE(recorder.warnings.empty());
  PretrainOptions whole = options("whole");
  whole.checkpoint_every = 1;
  run(whole, recorder);
  EXPECT_EQ(weights(whole.out), weights(o.out));
  EXPECT_EQ(CheckpointStore(fs::path(o.out) / "checkpoints").list().size(), 2U);
}

TEST_F(Pretrain, FallsBackToTheOlderCheckpointWhereTheNewestIsDamaged) {
  PretrainOptions o = options("run");
  Recorder first;
  first.cancel_at_checkpoint = 9;
  JobContext context(&first, first.cancel);
  ASSERT_FALSE(run_pretrain(o, context).ok());
  const auto list = CheckpointStore(fs::path(o.out) / "checkpoints").list();
  ASSERT_EQ(list.size(), 2U);
  fs::resize_file(list[0] / "weights.safetensors", 1000);
  Recorder second;
  run(o, second);
  ASSERT_EQ(second.warnings.size(), 1U);
  EXPECT_NE(second.warnings[0].find("W-TRN-001"), std::string::npos);
  Recorder whole;
  run(options("whole"), whole);
  EXPECT_EQ(weights(options("whole").out), weights(o.out));
}

TEST_F(Pretrain, RefusesToGoOnWithOtherSettingsOrWithoutCheckpoints) {
  Recorder recorder;
  run(options("run"), recorder);
  PretrainOptions other = options("run");
  other.learning_rate = 0.02;
  EXPECT_EQ(error_id(other), "E-TRN-003");
  other.overwrite = true;
  EXPECT_EQ(error_id(other), "no error");
  PretrainOptions nothing = options("nothing");
  nothing.resume = true;
  EXPECT_EQ(error_id(nothing), "E-TRN-004");
  for (const fs::path& checkpoint : CheckpointStore(folder_ / "run" / "checkpoints").list()) {
    ASSERT_TRUE(write_file_atomically(checkpoint / "state.json", "{}").ok());
  }
  other.overwrite = false;
  Recorder damaged;
  JobContext context(&damaged, damaged.cancel);
  const auto result = run_pretrain(other, context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, "E-TRN-007");
  ASSERT_EQ(damaged.warnings.size(), 2U);
  EXPECT_EQ(training_state_from_json(Json::object(), "here").error().id, "E-TRN-006");
}

TEST_F(Pretrain, GoesOnFromAGivenModel) {
  Recorder recorder;
  run(options("run"), recorder);
  PretrainOptions more = options("more");
  more.config.clear();
  more.init = (folder_ / "run" / "model").string();
  const Json summary = run(more, recorder);
  EXPECT_LT(recorder.metrics["validation_loss"].back(), recorder.metrics["unigram_loss"].back());
  const auto model = open_model_folder(folder_ / "more" / "model");
  ASSERT_TRUE(model.ok());
  EXPECT_TRUE(model->cellwright["initial_model"].is_string());
}

TEST_F(Pretrain, SaysWhenTheLossDiverges) {
  Recorder recorder;
  run(options("run"), recorder);
  const auto model = open_model_folder(folder_ / "run" / "model");
  ASSERT_TRUE(model.ok());
  std::vector<TensorRef> tensors = model->weights->tensors();
  std::vector<float> broken;
  for (TensorRef& tensor : tensors) {
    if (tensor.name != "bert.embeddings.LayerNorm.weight") continue;
    broken.assign(static_cast<std::size_t>(tensor.num_elements()), std::numeric_limits<float>::quiet_NaN());
    tensor.bytes = std::as_bytes(std::span(broken));
  }
  ASSERT_TRUE(write_model_folder(folder_ / "broken", model->config, tensors, Json(), true).ok());
  PretrainOptions o = options("diverged");
  o.config.clear();
  o.init = (folder_ / "broken").string();
  EXPECT_EQ(error_id(o), "E-TRN-008");
}

TEST_F(Pretrain, StopsEarlyWhereValidationNoLongerImproves) {
  PretrainOptions o = options("run");
  o.steps = 4000;
  o.validate_every = 5;
  o.patience = 3;
  o.learning_rate = 0.02;
  o.schedule = "constant";
  Recorder recorder;
  const Json summary = run(o, recorder);
  EXPECT_LT(summary["steps"].get<std::int64_t>(), 4000);
  EXPECT_EQ(summary["steps"].get<std::int64_t>(), summary["best_step"].get<std::int64_t>() + 15);
}

TEST_F(Pretrain, NamesWhatDoesNotFit) {
  PretrainOptions o = options("run");
  o.epochs = 1;
  EXPECT_EQ(error_id(o), "E-TRN-001");
  o = options("run");
  o.preset = "v9";
  EXPECT_EQ(error_id(o), "E-TRN-009");
  o = options("run");
  o.config = (folder_ / "short.json").string();
  write_config("short.json", 16, 8);
  EXPECT_EQ(error_id(o), "E-TRN-010");
  write_tokens("outside.tokens.h5", {{2, 3, 61, 62}});
  o = options("run");
  o.tokens = (folder_ / "outside.tokens.h5").string();
  EXPECT_EQ(error_id(o), "E-TRN-011");
  write_config("narrow.json", 24);
  o = options("run");
  o.config = (folder_ / "narrow.json").string();
  EXPECT_EQ(error_id(o), "E-TRN-012");
  write_tokens("single.tokens.h5", {{2}, {3}, {}});
  o = options("run");
  o.tokens = (folder_ / "single.tokens.h5").string();
  EXPECT_EQ(error_id(o), "E-TRN-013");
  o = options("run");
  o.dictionary = "v1";
  EXPECT_EQ(error_id(o), "E-TRN-005") << "25,426 tokens, the configuration has 62";
  write_tokens("other.tokens.h5", structured_cells(4), std::string(64, 'a'));
  o = options("run");
  o.tokens = (folder_ / "other.tokens.h5").string();
  EXPECT_EQ(error_id(o), "E-DICT-007");
  EXPECT_FALSE(fs::exists(folder_ / "run")) << "nothing is written before the inputs fit";
}

TEST(PretrainOptionsTest, RefuseWhatIsOutOfRangeAndSurviveJson) {
  PretrainOptions o;
  o.tokens = "a";
  o.out = "b";
  o.steps = 5;
  o.leave_out = 0.25;
  o.start_from_frequencies = true;
  ASSERT_TRUE(o.validate().ok());
  const auto back = pretrain_options_from_json(to_json(o));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(to_json(*back), to_json(o));
  Json unknown = to_json(o);
  unknown["learning_rat"] = 1;
  EXPECT_FALSE(pretrain_options_from_json(unknown).ok());
  const auto refused = [&](auto&& change) {
    PretrainOptions copy = o;
    change(copy);
    return !copy.validate().ok();
  };
  EXPECT_TRUE(refused([](auto& p) { p.mask_probability = 0; }));
  EXPECT_TRUE(refused([](auto& p) { p.tokens_per_batch = 0; }));
  EXPECT_TRUE(refused([](auto& p) { p.schedule = "staircase"; }));
  EXPECT_TRUE(refused([](auto& p) { p.precision = "fp8"; }));
  EXPECT_TRUE(refused([](auto& p) { p.validation = 1.5; }));
  EXPECT_TRUE(refused([](auto& p) { p.beta2 = 1.0; }));
  EXPECT_TRUE(refused([](auto& p) { p.learning_rate = std::numeric_limits<double>::quiet_NaN(); }));
  EXPECT_TRUE(refused([](auto& p) { p.resume = p.overwrite = true; }));
  EXPECT_TRUE(refused([](auto& p) { p.steps = 0; }));
  EXPECT_TRUE(refused([](auto& p) { p.processes = 0; }));
  EXPECT_TRUE(refused([](auto& p) { p.exchange_timeout = 0.0; }));
  Json of_one_process = to_json(o);  // as written before there were several processes and files
  for (const char* key : {"processes", "zero", "exchange_timeout", "more_tokens"}) of_one_process.erase(key);
  const auto old = pretrain_options_from_json(of_one_process);
  ASSERT_TRUE(old.ok()) << old.error().message;
  EXPECT_EQ(to_json(*old), to_json(o));
}

}  // namespace
}  // namespace cw
