// SPDX-License-Identifier: GPL-3.0-or-later
// Attention with dropout and its gradient under emulation, all the way from queries, keys and values to their
// gradients, against packed_attention of core/train. Limits: float 5e-6 of the largest value; bf16 2 % of it, on the
// same rounded inputs (the weights, the result and every gradient are rounded to 8 bits).
#include "core/train/packed_functions.h"
#include "plugins/cuda/kernels/attention_gradient.cuh"
#include "plugins/cuda/kernels/tensor_attention_gradient.cuh"
#include "tests/plugins/cuda/kernel_case.h"

#include <ATen/ops/from_blob.h>

namespace cw::cuda {
namespace {

constexpr float kFloatShare = 5e-6F;
constexpr float kBFloat16Share = 2e-2F;

struct TrainingCase {
  int heads;
  int width;
  std::vector<std::int64_t> lengths;
  float dropout;

  [[nodiscard]] std::int64_t hidden() const { return std::int64_t{heads} * width; }
};

/// The kernels for one width of heads.
template <class T>
struct KernelSet {
  void (*forward)(AttentionArguments);
  AttentionShape forward_shape;
  void (*products)(AttentionProductsArguments);
  void (*query_gradient)(AttentionGradientArguments);
  void (*key_gradient)(AttentionGradientArguments);
  AttentionShape gradient_shape;
};

constexpr std::uint64_t kKey = 0xfeedfacecafebeefULL;
constexpr std::int64_t kFirstRow = 12345;  // rows that other processes compute

/// What the CPU makes of the same numbers.
struct OnTheCpu {
  std::vector<float> out;
  std::vector<float> d_qkv;

  OnTheCpu(const TrainingCase& c, std::vector<float> qkv, std::vector<float> d_out, std::vector<std::int64_t> offsets) {
    const std::int64_t rows = offsets.back();
    at::Tensor input = at::from_blob(qkv.data(), {rows, 3 * c.hidden()}, at::kFloat).clone().set_requires_grad(true);
    const at::Tensor result =
        packed_attention(input, std::make_shared<const std::vector<std::int64_t>>(std::move(offsets)), c.heads,
                         DropoutRule{kKey, c.dropout, kFirstRow}, Workers{1});
    result.backward(at::from_blob(d_out.data(), {rows, c.hidden()}, at::kFloat));
    out.assign(result.const_data_ptr<float>(), result.const_data_ptr<float>() + result.numel());
    d_qkv.assign(input.grad().const_data_ptr<float>(), input.grad().const_data_ptr<float>() + input.numel());
  }
};

float largest(const std::vector<float>& values) {
  float most = 0.0F;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most;
}

template <class T>
std::vector<float> as_floats(const std::vector<T>& values) {
  std::vector<float> result;
  for (const T value : values) result.push_back(to_float(value));
  return result;
}

emulated::LaunchShape launch(const std::vector<AttentionTile>& tiles, const TrainingCase& c,
                             const AttentionShape& shape) {
  return {{static_cast<unsigned>(tiles.size()), static_cast<unsigned>(c.heads)},
          {static_cast<unsigned>(shape.threads)},
          shape.shared_bytes};
}

template <class T>
void expect_as_on_the_cpu(const KernelSet<T>& kernels, const TrainingCase& c) {
  std::vector<std::int64_t> wide_offsets = {0};
  std::vector<std::int32_t> offsets = {0};
  for (const std::int64_t length : c.lengths) {
    wide_offsets.push_back(wide_offsets.back() + length);
    offsets.push_back(static_cast<std::int32_t>(wide_offsets.back()));
  }
  const std::int64_t rows = wide_offsets.back();
  std::vector<float> values = random_floats(static_cast<std::size_t>(rows * 3 * c.hidden()), 51);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (static_cast<std::int64_t>(i) % (3 * c.hidden()) < c.hidden()) values[i] *= 4.0F;  // so that the weights differ
  }
  std::vector<float> d_values = random_floats(static_cast<std::size_t>(rows * c.hidden()), 52);
  std::vector<T> qkv;
  std::vector<T> d_out;
  for (float& value : values) value = to_float(qkv.emplace_back(from_float<T>(value)));
  for (float& value : d_values) value = to_float(d_out.emplace_back(from_float<T>(value)));
  const OnTheCpu expected(c, values, d_values, wide_offsets);
  const float share = sizeof(T) == sizeof(float) ? kFloatShare : kBFloat16Share;

