// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/curve_view.h"

#include "ui/common/widgets.h"
#include "ui/runs/curve_chart.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kSliderSteps = 99;  // of a hundredth each
constexpr int kSliderWidth = 96;

}  // namespace

CurveView::CurveView(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      figure_(new QComboBox(this)),
      logarithmic_(make_pill(QStringLiteral("runLogarithmic"), tr("Log"), this)),
      time_(make_pill(QStringLiteral("runOverTime"), tr("Time"), this)),
      smoothing_(new QSlider(Qt::Horizontal, this)),
      empty_(make_empty_state(services.theme, QStringLiteral("train"),
                              tr("No curve yet. The first values come with the first steps."), {}, {}, this)),
      chart_(new CurveChart(services.theme, this)),
      pages_(new QStackedLayout) {
  auto* header = new QWidget(this);
  header->setFixedHeight(services.theme.size("bar"));
  makeHeader(header);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(header);
  layout->addLayout(pages_, 1);
  pages_->addWidget(empty_);
  pages_->addWidget(chart_);
  const auto follow = [this] {
    CurveSettings chosen = settings_;
    chosen.figure = figure_->currentData().toString();
    chosen.logarithmic = logarithmic_->isChecked();
    chosen.overTime = time_->isChecked();
    chosen.smoothing = smoothing_->value() / 100.0;
    setSettings(chosen);
  };
  connect(figure_, &QComboBox::currentIndexChanged, this, follow);
  connect(logarithmic_, &QToolButton::toggled, this, follow);
  connect(time_, &QToolButton::toggled, this, follow);
  connect(smoothing_, &QSlider::valueChanged, this, follow);
  showFigures();
  showSettings();
}

void CurveView::makeHeader(QWidget* header) {
  figure_->setObjectName(QStringLiteral("runFigure"));
  figure_->setAccessibleName(tr("What is plotted"));
  logarithmic_->setCheckable(true);
  logarithmic_->setToolTip(tr("Logarithmic axis"));
  logarithmic_->setAccessibleName(tr("Logarithmic axis"));
  time_->setCheckable(true);
  time_->setToolTip(tr("Over time instead of steps"));
  time_->setAccessibleName(tr("Over time instead of steps"));
  smoothing_->setObjectName(QStringLiteral("runSmoothing"));
  smoothing_->setAccessibleName(tr("Smoothing"));
  smoothing_->setToolTip(tr("How much the strong line is smoothed; the faint one is as measured"));
  smoothing_->setRange(0, kSliderSteps);
  smoothing_->setFixedWidth(kSliderWidth);
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(services_.theme.size("padding"), 0, services_.theme.size("padding"), 0);
  row->setSpacing(8);
  row->addWidget(figure_);
  row->addWidget(logarithmic_);
  row->addWidget(time_);
  row->addStretch(1);
  row->addWidget(make_label(tr("Smoothing"), "small", header));
  row->addWidget(smoothing_);
}

void CurveView::showSettings() {
  const QSignalBlocker blocks[] = {QSignalBlocker(figure_), QSignalBlocker(logarithmic_), QSignalBlocker(time_),
                                   QSignalBlocker(smoothing_)};
  if (figure_->findData(settings_.figure) < 0) figure_->addItem(figure_title(settings_.figure), settings_.figure);
  figure_->setCurrentIndex(figure_->findData(settings_.figure));
  logarithmic_->setChecked(settings_.logarithmic);
  time_->setChecked(settings_.overTime);
  smoothing_->setValue(static_cast<int>(std::lround(settings_.smoothing * 100.0)));
}

void CurveView::showFigures() {
  const QStringList names = figures_of(runs_);
  QStringList shown;
  for (int i = 0; i < figure_->count(); ++i) shown << figure_->itemData(i).toString();
  if (shown == names) return;
  const QSignalBlocker block(figure_);
  figure_->clear();
  for (const QString& name : names) figure_->addItem(figure_title(name), name);
}

void CurveView::setRuns(std::vector<CurveRun> runs) {
  runs_ = std::move(runs);
  showFigures();
  showSettings();
  draw();
}

void CurveView::setSettings(const CurveSettings& settings) {
  if (settings == settings_) return;
  settings_ = settings;
  showSettings();
  draw();
}

void CurveView::draw() {
  drawing_.cancel();
  drawing_ = services_.background.run<CurvePlotPtr>(
      Background::Lane::kCompute, this,
      [runs = runs_, settings = settings_](JobContext&) -> Result<CurvePlotPtr> {
        return std::make_shared<const CurvePlot>(plot_curves(runs, settings));
      },
      [this](Result<CurvePlotPtr> plot) {
        if (!plot) return services_.messages.error(plot.error());
        plot_ = std::move(plot).value();
        chart_->setPlot(plot_);
        pages_->setCurrentWidget(plot_->isEmpty() ? empty_ : static_cast<QWidget*>(chart_));
        Q_EMIT drawn();
      });
}

}  // namespace cw::ui
