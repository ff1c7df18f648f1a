// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QColor>
#include <QIcon>

namespace cw::ui {

/// The SVG of resources/icons/NAME.svg with `currentColor` replaced.
[[nodiscard]] QByteArray line_drawing(const QString& name, const QColor& color);

/// An icon that is drawn anew for every size and scale: `rest` normally, `active` when checked or selected, `disabled`.
[[nodiscard]] QIcon line_icon(const QString& name, const QColor& rest, const QColor& active, const QColor& disabled);

}  // namespace cw::ui
