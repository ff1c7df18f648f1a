// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/kernels.h"

#include "core/train/kernel_sets.h"

namespace cw {
namespace {

const TrainKernels& choose_kernels() noexcept {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return kernels_avx512();
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2();
  return kernels_generic();
}

}  // namespace

const TrainKernels& train_kernels() noexcept {
  static const TrainKernels& set = choose_kernels();
  return set;
}

}  // namespace cw
