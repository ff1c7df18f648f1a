// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/paint_composition.h"

#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"

#include <QPainter>
#include <QStringList>
#include <algorithm>
#include <numeric>

namespace cw::ui {
namespace {

constexpr int kBarHeight = 10;

}  // namespace

void paint_composition(QPainter& painter, const QRect& area, const std::vector<std::int64_t>& parts) {
  const auto total = static_cast<double>(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}));
  if (total == 0.0) return;
  double x = area.left();
  const double y = area.center().y() - kBarHeight / 2.0 + 0.5;
  painter.save();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double width = static_cast<double>(parts[i]) / total * area.width();
    // a hair of ground between the parts tells neighbours of similar colours apart
    painter.fillRect(QRectF(x, y, std::max(0.0, width - (width > 3.0 ? 1.0 : 0.0)), kBarHeight),
                     category_color(static_cast<int>(i)));
    x += width;
  }
  painter.restore();
}

QString composition_text(const std::vector<std::string>& names, const std::vector<std::int64_t>& parts) {
  const auto total = static_cast<double>(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}));
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&parts](std::size_t a, std::size_t b) { return parts[a] > parts[b]; });
  QStringList texts;
  for (const std::size_t i : order) {
    if (parts[i] == 0) break;
    texts << QStringLiteral("%1: %2").arg(QString::fromStdString(names[i]),
                                          percent_text(static_cast<double>(parts[i]) / total));
  }
  return texts.join(QStringLiteral(", "));
}

}  // namespace cw::ui
