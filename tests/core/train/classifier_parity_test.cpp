// SPDX-License-Identifier: GPL-3.0-or-later
// Classifiers of cells and of genes against transformers in float64 (tests/golden/finetune/make.py): logits, loss with
// and without weights, every gradient, steps of AdamW; and the same pass with frozen layers.
#include "core/train/class_loss.h"
#include "core/train/class_model.h"
#include "core/train/optimiser.h"
#include "core/weights/tensor_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cw {
namespace {

constexpr double kLogitLimit = 3e-5;
constexpr double kLossLimit = 1e-5;
constexpr double kGradientLimit = 1e-4;  // of the tensor's norm

double distance(const std::vector<double>& expected, const at::Tensor& found) {
  const at::Tensor values = found.contiguous();
  double sum = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = static_cast<double>(values.const_data_ptr<float>()[i]) - expected[i];
    sum += d * d;
  }
  return std::sqrt(sum);
}

double norm(const std::vector<double>& values) {
  return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

class ClassifierParity : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto file = TensorFile::open(std::string(CW_SOURCE_DIR "/tests/golden/finetune/") + GetParam() + ".safetensors");
    ASSERT_TRUE(file.ok()) << file.error().message;
    golden_ = *file;
    const auto json = parse_json(golden_->metadata().at("config"), "golden");
    ASSERT_TRUE(json.ok());
    const auto config = model_config_from_json(*json, "golden");
    ASSERT_TRUE(config.ok()) << config.error().message;
    config_ = *config;
    allocate(0, false);
  }

  void allocate(std::int64_t freeze_layers, bool train_embeddings) {
    FinetuneOptions options;
    options.freeze_layers = freeze_layers;
    options.train_embeddings = train_embeddings;
    parameters_ = std::make_unique<Parameters>(Parameters::allocate(classifier_parameters(config_, options)));
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

  // Tokens of a step; `targets_` and, for genes, `rows_` are its classes and where they are.
  void take_batch(int step) {
    batch_ = {};
    for (const std::int64_t length : integers("lengths")) {
      for (std::int64_t i = 0; i < length; ++i) batch_.positions.push_back(i);
      batch_.offsets.push_back(static_cast<std::int64_t>(batch_.positions.size()));
    }
    batch_.tokens = integers("tokens." + std::to_string(step));
    targets_.clear();
    rows_.clear();
    const std::vector<std::int64_t> labels = integers("labels." + std::to_string(step));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] == -100) continue;
      rows_.push_back(static_cast<std::int64_t>(i));
      targets_.push_back(labels[i]);
    }
  }

  at::Tensor logits(int num_threads = 2) {
    EncoderPass pass(config_, *parameters_, batch_, {}, {num_threads});
    return config_.architecture == kCellClassifier ? cell_class_logits(pass, config_)
                                                   : gene_class_logits(pass, config_, rows_);
  }

  double backward(int step, const ClassLossRule& rule = {}, int num_threads = 2) {
    take_batch(step);
    parameters_->zero_gradients();
    double weight = 0.0;
    for (const std::int64_t target : targets_) weight += rule.weight_of(target);
    const at::Tensor loss = class_loss(logits(num_threads), targets_, rule, 1.0 / weight);
    loss.backward();
    return loss.item<double>();
  }

  // Of the parameters that are trained.
  void expect_gradients() const {
    for (const Parameter& p : parameters_->all()) {
      if (!p.value.requires_grad()) continue;
      const std::vector<double> expected = numbers("gradient." + p.name);
      ASSERT_EQ(static_cast<std::int64_t>(expected.size()), p.value.numel()) << p.name;
      if (p.name.find("self.key.bias") != std::string::npos) {
        EXPECT_LE(distance(expected, p.value.grad()), 1e-6) << p.name << ": zero in exact arithmetic";
      } else {
        EXPECT_GT(norm(expected), 0.0) << p.name;
        EXPECT_LE(distance(expected, p.value.grad()), kGradientLimit * norm(expected)) << p.name;
      }
    }
  }

  std::shared_ptr<const TensorFile> golden_;
  ModelConfig config_;
  std::unique_ptr<Parameters> parameters_;
  TokenRows batch_;
  std::vector<std::int64_t> targets_, rows_;
};

