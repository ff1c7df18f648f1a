// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/kernels.h"
#include "core/train/workers.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

namespace cw {

/// Where each cell of a packed batch begins: cell c has rows [offsets[c], offsets[c + 1]). Cells follow each other
/// without padding.
using CellOffsets = std::shared_ptr<const std::vector<std::int64_t>>;

/// x [T, I] times `weight` [O, I] transposed plus `bias` [O], optionally max(0, .). Float32 on the CPU, differentiable;
/// so are all functions below, whose backward
/// passes watch the same workers. T rows of tokens, D hidden units, H heads.
[[nodiscard]] at::Tensor packed_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, bool relu,
                                       const Workers& workers);

/// Self-attention inside every cell. `qkv` [T, 3 D] holds queries, keys and values of all heads; result [T, D].
/// Source   Vaswani et al. 2017; memory as in Dao et al. 2022: nothing of size L x L is kept.
/// Repeat   equal for an equal dropout key; the number of threads does not matter.
[[nodiscard]] at::Tensor packed_attention(const at::Tensor& qkv, const CellOffsets& offsets, std::int64_t num_heads,
                                          const DropoutRule& dropout, const Workers& workers);

/// LayerNorm(dropout(x) + residual), rows of D (a multiple of 16).
[[nodiscard]] at::Tensor dropout_add_norm(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight,
                                          const at::Tensor& bias, double epsilon, const DropoutRule& dropout,
                                          const Workers& workers);

/// dropout(x); x itself where the rule drops nothing.
[[nodiscard]] at::Tensor row_dropout(const at::Tensor& x, const DropoutRule& dropout, const Workers& workers);

/// Sum over rows of -log softmax(x weightᵀ + bias)[target], times `scale`, as a scalar. x [M, D], weight [V, D],
/// bias [V], `targets` M ids. Logits are made for a few hundred rows at a time, and their gradients with them
/// whenever a gradient is wanted.
[[nodiscard]] at::Tensor decoder_cross_entropy(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                               const std::vector<std::int64_t>& targets, double scale,
                                               const Workers& workers);

}  // namespace cw
