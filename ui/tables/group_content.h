// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"
#include "ui/data_table/table_content.h"
#include "ui/statistics/group_composition.h"

#include <QColor>
#include <vector>

namespace cw::ui {

/// Groups as a table: name with its colour, cells, share of all, selected cells, donors, and a bar of the donors'
/// shares. `colors` one per group; `title` heads the names, `donors` names the donor column.
[[nodiscard]] TableContentPtr group_content(const GroupComposition& groups, const std::vector<QColor>& colors,
                                            const QString& title, const QString& donors);

}  // namespace cw::ui
