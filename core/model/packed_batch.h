// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/model_config.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cw {

/// Cells one after the other without padding. B cells, T tokens in all.
struct PackedBatch {
  std::vector<std::int32_t> tokens;     ///< [T]
  std::vector<std::int64_t> offsets;    ///< [B + 1], from 0 to T; cell i owns rows offsets[i] .. offsets[i + 1]
  std::vector<std::int32_t> positions;  ///< [T], or empty: 0 .. length - 1 in every cell

  [[nodiscard]] std::int64_t num_cells() const noexcept {
    return offsets.empty() ? 0 : static_cast<std::int64_t>(offsets.size()) - 1;
  }
  [[nodiscard]] std::int64_t num_tokens() const noexcept { return static_cast<std::int64_t>(tokens.size()); }
  [[nodiscard]] std::int64_t length(std::int64_t cell) const noexcept {
    const auto i = static_cast<std::size_t>(cell);
    return offsets[i + 1] - offsets[i];
  }
  /// Appends one cell.
  void add(std::span<const std::int32_t> cell);
};

/// Checks what the encoder relies on: every cell has 1 .. max_positions tokens, ids lie in the vocabulary, positions
/// (if given) below max_positions. Errors: kShape (E-MOD-010, E-MOD-011), kRefused (E-MOD-012: id not in the
/// vocabulary, i.e. tokens of another dictionary).
Result<> check_batch(const PackedBatch& batch, const ModelConfig& config);

/// Tokens per batch that keep all threads busy while a layer's rows stay in the cache; larger gains nothing.
inline constexpr std::int64_t kDefaultTokenBudget = 8192;

/// Which cells go together: longest first, filled up to `token_budget` tokens; a longer cell gets a batch of its own.
/// Returns indices into `lengths`; every cell is in exactly one batch. Equal lengths keep their order.
[[nodiscard]] std::vector<std::vector<std::int64_t>> plan_batches(std::span<const std::int64_t> lengths,
                                                                  std::int64_t token_budget);

/// Index into the hidden states (0 = embedding layer, N = output of the last layer) from a name: "last" = N,
/// "second-to-last" = N - 1 (upstream's emb_layer 0 and -1), or the index itself.
/// Errors: kInvalidArgument (E-MOD-013).
[[nodiscard]] Result<int> layer_index(const ModelConfig& config, std::string_view name);

}  // namespace cw
