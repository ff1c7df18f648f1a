// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/embedding/color_field.h"

#include <QStringList>
#include <optional>
#include <utility>

namespace cw::ui {

/// What a tile shows besides the map: kept in views and on the undo stack.
struct TileState {
  Coloring coloring;
  QStringList hidden;  ///< values of the label column that are not shown
  bool missingHidden = false;
  QString scale = QStringLiteral("viridis");
  std::optional<std::pair<double, double>> range;  ///< of the scale; nothing = as the values suggest
  [[nodiscard]] bool operator==(const TileState& other) const = default;
};

[[nodiscard]] Json to_json(const TileState& state);
/// Parts that make no sense are left at their defaults.
[[nodiscard]] TileState tile_state_from_json(const Json& json);

}  // namespace cw::ui
