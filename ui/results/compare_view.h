// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/chart_widget.h"
#include "ui/results/run_result.h"

#include <vector>

namespace cw::ui {

/// How much two ranked lists agree.
struct RunComparison {
  QString other;
  std::vector<double> overlap;  ///< [k] share of the top k + 1 that both lists name
  double chance = 0.0;          ///< of the same length, by chance, at the end of the curve: k / common
  double spearman = 0.0;        ///< of the effects of rows that both have
  double low = 0.0, high = 0.0;
  std::int64_t common = 0;
  QStringList onlyHere;  ///< in the top 20 here, not in the top 50 there
  QStringList onlyThere;
};
/// Rows are matched by kind and genes, by genes alone where each run makes one kind of change and the two differ; those
/// that only one run has are left out.
[[nodiscard]] RunComparison compare_runs(const RunResult& here, const RunResult& there);

/// The picture of a comparison, or the words in its place. A value: it may be painted anywhere.
struct ComparePlot {
  RunComparison comparison;
  QString note;
  [[nodiscard]] bool isEmpty() const noexcept { return comparison.overlap.empty(); }
  void paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
};

/// Overlap of the top of two runs, from the first gene to the fiftieth, with what chance would give.
class CompareView : public ChartWidget {
  Q_OBJECT
 public:
  explicit CompareView(const Theme& theme, QWidget* parent = nullptr);
  void setComparison(RunComparison comparison);
  void setNote(const QString& note);
  [[nodiscard]] const ComparePlot& plot() const noexcept { return plot_; }

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;

 private:
  ComparePlot plot_;
};

}  // namespace cw::ui
