// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/common/selection_hub.h"
#include "ui/document/dataset.h"

namespace cw::ui {

/// What is selected, as the project keeps it between two sessions. Cells as in cell_rows.h, in base 64.
[[nodiscard]] Json session_to_json(const SelectionHub& selection);
/// Selects it again, and nothing else; parts that do not fit the data set any more are left out.
void session_from_json(const Json& session, const Dataset& dataset, SelectionHub& selection);

}  // namespace cw::ui
