// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels for any 64-bit x86 processor; flags in CMakeLists.txt.
#include "core/train/kernel_sets.h"

#define CW_KERNEL_LANES 4

namespace cw {
namespace {
#include "core/train/all_kernels.inl"
}  // namespace

const TrainKernels& kernels_generic() noexcept {
  static constexpr TrainKernels kSet = kernel_set("generic");
  return kSet;
}

}  // namespace cw
