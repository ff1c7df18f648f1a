// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/pretrain_options.h"
#include "core/base/job_context.h"

namespace cw {

class Communicator;

/// Trains a masked gene model from a token file to a model folder.
///
/// Source   Theodoris et al. 2023, doi:10.1038/s41586-023-06139-9; objective and rates as in behaviour spec 4.
///          Deviations: batches are packed to a number of tokens instead of padded to a number of cells; <cls> and
///          <eos> are not masked unless asked.
/// Writes   out/model (a Hugging Face folder with cellwright.json), out/training.json (losses over steps),
///          out/validation_cells.csv (names of the cells kept out), out/checkpoints. With a validation share the model
///          is that of the lowest validation loss, else the last.
/// Resume   if `out` holds checkpoints made with the same settings, the run goes on from the newest; one limited
///          by steps or epochs then ends with the same bits as an uninterrupted one.
/// Errors   E-TRN-001..013, those of reading tokens, dictionaries and models; kCancelled after writing a checkpoint.
/// Processes  with `processes` above 1 this process starts so many engine processes and follows them; when one fails,
/// all
///          start again from the newest checkpoint. Errors then also E-COM-*.
/// Returns  steps, tokens, losses (model, unigram), tokens per second, the folder of the model.
[[nodiscard]] Result<Json> run_pretrain(const PretrainOptions& options, JobContext& context);

/// The part of one of several processes in that work. Process 0 alone writes and reports.
[[nodiscard]] Result<Json> pretrain_in_group(const PretrainOptions& options, Communicator& communicator,
                                             JobContext& context);

}  // namespace cw