TEST_P(ClassifierParity, LogitsAndLossEqualThoseOfTransformers) {
  EXPECT_NEAR(backward(0), numbers("losses")[0], kLossLimit);
  const at::Tensor found = logits().contiguous();
  const std::vector<double> expected = numbers("logits");
  ASSERT_EQ(static_cast<std::int64_t>(expected.size()), found.numel());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(found.const_data_ptr<float>()[i]), expected[i], kLogitLimit) << i;
  }
}

TEST_P(ClassifierParity, EveryGradientEqualsThatOfTransformers) {
  backward(0);
  expect_gradients();
}

TEST_P(ClassifierParity, WeightedAndFocalLossEqualTheirFormulas) {
  ClassLossRule rule;
  rule.weights = numbers("class_weights");
  for (const double gamma : {0.0, std::stod(golden_->metadata().at("gamma"))}) {
    rule.focal_gamma = gamma;
    EXPECT_NEAR(backward(0, rule), numbers("weighted_losses")[gamma > 0.0 ? 1 : 0], kLossLimit) << gamma;
    const std::vector<double> expected = numbers("classifier_gradient." + std::to_string(static_cast<int>(gamma)));
    EXPECT_LE(distance(expected, parameters_->at("classifier.weight").grad()), kGradientLimit * norm(expected));
  }
}

TEST_P(ClassifierParity, StepsOfAdamWEqualThoseOfTorch) {
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

TEST_P(ClassifierParity, FrozenLayersChangeNeitherTheLossNorTheOtherGradients) {
  const std::int64_t all = parameters_->num_trained();
  EXPECT_EQ(all, parameters_->num_elements());
  for (const bool train_embeddings : {false, true}) {
    allocate(2, train_embeddings);
    EXPECT_LT(parameters_->num_trained(), all);
    EXPECT_EQ(parameters_->at("bert.embeddings.word_embeddings.weight").requires_grad(), train_embeddings);
    EXPECT_FALSE(parameters_->at("bert.encoder.layer.1.output.dense.weight").requires_grad());
    EXPECT_TRUE(parameters_->at("bert.encoder.layer.2.output.dense.weight").requires_grad());
    EXPECT_NEAR(backward(0), numbers("losses")[0], kLossLimit);
    EXPECT_FALSE(parameters_->at("bert.encoder.layer.1.output.dense.weight").grad().defined());
    expect_gradients();
  }
}

TEST_P(ClassifierParity, FrozenWeightsStayThroughASteps) {
  allocate(2, false);
  const at::Tensor before = parameters_->at("bert.encoder.layer.0.output.dense.weight").clone();
  const at::Tensor trained = parameters_->at("bert.encoder.layer.2.output.dense.weight").detach().clone();
  backward(0);
  AdamW adam;
  adam.weight_decay = 0.1;
  adam.update(*parameters_, 1e-3, 1);
  EXPECT_TRUE(before.equal(parameters_->at("bert.encoder.layer.0.output.dense.weight")));
  EXPECT_FALSE(trained.equal(parameters_->at("bert.encoder.layer.2.output.dense.weight")));
}

TEST_P(ClassifierParity, TheGradientsHaveTheSameBitsForAnyNumberOfThreads) {
  const double one = backward(0, {}, 1);
  const at::Tensor first = parameters_->groups()[0].gradients.clone();
  EXPECT_EQ(one, backward(0, {}, 3));
  EXPECT_TRUE(first.equal(parameters_->groups()[0].gradients));
}

INSTANTIATE_TEST_SUITE_P(Golden, ClassifierParity, ::testing::Values("cells", "genes"),
                         [](const auto& golden) { return std::string(golden.param); });

}  // namespace
}  // namespace cw
