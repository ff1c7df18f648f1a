// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/chart_widget.h"
#include "ui/results/run_result.h"

#include <vector>

namespace cw::ui {

/// What is known of one row of the list.
struct GeneNumbers {
  std::vector<double> cells;        ///< effect in each cell
  std::vector<std::string> donors;  ///< names
  std::vector<double> donorMeans;   ///< one per donor, NaN without cells
  std::vector<std::int64_t> donorCells;
  std::vector<double> null;  ///< effects of what the row is compared with: genes of the same rank, or random ones
};

/// Collects the numbers of a row from the run. A few ms for a million rows.
[[nodiscard]] GeneNumbers numbers_of(const RunResult& result, std::int64_t row);

/// The picture of one row of the list. A value: it may be painted anywhere.
struct GeneDetailPlot {
  RunResultPtr result;
  std::int64_t row = -1;
  GeneNumbers numbers;
  [[nodiscard]] bool isEmpty() const noexcept { return !result || row < 0 || numbers.cells.empty(); }
  void paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
};

/// One gene: its effect in every cell, donor by donor, over the histogram of the effects that it is compared with.
class GeneDetail : public ChartWidget {
  Q_OBJECT
 public:
  explicit GeneDetail(const Theme& theme, QWidget* parent = nullptr);
  void setGene(RunResultPtr result, std::int64_t row, GeneNumbers numbers);
  [[nodiscard]] const GeneDetailPlot& plot() const noexcept { return plot_; }

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;

 private:
  GeneDetailPlot plot_;
};

}  // namespace cw::ui
