// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/tokenized_cells.h"
#include "core/train/encoder_pass.h"
#include "core/train/gradient_exchange.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cw {

/// Appends the tokens of a cell, which are left in `tokens` too, to a batch.
void append_cell(const TokenizedCells& cells, std::int64_t cell, std::vector<std::int32_t>& tokens, TokenRows& rows);

/// Tokens of each of these cells.
[[nodiscard]] std::vector<std::int64_t> lengths_of(const TokenizedCells& cells, std::span<const std::int64_t> rows);

/// What is done with a batch: `places` of its cells in the rows that were asked for.
using PredictionPass =
    std::function<void(const std::vector<std::int64_t>& places, const TokenRows& batch, const Workers& workers)>;

/// Cells without gradients, in batches of about so many tokens, of which every process takes its share.
/// Errors: kCancelled.
Result<> for_prediction_batches(const TokenizedCells& cells, std::span<const std::int64_t> rows,
                                std::int64_t tokens_per_batch, int num_threads, const GradientExchange& exchange,
                                JobContext& context, const PredictionPass& forward);

/// Row i of `values` [batch, C] becomes row `places[i]` of `all`, row-major.
void scatter_rows(const at::Tensor& values, const std::vector<std::int64_t>& places, std::vector<double>& all);

}  // namespace cw
