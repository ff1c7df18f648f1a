// SPDX-License-Identifier: GPL-3.0-or-later
// Loss, gradients and AdamW steps against transformers in float64 (tests/golden/pretrain/make.py). Set
// CW_PRETRAIN_GOLDEN to a file made from a larger model to compare that one by hand.
#include "core/train/masked_model.h"
#include "core/train/optimiser.h"
#include "core/weights/tensor_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace cw {
namespace {

class Parity : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* other = std::getenv("CW_PRETRAIN_GOLDEN");
    auto file = TensorFile::open(other != nullptr ? other : CW_SOURCE_DIR "/tests/golden/pretrain/golden.safetensors");
    ASSERT_TRUE(file.ok()) << file.error().message;
    golden_ = *file;
    const auto json = parse_json(golden_->metadata().at("config"), "golden");
    ASSERT_TRUE(json.ok());
    const auto config = model_config_from_json(*json, "golden");
    ASSERT_TRUE(config.ok()) << config.error().message;
    config_ = *config;
    parameters_ = std::make_unique<Parameters>(Parameters::allocate(config_));
    const auto loaded =
        parameters_->load([&](const std::string& name) { return golden_->find("weight." + name); }, "golden");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }

  std::vector<double> numbers(const std::string& name) const {
    const TensorRef* ref = golden_->find(name);
    EXPECT_NE(ref, nullptr) << name;
    std::vector<double> out;
    for (std::int64_t i = 0; ref != nullptr && i < ref->num_elements(); ++i) {
      out.push_back(element_at(*ref, static_cast<std::size_t>(i)));
    }
    return out;
  }

  std::vector<std::int64_t> integers(const std::string& name) const {
    const std::vector<double> values = numbers(name);
    return {values.begin(), values.end()};
  }

  MaskedBatch batch(int step) const {
    MaskedBatch b;
    for (const std::int64_t length : integers("lengths")) {
      for (std::int64_t i = 0; i < length; ++i) b.positions.push_back(i);
      b.offsets.push_back(static_cast<std::int64_t>(b.positions.size()));
    }
    b.tokens = integers("seen." + std::to_string(step));
    b.masked_rows = integers("rows." + std::to_string(step));
    b.targets = integers("targets." + std::to_string(step));
    return b;
  }

  double backward(int step, int num_threads = 2) {
    parameters_->zero_gradients();
    const MaskedBatch b = batch(step);
    const at::Tensor loss =
        masked_lm_loss(config_, *parameters_, b, {}, 1.0 / static_cast<double>(b.targets.size()), {num_threads});
    loss.backward();
    return loss.item<double>();
  }

  std::shared_ptr<const TensorFile> golden_;
  ModelConfig config_;
  std::unique_ptr<Parameters> parameters_;
};

TEST_F(Parity, TheLossEqualsThatOfTransformers) { EXPECT_NEAR(backward(0), numbers("losses")[0], 1e-5); }

TEST_F(Parity, EveryGradientEqualsThatOfTransformers) {
  backward(0);
  for (const Parameter& p : parameters_->all()) {
    const std::vector<double> expected = numbers("gradient." + p.name);
    ASSERT_EQ(static_cast<std::int64_t>(expected.size()), p.value.numel()) << p.name;
    const at::Tensor gradient = p.value.grad().contiguous();
    const float* found = gradient.const_data_ptr<float>();
    double difference = 0.0;
    double norm = 0.0;
    double largest = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double d = static_cast<double>(found[i]) - expected[i];
      difference += d * d;
      norm += expected[i] * expected[i];
      largest = std::max(largest, std::abs(d));
    }
    if (p.name.find("self.key.bias") != std::string::npos) {
      EXPECT_LE(largest, 1e-6) << p.name << ": in exact arithmetic this gradient is zero";
    } else {
      EXPECT_GT(norm, 0.0) << p.name;

      EXPECT_LE(std::sqrt(difference), 1e-4 * std::sqrt(norm)) << p.name;
    }
  }
}

TEST_F(Parity, StepsOfAdamWEqualThoseOfTorch) {
  const std::vector<double> losses = numbers("losses");
  const std::vector<double> norms = numbers("norms");
  SingleProcess alone;
  AdamW adam;
  adam.weight_decay = std::stod(golden_->metadata().at("decay"));
  const double rate = std::stod(golden_->metadata().at("rate"));
  for (std::size_t step = 0; step < losses.size(); ++step) {
    EXPECT_NEAR(backward(static_cast<int>(step)), losses[step], 5e-4) << "step " << step;
    const auto norm = clip_gradients(*parameters_, 1.0, alone);
    ASSERT_TRUE(norm.ok());
    EXPECT_NEAR(*norm, norms[step], 5e-3 * norms[step]) << "step " << step;
    adam.update(*parameters_, rate, static_cast<std::int64_t>(step) + 1);
  }
  std::vector<double> differences;
  for (const Parameter& p : parameters_->all()) {
    const std::vector<double> expected = numbers("after." + p.name);
    const at::Tensor value = p.value.detach().contiguous();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      differences.push_back(std::abs(static_cast<double>(value.const_data_ptr<float>()[i]) - expected[i]));
    }
  }
  // Never the largest: AdamW turns a gradient of the size of rounding into a whole step.
  const auto middle = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
  std::nth_element(differences.begin(), middle, differences.end());
  EXPECT_LE(*middle, 1e-5);
}

TEST_F(Parity, TheGradientsHaveTheSameBitsForAnyNumberOfThreads) {
  const double one = backward(0, 1);
  const at::Tensor first = parameters_->groups()[0].gradients.clone();
  const double three = backward(0, 3);
  EXPECT_EQ(one, three);
  EXPECT_TRUE(first.equal(parameters_->groups()[0].gradients));
}

}  // namespace
}  // namespace cw
