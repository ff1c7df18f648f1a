// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QList>
#include <QString>

namespace cw::ui {

/// Colour of the i-th category: Okabe-Ito first, then colours chosen for contrast with all before them; repeats after
/// 28.
[[nodiscard]] QColor category_color(int index);

/// A continuous scale: 256 colours. "viridis", "cividis", "magma" (sequential) or "start-goal" (diverging; its middle
/// stands for 0). An unknown name gives viridis.
[[nodiscard]] const QList<QRgb>& color_scale(const QString& name);
[[nodiscard]] QStringList color_scale_names();

/// `value` in [low, high] on a scale; values outside take the end colours.
[[nodiscard]] QRgb scale_color(const QList<QRgb>& scale, double value, double low, double high);

}  // namespace cw::ui
