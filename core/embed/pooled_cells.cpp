// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/pooled_cells.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

// Shares of the positions of a cell: equal, or softmax(h . w).
std::vector<double> shares_of(const CellStates& cell, std::int64_t width, std::span<const float> vector) {
  std::vector<double> shares(cell.tokens.size(), 1.0 / static_cast<double>(cell.tokens.size()));
  if (vector.empty()) return shares;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const float* row = cell.rows + static_cast<std::int64_t>(i) * width;
    shares[i] = 0.0;
    for (std::size_t k = 0; k < vector.size(); ++k) {
      shares[i] += static_cast<double>(row[k]) * static_cast<double>(vector[k]);
    }
  }
  const double largest = *std::max_element(shares.begin(), shares.end());
  double sum = 0.0;
  for (double& share : shares) sum += share = std::exp(share - largest);
  for (double& share : shares) share /= sum;
  return shares;
}

}  // namespace

Result<std::vector<float>> pool_cells(const Encoder& encoder, const TokenizedCells& cells,
                                      std::span<const std::int64_t> rows, std::int64_t tokens_per_batch,
                                      std::string_view phase, JobContext& ctx) {
  const ModelConfig& config = encoder.config();
  const auto last = static_cast<int>(config.layers);
  if (config.pooling == kPoolFirst || config.pooling == kPoolPlainFirst) {
    return embed_cells(encoder, cells, rows, last, true, tokens_per_batch, phase, ctx);
  }
  const std::span<const float> vector =
      config.pooling == kPoolAttention ? encoder.heads().pooling_vector() : std::span<const float>();
  const auto width = static_cast<std::size_t>(config.hidden);
  std::vector<float> pooled(rows.size() * width);
  std::vector<double> sum(width);
  CW_TRY(for_each_cell(encoder, cells, rows, last, false, tokens_per_batch, phase, ctx, [&](const CellStates& cell) {
    const std::vector<double> shares = shares_of(cell, config.hidden, vector);
    sum.assign(width, 0.0);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      for (std::size_t k = 0; k < width; ++k) sum[k] += shares[i] * static_cast<double>(cell.rows[i * width + k]);
    }
    const auto out = pooled.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(cell.index) * width);
    std::transform(sum.begin(), sum.end(), out, [](double value) { return static_cast<float>(value); });
  }));
  return pooled;
}

}  // namespace cw
