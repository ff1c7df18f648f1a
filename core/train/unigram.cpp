// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/unigram.h"

#include <cmath>

namespace cw {

Result<UnigramModel> UnigramModel::count(const TokenCorpus& cells, std::span<const std::int64_t> training,
                                         std::int64_t vocab_size, const JobContext& context) {
  UnigramModel model;
  model.losses_.assign(static_cast<std::size_t>(vocab_size), 1.0);
  double total = static_cast<double>(vocab_size);
  std::vector<std::int32_t> tokens;
  for (const std::int64_t cell : training) {
    if (context.cancelled()) return cancelled_error("training");
    cells.copy_tokens(cell, tokens);
    for (const std::int32_t token : tokens) model.losses_[static_cast<std::size_t>(token)] += 1.0;
    total += static_cast<double>(tokens.size());
  }
  for (double& value : model.losses_) value = std::log(total / value);
  return model;
}

}  // namespace cw
