// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/packed_batch.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string>

namespace cw {
namespace {

Error wrong_length(std::int64_t cell, std::int64_t length, std::int64_t limit) {
  return {ErrorCode::kShape, "E-MOD-010",
          "cell " + std::to_string(cell) + " has " + std::to_string(length) + " tokens, the model takes 1 to " +
              std::to_string(limit) + "; tokenize with --max-length " + std::to_string(limit)};
}

}  // namespace

void PackedBatch::add(std::span<const std::int32_t> cell) {
  if (offsets.empty()) offsets.push_back(0);
  tokens.insert(tokens.end(), cell.begin(), cell.end());
  offsets.push_back(num_tokens());
}

Result<> check_batch(const PackedBatch& batch, const ModelConfig& config) {
  CW_ASSERT(!batch.offsets.empty() && batch.offsets.front() == 0 && batch.offsets.back() == batch.num_tokens());
  CW_ASSERT(batch.positions.empty() || batch.positions.size() == batch.tokens.size());
  for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
    const std::int64_t length = batch.length(cell);
    const bool too_long = batch.positions.empty() && length > config.max_positions;
    if (length < 1 || too_long) return wrong_length(cell, length, config.max_positions);
  }
  for (const std::int32_t token : batch.tokens) {
    if (token < 0 || token >= config.vocab_size) {
      return Error{ErrorCode::kRefused, "E-MOD-012",
                   "token " + std::to_string(token) + " is not in the model's vocabulary of " +
                       std::to_string(config.vocab_size) +
                       "; the tokens were made with another dictionary: tokenize with the model's own"};
    }
  }
  for (const std::int32_t position : batch.positions) {
    if (position < 0 || position >= config.max_positions) {
      return Error{ErrorCode::kShape, "E-MOD-011",
                   "position " + std::to_string(position) + " is outside the model's " +
                       std::to_string(config.max_positions) + " positions"};
    }
  }
  return {};
}

std::vector<std::vector<std::int64_t>> plan_batches(std::span<const std::int64_t> lengths, std::int64_t token_budget) {
  std::vector<std::int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto length_of = [&](std::int64_t cell) { return lengths[static_cast<std::size_t>(cell)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return length_of(a) > length_of(b); });
  std::vector<std::vector<std::int64_t>> batches;
  std::int64_t used = 0;
  for (const std::int64_t cell : order) {
    if (batches.empty() || used + length_of(cell) > token_budget) {
      batches.emplace_back();
      used = 0;
    }
    batches.back().push_back(cell);
    used += length_of(cell);
  }
  return batches;
}

Result<int> layer_index(const ModelConfig& config, std::string_view name) {
  const int num_layers = static_cast<int>(config.layers);
  if (name == "last") return num_layers;
  if (name == "second-to-last") return num_layers - 1;
  int index = -1;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (problem != std::errc() || end != name.data() + name.size() || index < 0 || index > num_layers) {
    return Error{ErrorCode::kInvalidArgument, "E-MOD-013",
                 "layer \"" + std::string(name) +
                     "\" does not exist; use second-to-last, last, or a number from 0 "
                     "(embedding layer) to " +
                     std::to_string(num_layers)};
  }
  return index;
}

}  // namespace cw
