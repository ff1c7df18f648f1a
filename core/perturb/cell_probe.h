// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/embed/open_inputs.h"
#include "core/perturb/original_cache.h"
#include "core/perturb/state_centroids.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cw {

/// One cell with a token list of the caller's own: what a rank microscope asks while genes are moved by hand.
struct CellRequest {
  std::int64_t row = 0;  ///< of the tokens that are loaded, from 0; with `name` of the data file they were made of
  /// The cell's name: tokenizing leaves empty cells out, so that rows behind them are others than in the data file. Of
  /// several cells of one name the last at or before `row` is meant. "" = `row` alone.
  std::string name;
  /// The genes of the cell in the order wanted, without special tokens: any subset of the vocabulary, each once.
  /// Nothing = the cell as it is.
  std::optional<std::vector<std::int32_t>> tokens;
  std::vector<std::int32_t> changed;  ///< genes left out of `similarity`, as a perturbation leaves out its own
  PerturbOptions comparison;          ///< states, donors, labels, filter, layer and mode
};

/// The fields of PerturbOptions beside `row`, `name`, `tokens` and `changed`. Errors: kInvalidArgument E-ARG-001.
[[nodiscard]] Result<CellRequest> cell_request_from_json(const Json& json);

/// How far the embedding of a cell moves when its token list becomes the one given.
///
/// Source   as for a perturbation: geneformer-behaviour 6.7 A and B, beyond 1. With the list that a deletion,
///          overexpression or change of rank makes, and its genes in `changed`, the numbers are those of the run.
/// Returns  {row, name, length, cosine, similarity, seconds; with states: states, shifts, progress; without tokens:
///          genes}. `cosine` compares the cells' embeddings (mean over all positions, or <cls>); `similarity` is the
///          mean over shared genes of their cosines (mode cls: `cosine` again), null without shared genes; `genes` is
///          the cell's own list [{token, ensembl_id, symbol}].
/// Cost     one pass of one cell; the cell as it is comes from `originals`, which must be prepared by the caller's
///          session for one model and one set of cells.
/// Errors   kInvalidArgument E-PRT-030 (no such row), E-PRT-033 (no cell of this name: it was left out), E-PRT-031 (not
/// a gene of the vocabulary, or twice), E-PRT-032
///          (empty, or too long for the model); those of the options and of centroids; kCancelled.
[[nodiscard]] Result<Json> probe_cell(const CellRequest& request, const OpenModel& model, const TokenizedCells& cells,
                                      const CentroidSource& centroids, OriginalCache& originals, JobContext& ctx);

}  // namespace cw
