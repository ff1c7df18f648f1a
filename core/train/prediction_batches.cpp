// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/prediction_batches.h"

#include "core/model/packed_batch.h"

#include <ATen/core/grad_mode.h>

namespace cw {

void append_cell(const TokenizedCells& cells, std::int64_t cell, std::vector<std::int32_t>& tokens, TokenRows& rows) {
  cells.copy_tokens(cell, tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    rows.tokens.push_back(tokens[i]);
    rows.positions.push_back(static_cast<std::int64_t>(i));
  }
  rows.offsets.push_back(rows.num_tokens());
}

std::vector<std::int64_t> lengths_of(const TokenizedCells& cells, std::span<const std::int64_t> rows) {
  std::vector<std::int64_t> lengths;
  lengths.reserve(rows.size());
  for (const std::int64_t row : rows) lengths.push_back(cells.length(row));
  return lengths;
}

Result<> for_prediction_batches(const TokenizedCells& cells, std::span<const std::int64_t> rows,
                                std::int64_t tokens_per_batch, int num_threads, const GradientExchange& exchange,
                                JobContext& context, const PredictionPass& forward) {
  const at::NoGradGuard no_gradients;
  const Workers workers{num_threads, &context};
  const auto batches = plan_batches(lengths_of(cells, rows), tokens_per_batch);
  std::vector<std::int32_t> tokens;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    if (static_cast<int>(b % static_cast<std::size_t>(exchange.num_ranks())) != exchange.rank()) continue;
    TokenRows batch;
    for (const std::int64_t place : batches[b]) {
      append_cell(cells, rows[static_cast<std::size_t>(place)], tokens, batch);
    }
    CW_ASSIGN([[maybe_unused]] const double done, unless_stopped([&] {
                forward(batches[b], batch, workers);
                workers.check();
                return 0.0;
              }));
  }
  return {};
}

void scatter_rows(const at::Tensor& values, const std::vector<std::int64_t>& places, std::vector<double>& all) {
  const at::Tensor rows = values.contiguous();
  const float* from = rows.const_data_ptr<float>();
  const std::int64_t width = rows.size(1);
  for (const std::int64_t place : places) {
    for (std::int64_t k = 0; k < width; ++k) {
      all[static_cast<std::size_t>(place * width + k)] = static_cast<double>(from[k]);
    }
    from += width;
  }
}

}  // namespace cw
