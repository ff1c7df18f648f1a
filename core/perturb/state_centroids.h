// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/embed/open_inputs.h"
#include "core/perturb/effect_scores.h"

#include <string>
#include <vector>

namespace cw {

/// Centroids with the record of what they were made from.
struct NamedCentroids {
  StateCentroids states;
  std::vector<std::string> names;  ///< start, goal, alternatives
  Json record;  ///< per state: cells, donors, weighting; with mode, layer and the checksum of the values
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

/// The same, taken from or kept in `folder`/centroids.json, so that a resumed run does not compute them again. The file
/// counts only where `key` (what the centroids depend on) is equal.
[[nodiscard]] Result<NamedCentroids> cached_centroids(const std::filesystem::path& folder, const Json& key,
                                                      const std::function<Result<NamedCentroids>()>& make);

}  // namespace cw
