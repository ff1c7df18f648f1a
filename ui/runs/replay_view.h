// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs/replay.h"

#include <QPixmap>
#include <QWidget>

namespace cw::ui {

class Theme;

/// Cells on a map: all of them faint, those kept out in the colours of their classes, wrong ones as rings.
class ReplayView : public QWidget {
  Q_OBJECT
 public:
  explicit ReplayView(const Theme& theme, QWidget* parent = nullptr);
  /// nullptr = nothing to show.
  void setReplay(const ReplayPtr& replay);
  /// `called`: coloured by what they were called, else by what they are.
  void showFrame(std::size_t frame, bool called);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] QPointF onScreen(const QPointF& place) const;
  [[nodiscard]] double legendWidth() const;
  [[nodiscard]] QRectF frameRect() const;
  void drawGround();
  void drawLegend(QPainter& painter) const;

  const Theme& theme_;
  ReplayPtr replay_;
  std::size_t frame_ = 0;
  bool called_ = true;
  QPixmap ground_;  ///< drawn once for a size and theme
};

}  // namespace cw::ui