  std::vector<T> out(d_out.size());
  std::vector<float> log_sums(static_cast<std::size_t>(rows * c.heads));
  const std::vector<AttentionTile> tiles = attention_tiles(offsets, offsets, kernels.forward_shape.queries);
  AttentionArguments a{};
  a.q = qkv.data();
  a.k = qkv.data() + c.hidden();
  a.v = qkv.data() + 2 * c.hidden();
  a.out = out.data();
  a.log_sums = log_sums.data();
  a.tiles = tiles.data();
  a.query_offsets = a.key_offsets = offsets.data();
  a.q_stride = a.kv_stride = 3 * c.hidden();
  a.out_stride = c.hidden();
  a.heads = c.heads;
  a.head_width = c.width;
  a.scale = 1.44269504F / std::sqrt(static_cast<float>(c.width));
  a.dropout = dropout_of(kKey, c.dropout, kFirstRow);
  run_in_every_order(kernels.forward, launch(tiles, c, kernels.forward_shape), a, out);
  EXPECT_LE(largest_difference(as_floats(out), expected.out), share * largest(expected.out));

  std::vector<float> products(log_sums.size());
  AttentionProductsArguments p{out.data(), d_out.data(), products.data(), rows, c.hidden(), c.heads, c.width};
  run_in_every_order(kernels.products,
                     {{blocks_for(rows * c.heads, kRowsPerBlock)}, {static_cast<unsigned>(kRowThreads)}, 0}, p,
                     products);

