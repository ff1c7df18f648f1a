// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/plots/expression_summary.h"

#include <QFont>
#include <QRectF>
#include <QString>
#include <vector>

class QPainter;

namespace cw::ui {

/// Colours and type of a plot: those of the theme on screen, black on white in a figure.
struct PlotLook {
  QFont font;
  QFont small;
  QColor ink;
  QColor ink2;
  QColor line;
};

/// A place of a drawn plot and what it stands for.
struct PlotSpot {
  QRectF area;
  std::size_t gene = 0;
  std::size_t group = 0;
};

/// Mean as colour, share of cells with the gene as size: genes to the right, groups downwards, scales at the right.
/// Returns where the dots are, for exact values under the mouse.
std::vector<PlotSpot> paint_dot_plot(QPainter& painter, const QRectF& area, const ExpressionTable& table,
                                     const PlotLook& look);
/// One row per gene, one violin per group in its colour: density, quartiles, median.
std::vector<PlotSpot> paint_violins(QPainter& painter, const QRectF& area, const ExpressionTable& table,
                                    const PlotLook& look);
/// "STAT1 in stim: mean 1.93, detected in 61 % of 846 cells".
[[nodiscard]] QString describe(const ExpressionTable& table, std::size_t gene, std::size_t group);
/// The whole plot in words, for screen readers: the highest group of each gene.
[[nodiscard]] QString describe(const ExpressionTable& table);

/// Text turned by 90° upwards from `at`.
void paint_upright(QPainter& painter, const QPointF& at, const QString& text);
/// Width of the widest text.
[[nodiscard]] double widest(const QFont& font, const std::vector<QString>& texts);

}  // namespace cw::ui
