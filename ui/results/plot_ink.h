// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QFont>

namespace cw::ui {

class Theme;
struct FigureSize;

/// Colours and type of a chart, on screen or on a white page: charts are painted by one function for both.
struct PlotInk {
  QColor ground, ink, ink2, ink3, line, start, goal, accent, band;
  QFont text;   ///< labels
  QFont small;  ///< axis titles, captions
  double dot = 2.2;

  [[nodiscard]] static PlotInk screen(const Theme& theme);
  [[nodiscard]] static PlotInk figure(const Theme& theme, const FigureSize& size);
};

}  // namespace cw::ui
