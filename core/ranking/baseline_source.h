// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/reader_registry.h"
#include "core/ranking/linear_baseline.h"

#include <filesystem>

namespace cw {

/// Reads the counts that the baseline needs from the data file that the run was made from.
///
/// The provenance of the run names the files with checksums (`tokens/files`), the dictionary and the options; cells are
/// found by name, states and donors by the columns of the run's options. All cells of the run's states that pass its
/// filter are read, so that centroids are those of the run.
/// `data`: a file that takes the place of the one named ("" = that one); its checksum is not compared, its cell names
/// must be those of the run.
/// Errors: kNotFound E-RNK-003 (the run names no data file, or the file has none of the run's cells), kRefused
/// E-RNK-004 (the file is not the one that was tokenized, or cell names repeat), kNotFound E-RNK-005 (a column or state
/// of the run is not in the file), those of the readers, kCancelled.
[[nodiscard]] Result<BaselineCounts> read_baseline_counts(const Effects& run, const ReaderRegistry& formats,
                                                          const std::filesystem::path& data, JobContext& context);

}  // namespace cw
