// SPDX-License-Identifier: GPL-3.0-or-later
// In the order of use: vectors, products of them, attention made of products, row kernels.
// clang-format off
#include "core/train/vector_math.inl"
#include "core/train/product_kernel.inl"
#include "core/train/attention_kernel.inl"
#include "core/train/row_kernels.inl"
// clang-format on

constexpr TrainKernels kernel_set(const char* name) {
  return {name,          attention_scratch, attention_forward, attention_backward, norm_forward,
          norm_backward, dropout,           cross_entropy,     kProductScratch,    product};
}
