// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <string>
#include <vector>

class QPainter;
class QRect;

namespace cw::ui {

/// The shares of `parts` as a bar of category colours in `area`; nothing where all are 0.
void paint_composition(QPainter& painter, const QRect& area, const std::vector<std::int64_t>& parts);
/// "101: 40 %, 107: 22 %", the largest first.
[[nodiscard]] QString composition_text(const std::vector<std::string>& names, const std::vector<std::int64_t>& parts);

}  // namespace cw::ui
