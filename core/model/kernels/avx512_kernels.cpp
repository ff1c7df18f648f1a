// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/kernels/kernel_sources.h"

#define CW_LANES 16
#define CW_TILE_ROWS 6
#define CW_TILE_VECTORS 4
#define CW_QUERY_VECTORS 3
#define CW_KEY_TILE 8

namespace cw {
namespace {
#include "core/model/kernels/float32_kernels.inl"
}  // namespace

KernelSet avx512_kernels() { return float32_kernels("avx512"); }

}  // namespace cw
