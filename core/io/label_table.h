// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/table.h"

#include <cstdint>
#include <filesystem>

namespace cw {

/// Reads labels of cells: a CSV or TSV (gzipped or not) with a header, cell names in the first column, and one further
/// column per label. All labels are categorical; empty fields are missing.
/// Errors: those of TextRecords; kParse E-LAB-001 (no label column), E-LAB-002 (a row of another length, names the
/// line), E-LAB-003 (a cell named twice).
[[nodiscard]] Result<Table> read_label_table(const std::filesystem::path& path);

struct LabelMatch {
  std::int64_t matched = 0;        ///< cells that got labels
  std::int64_t without_label = 0;  ///< cells that the labels do not name: their values are missing
  std::int64_t unknown_names = 0;  ///< names in the labels that are no cell
};

/// Adds the columns of `labels` to `cells` by cell name; a column of the same name is replaced.
/// Errors: kNotFound E-LAB-004 (no name is a cell), kRefused E-LAB-005 (a cell name stands for several cells).
Result<LabelMatch> join_labels(Table& cells, const Table& labels);

}  // namespace cw
