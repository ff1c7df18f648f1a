// SPDX-License-Identifier: GPL-3.0-or-later
// Every kernel of the library and the struct it takes: X(name, Arguments). The launches (runtime/launch.h), the
// emulated driver and the tests of the compiled images all go through this list.
#pragma once
#include "plugins/cuda/kernels/attention.h"
#include "plugins/cuda/kernels/attention_gradient.h"
#include "plugins/cuda/kernels/loss.h"
#include "plugins/cuda/kernels/row_kernels.h"
#include "plugins/cuda/kernels/training_rows.h"
#include "plugins/cuda/kernels/update.h"

#define CW_CUDA_ENCODER_KERNELS(X)             \
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

#define CW_CUDA_TRAINING_KERNELS(X)                             \
  X(cw_attend_dropping32_float, AttentionArguments)             \
  X(cw_attend_dropping64_float, AttentionArguments)             \
  X(cw_attend_dropping128_float, AttentionArguments)            \
  X(cw_attend_dropping256_float, AttentionArguments)            \
  X(cw_attend_dropping32_bfloat16, AttentionArguments)          \
  X(cw_attend_dropping64_bfloat16, AttentionArguments)          \
  X(cw_attend_dropping128_bfloat16, AttentionArguments)         \
  X(cw_attend_dropping256_bfloat16, AttentionArguments)         \
  X(cw_attention_products_float, AttentionProductsArguments)    \
  X(cw_attention_products_bfloat16, AttentionProductsArguments) \
  X(cw_query_gradient32_float, AttentionGradientArguments)      \
  X(cw_query_gradient64_float, AttentionGradientArguments)      \
  X(cw_query_gradient128_float, AttentionGradientArguments)     \
  X(cw_query_gradient256_float, AttentionGradientArguments)     \
  X(cw_query_gradient256_bfloat16, AttentionGradientArguments)  \
  X(cw_key_gradient32_float, AttentionGradientArguments)        \
  X(cw_key_gradient64_float, AttentionGradientArguments)        \
  X(cw_key_gradient128_float, AttentionGradientArguments)       \
  X(cw_key_gradient256_float, AttentionGradientArguments)       \
  X(cw_key_gradient256_bfloat16, AttentionGradientArguments)    \
  X(cw_query_gradient32_bfloat16, AttentionGradientArguments)   \
  X(cw_query_gradient64_bfloat16, AttentionGradientArguments)   \
  X(cw_query_gradient128_bfloat16, AttentionGradientArguments)  \
  X(cw_key_gradient32_bfloat16, AttentionGradientArguments)     \
  X(cw_key_gradient64_bfloat16, AttentionGradientArguments)     \
  X(cw_key_gradient128_bfloat16, AttentionGradientArguments)    \
  X(cw_embedding_sum_float, EmbeddingSumArguments)              \
  X(cw_embedding_sum_bfloat16, EmbeddingSumArguments)           \
  X(cw_norm_forward_float, NormForwardArguments)                \
  X(cw_norm_forward_bfloat16, NormForwardArguments)             \
  X(cw_norm_backward_float, NormBackwardArguments)              \
  X(cw_norm_backward_bfloat16, NormBackwardArguments)           \
  X(cw_row_dropout_float, RowDropoutArguments)                  \
  X(cw_row_dropout_bfloat16, RowDropoutArguments)               \
  X(cw_relu_backward_float, ActivationBackwardArguments)        \
  X(cw_relu_backward_bfloat16, ActivationBackwardArguments)     \
  X(cw_gelu_backward_float, ActivationBackwardArguments)        \
  X(cw_gelu_backward_bfloat16, ActivationBackwardArguments)     \
  X(cw_column_sums_float, ColumnSumsArguments)                  \
  X(cw_column_sums_bfloat16, ColumnSumsArguments)               \
  X(cw_norm_column_sums_float, NormColumnSumsArguments)         \
  X(cw_norm_column_sums_bfloat16, NormColumnSumsArguments)      \
  X(cw_cross_entropy, CrossEntropyArguments)                    \
  X(cw_look_up_gradient_float, LookUpGradientArguments)         \
  X(cw_look_up_gradient_bfloat16, LookUpGradientArguments)      \
  X(cw_squares, SquaresArguments)                               \
  X(cw_clip, ClipArguments)                                     \
  X(cw_adamw, AdamWArguments)

#define CW_CUDA_KERNELS(X) CW_CUDA_ENCODER_KERNELS(X) CW_CUDA_TRAINING_KERNELS(X)

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
