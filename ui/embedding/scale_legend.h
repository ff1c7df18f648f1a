// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>

class QLineEdit;

namespace cw::ui {

class Theme;

/// The legend of a continuous colouring as a control: the ends of the range are dragged, double-clicked to type a
/// number, or moved with the arrow keys; the menu chooses another scale.
class ScaleLegend : public QWidget {
  Q_OBJECT
 public:
  explicit ScaleLegend(const Theme& theme, QWidget* parent = nullptr);

  /// `lowest` and `highest`: of all cells; `low` and `high`: what the ends of the scale stand for.
  /// `note` stands between the two numbers.
  void setValues(const QString& title, const QString& unit, const QString& note, double lowest, double highest);
  void setRange(double low, double high);
  void setScale(const QString& name);
  [[nodiscard]] double low() const noexcept { return low_; }
  [[nodiscard]] double high() const noexcept { return high_; }
  [[nodiscard]] QSize sizeHint() const override;
  /// Without title and note, for a small map: the tile has its own title.
  void setCompact(bool compact);

 Q_SIGNALS:
  /// While dragging, and once with `finished` at its end.
  void rangeChanged(double low, double high, bool finished);
  void scaleChosen(const QString& name);
  /// Back to the range that was shown at first.
  void resetRequested();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  enum class End { kNone, kLow, kHigh };
  void paintTitle(QPainter& painter);
  [[nodiscard]] QRectF bar() const;
  [[nodiscard]] double xOf(double value) const;
  [[nodiscard]] End endAt(QPointF at) const;
  void setEnd(End end, double value, bool finished);
  void edit(End end);
  void openMenu(const QPoint& globalPosition);

  const Theme& theme_;
  QString title_;
  QString unit_;
  QString note_;
  QString scale_ = QStringLiteral("viridis");
  double lowest_ = 0, highest_ = 1;
  double low_ = 0, high_ = 1;
  bool compact_ = false;
  End dragged_ = End::kNone;
  End current_ = End::kHigh;  // of the keyboard
  QLineEdit* editor_;
};

}  // namespace cw::ui
