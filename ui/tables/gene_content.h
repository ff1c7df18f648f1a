// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/table_content.h"
#include "ui/statistics/gene_statistics.h"

#include <QColor>
#include <QString>

namespace cw::ui {

/// The genes of a data set as a table: one row per row of Dataset::genes. Without `statistics` names only. `start` and
/// `goal` are the names of the groups whose means the statistics hold ("" = none). May run on any thread.
[[nodiscard]] TableContentPtr gene_content(const DatasetPtr& dataset, const GeneStatisticsPtr& statistics,
                                           const QString& start, const QString& goal);

}  // namespace cw::ui
