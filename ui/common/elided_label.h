// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <algorithm>

namespace cw::ui {

/// One line that gives way: where there is no room the middle of its text is left out. `text()` stays whole.
class ElidedLabel : public QLabel {
 public:
  using QLabel::QLabel;
  [[nodiscard]] QSize minimumSizeHint() const override {
    constexpr int kLeast = 80;
    const QSize whole = QLabel::minimumSizeHint();
    return {std::min(kLeast, whole.width()), whole.height()};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const QRect inside = contentsRect();
    style()->drawItemText(&painter, inside, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), palette(), isEnabled(),
                          fontMetrics().elidedText(text(), Qt::ElideMiddle, inside.width()), foregroundRole());
  }
};

}  // namespace cw::ui
