// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "bench/window/goal_sheet.h"
#include "core/base/result.h"

#include <QElapsedTimer>
#include <QString>
#include <filesystem>

namespace cw::ui {

[[nodiscard]] inline double milliseconds(const QElapsedTimer& clock) {
  return static_cast<double>(clock.nsecsElapsed()) * 1e-6;
}

/// The map of cells without the window around it: panning, selecting, colouring.
void measure_map(GoalSheet& sheet, std::size_t cells);
/// Tables, volcano, search, export, the project's database.
void measure_panels(GoalSheet& sheet);
/// An engine: a preview, and how soon a job ends when it is stopped.
void measure_engine(GoalSheet& sheet);

/// What a whole window that opens `file` takes: milliseconds and megabytes by name. Runs in a process of its own.
[[nodiscard]] Result<Json> measure_window(const std::filesystem::path& file);
/// Starts this program once more for that.
[[nodiscard]] Result<Json> measure_window_apart(const QString& file);

}  // namespace cw::ui
