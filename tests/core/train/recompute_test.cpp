// SPDX-License-Identifier: GPL-3.0-or-later
// Layers that are computed again in the backward pass: the same numbers, to the bit.
#include "core/train/masked_model.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace cw {
namespace {

class Recompute : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.architecture = "BertForMaskedLM";
    config_.vocab_size = 300;
    config_.max_positions = 64;
    config_.hidden = 32;
    config_.layers = 3;
    config_.heads = 2;
    config_.ffn = 64;
    config_.hidden_dropout = 0.1;
    config_.attention_dropout = 0.1;
    std::mt19937 random(1);
    for (const std::int64_t length : {64, 17, 40}) {
      for (std::int64_t i = 0; i < length; ++i) {
        if (random() % 5 == 0) {
          batch_.masked_rows.push_back(static_cast<std::int64_t>(batch_.tokens.size()));
          batch_.targets.push_back(static_cast<std::int64_t>(random() % 300));
        }
        batch_.tokens.push_back(static_cast<std::int64_t>(random() % 300));
        batch_.positions.push_back(i);
      }
      batch_.offsets.push_back(static_cast<std::int64_t>(batch_.tokens.size()));
    }
  }

  struct Pass {
    double loss = 0.0;
    std::vector<float> gradients;
  };

  /// `frozen`: what the names of parameters begin with that keep their values.
  Pass pass(bool recompute, const std::string& frozen = "nothing") const {
    auto list = planned_parameters(config_);
    for (PlannedParameter& planned : list) planned.frozen = planned.spec.name.rfind(frozen, 0) == 0;
    Parameters parameters = Parameters::allocate(list);
    parameters.initialise(config_, 1);
    Workers workers{2};
    workers.recompute = recompute;
    const at::Tensor loss = masked_lm_loss(config_, parameters, batch_, {true, 7}, 0.01, workers);
    loss.backward();
    Pass result;
    result.loss = loss.item<double>();
    for (const ParameterGroup& group : parameters.groups()) {
      const auto* values = static_cast<const float*>(group.gradients.const_data_ptr());
      result.gradients.insert(result.gradients.end(), values, values + group.gradients.numel());
    }
    return result;
  }

  void expect_equal(const Pass& one, const Pass& other) const {
    EXPECT_EQ(one.loss, other.loss);
    ASSERT_EQ(one.gradients.size(), other.gradients.size());
    EXPECT_EQ(std::memcmp(one.gradients.data(), other.gradients.data(), one.gradients.size() * sizeof(float)), 0);
  }

  ModelConfig config_;
  MaskedBatch batch_;
};

TEST_F(Recompute, LossAndGradientsAreThoseOfLayersThatAreKept) {
  const Pass kept = pass(false);
  expect_equal(kept, pass(true));
  double largest = 0.0;
  for (const float value : kept.gradients) largest = std::max(largest, std::abs(static_cast<double>(value)));
  EXPECT_GT(largest, 1e-4) << "there is something to compare";
}

TEST_F(Recompute, FrozenLayersStayFrozen) {
  for (const char* frozen : {"bert.embeddings.", "bert.encoder.layer.1.", "bert.", "cls."}) {
    SCOPED_TRACE(frozen);
    expect_equal(pass(false, frozen), pass(true, frozen));
  }
}

TEST_F(Recompute, ACancelIsSeenInTheSecondComputationToo) {
  Parameters parameters = Parameters::allocate(config_);
  parameters.initialise(config_, 1);
  const JobContext context;
  Workers workers{1, &context};
  workers.recompute = true;
  const at::Tensor loss = masked_lm_loss(config_, parameters, batch_, {true, 7}, 1.0, workers);
  context.request_cancel();
  EXPECT_THROW(loss.backward(), ComputationStopped);
}

}  // namespace
}  // namespace cw
