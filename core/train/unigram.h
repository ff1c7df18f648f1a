// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/tokenize/token_corpus.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// The simplest model of masked genes: every gene as often as in the training cells, whatever the cell. What a trained
/// model must beat.
class UnigramModel {
 public:
  /// Frequencies with one added to every token (Laplace). Errors: kCancelled.
  [[nodiscard]] static Result<UnigramModel> count(const TokenCorpus& cells, std::span<const std::int64_t> training,
                                                  std::int64_t vocab_size, const JobContext& context);
  /// -log p(token), nats.
  [[nodiscard]] double loss(std::int64_t token) const noexcept { return losses_[static_cast<std::size_t>(token)]; }

 private:
  std::vector<double> losses_;
};

}  // namespace cw
