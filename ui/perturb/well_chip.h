// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QWidget>

namespace cw::ui {

class Theme;

/// A gene or a group in a well: a name, a figure in grey, and a cross. Focusable; Delete, Backspace or a click on the
/// cross take it out. With `setDraggable` it starts a drag.
class WellChip : public QWidget {
  Q_OBJECT
 public:
  WellChip(const Theme& theme, const QString& objectName, const QString& text, const QString& detail = {},
           QWidget* parent = nullptr);
  /// A dot in the colour of a group; `removable` = false leaves the cross out ("and 23 more").
  void setDot(const QColor& color);
  void setRemovable(bool removable);
  [[nodiscard]] QString text() const { return text_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void removeRequested();
  void activated();
  /// The mouse was pressed and moved: the owner starts the drag.
  void dragStarted();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  [[nodiscard]] QRectF crossRect() const;

  const Theme& theme_;
  QString text_;
  QString detail_;
  QColor dot_;
  bool removable_ = true;
  bool hovered_ = false;
  QPoint pressed_;
};

}  // namespace cw::ui
