// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/table.h"

#include <QString>
#include <QStringList>
#include <filesystem>

namespace cw::ui {

/// Labels of a CSV or TSV, put beside the cells of a data set by name.
struct LabelJoin {
  std::vector<Column> columns;         ///< [cells of the data set]; missing where the file has no row
  std::string name_column;             ///< the column of the file that names the cells
  std::int64_t num_rows = 0;           ///< of the file
  std::int64_t num_matched = 0;        ///< cells that found their row
  std::int64_t num_cells = 0;          ///< of the data set
  std::vector<std::string> unmatched;  ///< up to five names of the file that are no cell
  QStringList replaced;                ///< columns that the data set has already
};

/// Reads the file and finds the column whose values are names of cells. Runs in the files lane.
/// Errors: kNotFound, kIo; kParse E-CSV-001, E-UI-211 (no table), E-UI-212 (no column names cells of this data set),
/// E-UI-213 (a name twice).
[[nodiscard]] Result<LabelJoin> join_labels(const std::filesystem::path& path, const Table& cells, JobContext& context);

}  // namespace cw::ui
