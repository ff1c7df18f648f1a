// SPDX-License-Identifier: GPL-3.0-or-later
// Loss, embedding gradient, clipping and AdamW under emulation. Limits: the loss 1e-6 relative, its gradient 2e-6 of
// the largest; the optimiser after 5 steps 2e-6 relative to PyTorch's own; sums of squares 1e-12 relative.
#include "core/train/kernels.h"
#include "plugins/cuda/kernels/loss.cuh"
#include "plugins/cuda/kernels/update.cuh"
#include "tests/plugins/cuda/kernel_case.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/embedding_dense_backward.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

namespace cw::cuda {
namespace {

struct LossOutcome {
  std::vector<double> losses;
  std::vector<float> gradients;
};

LossOutcome loss_on_cpu(std::vector<float> logits, const std::vector<std::int32_t>& targets, float factor) {
  LossOutcome outcome;
  const auto size = static_cast<std::int64_t>(logits.size() / targets.size());
  for (std::size_t row = 0; row < targets.size(); ++row) {
    outcome.losses.push_back(train_kernels().cross_entropy(logits.data() + static_cast<std::int64_t>(row) * size, size,
                                                           targets[row], factor));
  }
  outcome.gradients = std::move(logits);
  return outcome;
}

void expect_losses(std::int32_t size, std::int32_t rows) {
  const float factor = 0.125F;
  std::vector<float> given = random_floats(static_cast<std::size_t>(size * rows), 31);
  for (float& logit : given) logit *= 20.0F;
  std::vector<std::int32_t> targets;
  for (std::int32_t row = 0; row < rows; ++row) targets.push_back((row * 7919 + size - 1) % size);
  const LossOutcome expected = loss_on_cpu(given, targets, factor);
  const emulated::LaunchShape shape{
      {static_cast<unsigned>(rows)}, {static_cast<unsigned>(kLossThreads)}, kLossThreads / kWarp * sizeof(double)};
  for (const auto order : {emulated::ThreadOrder::kForward, emulated::ThreadOrder::kShuffled}) {
    std::vector<float> logits = given;
    std::vector<double> losses(targets.size());
    emulated::run_kernel(cw_cross_entropy, shape,
                         CrossEntropyArguments{logits.data(), nullptr, targets.data(), losses.data(), size, factor},
                         order);
    for (std::size_t row = 0; row < losses.size(); ++row) {
      EXPECT_NEAR(losses[row], expected.losses[row], 1e-6 * std::max(1.0, std::abs(expected.losses[row])));
    }
    EXPECT_LE(largest_difference(logits, expected.gradients), 2e-6F * factor);
    std::vector<float> rounded_from = given;
    std::vector<BFloat16> gradient(given.size());
    emulated::run_kernel(
        cw_cross_entropy, shape,
        CrossEntropyArguments{rounded_from.data(), gradient.data(), targets.data(), losses.data(), size, factor},
        order);
    for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_EQ(gradient[i].bits, from_float<BFloat16>(logits[i]).bits);
  }
}

TEST(TrainingLoss, CrossEntropyAndItsGradientAgreeWithTheCpu) {
  expect_losses(2, 3);
  expect_losses(301, 5);
  expect_losses(25426, 2);
}

TEST(TrainingLoss, WithoutAFactorOnlyTheLossIsMade) {
  const std::vector<float> given = random_floats(100, 32);
  std::vector<float> logits = given;
  const std::vector<std::int32_t> targets = {99};
  std::vector<double> losses(1);
  emulated::run_kernel(cw_cross_entropy, {{1}, {static_cast<unsigned>(kLossThreads)}, 64},
                       CrossEntropyArguments{logits.data(), nullptr, targets.data(), losses.data(), 100, 0.0F});
  EXPECT_EQ(logits, given);
  EXPECT_NEAR(losses[0], loss_on_cpu(given, targets, 0.0F).losses[0], 1e-6);
}

TEST(TrainingLoss, RowsAreGroupedByTheIdThatTheyLookedUp) {
  const std::vector<std::int32_t> looked_up = {5, 0, 9, 5, 0, 5};
  const RowsById all = rows_by_id(looked_up, -1);
  EXPECT_EQ(all.ids, (std::vector<std::int32_t>{0, 5, 9}));
  EXPECT_EQ(all.starts, (std::vector<std::int32_t>{0, 2, 5, 6}));
  EXPECT_EQ(all.rows, (std::vector<std::int32_t>{1, 4, 0, 3, 5, 2}));
  const RowsById trained = rows_by_id(looked_up, 0);
  EXPECT_EQ(trained.ids, (std::vector<std::int32_t>{5, 9}));
  EXPECT_EQ(rows_by_id({}, 0).starts, (std::vector<std::int32_t>{0}));
}

TEST(TrainingLoss, TheEmbeddingGradientIsThatOfPyTorch) {
  constexpr std::int32_t kIds = 20;
  constexpr std::int32_t kWidth = 48;
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < 200; ++i) tokens.push_back(i * i % 17);
  std::vector<float> from = random_floats(tokens.size() * kWidth, 33);
  const at::Tensor expected = at::embedding_dense_backward(
      at::from_blob(from.data(), {static_cast<std::int64_t>(tokens.size()), kWidth}, at::kFloat),
      at::tensor(std::vector<std::int64_t>(tokens.begin(), tokens.end()), at::kLong), kIds, 0, false);
  const RowsById rows = rows_by_id(tokens, 0);
  std::vector<float> to(kIds * kWidth, 0.25F);  // the gradient of the decoder, which shares the table
  LookUpGradientArguments a{};
  a.from = from.data();
  a.ids = rows.ids.data();
  a.starts = rows.starts.data();
  a.rows = rows.rows.data();
  a.to = to.data();
  a.num_ids = static_cast<std::int64_t>(rows.ids.size());
  a.width = kWidth;
  const emulated::LaunchShape shape{{blocks_for(a.num_ids, kRowsPerBlock)}, {static_cast<unsigned>(kRowThreads)}, 0};
  emulated::run_kernel(cw_look_up_gradient_float, shape, a);
  for (float& value : to) value -= 0.25F;
  EXPECT_LE(largest_difference(to, {expected.const_data_ptr<float>(), to.size()}), 1e-5F);
  EXPECT_GT(largest_difference(to, std::vector<float>(to.size())), 1.0F);

