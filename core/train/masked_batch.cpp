// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/masked_batch.h"

#include "core/train/keyed_random.h"

#include <algorithm>

namespace cw {
namespace {

constexpr double kShareMasked = 0.8;
constexpr double kShareRandom = 0.5;  // of the rest

bool is_special(std::int32_t token, const MaskingRule& rule) {
  return std::find(rule.special.begin(), rule.special.end(), token) != rule.special.end();
}

bool is_eligible(std::int32_t token, const MaskingRule& rule) {
  if (token == rule.pad_token || token == rule.mask_token) return false;
  return rule.mask_special || !is_special(token, rule);
}

// The cell without the genes that this visit leaves out; at least one gene stays.
std::vector<std::int32_t> thinned(std::span<const std::int32_t> cell, KeyedRandom random, const MaskingRule& rule) {
  std::vector<std::int32_t> kept(cell.begin(), cell.end());
  if (rule.leave_out <= 0.0) return kept;
  const double share = rule.leave_out * random.uniform();
  kept.clear();
  for (const std::int32_t token : cell) {
    const bool left_out = random.uniform() < share;
    if (!left_out || is_special(token, rule)) kept.push_back(token);
  }
  if (kept.empty() && !cell.empty()) kept.push_back(cell.front());
  return kept;
}

std::int64_t hidden_token(std::int64_t token, KeyedRandom& random, const MaskingRule& rule) {
  if (random.uniform() < kShareMasked) return rule.mask_token;
  if (random.uniform() < kShareRandom)
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(rule.vocab_size)));
  return token;
}

}  // namespace

void append_masked(std::span<const std::int32_t> cell_tokens, std::uint64_t cell, std::uint64_t visit,
                   std::uint64_t seed, const MaskingRule& rule, MaskedBatch& batch) {
  const std::vector<std::int32_t> tokens =
      thinned(cell_tokens, KeyedRandom(seed, RandomUse::kLeaveOut, {visit, cell}), rule);
  KeyedRandom random(seed, RandomUse::kMask, {visit, cell});
  const std::int64_t first = batch.num_tokens();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::int64_t row = first + static_cast<std::int64_t>(i);
    std::int64_t token = tokens[i];
    if (is_eligible(tokens[i], rule) && random.uniform() < rule.probability) {
      batch.masked_rows.push_back(row);
      batch.targets.push_back(token);
      token = hidden_token(token, random, rule);
    }
    batch.tokens.push_back(token);
    batch.positions.push_back(static_cast<std::int64_t>(i));
  }
  batch.offsets.push_back(batch.num_tokens());
}

}  // namespace cw
