// SPDX-License-Identifier: GPL-3.0-or-later
// Training by several processes gives the same result as by one.
#include "core/train/process_group.h"

#include "core/train/cell_order.h"
#include "core/weights/tensor_file.h"
#include "tests/core/exchange/group_of_threads.h"
#include "tests/core/train/forked_group.h"
#include "tests/core/train/pretrain_world.h"

#include <ATen/ops/add.h>
#include <ATen/ops/max.h>
#include <ATen/ops/min.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <cstring>

namespace cw {
namespace {

class Processes : public Pretrain {
 protected:
  PretrainOptions steps20(const std::string& out) const {
    PretrainOptions o = options(out);
    o.steps = 20;
    o.learning_rate = 1e-3;
    o.checkpoint_every = 5;
    return o;
  }

  /// One process per rank. The first one is asked to stop after the checkpoint `cancel_at`.
  GroupOutcome run_together(PretrainOptions o, int size, TransportChoice transport, bool zero,
                            std::int64_t cancel_at = -1) const {
    o.processes = size;
    o.zero = zero && size > 1;
    return run_forked(folder_, places(size, transport), [&](Communicator& communicator) {
      Recorder recorder;
      recorder.cancel_at_checkpoint = cancel_at;
      JobContext context(&recorder, recorder.cancel);
      const auto result = pretrain_in_group(o, communicator, context);
      return GroupOutcome::part(result, recorder.metrics);
    });
  }

