// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/masked_objective.h"

#include "core/train/masked_model.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>

namespace cw {
namespace {

constexpr std::int64_t kValidationCellsDuringTraining = 256;  // enough to compare steps, cheap enough to do often
constexpr std::uint64_t kValidationVisit = ~0ULL;             // no training visit has this number

struct MaskedTrainBatch final : TrainBatch {
  MaskedBatch masked;
};

std::vector<std::int64_t> lengths_of(const TokenCorpus& cells, std::span<const std::int64_t> chosen) {
  std::vector<std::int64_t> lengths;
  lengths.reserve(chosen.size());
  for (const std::int64_t cell : chosen) lengths.push_back(cells.length(cell));
  return lengths;
}

}  // namespace

MaskedGenes::MaskedGenes(MaskedGenesPlan plan, const TokenCorpus& cells, CellSplit split, UnigramModel unigram,
                         const Parameters& parameters)
    : plan_(std::move(plan)),
      cells_(cells),
      split_(std::move(split)),
      unigram_(std::move(unigram)),
      parameters_(parameters),
      lengths_(lengths_of(cells, split_.training)) {}

std::unique_ptr<TrainBatch> MaskedGenes::batch(std::span<const std::int64_t> examples, std::int64_t epoch) const {
  auto batch = std::make_unique<MaskedTrainBatch>();
  std::vector<std::int32_t> tokens;
  for (const std::int64_t place : examples) {
    const std::int64_t cell = split_.training[static_cast<std::size_t>(place)];
    cells_.copy_tokens(cell, tokens);
    append_masked(tokens, static_cast<std::uint64_t>(cell), static_cast<std::uint64_t>(epoch), plan_.seed,
                  plan_.masking, batch->masked);
  }
  batch->tokens = batch->masked.num_tokens();
  batch->cells = batch->masked.num_cells();
  batch->targets = static_cast<std::int64_t>(batch->masked.targets.size());
  batch->weight = static_cast<double>(batch->targets);
  return batch;
}

at::Tensor MaskedGenes::loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                             const Workers& workers) const {
  return masked_lm_loss(plan_.config, parameters_, static_cast<const MaskedTrainBatch&>(batch).masked, draw, scale,
                        workers);
}

Result<MaskedLosses> MaskedGenes::losses(std::int64_t most_cells, GradientExchange& exchange,
                                         JobContext& context) const {
  const at::NoGradGuard no_gradients;
  const auto all = static_cast<std::int64_t>(split_.validation.size());
  const std::int64_t count = std::min(all, most_cells);
  MaskingRule masking = plan_.masking;
  masking.leave_out = 0.0;
  const Workers workers{plan_.num_threads, &context};
  std::array<double, 3> totals{};  // model, unigram, masked
  MaskedBatch batch;
  std::vector<std::int32_t> tokens;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t cell = split_.validation[static_cast<std::size_t>(i * all / count)];
    if (i % exchange.num_ranks() == exchange.rank()) {
      cells_.copy_tokens(cell, tokens);
      append_masked(tokens, static_cast<std::uint64_t>(cell), kValidationVisit, plan_.seed, masking, batch);
    }
    const bool full = batch.num_tokens() + plan_.config.max_positions > plan_.tokens_per_batch;
    if ((full || i + 1 == count) && !batch.targets.empty()) {
      CW_ASSIGN(const double loss, unless_stopped([&] {
                  const at::Tensor value = masked_lm_loss(plan_.config, parameters_, batch, {}, 1.0, workers);
                  workers.check();
                  return value.item<double>();
                }));
      totals[0] += loss;
      for (const std::int64_t target : batch.targets) totals[1] += unigram_.loss(target);
      totals[2] += static_cast<double>(batch.targets.size());
      batch = {};
    }
  }
  CW_TRY(exchange.sum(totals));
  const double masked = std::max(1.0, totals[2]);
  return MaskedLosses{totals[0] / masked, totals[1] / masked, static_cast<std::int64_t>(totals[2])};
}

Result<Validation> MaskedGenes::validate(GradientExchange& exchange, JobContext& context) const {
  CW_ASSIGN(const MaskedLosses found, losses(kValidationCellsDuringTraining, exchange, context));
  Validation validation;
  validation.loss = found.model;
  validation.figure = found.model;
  validation.metrics.emplace_back("unigram_loss", found.unigram);
  return validation;
}

}  // namespace cw
