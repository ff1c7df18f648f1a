// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/kernels/kernels.h"

#include "core/model/kernels/kernel_sources.h"

namespace cw {
namespace {

std::vector<KernelSet> sets_of_this_processor() {
  std::vector<KernelSet> sets;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    KernelSet set = avx512_kernels();
    if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni")) add_avx512_low_precision(set);
    sets.push_back(set);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(avx2_kernels());
#endif
  sets.push_back(baseline_kernels());
  return sets;
}

}  // namespace

std::int64_t attention_scratch_words(std::int64_t keys, std::int64_t head_width) noexcept {
  constexpr std::int64_t kWidestQueryBlock = 48;
  const std::int64_t paired_values = (keys + 1) / 2 * head_width;  // bfloat16: values of two keys per word
  const std::int64_t packed_keys = keys * ((head_width + 1) / 2);
  return (2 * head_width + kAttentionKeyBlock) * kWidestQueryBlock + paired_values + packed_keys + 64;
}

const std::vector<KernelSet>& kernel_sets() {
  static const std::vector<KernelSet> sets = sets_of_this_processor();
  return sets;
}

}  // namespace cw
