// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/packed_functions.h"
#include "core/train/parameters.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// What makes one training pass differ from an evaluation: dropout, drawn from this key.
struct DropoutDraw {
  bool active = false;
  std::uint64_t key = 0;  ///< of (seed, step, batch within the step)
  // What other processes compute of the same batch and that comes before ours: a row draws the same wherever it is.
  std::int64_t first_row = 0;  ///< tokens
  std::int64_t first_cell = 0;
  std::int64_t first_target = 0;
};

/// What the rows of a tensor are one of, each.
enum class RowsOf : std::uint8_t { kTokens, kCells, kTargets };

/// Tokens of whole cells, one cell after the other without padding, as a model sees them.
struct TokenRows {
  std::vector<std::int64_t> tokens;      ///< [T]
  std::vector<std::int64_t> positions;   ///< [T] 0, 1, ... in every cell
  std::vector<std::int64_t> offsets{0};  ///< [cells + 1]

  [[nodiscard]] std::int64_t num_tokens() const noexcept { return static_cast<std::int64_t>(tokens.size()); }
  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
};

/// One differentiable forward pass of BERT (spec 3.2) on packed cells: the encoder, and the parts that heads are made
/// of. Gives every dropout layer its own key, in the order in which they are asked for.
///
/// Shapes   T tokens of all cells, D hidden units; float32.
/// Repeat   equal for an equal draw; the number of threads does not matter.
/// Cancel   watched by the workers: ComputationStopped is thrown, also out of the backward pass.
/// Cost     (7 D + F) floats per token and layer are kept for the backward pass, or D with `Workers::recompute`;
///          nothing below the lowest parameter that requires a gradient.
class EncoderPass {
 public:
  /// All arguments but `draw` and `workers` outlive the pass and the backward pass.
  EncoderPass(const ModelConfig& config, const Parameters& parameters, const TokenRows& rows, const DropoutDraw& draw,
              const Workers& workers);

  /// [T, D] = hidden_states[0].
  [[nodiscard]] at::Tensor embeddings();
  /// [T, D] = hidden_states[index + 1] from hidden_states[index].
  [[nodiscard]] at::Tensor layer(const at::Tensor& h, std::int64_t index);
  /// The same, with what it keeps for the backward pass; `layer` does without where the workers say so.
  [[nodiscard]] at::Tensor kept_layer(const at::Tensor& h, std::int64_t index);
  /// [T, D] = hidden_states[N].
  [[nodiscard]] at::Tensor last_layer();

  /// [cells, D]: row 0 of every cell of hidden_states[N]. The last layer computes nothing for the other rows that the
  /// attention of row 0 does not read.
  [[nodiscard]] at::Tensor first_rows();

  /// The rows of every cell of x [T, ...], one after the other.
  [[nodiscard]] std::vector<at::Tensor> by_cell(const at::Tensor& x) const;

  /// `name`.weight and `name`.bias on every row.
  [[nodiscard]] at::Tensor linear(const std::string& name, const at::Tensor& x, bool relu) const;
  /// LayerNorm(dropout(x) + residual) with `name`.weight and `name`.bias.
  [[nodiscard]] at::Tensor norm(const std::string& name, const at::Tensor& x, const at::Tensor& residual,
                                double dropout, RowsOf rows = RowsOf::kTokens);
  [[nodiscard]] at::Tensor dropped_out(const at::Tensor& x, double probability, RowsOf rows = RowsOf::kTokens);
  [[nodiscard]] const at::Tensor& weight(const std::string& name) const { return parameters_.at(name); }

 private:
  [[nodiscard]] at::Tensor finish_layer(const std::string& name, const at::Tensor& mixed, const at::Tensor& h,
                                        RowsOf rows);
  [[nodiscard]] at::Tensor attend_first_rows(const at::Tensor& queries, const at::Tensor& keys_values);
  /// `name`.weight, with its low-rank change where it has one.
  [[nodiscard]] at::Tensor adapted(const std::string& name) const;
  [[nodiscard]] at::Tensor attention_factors(const DropoutRule& dropout) const;
  [[nodiscard]] DropoutRule rule(double probability, RowsOf rows = RowsOf::kTokens);

  const ModelConfig& config_;
  const Parameters& parameters_;
  const TokenRows& rows_;
  DropoutDraw draw_;
  Workers workers_;
  CellOffsets offsets_;
  std::uint64_t num_rules_ = 0;
};

/// A tensor over the memory of `values`, which outlives it.
[[nodiscard]] at::Tensor index_tensor(const std::vector<std::int64_t>& values);

}  // namespace cw
