// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs/run_events.h"

#include <QString>

namespace cw::ui {

/// A figure of a run at a step, or where it was measured last before; the last of all where `step` is negative; "–"
/// where there is none.
[[nodiscard]] QString figure_at(const RunEventsPtr& events, std::string_view figure, std::int64_t step);

}  // namespace cw::ui