  const std::vector<BFloat16> narrow = rounded(from);
  const std::vector<float> wide = widened(narrow);
  std::vector<float> of_narrow(to.size());
  std::vector<float> of_wide(to.size());
  a.from = narrow.data();
  a.to = of_narrow.data();
  emulated::run_kernel(cw_look_up_gradient_bfloat16, shape, a);
  a.from = wide.data();
  a.to = of_wide.data();
  emulated::run_kernel(cw_look_up_gradient_float, shape, a);
  EXPECT_EQ(of_narrow, of_wide);
}

/// Norm and factor of gradients in two groups.
std::pair<double, float> clipped(const std::vector<float>& a, const std::vector<float>& b, double largest) {
  std::vector<double> squares;
  for (const std::vector<float>* group : {&a, &b}) {
    const auto count = static_cast<std::int64_t>(group->size());
    std::vector<double> parts(blocks_for(count, kSquaresPerBlock));
    run_in_every_order(cw_squares,
                       {{static_cast<unsigned>(parts.size())},
                        {static_cast<unsigned>(kSquareThreads)},
                        kSquareThreads / kWarp * sizeof(double)},
                       SquaresArguments{group->data(), parts.data(), count}, parts);
    squares.insert(squares.end(), parts.begin(), parts.end());
  }
  double norm = 0.0;
  std::vector<float> factor(1);
  run_in_every_order(
      cw_clip, {{1}, {static_cast<unsigned>(kWarp)}, 0},
      ClipArguments{squares.data(), &norm, factor.data(), static_cast<std::int64_t>(squares.size()), largest}, factor);
  return {norm, factor[0]};
}

TEST(TrainingUpdate, GradientsAreScaledDownToTheLargestNorm) {
  const std::vector<float> a = random_floats(70000, 34);
  const std::vector<float> b = random_floats(3, 35);
  double squares = 0.0;
  for (const float value : a) squares += static_cast<double>(value) * static_cast<double>(value);
  for (const float value : b) squares += static_cast<double>(value) * static_cast<double>(value);
  const double norm = std::sqrt(squares);
  const auto [found, factor] = clipped(a, b, 1.0);
  EXPECT_NEAR(found, norm, 1e-12 * norm);
  EXPECT_FLOAT_EQ(factor, static_cast<float>(1.0 / (norm + 1e-6)));
  EXPECT_EQ(clipped(a, b, 1000.0).second, 1.0F);
  EXPECT_EQ(clipped(a, b, 0.0).second, 1.0F);
}

TEST(TrainingUpdate, FiveStepsOfAdamWAreThoseOfPyTorch) {
  constexpr std::int64_t kCount = 2500;
  const AdamWRule rule{0.9, 0.999, 1e-8, 0.01};
  std::vector<float> values = random_floats(kCount, 36);
  std::vector<float> first(kCount);
  std::vector<float> second(kCount);
  std::vector<BFloat16> copies(kCount);
  std::vector<float> torch_values = values;
  const auto wrapped = [](std::vector<float>& v) {
    return at::from_blob(v.data(), {static_cast<std::int64_t>(v.size())}, at::kFloat);
  };
  const at::Tensor torch_first = at::zeros({kCount}, at::kFloat);
  const at::Tensor torch_second = at::zeros({kCount}, at::kFloat);
  const float factor = 0.5F;
  for (std::int64_t step = 1; step <= 5; ++step) {
    const double rate = 1e-3 * static_cast<double>(step);
    std::vector<float> gradients = random_floats(kCount, 40 + static_cast<std::uint64_t>(step));
    for (std::size_t i = 0; i < 100; ++i) gradients[i] *= 1e-6F;
    gradients[7] = 0.0F;
    AdamWArguments a{};
    a.values = values.data();
    a.copies = copies.data();
    a.gradients = gradients.data();
    a.first_moment = first.data();
    a.second_moment = second.data();
    a.gradient_factor = &factor;
    a.count = kCount;
    set_rule(rule, rate, step, a);
    emulated::run_kernel(cw_adamw,
                         {{blocks_for(kCount, kElementsPerBlock)}, {static_cast<unsigned>(kElementThreads)}, 0}, a);
    for (float& gradient : gradients) gradient *= factor;
    at::_fused_adamw_({wrapped(torch_values)}, {wrapped(gradients)}, {torch_first}, {torch_second}, {},
                      {at::full({}, static_cast<double>(step), at::kFloat)}, rate, rule.beta1, rule.beta2,
                      rule.weight_decay, rule.epsilon, false, false);
  }
  EXPECT_LE(largest_difference(values, torch_values), 2e-6F);
  EXPECT_LE(largest_difference(first, {torch_first.const_data_ptr<float>(), first.size()}), 1e-6F);
  EXPECT_LE(largest_difference(second, {torch_second.const_data_ptr<float>(), second.size()}), 1e-6F);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(copies[i].bits, from_float<BFloat16>(values[i]).bits);
}

}  // namespace
}  // namespace cw::cuda
