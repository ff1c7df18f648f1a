// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/chart_widget.h"
#include "ui/results/run_result.h"

#include <QStringList>
#include <vector>

namespace cw::ui {

/// The pairs of a run by gene. The synergy of a pair is its effect less the effects of its two genes alone, over the
/// cells in which all three were run.
struct PairTable {
  struct Pair {
    std::int64_t row = 0;  ///< of the ranked list
    int first = 0;         ///< index into `genes`; of an anchor run the partner
    int second = 0;        ///< index into `genes`; of an anchor run the anchor
    double effect = 0.0;   ///< of both together
    double synergy = 0.0;  ///< NaN where a gene was not run alone in these cells
  };
  QStringList genes;  ///< most synergy first
  std::vector<Pair> pairs;
  QString anchor;        ///< of an anchor run, else ""
  double largest = 0.0;  ///< |synergy|
};
/// Empty where the run holds no pairs.
[[nodiscard]] PairTable pairs_of(const RunResult& result);

/// The picture of pairs: a matrix of synergies, genes by genes; of an anchor run a line per partner from what the two
/// genes alone add up to, to what they do together. A value: it may be painted anywhere.
struct PairsPlot {
  PairTable table;
  std::vector<std::int64_t> selected;  ///< rows of the ranked list

  /// A place of the picture and the row of the ranked list that it stands for.
  struct Spot {
    QRectF area;
    std::int64_t row = 0;
  };
  std::vector<Spot> paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
  /// "GATA4 and TBX5: together +0.031, alone they add up to +0.020; synergy +0.011".
  [[nodiscard]] QString describe(std::int64_t row) const;

 private:
  std::vector<Spot> paintMatrix(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
  std::vector<Spot> paintPartners(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
  void paintScale(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
  [[nodiscard]] bool isSelected(std::int64_t row) const;
};

/// Shows the plot; a click picks the row of a pair.
class PairsView : public ChartWidget {
  Q_OBJECT
 public:
  explicit PairsView(const Theme& theme, QWidget* parent = nullptr);
  void setResult(const RunResultPtr& result);
  void setSelected(const std::vector<std::int64_t>& rows);
  [[nodiscard]] bool hasPairs() const noexcept { return !plot_.table.pairs.empty(); }
  [[nodiscard]] const PairsPlot& plot() const noexcept { return plot_; }
  /// Row of the ranked list at a place of the widget, -1 = none.
  [[nodiscard]] std::int64_t rowAt(const QPointF& place) const;

 Q_SIGNALS:
  void rowPicked(std::int64_t row);

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool event(QEvent* event) override;

 private:
  PairsPlot plot_;
  std::vector<PairsPlot::Spot> spots_;  // of the last painting
};

}  // namespace cw::ui
