// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/kernels/kernel_sources.h"

#define CW_LANES 8
#define CW_TILE_ROWS 6
#define CW_TILE_VECTORS 2
#define CW_QUERY_VECTORS 2
#define CW_KEY_TILE 4

namespace cw {
namespace {
#include "core/model/kernels/float32_kernels.inl"
}  // namespace

KernelSet avx2_kernels() { return float32_kernels("avx2"); }

}  // namespace cw
