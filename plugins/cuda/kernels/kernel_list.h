// SPDX-License-Identifier: GPL-3.0-or-later
// Every kernel of the library and the struct it takes: X(name, Arguments). The launches (runtime/launch.h), the
// emulated driver and the tests of the compiled images all go through this list.
#pragma once
#include "plugins/cuda/kernels/attention.h"
#include "plugins/cuda/kernels/row_kernels.h"

#define CW_CUDA_KERNELS(X)                     \
  X(cw_embed_float, EmbedArguments)            \
  X(cw_embed_bfloat16, EmbedArguments)         \
  X(cw_add_norm_float, AddNormArguments)       \
  X(cw_add_norm_bfloat16, AddNormArguments)    \
  X(cw_gather_rows, GatherRowsArguments)       \
  X(cw_to_bfloat16, ConvertArguments)          \
  X(cw_from_bfloat16, ConvertArguments)        \
  X(cw_attend32_float, AttentionArguments)     \
  X(cw_attend64_float, AttentionArguments)     \
  X(cw_attend128_float, AttentionArguments)    \
  X(cw_attend256_float, AttentionArguments)    \
  X(cw_attend32_bfloat16, AttentionArguments)  \
  X(cw_attend64_bfloat16, AttentionArguments)  \
  X(cw_attend128_bfloat16, AttentionArguments) \
  X(cw_attend256_bfloat16, AttentionArguments)

namespace cw::cuda {

/// A kernel by its name in the compiled image, with the type of what it takes.
template <class Arguments>
struct Kernel {
  const char* name;
};

namespace kernels {
#define CW_DECLARE_KERNEL(name, Arguments) inline constexpr Kernel<Arguments> name{#name};
CW_CUDA_KERNELS(CW_DECLARE_KERNEL)
#undef CW_DECLARE_KERNEL
}  // namespace kernels

}  // namespace cw::cuda
