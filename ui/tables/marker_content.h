// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/table_content.h"
#include "ui/statistics/marker_search.h"

#include <QString>

namespace cw::ui {

/// Markers of some cells as a table, the best first. `group` is the name of the cells. May run on any thread.
[[nodiscard]] TableContentPtr marker_content(const Dataset& dataset, const MarkerList& markers, const QString& group);

/// How the markers were found and how far to trust them, in a sentence.
[[nodiscard]] QString marker_note(const MarkerList& markers);

}  // namespace cw::ui
