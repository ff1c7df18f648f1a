// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/token_corpus.h"
#include "core/train/cell_order.h"
#include "core/train/masked_batch.h"
#include "core/train/objective.h"
#include "core/train/unigram.h"

namespace cw {

/// How well masked genes of cells kept out are predicted, in nats per gene.
struct MaskedLosses {
  double model = 0.0;
  double unigram = 0.0;  ///< of gene frequencies alone
  std::int64_t masked = 0;
};

/// What masked-gene pretraining is decided by (spec 4).
struct MaskedGenesPlan {
  ModelConfig config;
  MaskingRule masking;
  std::int64_t tokens_per_batch = 24576;  ///< of a validation batch
  std::uint64_t seed = 42;
  int num_threads = 0;
};

/// Masked-gene pretraining: masks are drawn anew each time a cell is seen, those of validation are always the same.
class MaskedGenes final : public Objective {
 public:
  /// `cells` and `parameters` outlive it.
  MaskedGenes(MaskedGenesPlan plan, const TokenCorpus& cells, CellSplit split, UnigramModel unigram,
              const Parameters& parameters);

  [[nodiscard]] std::span<const std::int64_t> lengths() const override { return lengths_; }
  [[nodiscard]] std::unique_ptr<TrainBatch> batch(std::span<const std::int64_t> examples,
                                                  std::int64_t epoch) const override;
  [[nodiscard]] at::Tensor loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                                const Workers& workers) const override;
  [[nodiscard]] bool has_validation() const override { return !split_.validation.empty(); }
  [[nodiscard]] Result<Validation> validate(GradientExchange& exchange, JobContext& context) const override;
  [[nodiscard]] std::string figure_name() const override { return "validation loss"; }

  /// On at most `most_cells` of the cells kept out, evenly chosen, dropout off. Errors: kCancelled, of the exchange.
  [[nodiscard]] Result<MaskedLosses> losses(std::int64_t most_cells, GradientExchange& exchange,
                                            JobContext& context) const;

 private:
  MaskedGenesPlan plan_;
  const TokenCorpus& cells_;
  CellSplit split_;
  UnigramModel unigram_;
  const Parameters& parameters_;
  std::vector<std::int64_t> lengths_;  ///< of the training cells
};

}  // namespace cw
