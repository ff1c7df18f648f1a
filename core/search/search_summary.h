// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/search/search_record.h"

#include <filesystem>

namespace cw {

/// What came out of a search that has ended: number of trials, the best settings, the baseline, how far apart the
/// trials trained to the end are, a sentence about it, and the result of the best one's job (`best_run`), whose test
/// part no other has seen.
[[nodiscard]] Json search_summary(const SearchRecord& record, const Json& settings, const std::filesystem::path& out,
                                  const Json& best_run);

}  // namespace cw
