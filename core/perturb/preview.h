// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/embed/open_inputs.h"
#include "core/model/model_weights.h"
#include "core/perturb/cell_probe.h"
#include "core/perturb/original_cache.h"
#include "core/perturb/prepared_run.h"
#include "core/perturb/state_centroids.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace cw {

/// Keeps a model and its cells warm and answers small perturbations at once: what `cellwright-engine serve` holds.
/// One preview at a time.
class PreviewSession {
 public:
  /// Opens `options.model` and `options.input`; the rest of the options is not read. Errors: as open_model, open_cells.
  [[nodiscard]] static Result<PreviewSession> load(const PerturbOptions& options, JobContext& ctx);

  /// Computes the perturbations of `options` on its first `options.preview` cells (0 = 64), in the order that a whole
  /// run would visit them. Writes nothing. Centroids are computed once per set of states, and cells as they are once
  /// while they fit into 1 GB. With `options.preview_seconds` it stops after that time with the cells it saw; `cells`
  /// and `cells_asked` say how many those are; the states' means are then those of at most 64 cells each. With method
  /// "screen" all deletions of a cell are estimated from its gradient; `estimated` says so.
  /// Returns {cells, cells_asked, seconds, estimated, states, perturbations: [{kind, genes, ensembl_ids, role, n_cells,
  /// effect, sd, progress,
  ///         values}], not_applied}: `effect` is the mean impact (1 - similarity) or, with states, the mean shift to
  ///         the goal over cells, `sd` its standard deviation, `values` one per cell; the strongest first.
  /// Errors: as prepare_run, kCancelled.
  [[nodiscard]] Result<Json> preview(const PerturbOptions& options, JobContext& ctx);

  /// What a whole run of `options` would take, as `estimate_run`; `preview` and `output` are not read.
  /// Errors: as prepare_run, kCancelled.
  [[nodiscard]] Result<Json> estimate(const PerturbOptions& options, JobContext& ctx);
  /// One cell with a token list of the caller's own. Errors: as probe_cell.
  [[nodiscard]] Result<Json> cell(const CellRequest& request, JobContext& ctx);

  /// Where changed cells come to lie among others, as `place_changes`; `options.preview` cells (0 = 64).
  /// Errors: as prepare_run, kCancelled.
  [[nodiscard]] Result<Json> place(const PerturbOptions& options, JobContext& ctx);

  [[nodiscard]] const OpenModel& model() const noexcept { return model_; }
  [[nodiscard]] const TokenizedCells& cells() const noexcept { return cells_; }

 private:
  [[nodiscard]] Result<EffectRows> exact_rows(const PreparedRun& run, const PerturbOptions& options,
                                              const std::function<bool()>& out_of_time, JobContext& ctx);
  [[nodiscard]] Result<const ModelWeights*> gradient_weights();
  [[nodiscard]] CentroidSource known_centroids();

  OpenModel model_;
  TokenizedCells cells_;
  std::map<std::string, NamedCentroids> centroids_;
  std::shared_ptr<const ModelWeights> weights_;  // with gradients: loaded with the first screened preview
  OriginalCache originals_{std::int64_t{1} << 30};
};

}  // namespace cw
