// SPDX-License-Identifier: GPL-3.0-or-later
// device.h for compilers that know no GPU: every thread is a fibre (fibres.h), warp-wide instructions are exchanges
// between fibres.
#pragma once
#include "plugins/cuda/emulation/fibres.h"

#include <cmath>
#include <cstring>

#define CW_DEVICE inline
#define CW_KERNEL(threads) [[maybe_unused]] static void
#define CW_SHARED(type, name) type* const name = static_cast<type*>(cw::emulated::shared_memory())
#define CW_UNROLL
#define CW_UNROLL_BY(n)

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): CUDA's names
#define threadIdx (cw::emulated::thread_index())
#define blockIdx (cw::emulated::block_index())
#define blockDim (cw::emulated::block_size())
#define gridDim (cw::emulated::grid_size())

inline void __syncthreads() { cw::emulated::block_barrier(); }
inline void __syncwarp() { cw::emulated::exchange("__syncwarp", nullptr, 0); }
inline float rsqrtf(float x) { return 1.0F / std::sqrt(x); }
/// Threads run one at a time.
template <class T>
inline T atomicAdd(T* to, T value) {
  const T before = *to;
  *to = static_cast<T>(before + value);
  return before;
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)

namespace cw::cuda {

template <class T>
inline T value_of_lane(const emulated::LaneValues& values, unsigned lane) {
  T value;
  std::memcpy(&value, values.of_lane[lane], sizeof(T));
  return value;
}

template <class T>
inline T from_lane_xor(T value, int mask) {
  const auto& values = emulated::exchange("from_lane_xor", &value, sizeof(T));
  return value_of_lane<T>(values, emulated::lane() ^ static_cast<unsigned>(mask));
}

template <class T>
inline T from_lane(T value, int lane) {
  return value_of_lane<T>(emulated::exchange("from_lane", &value, sizeof(T)), static_cast<unsigned>(lane) % 32U);
}

inline float exp2_fast(float x) { return std::exp2(x); }

inline std::uint32_t bfloat16_bits(float x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof(bits));
  if (std::isnan(x)) return 0x7fffU;
  return (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
}

inline float float_of_bits(std::uint32_t bits) {
  const std::uint32_t word = bits << 16U;
  float x = 0.0F;
  std::memcpy(&x, &word, sizeof(x));
  return x;
}

inline std::uint32_t pack_bfloat16(float low, float high) { return bfloat16_bits(low) | (bfloat16_bits(high) << 16U); }

inline void multiply_add_16x8x16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  const std::uint32_t own[6] = {a[0], a[1], a[2], a[3], b0, b1};
  const auto& all = emulated::exchange("multiply_add_16x8x16", own, sizeof(own));
  const auto half = [&all](unsigned lane, unsigned word, unsigned upper) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, all.of_lane[lane] + word * sizeof(bits), sizeof(bits));
    return float_of_bits(upper != 0 ? bits >> 16U : bits & 0xffffU);
  };
  const unsigned lane = emulated::lane();
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = lane / 4 + (i / 2) * 8;
    const unsigned column = (lane % 4) * 2 + i % 2;
    float sum = d[i];
    for (unsigned k = 0; k < 16; ++k) {
      const float of_a = half((row % 8) * 4 + (k % 8) / 2, row / 8 + (k / 8) * 2, k % 2);
      const float of_b = half(column * 4 + (k % 8) / 2, 4 + k / 8, k % 2);
      sum += of_a * of_b;
    }
    d[i] = sum;
  }
}

inline void load_matrices_as(std::uint32_t (&words)[4], const void* row, bool transposed) {
  const auto& rows = emulated::exchange(transposed ? "load_matrices_transposed" : "load_matrices", &row, sizeof(row));
  const unsigned lane = emulated::lane();
  const auto element = [&rows](unsigned matrix, unsigned r, unsigned column) {
    const auto* from = value_of_lane<const std::byte*>(rows, matrix * 8 + r);
    std::uint16_t bits = 0;
    std::memcpy(&bits, from + column * sizeof(bits), sizeof(bits));
    return static_cast<std::uint32_t>(bits);
  };
  if (reinterpret_cast<std::uintptr_t>(row) % 16 != 0) throw emulated::KernelFault("load_matrices: row not aligned");
  for (unsigned m = 0; m < 4; ++m) {
    const unsigned i = lane / 4;
    const unsigned j = (lane % 4) * 2;
    const std::uint32_t low = transposed ? element(m, j, i) : element(m, i, j);
    const std::uint32_t high = transposed ? element(m, j + 1, i) : element(m, i, j + 1);
    words[m] = low | (high << 16U);
  }
}
inline void load_matrices(std::uint32_t (&words)[4], const void* row) { load_matrices_as(words, row, false); }
inline void load_matrices_transposed(std::uint32_t (&words)[4], const void* row) { load_matrices_as(words, row, true); }

inline void copy_16_bytes(void* to_shared, const void* from, bool valid) {
  emulated::begin_copy(to_shared, from, valid);
}
inline void commit_copies() { emulated::commit_copies(); }
template <int Left>
inline void wait_for_copies() {
  emulated::wait_for_copies(Left);
}

}  // namespace cw::cuda
