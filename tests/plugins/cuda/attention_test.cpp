// SPDX-License-Identifier: GPL-3.0-or-later
// The attention kernels under emulation against the kernels of the CPU, cell by cell and head by head. Limits: float
// 2e-6; bf16 against float attention of the same rounded inputs 6e-3 (weights and results are rounded to 8 bits, values
// lie in [-1, 1]).
#include "plugins/cuda/kernels/attention.cuh"

#include "core/model/kernels/kernels.h"
#include "core/model/packed_matrix.h"
#include "plugins/cuda/kernels/tensor_attention.cuh"
#include "tests/plugins/cuda/kernel_case.h"

namespace cw::cuda {
namespace {

constexpr float kFloatLimit = 2e-6F;
constexpr float kBFloat16Limit = 6e-3F;

/// Queries, keys and values of some cells side by side, as the encoder lays them out.
struct AttentionCase {
  int heads;
  int width;
  std::vector<std::int32_t> query_lengths;
  std::vector<std::int32_t> key_lengths;

  [[nodiscard]] std::int64_t hidden() const { return std::int64_t{heads} * width; }
};

std::vector<std::int32_t> offsets_of(const std::vector<std::int32_t>& lengths) {
  std::vector<std::int32_t> offsets = {0};
  for (const std::int32_t length : lengths) offsets.push_back(offsets.back() + length);
  return offsets;
}

struct Expected {
  std::vector<float> out;
  std::vector<float> log_sums;
};

/// One query against all keys, in double precision: what the logarithms of the sums are compared with.
double log_sum(const AttentionCall& call, std::int64_t query) {
  double largest = -1e300;
  std::vector<double> scores;
  for (std::int64_t key = 0; key < call.keys; ++key) {
    double score = 0.0;
    for (std::int64_t d = 0; d < call.head_width; ++d) {
      score += static_cast<double>(call.q[query * call.q_stride + d]) * call.k[key * call.kv_stride + d];
    }
    scores.push_back(score / std::sqrt(static_cast<double>(call.head_width)));
    largest = std::max(largest, scores.back());
  }
  double sum = 0.0;
  for (const double score : scores) sum += std::exp(score - largest);
  return largest + std::log(sum);
}

Expected expected_of(const AttentionCase& c, const std::vector<float>& q, const std::vector<float>& kv) {
  const std::vector<std::int32_t> queries = offsets_of(c.query_lengths);
  const std::vector<std::int32_t> keys = offsets_of(c.key_lengths);
  Expected expected;
  expected.out.resize(static_cast<std::size_t>(queries.back() * c.hidden()));
  expected.log_sums.resize(static_cast<std::size_t>(queries.back()) * static_cast<std::size_t>(c.heads));
  for (std::size_t cell = 0; cell < c.query_lengths.size(); ++cell) {
    AlignedWords scratch(attention_scratch_words(c.key_lengths[cell], c.width));
    for (int head = 0; head < c.heads; ++head) {
      AttentionCall call;
      call.q = q.data() + queries[cell] * c.hidden() + head * c.width;
      call.k = kv.data() + keys[cell] * 2 * c.hidden() + head * c.width;
      call.v = call.k + c.hidden();
      call.q_stride = call.out_stride = c.hidden();
      call.kv_stride = 2 * c.hidden();
      call.queries = c.query_lengths[cell];
      call.keys = c.key_lengths[cell];
      call.head_width = c.width;
      call.out = expected.out.data() + queries[cell] * c.hidden() + head * c.width;
      call.scratch = scratch.data();
      best_kernels().attention_float32(call);
      for (std::int64_t i = 0; i < call.queries; ++i) {
        expected.log_sums[static_cast<std::size_t>((queries[cell] + i) * c.heads + head)] =
            static_cast<float>(log_sum(call, i));
      }
    }
  }
  return expected;
}

template <class T>
struct TestedKernel {
  void (*run)(AttentionArguments);
  AttentionShape shape;
};

/// The kernel on inputs of type T, and what is expected of them as floats.
template <class T>
void expect_as_on_the_cpu(const TestedKernel<T>& kernel, const AttentionCase& c, float limit) {
  const std::vector<std::int32_t> queries = offsets_of(c.query_lengths);
  const std::vector<std::int32_t> keys = offsets_of(c.key_lengths);
  std::vector<float> q_values = random_floats(static_cast<std::size_t>(queries.back() * c.hidden()), 21);
  std::vector<float> kv_values = random_floats(static_cast<std::size_t>(keys.back() * 2 * c.hidden()), 22);
  for (float& value : q_values) value *= 4.0F;  // so that the weights differ
  std::vector<T> q;
  std::vector<T> kv;
  for (float& value : q_values) value = to_float(q.emplace_back(from_float<T>(value)));
  for (float& value : kv_values) value = to_float(kv.emplace_back(from_float<T>(value)));
  const std::vector<AttentionTile> tiles = attention_tiles(queries, keys, kernel.shape.queries);
  std::vector<T> out(q.size());
  std::vector<float> log_sums(static_cast<std::size_t>(queries.back()) * static_cast<std::size_t>(c.heads));
  AttentionArguments a{};
  a.q = q.data();
  a.k = kv.data();
  a.v = kv.data() + c.hidden();
  a.out = out.data();
  a.log_sums = log_sums.data();
  a.tiles = tiles.data();
  a.query_offsets = queries.data();
  a.key_offsets = keys.data();
  a.q_stride = a.out_stride = c.hidden();
  a.kv_stride = 2 * c.hidden();
  a.heads = c.heads;
  a.head_width = c.width;
  a.scale = 1.44269504F / std::sqrt(static_cast<float>(c.width));
  const emulated::LaunchShape shape{{static_cast<unsigned>(tiles.size()), static_cast<unsigned>(c.heads)},
                                    {static_cast<unsigned>(kernel.shape.threads)},
                                    kernel.shape.shared_bytes};
  run_in_every_order(kernel.run, shape, a, out);
  const Expected expected = expected_of(c, q_values, kv_values);
  std::vector<float> wide;
  for (const T value : out) wide.push_back(to_float(value));
  EXPECT_LT(largest_difference(wide, expected.out), limit);
  EXPECT_LT(largest_difference(log_sums, expected.log_sums), 1e-5F);
}

AttentionCase cells(int heads, int width, std::vector<std::int32_t> lengths) {
  return {heads, width, lengths, std::move(lengths)};
}

const std::vector<std::int32_t> kUnevenLengths = {1, 2, 31, 33, 64, 65, 129};

TEST(PlainAttention, AgreesWithTheCpuForEveryLength) {
  expect_as_on_the_cpu<float>({cw_attend64_float, plain_attention_shape(64)}, cells(2, 64, kUnevenLengths),
                              kFloatLimit);
}

TEST(PlainAttention, AgreesWithTheCpuForALongCell) {
  expect_as_on_the_cpu<float>({cw_attend64_float, plain_attention_shape(64)}, cells(1, 64, {300}), kFloatLimit);
}

TEST(PlainAttention, TakesHeadsOfAnyWidth) {
  const std::vector<std::int32_t> lengths = {33, 1, 70};
  expect_as_on_the_cpu<float>({cw_attend32_float, plain_attention_shape(32)}, cells(2, 16, lengths), kFloatLimit);
  expect_as_on_the_cpu<float>({cw_attend32_float, plain_attention_shape(32)}, cells(2, 32, lengths), kFloatLimit);
  expect_as_on_the_cpu<float>({cw_attend128_float, plain_attention_shape(128)}, cells(1, 100, lengths), kFloatLimit);
  expect_as_on_the_cpu<float>({cw_attend256_float, plain_attention_shape(256)}, cells(1, 250, lengths), kFloatLimit);
  expect_as_on_the_cpu<BFloat16>({cw_attend256_bfloat16, plain_attention_shape(256)}, cells(2, 48, lengths),
                                 kBFloat16Limit);
}

TEST(TensorAttention, AgreesWithTheCpuForEveryLength) {
  expect_as_on_the_cpu<BFloat16>({cw_attend64_bfloat16, tensor_attention_shape(64)}, cells(2, 64, kUnevenLengths),
                                 kBFloat16Limit);
}

TEST(TensorAttention, AgreesWithTheCpuForALongCell) {
  expect_as_on_the_cpu<BFloat16>({cw_attend64_bfloat16, tensor_attention_shape(64)}, cells(1, 64, {300}),
                                 kBFloat16Limit);
}

TEST(TensorAttention, TakesHeadsOf32And128) {
  expect_as_on_the_cpu<BFloat16>({cw_attend32_bfloat16, tensor_attention_shape(32)}, cells(3, 32, {33, 130}),
                                 kBFloat16Limit);
  expect_as_on_the_cpu<BFloat16>({cw_attend128_bfloat16, tensor_attention_shape(128)}, cells(1, 128, {33, 130}),
                                 kBFloat16Limit);
}

TEST(Attention, OneQueryPerCellAgainstAllItsKeys) {
  const AttentionCase c{2, 64, {1, 1, 1}, {5, 1, 150}};
  expect_as_on_the_cpu<float>({cw_attend64_float, plain_attention_shape(64)}, c, kFloatLimit);
  expect_as_on_the_cpu<BFloat16>({cw_attend64_bfloat16, tensor_attention_shape(64)}, c, kBFloat16Limit);
}

TEST(Attention, TilesCoverEveryQueryOnceLongestCellsFirst) {
  const std::vector<std::int32_t> offsets = {0, 3, 203, 204};
  const std::vector<AttentionTile> tiles = attention_tiles(offsets, offsets, 128);
  ASSERT_EQ(tiles.size(), 4U);
  EXPECT_EQ(tiles[0].cell, 1);
  EXPECT_EQ(tiles[0].first, 0);
  EXPECT_EQ(tiles[1].cell, 1);
  EXPECT_EQ(tiles[1].first, 128);
  EXPECT_EQ(tiles[2].cell, 0);
  EXPECT_EQ(tiles[3].cell, 2);
}

}  // namespace
}  // namespace cw::cuda
