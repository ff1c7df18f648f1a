// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/statistics/expression_by_group.h"

#include <QColor>
#include <QList>
#include <QWidget>

namespace cw::ui {

class Theme;

/// One bar per group with its 95 % interval; exact values under the mouse and for screen readers.
class GroupBars : public QWidget {
  Q_OBJECT
 public:
  struct Bar {
    QString label;
    QColor color;
    GroupExpression value;
  };
  GroupBars(const Theme& theme, QWidget* parent);
  void setBars(QList<Bar> bars);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] const QList<Bar>& bars() const noexcept { return bars_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  const Theme& theme_;
  QList<Bar> bars_;
};

/// "ctrl: 0.41 (0.32 to 0.50), detected in 22 % of 812 cells, 6 donors".
[[nodiscard]] QString describe(const GroupBars::Bar& bar);

}  // namespace cw::ui
