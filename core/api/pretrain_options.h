// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// What `cellwright pretrain` does: trains a masked gene model on tokens, from random or given weights.
/// Where 0 or a negative number means "of the preset", the preset's value is that of the published run of this
/// architecture as far as it is known, else the closest known one.
struct PretrainOptions {
  std::string tokens;  ///< token file (.tokens.h5 or a Hugging Face .dataset folder), or a folder of .tokens.h5 files
  std::vector<std::string> more_tokens;  ///< further token files of the same corpus, tokenized in the same way
  std::string dictionary;                ///< "v1", "v2" or a folder; empty = the one the token file names
  std::string out;                       ///< run folder: checkpoints, log and, in `model`, the result

  std::string preset = "v1-10m";  ///< architecture and rates: demo, v1-10m, v1-40m, v2-104m, v2-316m
  std::string config;             ///< a Hugging Face config.json instead of the preset's architecture
  std::string init;               ///< model folder to start from; its architecture is kept

  double epochs = 0.0;     ///< passes over the training cells; exactly one of epochs, steps, minutes is above 0
  std::int64_t steps = 0;  ///< optimiser steps
  double minutes = 0.0;    ///< wall-clock time; such a run cannot be repeated bit by bit

  std::int64_t tokens_per_batch = 24576;  ///< most tokens of one batch; more = more memory, steadier gradients
  std::int64_t accumulate = 1;            ///< batches per optimiser step
  std::string order = "packed";  ///< "packed": cells in random order; "by-length": cells of similar length together
                                 ///< (spec 4.2, mega-batches of 50)

  double learning_rate = 0.0;      ///< highest rate; 0 = of the preset
  std::string schedule;            ///< after the warm-up: "linear", "cosine", "constant"; empty = of the preset
  std::int64_t warmup_steps = -1;  ///< -1 = of the preset, but at most a tenth of the run
  double weight_decay = -1.0;      ///< of everything but biases and LayerNorm; negative = of the preset
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< of AdamW; defaults of the published runs
  double clip = 1.0;                                  ///< largest norm of the gradient; 0 = none

  double mask_probability = 0.15;   ///< share of tokens to predict (spec 4.1)
  bool mask_special = false;        ///< also predict <cls> and <eos>, as the published collator does
  double hidden_dropout = -1.0;     ///< negative = of the architecture
  double attention_dropout = -1.0;  ///< negative = of the architecture
  double leave_out = 0.0;           ///< most genes of a cell to leave out at random each time it is seen, [0, 0.9]: the
                           ///< share is drawn between 0 and this. An augmentation for small data; 0 = as published

  bool start_from_frequencies = false;  ///< new models: the output bias starts at the log frequency of every gene in
                                        ///< the training cells instead of 0; saves a short run from learning that first

  double validation = 0.05;           ///< share of cells kept out of training; 0 = none, then no validation loss
  std::int64_t validate_every = 0;    ///< steps between validations; 0 = 10 times per run
  std::int64_t patience = 0;          ///< stop after this many validations without a better loss; 0 = never
  std::int64_t checkpoint_every = 0;  ///< steps between checkpoints; 0 = after `checkpoint_minutes`
  double checkpoint_minutes = 10.0;   ///< where `checkpoint_every` is 0

  std::string store = "float32";   ///< numbers of the model written: "float32" or "float16" (half the size, rounded)
  std::string precision = "fp32";  ///< arithmetic of training on the CPU: "fp32"
  std::uint64_t seed = 42;         ///< of initial weights, order, masks, dropout and the choice of validation cells
  int num_threads = 0;             ///< 0 = all; changes the time, not the result
  int processes = 1;               ///< engine processes on this machine that divide every batch among them
  bool zero = false;               ///< each process keeps only its share of the optimiser state (ZeRO stage 1)
  bool recompute = false;          ///< less memory for a third more work: layers keep their input only
  bool offload_optimiser = false;  ///< the optimiser state lies in a file of the run folder's disk, not in memory
  std::string exchange_precision = "fp32";  ///< of gradients between processes: "fp32", or "bf16": half of the bytes
  double exchange_timeout = 600.0;          ///< seconds after which a process that does not answer counts as stuck
  bool resume = false;                      ///< go on from the newest checkpoint in `out`; an error if there is none
  bool overwrite = false;                   ///< start afresh although `out` holds a run

  /// Errors: kInvalidArgument E-ARG-002, E-TRN-001 (not exactly one length of the run).
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const PretrainOptions& options);
/// Strict: an unknown key is refused by name. Errors: kInvalidArgument.
[[nodiscard]] Result<PretrainOptions> pretrain_options_from_json(const Json& json);

}  // namespace cw
