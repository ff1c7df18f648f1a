// SPDX-License-Identifier: GPL-3.0-or-later
// The emulation itself: what a GPU does, and what it leaves undefined, which must not pass unnoticed.
#include "tests/plugins/cuda/kernel_case.h"

namespace cw::cuda {
namespace {

struct Numbers {
  const float* in;
  float* out;
};

unsigned thread() { return threadIdx.x; }

/// Sum of a block's numbers by way of shared memory.
CW_KERNEL(128) sum_of_block(Numbers a) {
  CW_SHARED(float, parts);
  const float sum = sum_of_warp(a.in[thread()]);
  if (thread() % 32 == 0) parts[thread() / 32] = sum;
  __syncthreads();
  float total = 0.0F;
  for (unsigned i = 0; i < blockDim.x / 32; ++i) total += parts[i];
  a.out[blockIdx.x * blockDim.x + thread()] = total;
}

TEST(Emulation, AddsUpABlock) {
  const std::vector<float> in = random_floats(128, 1);
  double expected = 0.0;
  for (const float value : in) expected += value;
  std::vector<float> out(3 * 128);
  run_in_every_order(sum_of_block, {{3}, {128}, 4 * sizeof(float)}, Numbers{in.data(), out.data()}, out);
  for (const float value : out) EXPECT_NEAR(value, expected, 1e-5);
}

/// As sum_of_block, without the barrier.
CW_KERNEL(128) sum_without_barrier(Numbers a) {
  CW_SHARED(float, parts);
  const float sum = sum_of_warp(a.in[thread()]);
  if (thread() % 32 == 0) parts[thread() / 32] = sum;
  float total = 0.0F;
  for (unsigned i = 0; i < 4; ++i) total += parts[i];
  a.out[thread()] = total;
}

TEST(Emulation, AMissingBarrierShowsAsNanOrAsADifference) {
  const std::vector<float> in = random_floats(128, 1);
  std::vector<float> forward(128);
  std::vector<float> reverse(128);
  emulated::run_kernel(sum_without_barrier, {{1}, {128}, 16}, Numbers{in.data(), forward.data()});
  emulated::run_kernel(sum_without_barrier, {{1}, {128}, 16}, Numbers{in.data(), reverse.data()},
                       emulated::ThreadOrder::kReverse);
  EXPECT_GT(largest_difference(forward, reverse), 0.0F);
}

CW_KERNEL(64) barrier_for_half(Numbers /*a*/) {
  if (thread() < 32) __syncthreads();
}
CW_KERNEL(32) exchanges_that_differ(Numbers a) {
  a.out[thread()] = thread() < 16 ? from_lane_xor(1.0F, 1) : from_lane(1.0F, 0);
}
CW_KERNEL(32) exchange_of_half(Numbers a) {
  if (thread() < 16) a.out[thread()] = from_lane_xor(1.0F, 1);
}

TEST(Emulation, RefusesWhatAGpuLeavesUndefined) {
  std::vector<float> out(64);
  const Numbers numbers{nullptr, out.data()};
  EXPECT_THROW(emulated::run_kernel(barrier_for_half, {{1}, {64}}, numbers), emulated::KernelFault);
  EXPECT_THROW(emulated::run_kernel(exchanges_that_differ, {{1}, {32}}, numbers), emulated::KernelFault);
  EXPECT_THROW(emulated::run_kernel(exchange_of_half, {{1}, {32}}, numbers), emulated::KernelFault);
  EXPECT_THROW(emulated::run_kernel(sum_of_block, {{1}, {2048}}, numbers), emulated::KernelFault);
  EXPECT_THROW(emulated::run_kernel(sum_of_block, {{1}, {32}, 200000}, numbers), emulated::KernelFault);
  EXPECT_THROW(emulated::run_kernel(sum_of_block, {{1, 70000}, {32}}, numbers), emulated::KernelFault);
}

struct Product {
  const BFloat16* a;  ///< [16, 16]
  const BFloat16* b;  ///< [16, 8], rows are k
  float* d;           ///< [16, 8]
};

/// One product on tensor cores, its operands by way of ldmatrix: a as it lies, b transposed, as attention reads values.
CW_KERNEL(32) multiply_once(Product p) {
  CW_SHARED(BFloat16, shared);
  BFloat16* const of_b = shared + 256;
  const auto lane = static_cast<int>(thread());
  for (int i = lane; i < 32; i += 32) {
    copy_16_bytes(shared + i * 8, p.a + i * 8, true);
    copy_16_bytes(of_b + i * 8, p.b + (i % 16) * 8, i < 16);
  }
  commit_copies();
  wait_for_copies<0>();
  __syncwarp();
  std::uint32_t a[4];
  std::uint32_t b[4];
  load_matrices(a, shared + (lane % 16) * 16 + (lane / 16) * 8);
  load_matrices_transposed(b, of_b + lane * 8);
  float d[4] = {0.0F, 0.0F, 0.0F, 0.0F};
  multiply_add_16x8x16(d, a, b[0], b[1]);
  for (int i = 0; i < 4; ++i) p.d[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = d[i];
}

TEST(Emulation, MultipliesAsTensorCoresDo) {
  const std::vector<BFloat16> a = rounded(random_floats(256, 1));
  const std::vector<BFloat16> b = rounded(random_floats(128, 2));
  std::vector<float> d(128);
  run_in_every_order(multiply_once, {{1}, {32}, 1024}, Product{a.data(), b.data(), d.data()}, d);
  for (std::size_t row = 0; row < 16; ++row) {
    for (std::size_t column = 0; column < 8; ++column) {
      float expected = 0.0F;
      for (std::size_t k = 0; k < 16; ++k) expected += to_float(a[row * 16 + k]) * to_float(b[k * 8 + column]);
      EXPECT_NEAR(d[row * 8 + column], expected, 1e-5F) << row << ", " << column;
    }
  }
}

struct Copied {
  const float* in;  ///< [4 * 32]
  float* early;     ///< [4 * 32]
  float* late;      ///< [4 * 32]
};

CW_KERNEL(32) copy_and_wait(Copied c) {
  CW_SHARED(float, shared);
  const unsigned first = thread() * 4;
  copy_16_bytes(shared + first, c.in + first, true);
  commit_copies();
  for (unsigned i = first; i < first + 4; ++i) c.early[i] = shared[i];
  wait_for_copies<0>();
  for (unsigned i = first; i < first + 4; ++i) c.late[i] = shared[i];
}

TEST(Emulation, BytesArriveNoEarlierThanTheyAreWaitedFor) {
  const std::vector<float> in = random_floats(128, 5);
  std::vector<float> early(128);
  std::vector<float> late(128);
  emulated::run_kernel(copy_and_wait, {{1}, {32}, 512}, Copied{in.data(), early.data(), late.data()});
  EXPECT_EQ(late, in);
  for (const float value : early) EXPECT_TRUE(std::isnan(value));
}

TEST(Emulation, RoundsToBfloat16ToNearestEven) {
  EXPECT_EQ(from_float<BFloat16>(1.0F).bits, 0x3f80);
  EXPECT_EQ(from_float<BFloat16>(1.00390625F).bits, 0x3f80);  // half way between two: the even one
  EXPECT_EQ(from_float<BFloat16>(1.01171875F).bits, 0x3f82);  // half way, the even one is above
  EXPECT_EQ(from_float<BFloat16>(-1.0079F).bits, 0xbf81);
  EXPECT_EQ(to_float(BFloat16{0x4049}), 3.140625F);
}

}  // namespace
}  // namespace cw::cuda
