// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs/run_events.h"

#include <QString>

namespace cw::ui {

/// What docs/errors says of an id; empty texts where it says nothing.
struct Explanation {
  QString meaning;
  QString remedy;
};
[[nodiscard]] Explanation explanation_of(const QString& id);

/// The notes of a run in plain words, oldest first, as rich text: time, what happened, and for each warning what it
/// means and what to do.
[[nodiscard]] QString log_html(const RunEvents& events);

}  // namespace cw::ui
