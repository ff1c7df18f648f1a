// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels for processors with AVX2 and FMA; flags in CMakeLists.txt.
#include "core/train/kernel_sets.h"

#define CW_KERNEL_LANES 8

namespace cw {
namespace {
#include "core/train/all_kernels.inl"
}  // namespace

const TrainKernels& kernels_avx2() noexcept {
  static constexpr TrainKernels kSet = kernel_set("avx2");
  return kSet;
}

}  // namespace cw
