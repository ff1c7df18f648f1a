// SPDX-License-Identifier: GPL-3.0-or-later
// What a kernel may use. nvcc compiles it to the device's instructions, every other compiler to the emulation, so that
// the same kernel source is tested on a machine without a GPU. A kernel includes this header and nothing of CUDA.
#pragma once
#include <cstdint>

#if defined(__CUDACC__)

#define CW_DEVICE __device__ __forceinline__
/// A kernel that takes one struct by value; blocks of at most `threads` threads.
#define CW_KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
/// The block's shared memory, as many bytes as the launch asked for, aligned to 16 bytes. Its content is undefined.
#define CW_SHARED(type, name)                                       \
  extern __shared__ __align__(16) unsigned char cw_shared_memory[]; \
  type* const name = reinterpret_cast<type*>(cw_shared_memory)
/// Before a loop: unroll it, wholly or by N.
#define CW_UNROLL _Pragma("unroll")
#define CW_PRAGMA(text) _Pragma(#text)
#define CW_UNROLL_BY(n) CW_PRAGMA(unroll n)

namespace cw::cuda {

inline constexpr unsigned kAllLanes = 0xffffffffU;

/// The lane's value of `value` in lane (own lane XOR `mask`); all lanes of the warp call it.
template <class T>
CW_DEVICE T from_lane_xor(T value, int mask) {
  return __shfl_xor_sync(kAllLanes, value, mask);
}
/// The value in lane `lane`; all lanes of the warp call it.
template <class T>
CW_DEVICE T from_lane(T value, int lane) {
  return __shfl_sync(kAllLanes, value, lane);
}

CW_DEVICE float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// Two bf16 in one word, `low` in the low half; rounded to nearest even.
CW_DEVICE std::uint32_t pack_bfloat16(float low, float high) {
  std::uint32_t word;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

/// d += a b on tensor cores: a [16, 16] and b [16, 8] of bf16, d [16, 8] of float, as the fragments of
/// mma.m16n8k16 (PTX ISA, "Matrix Fragments for mma.m16n8k16").
CW_DEVICE void multiply_add_16x8x16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// Four 8 x 8 matrices of bf16 from shared memory: lane i gives the address of row i % 8 of matrix i / 8 (16 bytes,
/// aligned to 16); word m of lane i becomes elements 2 (i % 4) and the next of row i / 4 of matrix m.
CW_DEVICE void load_matrices(std::uint32_t (&words)[4], const void* row) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(address)
               : "memory");
}
/// The same with every matrix transposed.
CW_DEVICE void load_matrices_transposed(std::uint32_t (&words)[4], const void* row) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(address)
               : "memory");
}

/// Begins to copy 16 bytes to shared memory; zeros where not `valid` (`from` is then not read). Both are aligned to 16.
CW_DEVICE void copy_16_bytes(void* to_shared, const void* from, bool valid) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(to_shared));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes) : "memory");
}
/// Closes the group of copies that this thread began.
CW_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until at most `Left` of this thread's groups are under way. Other threads see the bytes after a barrier.
template <int Left>
CW_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Left) : "memory");
}

}  // namespace cw::cuda

#else
#include "plugins/cuda/emulation/emulated_device.h"
#endif

namespace cw::cuda {

inline constexpr int kWarp = 32;

/// A brain floating point number: the upper half of a float.
struct BFloat16 {
  std::uint16_t bits;
};

CW_DEVICE float to_float(float x) { return x; }
CW_DEVICE float to_float(BFloat16 x) {
  union {
    std::uint32_t bits;
    float value;
  } word;
  word.bits = static_cast<std::uint32_t>(x.bits) << 16U;
  return word.value;
}

/// Rounded to nearest even where T is narrower.
template <class T>
CW_DEVICE T from_float(float x) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return x;
  } else {
    return T{static_cast<std::uint16_t>(pack_bfloat16(x, 0.0F) & 0xffffU)};
  }
}

/// The sum over the lanes of a warp, in every lane.
CW_DEVICE float sum_of_warp(float x) {
  for (int mask = kWarp / 2; mask > 0; mask /= 2) x += from_lane_xor(x, mask);
  return x;
}

}  // namespace cw::cuda
