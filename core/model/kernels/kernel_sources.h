// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/kernels/kernels.h"

namespace cw {

/// Keys whose scores are kept at once by the attention kernels: 128 keys times 48 queries fill half of a 48 kB cache.
constexpr std::int64_t kAttentionKeyBlock = 128;

// One source each, compiled for its processor. Call only where kernel_sets() found the instructions.
[[nodiscard]] KernelSet baseline_kernels();
[[nodiscard]] KernelSet avx2_kernels();
[[nodiscard]] KernelSet avx512_kernels();
/// Adds bfloat16 and int8 to the AVX-512 set.
void add_avx512_low_precision(KernelSet& set);

}  // namespace cw
