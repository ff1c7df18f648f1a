// SPDX-License-Identifier: GPL-3.0-or-later
// Classifiers of cells and of genes against transformers in float64 (tests/golden/finetune/make.py): logits, loss with
// and without weights, every gradient, steps of AdamW; and the same pass with frozen layers.
#include "core/train/class_loss.h"
#include "core/train/class_model.h"
#include "core/train/number_objective.h"
#include "tests/core/train/training_golden.h"

namespace cw {
namespace {

constexpr double kLogitLimit = 3e-5;
constexpr double kLossLimit = 1e-5;

class ClassifierParity : public TrainingGolden, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    open(std::string(CW_SOURCE_DIR "/tests/golden/finetune/") + GetParam() + ".safetensors");
    if (!HasFatalFailure()) allocate_frozen(0, false);
  }

  void allocate_frozen(std::int64_t freeze_layers, bool train_embeddings) {
    FinetuneOptions options;
    options.freeze_layers = freeze_layers;
    options.train_embeddings = train_embeddings;
    allocate(classifier_parameters(config_, options));
  }

  // Tokens of a step; `targets_` and, for genes, `rows_` are its classes and where they are.
  void take_batch(int step) {
    batch_ = {};
    take_cells(batch_);
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
  for (const double gamma : {0.0, setting("gamma")}) {
    rule.focal_gamma = gamma;
    EXPECT_NEAR(backward(0, rule), numbers("weighted_losses")[gamma > 0.0 ? 1 : 0], kLossLimit) << gamma;
    const std::vector<double> expected = numbers("classifier_gradient." + std::to_string(static_cast<int>(gamma)));
    EXPECT_LE(distance(expected, parameters_->at("classifier.weight").grad()), kGradientLimit * norm(expected));
  }
}

TEST_P(ClassifierParity, StepsOfAdamWEqualThoseOfTorch) {
  expect_steps([&](int step) { return backward(step); });
}

TEST_P(ClassifierParity, FrozenLayersChangeNeitherTheLossNorTheOtherGradients) {
  const std::int64_t all = parameters_->num_trained();
  EXPECT_EQ(all, parameters_->num_elements());
  for (const bool train_embeddings : {false, true}) {
    allocate_frozen(2, train_embeddings);
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
  allocate_frozen(2, false);
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

// A regression is BertForSequenceClassification with one label.
class NumberParity : public TrainingGolden {
 protected:
  void SetUp() override {
    open(CW_SOURCE_DIR "/tests/golden/finetune/numbers.safetensors");
    if (!HasFatalFailure()) allocate(planned_parameters(config_));
  }

  double backward(int step, NumberLoss loss = NumberLoss::kSquared) {
    TokenRows batch;
    take_cells(batch);
    batch.tokens = integers("tokens." + std::to_string(step));
    const std::vector<double> targets = numbers("targets." + std::to_string(step));
    parameters_->zero_gradients();
    EncoderPass pass(config_, *parameters_, batch, {}, {2});
    const at::Tensor value =
        number_loss(cell_class_logits(pass, config_), targets, loss, 1.0 / static_cast<double>(targets.size()));
    value.backward();
    return value.item<double>();
  }
};

TEST_F(NumberParity, LossGradientsAndStepsOfAdamWEqualThoseOfTransformers) {
  EXPECT_TRUE(config_.predicts_number());
  EXPECT_NEAR(backward(0), numbers("losses")[0], kLossLimit);
  expect_gradients();
  expect_steps([&](int step) { return backward(step); });
}

TEST_F(NumberParity, TheHuberLossEqualsThatOfTorch) {
  EXPECT_NEAR(backward(0, NumberLoss::kHuber), numbers("huber_loss")[0], kLossLimit);
  const std::vector<double> expected = numbers("classifier_gradient.huber");
  EXPECT_LE(distance(expected, parameters_->at("classifier.weight").grad()), kGradientLimit * norm(expected));
}

TEST_F(NumberParity, TheScaleOfTheNumbersGoesIntoTheLastLayer) {
  TokenRows batch;
  take_cells(batch);
  batch.tokens = integers("tokens.0");
  const NumberScale scale{12.5, 4.0};
  scale_classifier(scale, *parameters_);
  EncoderPass pass(config_, *parameters_, batch, {}, {2});
  const at::Tensor found = cell_class_logits(pass, config_).contiguous();
  const std::vector<double> learned = numbers("logits");
  ASSERT_EQ(static_cast<std::int64_t>(learned.size()), found.numel());
  for (std::size_t i = 0; i < learned.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(found.const_data_ptr<float>()[i]), scale.shown(learned[i]), 4.0 * kLogitLimit);
    EXPECT_DOUBLE_EQ(scale.learned(scale.shown(learned[i])), learned[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, ClassifierParity,
                         ::testing::Values("cells", "genes", "pooled-mean", "pooled-attention"),
                         [](const auto& golden) {
                           std::string name = golden.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace cw
