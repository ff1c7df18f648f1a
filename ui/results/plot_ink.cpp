// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/plot_ink.h"

#include "ui/common/panel.h"
#include "ui/figures/dense_layer.h"
#include "ui/theme/theme.h"

#include <algorithm>

namespace cw::ui {

PlotInk PlotInk::screen(const Theme& theme) {
  const auto color = [&](const char* token) { return theme.color(token); };
  return {color("panel"), color("ink"),    color("ink-2"), color("ink-3"),      color("line"),         color("start"),
          color("goal"),  color("accent"), color("line"),  theme.font("small"), theme.font("caption"), 2.2};
}

PlotInk PlotInk::figure(const Theme& theme, const FigureSize& size) {
  const auto color = [&](const char* token) { return theme.figureColor(token); };
  return {Qt::white,
          color("ink"),
          color("ink-2"),
          color("ink-3"),
          color("line"),
          color("start"),
          color("goal"),
          color("accent"),
          color("line"),
          figure_font(size.fontPoints),
          figure_font(std::max(5.0, size.fontPoints - 1.0)),
          1.3};
}

}  // namespace cw::ui
