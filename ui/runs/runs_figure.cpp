// SPDX-License-Identifier: GPL-3.0-or-later
// The panel's curves as a figure, as a table, and as a view that reopens.
#include "core/base/json.h"
#include "ui/results/plot_ink.h"
#include "ui/runs/curve_view.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"

#include <QRectF>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr auto kTicked = "ticked";

}  // namespace

bool RunsPanel::hasFigure() const { return curves_->plot() && !curves_->plot()->isEmpty(); }

FigurePainter RunsPanel::figure() const {
  if (!hasFigure()) return {};
  return [plot = curves_->plot(), &theme = services_.theme](QPainter& painter, const FigureSize& size) {
    paint_curves(painter, QRectF(0, 0, size.widthPoints, size.heightPoints), *plot, PlotInk::figure(theme, size));
  };
}

QString RunsPanel::figureName() const { return tr("runs %1").arg(figure_title(curves_->settings().figure).toLower()); }

std::optional<Table> RunsPanel::figureData() const {
  if (!hasFigure()) return std::nullopt;
  std::vector<std::string> names;
  std::vector<double> steps;
  std::vector<double> values;
  std::vector<double> smoothed;
  for (const PlottedCurve& curve : curves_->plot()->curves) {
    names.insert(names.end(), curve.values.size(), curve.name.toStdString());
    steps.insert(steps.end(), curve.steps.begin(), curve.steps.end());
    values.insert(values.end(), curve.values.begin(), curve.values.end());
    const std::vector<double>& line = curve.smoothed.empty() ? curve.values : curve.smoothed;
    smoothed.insert(smoothed.end(), line.begin(), line.end());
  }
  Table table;
  for (std::size_t row = 0; row < names.size(); ++row) table.index.push_back(std::to_string(row + 1));
  table.columns.push_back(Column::of_strings("curve", std::move(names)));
  table.columns.push_back(Column::of_reals("step", std::move(steps)));
  table.columns.push_back(Column::of_reals("value", std::move(values)));
  table.columns.push_back(Column::of_reals("smoothed", std::move(smoothed)));
  return table;
}

QByteArray RunsPanel::saveView() const {
  const CurveSettings& settings = curves_->settings();
  Json ticked = Json::array();
  for (const QString& id : model_->ticked()) ticked.push_back(id.toStdString());
  const Json view = {{"figure", settings.figure.toStdString()},
                     {"logarithmic", settings.logarithmic},
                     {"over_time", settings.overTime},
                     {"smoothing", settings.smoothing},
                     {kTicked, ticked}};
  return QByteArray::fromStdString(view.dump());
}

void RunsPanel::restoreView(const QByteArray& view) {
  const Json json = Json::parse(view.toStdString(), nullptr, false);
  if (!json.is_object()) return;
  const CurveSettings before;
  CurveSettings settings;
  settings.figure = QString::fromStdString(json.value("figure", before.figure.toStdString()));
  settings.logarithmic = json.value("logarithmic", before.logarithmic);
  settings.overTime = json.value("over_time", before.overTime);
  settings.smoothing = std::clamp(json.value("smoothing", before.smoothing), 0.0, 0.99);
  curves_->setSettings(settings);
  if (!json.contains(kTicked) || !json[kTicked].is_array()) return;
  for (const Json& id : json[kTicked]) {
    if (id.is_string()) model_->setTicked(QString::fromStdString(id.get<std::string>()), true);
  }
}

}  // namespace cw::ui
