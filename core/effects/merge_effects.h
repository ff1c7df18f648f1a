// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/json.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// Writes effects.h5 into `folder` from the run folders of `perturb --shard`, as one run would have written it: rows,
/// tables and effects on genes are equal to the bit. Returns the number of rows and parts. A merge that was stopped
/// begins again. Errors: those of order_of_parts (E-MRG-001 to E-MRG-003); kRefused E-MRG-004 (a part is not finished);
/// those of EffectsReader and EffectsWriter.
[[nodiscard]] Result<Json> merge_effects(const std::vector<std::string>& parts, const std::filesystem::path& folder,
                                         bool overwrite, JobContext& ctx);

}  // namespace cw