  double largest_difference(const std::string& a, const std::string& b,
                            const char* file = "weights.safetensors") const {
    const auto newest = [](const std::string& out) {
      return CheckpointStore(fs::path(out) / "checkpoints").list().at(0);
    };
    return cw::largest_difference(newest(a) / file, newest(b) / file);
  }
};

TEST_F(Processes, OneTwoAndFourGiveTheWeightsOfOneLargeBatch) {
  Recorder recorder;
  run(steps20("alone"), recorder);
  for (const int size : {1, 2, 4}) {
    const std::string out = "together" + std::to_string(size);
    const GroupOutcome outcome = run_together(steps20(out), size, TransportChoice::kShared, false);
    for (const std::string& error : outcome.errors) EXPECT_EQ(error, "");
    const double difference = largest_difference(in("alone"), in(out));
    EXPECT_LE(difference, 1e-5) << size << " processes";
    ASSERT_EQ(outcome.metrics.at("validation_loss").size(), recorder.metrics["validation_loss"].size());
    EXPECT_NEAR(outcome.metrics.at("validation_loss").back(), recorder.metrics["validation_loss"].back(), 1e-5);
  }
}

TEST_F(Processes, SharingTheOptimiserStateChangesNothing) {
  for (const int size : {2, 3}) {
    const std::string whole = "whole" + std::to_string(size);
    const std::string shared = "shared" + std::to_string(size);
    run_together(steps20(whole), size, TransportChoice::kShared, false);
    run_together(steps20(shared), size, TransportChoice::kShared, true);
    EXPECT_LE(largest_difference(in(whole), in(shared)), 1e-7) << size;
    EXPECT_LE(largest_difference(in(whole), in(shared), "optimiser.safetensors"), 1e-7) << size;
  }
}

TEST_F(Processes, RecomputingLayersChangesNothing) {
  PretrainOptions o = steps20("kept");
  o.hidden_dropout = 0.1;
  run_together(o, 2, TransportChoice::kShared, false);
  o.out = in("recomputed");
  o.recompute = true;
  run_together(o, 2, TransportChoice::kShared, false);
  EXPECT_EQ(weights(in("kept")), weights(in("recomputed")));
}

TEST_F(Processes, AnOptimiserStateOnTheDiskChangesNothing) {
  for (const bool zero : {false, true}) {
    PretrainOptions o = steps20(zero ? "memory-zero" : "memory");
    run_together(o, 2, TransportChoice::kShared, zero);
    PretrainOptions offloaded = steps20(zero ? "disk-zero" : "disk");
    offloaded.offload_optimiser = true;
    run_together(offloaded, 2, TransportChoice::kShared, zero, 10);  // stopped in between
    const GroupOutcome outcome = run_together(offloaded, 2, TransportChoice::kShared, zero);
    for (const std::string& error : outcome.errors) EXPECT_EQ(error, "");
    EXPECT_EQ(weights(o.out), weights(offloaded.out));
    EXPECT_EQ(largest_difference(o.out, offloaded.out, "optimiser.safetensors"), 0.0);
  }
}

TEST_F(Processes, TheTransportChangesNothing) {
  run_together(steps20("shared"), 3, TransportChoice::kShared, true);
  run_together(steps20("tcp"), 3, TransportChoice::kTcp, true);
  EXPECT_EQ(weights(in("shared")), weights(in("tcp")));
}

TEST_F(Processes, ARunOfFourGoesOnWithTwoAndWithOne) {
  Recorder recorder;
  run(steps20("alone"), recorder);
  GroupOutcome stopped = run_together(steps20("parts"), 4, TransportChoice::kShared, true, 10);
  for (const std::string& error : stopped.errors) EXPECT_NE(error.find("cancelled"), std::string::npos) << error;
  EXPECT_EQ(CheckpointStore(fs::path(in("parts")) / "checkpoints").list().at(0).filename(), "step-000000000010");
  PretrainOptions more = steps20("parts");
  more.resume = true;
  stopped = run_together(more, 2, TransportChoice::kTcp, false, 15);
  EXPECT_EQ(CheckpointStore(fs::path(in("parts")) / "checkpoints").list().at(0).filename(), "step-000000000015");
  Recorder last;
  run(more, last);
  EXPECT_LE(largest_difference(in("alone"), in("parts")), 1e-5);
}

TEST_F(Processes, AStoppedAndResumedGroupEqualsOneRunBitByBit) {
  run_together(steps20("whole"), 2, TransportChoice::kShared, true);
  run_together(steps20("parts"), 2, TransportChoice::kShared, true, 5);
  run_together(steps20("parts"), 2, TransportChoice::kShared, true);
  EXPECT_EQ(weights(in("whole")), weights(in("parts")));
}

TEST_F(Processes, GradientsOfTwoBytesGiveNearlyTheSameWeights) {
  Recorder recorder;
  run(steps20("alone"), recorder);
  const double loss = recorder.metrics["validation_loss"].back();
  for (const int size : {1, 2, 4}) {
    PretrainOptions o = steps20("narrow" + std::to_string(size));
    o.exchange_precision = "bf16";
    const GroupOutcome outcome = run_together(o, size, TransportChoice::kShared, false);
    for (const std::string& error : outcome.errors) EXPECT_EQ(error, "");
    const double difference = largest_difference(in("alone"), o.out);
    // AdamW turns the noise of a small gradient into a step of the rate's size: 20 steps of at most 1e-3
    EXPECT_LE(difference, 5e-3) << size << " processes";
    if (size > 1) {
      EXPECT_GT(difference, 1e-5) << "rounded indeed";
    }
    EXPECT_NEAR(outcome.metrics.at("validation_loss").back(), loss, 1e-3) << size << " processes";
  }
}

TEST_F(Processes, GradientsOfTwoBytesAreTheSameOverAnyTransportAndWithSharedState) {
  const auto narrow = [&](const std::string& out, TransportChoice transport, bool zero) {
    PretrainOptions o = steps20(out);
    o.exchange_precision = "bf16";
    run_together(o, 3, transport, zero);
    return weights(o.out);
  };
  const auto shared = narrow("shared", TransportChoice::kShared, false);
  EXPECT_EQ(shared, narrow("tcp", TransportChoice::kTcp, false));
  narrow("zero", TransportChoice::kTcp, true);
  EXPECT_LE(largest_difference(in("shared"), in("zero")), 1e-7);
}

TEST_F(Processes, ARunGoesOnWithAnotherPrecisionOfTheExchange) {
  PretrainOptions o = steps20("parts");
  o.exchange_precision = "bf16";
  run_together(o, 2, TransportChoice::kShared, true, 10);
  o.resume = true;
  run_together(o, 2, TransportChoice::kShared, true, 15);
  PretrainOptions whole = steps20("whole");
  whole.exchange_precision = "bf16";
  run_together(whole, 2, TransportChoice::kShared, true, 15);
  EXPECT_EQ(largest_difference(in("whole"), in("parts")), 0.0) << "stopped and resumed";
  EXPECT_EQ(largest_difference(in("whole"), in("parts"), "optimiser.safetensors"), 0.0);
  o.exchange_precision = "fp32";
  const GroupOutcome outcome = run_together(o, 2, TransportChoice::kShared, true);
  for (const std::string& error : outcome.errors) EXPECT_EQ(error, "");
  EXPECT_EQ(CheckpointStore(fs::path(in("parts")) / "checkpoints").list().at(0).filename(), "step-000000000020");
}

TEST(ProcessGroupTest, TheBytesOfGradientsAreHalved) {
  ModelConfig config;
  config.architecture = "BertForMaskedLM";
  config.vocab_size = 62;
  config.max_positions = 30;
  config.hidden = 16;
  config.layers = 2;
  config.heads = 1;
  config.ffn = 32;
  run_group(places(2, TransportChoice::kTcp), [&](Communicator& communicator) {
    std::uint64_t before = 0;
    std::array<std::uint64_t, 2> bytes{};
    std::int64_t elements = 0;
    for (const bool narrow : {false, true}) {
      ProcessGroup group(communicator, {false, narrow}, 500);
      Parameters parameters = Parameters::allocate(config, group.memory());
      group.attach(parameters, group.memory());
      for (ParameterGroup& g : parameters.groups()) g.gradients.fill_(1.0F + 0.00390625F);  // half way: the even one, 1
      before = communicator.health().bytes;
      ASSERT_TRUE(group.sum_gradients(parameters).ok());
      bytes[narrow ? 1 : 0] = communicator.health().bytes - before;
      elements = parameters.num_trained();
      EXPECT_EQ(parameters.groups()[0].gradients.max().item<float>(), narrow ? 2.0F : 2.0078125F);
      EXPECT_EQ(parameters.groups()[1].gradients.min().item<float>(), narrow ? 2.0F : 2.0078125F);
    }
    EXPECT_EQ(bytes[0], 4 * static_cast<std::uint64_t>(elements));
    EXPECT_EQ(bytes[1], 2 * static_cast<std::uint64_t>(elements));
  });
}

TEST(ProcessGroupTest, GradientsAreSentWhileTheBackwardPassGoesOnAndAddUp) {
  ModelConfig config;
  config.architecture = "BertForMaskedLM";
  config.vocab_size = 62;
  config.max_positions = 30;
  config.hidden = 16;
  config.layers = 3;
  config.heads = 1;
  config.ffn = 32;
  run_group(places(2, TransportChoice::kShared), [&](Communicator& communicator) {
    ProcessGroup group(communicator, {}, 500);
    Parameters parameters = Parameters::allocate(config, group.memory());
    group.attach(parameters, group.memory());
    EXPECT_GT(group.num_buckets(), 5U);
    at::Tensor loss = at::zeros({});
    // the last parameters first, as a model's backward pass has them; those of process 1 are twice as large
    for (const Parameter& p : parameters.all())
      for (int i = 0; i <= communicator.rank(); ++i) loss = at::add(loss, p.value.sum());
    group.last_backward_comes();
    loss.backward();
    EXPECT_GT(group.sent_early(), 0U);
    ASSERT_TRUE(group.sum_gradients(parameters).ok());
    for (const ParameterGroup& g : parameters.groups()) {
      EXPECT_EQ(g.gradients.min().item<float>(), 3.0F);
      EXPECT_EQ(g.gradients.max().item<float>(), 3.0F);
    }
    // without a backward pass all is sent at the end
    ASSERT_TRUE(group.sum_gradients(parameters).ok());
    EXPECT_EQ(parameters.groups()[0].gradients.max().item<float>(), 6.0F);
  });
}

TEST(BatchShareTest, EveryCellGoesToOneProcessAndTheLoadIsEven) {
  const std::vector<std::int64_t> lengths = {10, 50, 20, 20, 40, 60, 5, 5, 90};
  const std::vector<std::int64_t> batch = {8, 0, 3, 5, 1, 2, 7, 4};
  for (const int size : {1, 2, 3, 8, 20}) {
    std::size_t next = 0;
    for (int rank = 0; rank < size; ++rank) {
      const BatchShare share = share_of(batch, lengths, rank, size);
      EXPECT_EQ(share.begin, next);
      EXPECT_GE(share.end, share.begin);
      next = share.end;
    }
    EXPECT_EQ(next, batch.size());
  }
  const BatchShare half = share_of(batch, lengths, 0, 2);
  EXPECT_EQ(half.end, 4U);  // 90 + 10 + 20 + 60 of 295 tokens: the fourth cell reaches the half
}

}  // namespace
}  // namespace cw
