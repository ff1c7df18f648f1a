// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace cw::cuda {

/// Cross-entropy of rows of logits, a block of rows at a time so that all logits are never there at once. A block of
/// threads per row.
struct CrossEntropyArguments {
  float* logits;   ///< [rows, size]; become their gradient times `factor` unless that is 0
  void* gradient;  ///< null: the gradient stays in `logits`; else [rows, size] of bf16 for the next product
  const std::int32_t* targets;  ///< [rows]
  double* losses;               ///< [rows] -log softmax(logits)[target]
  std::int32_t size;
  float factor;
};
inline constexpr int kLossThreads = 256;

/// Gradient of a table of which rows were looked up: to[ids[i]] += the sum of from[rows[k]] for k in starts[i] ..
/// starts[i + 1], in this order. A warp per id, no id twice.
struct LookUpGradientArguments {
  const void* from;            ///< [rows, width]
  const std::int32_t* ids;     ///< [num_ids]
  const std::int32_t* starts;  ///< [num_ids + 1]
  const std::int32_t* rows;
  float* to;  ///< [ids that can be, width]
  std::int64_t num_ids;
  std::int32_t width;
};

/// The rows that looked up each id, ids ascending, rows ascending.
struct RowsById {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> starts;
  std::vector<std::int32_t> rows;
};
/// Leaves out `ignored`, the id whose table row is not trained (padding); -1 = none.
[[nodiscard]] RowsById rows_by_id(std::span<const std::int32_t> looked_up, std::int32_t ignored);

}  // namespace cw::cuda
