// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/dense_layer.h"

#include "ui/theme/theme.h"

#include <QImage>
#include <QPaintEngine>
#include <QPainter>
#include <cmath>

namespace cw::ui {

void draw_marks(QPainter& painter, const QRectF& area, qsizetype marks, const std::function<void(QPainter&)>& draw) {
  const auto type = painter.paintEngine()->type();
  const bool vector = type == QPaintEngine::SVG || type == QPaintEngine::Pdf;
  if (!vector || marks <= kMostVectorMarks) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    draw(painter);
    painter.restore();
    return;
  }
  constexpr double kScale = kLayerDpi / 72.0;
  QImage picture(static_cast<int>(std::ceil(area.width() * kScale)),
                 static_cast<int>(std::ceil(area.height() * kScale)), QImage::Format_ARGB32_Premultiplied);
  picture.fill(Qt::transparent);
  QPainter layer(&picture);
  layer.setRenderHint(QPainter::Antialiasing);
  layer.scale(picture.width() / area.width(), picture.height() / area.height());
  layer.translate(-area.topLeft());
  draw(layer);
  layer.end();
  painter.save();
  painter.setRenderHint(QPainter::LosslessImageRendering);  // no JPEG halos around points in PDF
  painter.drawImage(area, picture);
  painter.restore();
}

QFont figure_font(double points, QFont::Weight weight) {
  // pixels, not points: Qt multiplies points by the resolution of a PDF, pixels by the painter's scale alone
  QFont font{Theme::figureFamily()};
  font.setPixelSize(std::max(1, static_cast<int>(std::lround(points))));
  font.setWeight(weight);
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

}  // namespace cw::ui
