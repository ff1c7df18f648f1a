// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/document/dataset.h"

#include <QPointF>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cw::ui {

/// What was called at one validation.
struct ReplayFrame {
  std::int64_t step = 0;
  std::vector<std::int32_t> calls;  ///< [cells] index into `classes`
  [[nodiscard]] std::int64_t numRight(const std::vector<std::int32_t>& truth) const;
};

/// The cells kept out of a run on the map of the data in view, and what they were called as it went on.
struct Replay {
  QString mapName;
  std::vector<QPointF> ground;       ///< places of cells of the data set, a sample of them; 0 to 1 in both directions
  std::vector<QPointF> places;       ///< [cells] of the cells kept out
  std::vector<std::string> names;    ///< [cells]
  std::vector<std::string> classes;  ///< sorted
  std::vector<std::int32_t> truth;   ///< [cells] index into `classes`
  std::vector<ReplayFrame> frames;   ///< in order of steps
  std::int64_t numElsewhere = 0;     ///< cells kept out that the data in view, or its map, lack
};
using ReplayPtr = std::shared_ptr<const Replay>;

/// Reads the files of a run (core/train/replay_log.h) and places their cells by name. Without a map in two dimensions
/// `places` is empty. Errors: those of reading the files; kParse E-UI-041 (the files do not hold the same cells).
[[nodiscard]] Result<ReplayPtr> read_replay(const std::vector<std::filesystem::path>& files, const Dataset& dataset);

}  // namespace cw::ui
