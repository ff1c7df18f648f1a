// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/model/encoder.h"
#include "core/tokenize/tokenized_cells.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace cw {

/// The hidden states of one cell while a pass runs.
struct CellStates {
  std::int64_t index = 0;  ///< place in the rows that were asked for
  std::span<const std::int32_t> tokens;
  const float* rows = nullptr;  ///< [tokens, D], or [1, D] where only the first row was asked for
};

/// Passes cells through the encoder in packs of about `tokens_per_batch` tokens without padding, longest first within
/// windows, and gives each cell's states to `on_cell`, on the calling thread. Memory does not grow with the cells.
/// Errors: kCancelled, kOutOfMemory, kRefused. Progress: `phase`, in cells.
Result<> for_each_cell(const Encoder& encoder, const TokenizedCells& cells, std::span<const std::int64_t> rows,
                       int layer, bool first_row_only, std::int64_t tokens_per_batch, std::string_view phase,
                       JobContext& ctx, const std::function<void(const CellStates&)>& on_cell);

/// Mean over the gene positions of a cell, special tokens left out (geneformer-behaviour 5.4); sums in double.
void mean_over_genes(const CellStates& cell, bool special_tokens, std::int64_t width, std::span<float> out);

/// One embedding per row asked for, row-major [rows, D]: mean over genes, or row 0 with `cls_mode`.
/// Errors: as for_each_cell.
[[nodiscard]] Result<std::vector<float>> embed_cells(const Encoder& encoder, const TokenizedCells& cells,
                                                     std::span<const std::int64_t> rows, int layer, bool cls_mode,
                                                     std::int64_t tokens_per_batch, std::string_view phase,
                                                     JobContext& ctx);

}  // namespace cw