  const std::vector<AttentionTile> gradient_tiles = attention_tiles(offsets, offsets, kernels.gradient_shape.queries);
  std::vector<T> d_qkv(qkv.size());
  AttentionGradientArguments g{};
  g.forward = a;
  g.forward.tiles = gradient_tiles.data();
  g.d_out = d_out.data();
  g.products = products.data();
  g.dq = d_qkv.data();
  g.dk = d_qkv.data() + c.hidden();
  g.dv = d_qkv.data() + 2 * c.hidden();
  g.dq_stride = g.dkv_stride = 3 * c.hidden();
  const emulated::LaunchShape shape = launch(gradient_tiles, c, kernels.gradient_shape);
  run_in_every_order(kernels.key_gradient, shape, g, d_qkv);
  emulated::run_kernel(kernels.query_gradient, shape, g);
  const std::vector<float> found = as_floats(d_qkv);
  const std::int64_t width = 3 * c.hidden();
  for (const std::int64_t part : {0, 1, 2}) {
    std::vector<float> of_device;
    std::vector<float> of_cpu;
    for (std::int64_t i = 0; i < rows * c.hidden(); ++i) {
      const auto place = static_cast<std::size_t>(i / c.hidden() * width + part * c.hidden() + i % c.hidden());
      of_device.push_back(found[place]);
      of_cpu.push_back(expected.d_qkv[place]);
    }
    EXPECT_LE(largest_difference(of_device, of_cpu), share * largest(of_cpu))
        << "gradient of " << std::vector<const char*>{"queries", "keys", "values"}[static_cast<std::size_t>(part)];
  }
}

template <int kWidth>
KernelSet<float> float_kernels(void (*forward)(AttentionArguments), void (*query)(AttentionGradientArguments),
                               void (*key)(AttentionGradientArguments)) {
  return {forward, plain_attention_shape(kWidth),   cw_attention_products_float, query,
          key,     attention_gradient_shape(kWidth)};
}

const KernelSet<float> kFloat64 =
    float_kernels<64>(cw_attend_dropping64_float, cw_query_gradient64_float, cw_key_gradient64_float);

TEST(TrainingAttention, AgreesWithTheCpuForEveryLength) {
  expect_as_on_the_cpu(kFloat64, {2, 64, {1, 2, 31, 33, 64, 65}, 0.02F});
  expect_as_on_the_cpu(kFloat64, {1, 64, {300}, 0.3F});
  expect_as_on_the_cpu(kFloat64, {2, 64, {33, 70}, 0.0F});
}

TEST(TrainingAttention, WithoutDropoutItIsTheSameAsWithoutDropping) {
  expect_as_on_the_cpu(float_kernels<64>(cw_attend64_float, cw_query_gradient64_float, cw_key_gradient64_float),
                       {2, 64, {33, 70}, 0.0F});
}

TEST(TrainingAttention, TakesHeadsOfAnyWidth) {
  const std::vector<std::int64_t> lengths = {33, 1, 40};
  expect_as_on_the_cpu(
      float_kernels<32>(cw_attend_dropping32_float, cw_query_gradient32_float, cw_key_gradient32_float),
      {2, 16, lengths, 0.1F});
  expect_as_on_the_cpu(
      float_kernels<32>(cw_attend_dropping32_float, cw_query_gradient32_float, cw_key_gradient32_float),
      {2, 32, lengths, 0.1F});
  expect_as_on_the_cpu(
      float_kernels<128>(cw_attend_dropping128_float, cw_query_gradient128_float, cw_key_gradient128_float),
      {1, 112, lengths, 0.1F});
  expect_as_on_the_cpu(
      float_kernels<256>(cw_attend_dropping256_float, cw_query_gradient256_float, cw_key_gradient256_float),
      {1, 240, lengths, 0.1F});
}

TEST(TrainingAttention, NarrowNumbersOfUnusualWidth) {
  expect_as_on_the_cpu(
      KernelSet<BFloat16>{cw_attend_dropping256_bfloat16, plain_attention_shape(256), cw_attention_products_bfloat16,
                          cw_query_gradient256_bfloat16, cw_key_gradient256_bfloat16, attention_gradient_shape(256)},
      {2, 48, {33, 1, 40}, 0.1F});
}

template <int kWidth>
KernelSet<BFloat16> tensor_kernels(void (*forward)(AttentionArguments), void (*query)(AttentionGradientArguments),
                                   void (*key)(AttentionGradientArguments)) {
  return {forward, tensor_attention_shape(kWidth),         cw_attention_products_bfloat16, query,
          key,     tensor_attention_gradient_shape(kWidth)};
}

TEST(TrainingAttention, OnTensorCoresItAgreesWithTheCpuForEveryLength) {
  const auto kernels =
      tensor_kernels<64>(cw_attend_dropping64_bfloat16, cw_query_gradient64_bfloat16, cw_key_gradient64_bfloat16);
  expect_as_on_the_cpu(kernels, {2, 64, {1, 2, 31, 33, 64, 65}, 0.02F});
  expect_as_on_the_cpu(kernels, {1, 64, {300}, 0.3F});
  expect_as_on_the_cpu(kernels, {1, 64, {130}, 0.0F});
}

TEST(TrainingAttention, TensorCoresTakeHeadsOf32And128) {
  expect_as_on_the_cpu(
      tensor_kernels<32>(cw_attend_dropping32_bfloat16, cw_query_gradient32_bfloat16, cw_key_gradient32_bfloat16),
      {2, 32, {33, 1, 70}, 0.1F});
  expect_as_on_the_cpu(
      tensor_kernels<128>(cw_attend_dropping128_bfloat16, cw_query_gradient128_bfloat16, cw_key_gradient128_bfloat16),
      {1, 128, {33, 1, 70}, 0.1F});
}

}  // namespace
}  // namespace cw::cuda
