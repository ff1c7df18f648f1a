// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/splits.h"

#include <filesystem>

namespace cw {

/// A split out of a table: the user's own, or one that `cellwright split` wrote.
///
/// File     CSV or TSV with a header. The first column names cells, or donors if it is headed like design.group_column;
///          then a column `part` (or `split`): train, validation, test, unused; or a column `fold`: 0, 1, ...
///          Cells that the file does not name, or without a label, are unused.
/// Errors   those of read_label_table; kNotFound E-EVA-007 (no name of the file is one of the data, or no column part
/// or
///          fold), kParse E-EVA-009 (an unknown part, a fold that is no number), kRefused E-EVA-008 (no cell to train
///          on, or none to test).
[[nodiscard]] Result<Split> read_split(const std::filesystem::path& path, const Table& cells,
                                       const SplitDesign& design);

/// The table `cell, part[, fold], label[, donor]` that is written as split.csv.
[[nodiscard]] std::vector<Column> split_table(const Split& split, const Table& cells, const SplitDesign& design);

}  // namespace cw
