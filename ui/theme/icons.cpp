// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/icons.h"

#include "core/base/check.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

namespace cw::ui {
namespace {

class LineIconEngine : public QIconEngine {
 public:
  LineIconEngine(QString name, QColor rest, QColor active, QColor disabled)
      : name_(std::move(name)), rest_(rest), active_(active), disabled_(disabled) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    const bool lit = state == QIcon::On || mode == QIcon::Selected;
    QSvgRenderer renderer(line_drawing(name_, mode == QIcon::Disabled ? disabled_ : lit ? active_ : rest_));
    renderer.render(painter, rect);
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    if (size.isEmpty()) return {};  // a button without room
    QPixmap image(size);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    return image;
  }
  [[nodiscard]] QIconEngine* clone() const override { return new LineIconEngine(*this); }

 private:
  QString name_;
  QColor rest_;
  QColor active_;
  QColor disabled_;
};

}  // namespace

QByteArray line_drawing(const QString& name, const QColor& color) {
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  CW_ASSERT(file.open(QIODevice::ReadOnly));
  return file.readAll().replace("currentColor", color.name().toLatin1());
}

QIcon line_icon(const QString& name, const QColor& rest, const QColor& active, const QColor& disabled) {
  return QIcon(new LineIconEngine(name, rest, active, disabled));
}

}  // namespace cw::ui
