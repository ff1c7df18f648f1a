// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels for processors with AVX-512; flags in CMakeLists.txt.
#include "core/train/kernel_sets.h"

#define CW_KERNEL_LANES 16

namespace cw {
namespace {
#include "core/train/all_kernels.inl"
}  // namespace

const TrainKernels& kernels_avx512() noexcept {
  static constexpr TrainKernels kSet = kernel_set("avx512");
  return kSet;
}

}  // namespace cw
