// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/pretrain_options.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/token_corpus.h"
#include "core/train/masked_objective.h"
#include "core/train/presets.h"
#include "core/train/trainer.h"
#include "core/weights/model_folder.h"

#include <memory>
#include <optional>

namespace cw {

/// The inputs of a run, opened and checked against each other.
struct TrainingSetup {
  TokenCorpus cells;
  std::shared_ptr<const Dictionary> dictionary;
  std::optional<ModelFolder> init;
  CellSplit split;
  UnigramModel frequencies;  ///< of the training cells
  MaskedGenesPlan genes;
  TrainingPlan plan;
  Json fingerprint;  ///< settings and inputs that a checkpoint must have been made with
};

/// Opens tokens, dictionary and initial model and works out the plan. Errors: those of opening; kCancelled; kRefused
/// E-TRN-010 (cells longer than the model), E-TRN-011 (tokens outside the vocabulary), E-TRN-013 (nothing to train on);
/// kShape E-TRN-012 (a width the kernels do not take), E-TRN-005 (initial model does not fit).
[[nodiscard]] Result<TrainingSetup> prepare_training(const PretrainOptions& options, const JobContext& context);

/// Errors: kShape E-TRN-012 (a width the kernels do not take).
Result<> require_trainable(const ModelConfig& config, const std::string& where);

}  // namespace cw
