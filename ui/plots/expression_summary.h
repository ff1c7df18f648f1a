// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"

#include <QColor>
#include <QString>
#include <cstdint>
#include <span>
#include <vector>

namespace cw::ui {

/// Cells of one group of a plot.
struct PlotGroup {
  QString label;
  QColor color;
  std::vector<std::int32_t> cells;  ///< rows of the data set
};

/// One gene in one group: what a dot or a violin shows. Values are log(1 + counts per 10,000).
struct ExpressionSummary {
  double mean = 0.0;
  double detected = 0.0;  ///< share of cells with a count
  double median = 0.0;
  double quarter = 0.0;  ///< quartiles
  double three_quarters = 0.0;
  double largest = 0.0;
  /// Density of the values at `kDensityPoints` even steps from 0 to the gene's largest value over all groups; its
  /// largest is 1. Empty with fewer than three cells.
  std::vector<double> density;
};
inline constexpr int kDensityPoints = 64;

/// Genes by groups: row-major [genes, groups].
struct ExpressionTable {
  QString column;        ///< that the groups are values of
  bool quality = false;  ///< rows are what is counted of cells (CellQuality) instead of genes, in their own units
  std::vector<QString> genes;
  std::vector<PlotGroup> groups;
  std::vector<ExpressionSummary> values;
  std::vector<double> largest;  ///< [genes] over all groups

  [[nodiscard]] const ExpressionSummary& at(std::size_t gene, std::size_t group) const {
    return values[gene * groups.size() + group];
  }
  /// The numbers behind the picture: one row per gene and group.
  [[nodiscard]] Table as_table() const;
};

/// Summaries of one gene in all groups. The density is a Gaussian kernel estimate with Silverman's rule.
[[nodiscard]] std::vector<ExpressionSummary> summarise(std::span<const float> values,
                                                       const std::vector<PlotGroup>& groups);

}  // namespace cw::ui
