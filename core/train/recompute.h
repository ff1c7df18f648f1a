// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/workers.h"

#include <ATen/core/Tensor.h>

#include <functional>

namespace cw {

/// Maps the rows of one encoder layer to those of the next.
using LayerWork = std::function<at::Tensor(const at::Tensor&)>;

/// The value of `first(input)`, of which nothing but `input` is kept: the backward pass gets what it needs from
/// `again(input)`, which must be the same computation. `input` requires a gradient. Parameters that `again` uses get
/// their gradients as ever.
///
/// Source   Chen et al. 2016, arXiv:1604.06174.
[[nodiscard]] at::Tensor recomputed(const at::Tensor& input, const LayerWork& first, LayerWork again,
                                    const Workers& workers);

}  // namespace cw
