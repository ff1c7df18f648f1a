// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/document/dataset.h"
#include "ui/results/chart_widget.h"

#include <QImage>
#include <vector>

namespace cw::ui {

/// Where changed cells come to lie in a map that stays as it is.
struct MapShift {
  CellMapPtr map;
  std::vector<std::uint8_t> start;  ///< [cells] 1 = of the start group
  struct Arrow {
    QString label;
    QPointF from, to;  ///< in the map's coordinates
    std::int64_t cells = 0;
  };
  QList<Arrow> arrows;
  std::int64_t reference = 0;
  std::int64_t neighbours = 0;
};

/// Reads the answer of the warm engine's `place`: places are the weighted means of the neighbours' places in the map.
[[nodiscard]] MapShift map_shift_of(const Json& answer, const Dataset& dataset, const CellMapPtr& map,
                                    std::vector<std::uint8_t> start);

/// The picture of shifts, or the words in its place. A value: it may be painted anywhere.
struct MapShiftPlot {
  MapShift shift;
  QString note;
  [[nodiscard]] bool isEmpty() const noexcept { return !shift.map; }
  void paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
};

/// The map in grey with one arrow per gene, and the sentence that says how they were placed.
class MapShiftView : public ChartWidget {
  Q_OBJECT
 public:
  explicit MapShiftView(const Theme& theme, QWidget* parent = nullptr);
  void setShift(MapShift shift);
  void setNote(const QString& note);
  [[nodiscard]] const MapShiftPlot& plot() const noexcept { return plot_; }

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;

 private:
  MapShiftPlot plot_;
};

}  // namespace cw::ui
