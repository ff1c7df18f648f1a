// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/curve_chart.h"

#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChart>
#include <QtCharts/QLegendMarker>
#include <QtCharts/QLineSeries>
#include <QtCharts/QScatterSeries>

#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr double kFaint = 0.25;
constexpr double kLineWidth = 1.8;
constexpr double kMarker = 7.0;
constexpr int kLeastHeight = 150;
constexpr int kReadoutGap = 10;
constexpr int kRightMargin = 16;

QList<QPointF> points_of(const std::vector<CurvePoint>& points) {
  QList<QPointF> list;
  list.reserve(static_cast<qsizetype>(points.size()));
  for (const CurvePoint& point : points) list << QPointF(point.x, point.y);
  return list;
}

QCategoryAxis* make_axis(const Theme& theme, const std::vector<AxisTick>& ticks, double from, double to,
                         const QString& title) {
  auto* axis = new QCategoryAxis;
  axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
  axis->setRange(from, to);
  axis->setStartValue(from);
  for (const AxisTick& tick : ticks) axis->append(tick.text, tick.at);
  axis->setTitleText(title);
  axis->setTitleFont(theme.font("caption"));
  axis->setLabelsFont(theme.font("caption"));
  axis->setTitleBrush(theme.color("ink-2"));
  axis->setLabelsBrush(theme.color("ink-2"));
  axis->setLinePen(QPen(theme.color("line-strong")));
  axis->setGridLinePen(QPen(theme.color("line")));
  return axis;
}

}  // namespace

