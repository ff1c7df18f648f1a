// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/effects.h"
#include "core/tokenize/dictionary.h"

#include <filesystem>

namespace cw {

/// True for a folder that holds raw results of the published Python package and no result of Cellwright.
[[nodiscard]] bool holds_upstream_pickles(const std::filesystem::path& folder);

/// Reads the raw results of the published Python package, all `*_raw.pickle` of a folder, through the restricted
/// unpickler: nothing is executed (geneformer-behaviour 6.8).
///
/// Cells have no identity in these files. In runs over all genes the number of the cell stands in the file's name; else
/// values are numbered in their order, so equal numbers of different genes need not be the same cell. States keep the
/// order of the files (start, goal, alternatives as the package writes them); the tuples of old V1 runs become the
/// states "start", "goal", "alternative". Ranks are unknown (-1). Errors: kNotFound E-EFF-007 (no such files), kParse
/// E-EFF-008 (not a raw result), those of read_pickle.
[[nodiscard]] Result<Effects> import_upstream_pickles(const std::filesystem::path& folder,
                                                      const Dictionary& dictionary);

}  // namespace cw
