// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/category_legend.h"
#include "ui/embedding/scale_legend.h"

#include <QMargins>

class QFrame;
class QToolButton;

namespace cw::ui {

/// The legend in the corner of a map: groups or a colour scale. A list that would cover much of a small map, as of one
/// of four, is folded into a button that opens it.
class LegendCard : public QWidget {
  Q_OBJECT
 public:
  LegendCard(const Theme& theme, int number, QWidget* parent);
  [[nodiscard]] CategoryLegend& groups() noexcept { return *groups_; }
  [[nodiscard]] ScaleLegend& scale() noexcept { return *scale_; }
  /// What there is to show; hidden where there is neither.
  void setContent(bool groups, bool scale);
  /// Into the upper right corner of a map of this size. Returns what of the map's margins it covers.
  QMarginsF place(const QSize& map);

 Q_SIGNALS:
  /// It was folded or unfolded by hand.
  void folded();

 private:
  void drawFold();

  const Theme& theme_;
  QFrame* frame_;
  CategoryLegend* groups_;
  ScaleLegend* scale_;
  QToolButton* fold_;
  bool hasGroups_ = false;
};

}  // namespace cw::ui
