// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/common/selection_hub.h"
#include "ui/document/dataset.h"

namespace cw::ui {

/// What is selected, as the project keeps it between two sessions. Cells are runs of rows: [first, length, ...].
[[nodiscard]] Json session_to_json(const SelectionHub& selection);
/// Selects it again; parts that do not fit the data set any more are left out.
void session_from_json(const Json& session, const Dataset& dataset, SelectionHub& selection);

/// A mask of rows as runs and back; rows beyond `size` are left out.
[[nodiscard]] Json runs_of(const std::vector<std::uint8_t>& mask);
[[nodiscard]] std::vector<std::uint8_t> mask_of(const Json& runs, std::size_t size);

}  // namespace cw::ui
