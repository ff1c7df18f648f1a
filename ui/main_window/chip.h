// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QList>
#include <QToolButton>
#include <functional>

namespace cw::ui {

class Theme;

/// A rounded button of words, some behind a dot of colour and some in the faint ink: "● ctrl → ● stim", "1,658 all".
class Chip : public QToolButton {
  Q_OBJECT
 public:
  struct Part {
    QString text;
    bool faint = false;
    QColor dot = {};  ///< invalid = none
  };
  Chip(const Theme& theme, const QString& objectName, const QString& accessibleName, QWidget* parent);
  void setParts(QList<Part> parts);
  /// Starts the drag of what the chip stands for; false = there is nothing to drag. The menu then opens on release.
  std::function<bool()> drag;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  [[nodiscard]] int widthOf(const Part& part) const;

  const Theme& theme_;
  QList<Part> parts_;
  QPoint pressed_;
  bool down_ = false;  ///< pressed, and neither dragged nor released
};

}  // namespace cw::ui
