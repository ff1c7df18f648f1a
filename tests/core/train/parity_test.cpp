// SPDX-License-Identifier: GPL-3.0-or-later
// Loss, gradients and AdamW steps against transformers in float64 (tests/golden/pretrain/make.py). Set
// CW_PRETRAIN_GOLDEN to a file made from a larger model to compare that one by hand.
#include "core/train/masked_model.h"
#include "tests/core/train/training_golden.h"

#include <cstdlib>

namespace cw {
namespace {

class Parity : public TrainingGolden {
 protected:
  void SetUp() override {
    const char* other = std::getenv("CW_PRETRAIN_GOLDEN");
    open(other != nullptr ? other : CW_SOURCE_DIR "/tests/golden/pretrain/golden.safetensors");
    if (!HasFatalFailure()) allocate(planned_parameters(config_));
  }

  MaskedBatch batch(int step) const {
    MaskedBatch b;
    take_cells(b);
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
};

TEST_F(Parity, TheLossEqualsThatOfTransformers) { EXPECT_NEAR(backward(0), numbers("losses")[0], 1e-5); }

TEST_F(Parity, EveryGradientEqualsThatOfTransformers) {
  backward(0);
  expect_gradients();
}

TEST_F(Parity, StepsOfAdamWEqualThoseOfTorch) {
  expect_steps([&](int step) { return backward(step); });
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
