// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/scatter_paint.h"

#include "ui/theme/theme.h"

#include <QFontInfo>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kHalo = 0.29;  // of the size of the text

// moves a box so that it is inside the area
QRectF inside(QRectF box, const QRectF& area) {
  box.moveLeft(std::clamp(box.left(), area.left(), std::max(area.left(), area.right() - box.width())));
  box.moveTop(std::clamp(box.top(), area.top(), std::max(area.top(), area.bottom() - box.height())));
  return box;
}

void paint_surface(QPainter& painter, const Theme& theme, const QRectF& box, double radius) {
  painter.setPen(QPen(theme.color("line-strong"), 1));
  painter.setBrush(theme.color("panel"));
  painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

}  // namespace

double dot_radius(std::int64_t num_cells, double side) {
  const double count = std::max(1.0, static_cast<double>(num_cells));
  return std::clamp(side / 560.0 * 13.0 / std::pow(count, 0.22), 0.7, 5.0);
}

QColor quiet_color(const QColor& ink, const QColor& ground) {
  constexpr double kShare = 0.35;
  const auto mix = [](int a, int b) { return static_cast<int>(std::lround(a * kShare + b * (1 - kShare))); };
  return {mix(ink.red(), ground.red()), mix(ink.green(), ground.green()), mix(ink.blue(), ground.blue())};
}

void paint_halo_text(QPainter& painter, QPointF at, const QString& text, const QFont& font, const QColor& ink,
                     const QColor& halo) {
  QPainterPath outline;
  outline.addText(at, font, text);
  QColor around = halo;
  around.setAlphaF(0.9F);
  painter.strokePath(outline,
                     QPen(around, kHalo * QFontInfo(font).pixelSize(), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.setFont(font);
  painter.setPen(ink);
  painter.drawText(at, text);
}

void paint_labels(QPainter& painter, const ViewTransform& view, const std::vector<GroupMark>& marks,
                  const FieldLook& look, const std::function<QString(int)>& name, const QFont& font, const QColor& ink,
                  const QColor& halo, const QRectF& area) {
  const QFontMetricsF metrics(font);
  std::vector<QPointF> anchors;
  std::vector<QSizeF> sizes;
  std::vector<QString> texts;
  for (const GroupMark& mark : marks) {
    const auto category = static_cast<std::size_t>(mark.category);
    if (category < look.hidden.size() && look.hidden[category]) continue;
    texts.push_back(name(mark.category));
    anchors.push_back(view.toScreen(mark.at));
    sizes.emplace_back(metrics.horizontalAdvance(texts.back()) + 6, metrics.height() + 2);
  }
  const auto boxes = place_boxes(anchors, sizes, area);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].isNull()) continue;
    const QPointF base(boxes[i].left() + 3, boxes[i].top() + 1 + metrics.ascent());
    paint_halo_text(painter, base, texts[i], font, ink, halo);
  }
}

void paint_card(QPainter& painter, const Theme& theme, QPointF at, const QStringList& lines, const QRect& area) {
  if (lines.isEmpty()) return;
  constexpr double kPadding = 10, kGap = 12, kMostWidth = 320;
  const QFont bold = theme.font("small", QFont::DemiBold), plain = theme.font("small");
  const QFontMetricsF boldMetrics(bold), metrics(plain);
  double names = 0, values = 0;
  for (const QString& line : lines.mid(1)) {
    names = std::max(names, metrics.horizontalAdvance(line.section(QLatin1Char('\t'), 0, 0)));
    values = std::max(values, metrics.horizontalAdvance(line.section(QLatin1Char('\t'), 1)));
  }
  const double width = std::min(
      kMostWidth, std::max(boldMetrics.horizontalAdvance(lines.first()), names + kGap + values) + 2 * kPadding + 1);
  const double step = metrics.height() + 4;
  const double height = static_cast<double>(lines.size()) * step + 2 * kPadding - 4;
  QRectF box(at + QPointF(16, 12), QSizeF(width, height));
  if (box.right() > area.right() - 6) box.moveRight(at.x() - 16);
  if (box.bottom() > area.bottom() - 6) box.moveBottom(at.y() - 12);
  box = inside(box, QRectF(area).adjusted(6, 6, -6, -6));
  paint_surface(painter, theme, box, theme.size("radius-card"));
  double y = box.top() + kPadding + metrics.ascent();
  const double inner = width - 2 * kPadding;
  painter.setFont(bold);
  painter.setPen(theme.color("ink"));
  painter.drawText(QPointF(box.left() + kPadding, y), boldMetrics.elidedText(lines.first(), Qt::ElideMiddle, inner));
  painter.setFont(plain);
  for (const QString& line : lines.mid(1)) {
    y += step;
    painter.setPen(theme.color("ink-2"));
    painter.drawText(QPointF(box.left() + kPadding, y), line.section(QLatin1Char('\t'), 0, 0));
    painter.setPen(theme.color("ink"));
    painter.drawText(QPointF(box.left() + kPadding + names + kGap, y),
                     metrics.elidedText(line.section(QLatin1Char('\t'), 1), Qt::ElideRight, inner - names - kGap));
  }
}

void paint_chip(QPainter& painter, const Theme& theme, QPointF at, const QString& text, const QRect& area) {
  const QFont font = theme.font("small", QFont::DemiBold);
  const QFontMetricsF metrics(font);
  QRectF box(at, QSizeF(metrics.horizontalAdvance(text) + 18, metrics.height() + 8));
  box = inside(box, QRectF(area).adjusted(4, 4, -4, -4));
  paint_surface(painter, theme, box, theme.size("radius-chip"));
  painter.setFont(font);
  painter.setPen(theme.color("ink"));
  painter.drawText(box, Qt::AlignCenter, text);
}

QImage density_image(const DensityField& density, const QColor& color) {
  constexpr int kSide = DensityField::kSide;
  QImage image(kSide, kSide, QImage::Format_ARGB32_Premultiplied);
  const float top = density.levels.empty() ? 1.0F : std::max(density.levels.back(), 1e-9F);
  for (int row = 0; row < kSide; ++row) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(kSide - 1 - row));
    for (int column = 0; column < kSide; ++column) {
      const float value =
          density.values[static_cast<std::size_t>(row) * kSide + static_cast<std::size_t>(column)] / top;
      QColor shade = color;
      shade.setAlphaF(0.45F * std::sqrt(std::clamp(value, 0.0F, 1.0F)));
      line[column] = qPremultiply(shade.rgba());
    }
  }
  return image;
}

}  // namespace cw::ui