CurveChart::CurveChart(const Theme& theme, QWidget* parent)
    : QChartView(parent), theme_(theme), readout_(new QLabel(this)) {
  setObjectName(QStringLiteral("runCurves"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumHeight(kLeastHeight);
  setFrameShape(QFrame::NoFrame);
  setRenderHint(QPainter::Antialiasing);
  readout_->setObjectName(QStringLiteral("runReading"));
  readout_->setProperty("role", "small");
  readout_->setAttribute(Qt::WA_TransparentForMouseEvents);
  readout_->setMargin(6);
  readout_->setAutoFillBackground(true);
  readout_->hide();
  chart()->setAnimationOptions(QChart::NoAnimation);
  chart()->setMargins({0, 0, kRightMargin, 0});  // the last mark of the axis reaches beyond it
  chart()->layout()->setContentsMargins(0, 0, 0, 0);
  chart()->setBackgroundRoundness(0);
  chart()->legend()->setAlignment(Qt::AlignTop);
  connect(&theme, &Theme::changed, this, &CurveChart::rebuild);
  rebuild();
}

void CurveChart::setPlot(CurvePlotPtr plot) {
  plot_ = std::move(plot);
  rebuild();
  if (place_) readAt(*place_);
}

void CurveChart::rebuild() {
  restyle();
  chart()->removeAllSeries();
  for (QAbstractAxis* axis : chart()->axes()) {
    chart()->removeAxis(axis);
    delete axis;
  }
  setAccessibleName(plot_ ? describe(*plot_) : tr("No curve yet"));
  if (!plot_ || plot_->isEmpty()) return stopReading();
  addAxes();
  for (const PlottedCurve& curve : plot_->curves) addCurve(curve);
}

void CurveChart::restyle() {
  setBackgroundBrush(theme_.color("panel"));
  chart()->setBackgroundBrush(theme_.color("panel"));
  chart()->legend()->setFont(theme_.font("small"));
  chart()->legend()->setLabelBrush(theme_.color("ink"));
  QPalette palette = readout_->palette();
  palette.setColor(QPalette::Window, theme_.color("hover"));
  readout_->setPalette(palette);
}

void CurveChart::addAxes() {
  chart()->addAxis(make_axis(theme_, plot_->xTicks, plot_->left, plot_->right, plot_->xTitle), Qt::AlignBottom);
  auto* height = make_axis(theme_, plot_->yTicks, plot_->bottom, plot_->top, plot_->yTitle);
  chart()->addAxis(height, Qt::AlignLeft);
  chart()->axes(Qt::Horizontal).constFirst()->setGridLineVisible(false);
}

void CurveChart::addCurve(const PlottedCurve& curve) {
  const QColor color = category_color(curve.color);
  const auto add = [this](QXYSeries* series, const std::vector<CurvePoint>& points, bool named) {
    series->replace(points_of(points));
    chart()->addSeries(series);
    for (QAbstractAxis* axis : chart()->axes()) series->attachAxis(axis);
    for (QLegendMarker* marker : chart()->legend()->markers(series)) marker->setVisible(named);
  };
  if (!curve.raw.empty()) {
    auto* raw = new QLineSeries;
    QColor faint = color;
    faint.setAlphaF(static_cast<float>(kFaint));
    raw->setPen(QPen(faint, 1.0));
    add(raw, curve.raw, false);
  }
  auto* line = new QLineSeries;
  line->setName(curve.name);
  line->setPen(QPen(color, kLineWidth, curve.dots ? Qt::DashLine : Qt::SolidLine));
  add(line, curve.line, !curve.dots);
  if (!curve.dots) return;
  auto* dots = new QScatterSeries;
  dots->setName(curve.name);
  dots->setMarkerSize(kMarker);
  dots->setColor(color);
  dots->setBorderColor(theme_.color("panel"));
  add(dots, curve.line, true);
}

QString CurveChart::reading() const { return readout_->isHidden() ? QString() : readout_->text(); }

double CurveChart::pixelOf(double x) const {
  const QRectF area = chart()->plotArea();
  return area.left() + (x - plot_->left) / (plot_->right - plot_->left) * area.width();
}

void CurveChart::readAt(double x) {
  if (!plot_ || plot_->isEmpty()) return stopReading();
  place_ = std::clamp(x, plot_->left, plot_->right);
  readout_->setText(read_at(*plot_, *place_).join(QLatin1Char('\n')));
  readout_->setAccessibleName(readout_->text());
  readout_->adjustSize();
  const double at = pixelOf(*place_);
  const bool fits = at + kReadoutGap + readout_->width() < width();
  const int left = static_cast<int>(fits ? at + kReadoutGap : at - kReadoutGap - readout_->width());
  readout_->move(std::max(0, left), static_cast<int>(chart()->plotArea().top()) + kReadoutGap);
  readout_->show();
  viewport()->update();
}

void CurveChart::stopReading() {
  place_.reset();
  readout_->hide();
  viewport()->update();
}

void CurveChart::step(int by) {
  const PlottedCurve& curve = plot_->curves.front();
  const auto at = curve.nearest(place_.value_or(plot_->right));
  if (!at) return;
  const auto last = static_cast<std::ptrdiff_t>(curve.x.size()) - 1;
  const auto next = place_ ? std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(*at) + by, 0, last) : last;
  readAt(curve.x[static_cast<std::size_t>(next)]);
}

void CurveChart::mouseMoveEvent(QMouseEvent* event) {
  QChartView::mouseMoveEvent(event);
  if (!plot_ || plot_->isEmpty()) return;
  const QRectF area = chart()->plotArea();
  if (!area.contains(event->position())) return stopReading();
  readAt(plot_->left + (event->position().x() - area.left()) / area.width() * (plot_->right - plot_->left));
}

void CurveChart::leaveEvent(QEvent* event) {
  QChartView::leaveEvent(event);
  stopReading();
}

void CurveChart::keyPressEvent(QKeyEvent* event) {
  if (!plot_ || plot_->isEmpty()) return QChartView::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Left:
      return step(-1);
    case Qt::Key_Right:
      return step(1);
    case Qt::Key_Home:
      return readAt(plot_->left);
    case Qt::Key_End:
      return readAt(plot_->right);
    case Qt::Key_Escape:
      if (place_) return stopReading();
      break;
    default:
      break;
  }
  QChartView::keyPressEvent(event);
}

void CurveChart::drawForeground(QPainter* painter, const QRectF& area) {
  QChartView::drawForeground(painter, area);
  if (hasFocus()) {
    painter->setPen(QPen(theme_.color("accent"), 2));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
  if (!place_ || !plot_ || plot_->isEmpty()) return;
  const QRectF plot = chart()->plotArea();
  const double x = pixelOf(*place_);
  painter->setPen(QPen(theme_.color("ink-3"), 1, Qt::DashLine));
  painter->drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
}

}  // namespace cw::ui
