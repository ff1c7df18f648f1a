// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <cstring>

// Functions marked CW_SIMD are compiled for plain x86-64, AVX2 and AVX-512; the loader picks the best one the
// processor has. The sanitizers' run time is not ready when the loader asks, so they get the plain one.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CW_SIMD __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CW_SIMD
#endif
#define CW_INLINE [[gnu::always_inline]] inline

namespace cw::simd {

inline constexpr std::int64_t kLanes = 16;

/// Sixteen numbers that are worked on together: one AVX-512 register, two of AVX2, four of SSE.
using Floats [[gnu::vector_size(64)]] = float;
using Ints [[gnu::vector_size(64)]] = std::int32_t;
using Words [[gnu::vector_size(64)]] = std::uint32_t;

CW_INLINE void load(Floats& target, const float* source) { std::memcpy(&target, source, sizeof(Floats)); }
CW_INLINE void store(float* target, const Floats& source) { std::memcpy(target, &source, sizeof(Floats)); }

/// Sum of all lanes, always in the same order.
CW_INLINE float sum_of(const Floats& v) {
  float s[kLanes];
  store(s, v);
  for (int width = 8; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) s[i] += s[i + width];
  }
  return s[0];
}

/// `count` rounded up to whole vectors.
constexpr std::int64_t padded(std::int64_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

}  // namespace cw::simd
