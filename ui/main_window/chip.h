// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QList>
#include <QToolButton>

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
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] int widthOf(const Part& part) const;

  const Theme& theme_;
  QList<Part> parts_;
};

}  // namespace cw::ui
