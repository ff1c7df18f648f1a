// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/embed/open_inputs.h"
#include "core/perturb/effect_scores.h"

#include <functional>
#include <string>
#include <vector>

namespace cw {

/// Centroids with the record of what they were made from.
struct NamedCentroids {
  StateCentroids states;
  std::vector<std::string> names;  ///< start, goal, alternatives
  Json record;  ///< per state: cells, donors, weighting; with mode, layer and the checksum of the values
  Json key;     ///< what they depend on
};

/// kNotFound E-PRT-010 for a state that none of the cells `rows` has: names the states that they do have.
[[nodiscard]] Error no_such_state(const std::string& state, const std::string& column,
                                  const std::vector<std::string>& states, const std::vector<std::int64_t>& rows);

/// Mean embedding of every state (beyond 1): over all its cells among `rows`; with a donor column the mean of donor
/// means, so that donors of unequal size count equally (not with `match_upstream`).
/// Errors: kNotFound E-PRT-010 (a state has no cell), kRefused E-PRT-011 (start and goal have the same centroid),
/// kNotFound (no such column), kCancelled. Warnings: W-PRT-002 (fewer than 20 cells or one donor), W-PRT-003
/// (cosine of start and goal above 0.9999).
[[nodiscard]] Result<NamedCentroids> make_centroids(const PerturbOptions& options, const OpenModel& model,
                                                    const TokenizedCells& cells, const std::vector<std::int64_t>& rows,
                                                    int layer, bool cls_mode, JobContext& ctx);

/// Where centroids come from: computed anew, from a file of the run folder, or kept by a session.
using CentroidSource =
    std::function<Result<NamedCentroids>(const Json& key, const std::function<Result<NamedCentroids>()>& make)>;

/// The centroids of the states that `options` name, from `source`, over the cells that its filter lets through (a
/// preview in a hurry: a seeded sample of them); empty without states. `labels`: record of the label file whose columns
/// `cells` have, or null. Errors: those of filter_cells and make_centroids.
[[nodiscard]] Result<NamedCentroids> centroids_for(const PerturbOptions& options, const OpenModel& model,
                                                   const TokenizedCells& cells, const Json& labels, int layer,
                                                   bool cls_mode, const CentroidSource& source, JobContext& ctx);

/// Centroids taken from `folder`/centroids.json if that was made for an equal `key` (what the centroids depend on), so
/// that a resumed run does not compute them again; writes nothing. A damaged file counts as none.
[[nodiscard]] Result<NamedCentroids> kept_centroids(const std::filesystem::path& folder, const Json& key,
                                                    const std::function<Result<NamedCentroids>()>& make);
/// Copies that file to another run of the same states, if there is one. Errors: kIo, kNoSpace.
Result<> copy_centroids(const std::filesystem::path& from, const std::filesystem::path& to);
/// Writes that file. Call once the folder is known to be this run's own. Errors: kIo, kNoSpace.
Result<> keep_centroids(const std::filesystem::path& folder, const NamedCentroids& made);

}  // namespace cw
