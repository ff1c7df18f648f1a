// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/volcano_view.h"

#include "ui/common/drag_data.h"
#include "ui/results/label_placement.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace cw::ui {
namespace {

constexpr int kLabels = 14;
constexpr double kSmallestFdr = 1e-16;
constexpr double kGripReach = 5.0;
constexpr double kPickReach = 7.0;

}  // namespace

struct VolcanoView::Frame {
  QRectF plot;
  double low = -1.0;
  double high = 1.0;
  double top = 1.0;
  [[nodiscard]] double x(double effect) const { return plot.left() + (effect - low) / (high - low) * plot.width(); }
  [[nodiscard]] double y(double height) const { return plot.bottom() - height / top * plot.height(); }
  [[nodiscard]] QPointF at(double effect, double height) const { return {x(effect), y(height)}; }
  [[nodiscard]] double effect(double px) const { return low + (px - plot.left()) / plot.width() * (high - low); }
  [[nodiscard]] double height(double py) const { return (plot.bottom() - py) / plot.height() * top; }
};

VolcanoView::VolcanoView(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("volcanoView"));
  setAccessibleName(tr("Effect and confidence"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  connect(&theme, &Theme::changed, this, [this] {
    drawCloud();
    update();
  });
}

void VolcanoView::setResult(RunResultPtr result) {
  result_ = std::move(result);
  x_.clear();
  y_.clear();
  selected_.clear();
  hasFdr_ = false;
  widest_ = 1e-12;
  highest_ = 1.0;
  if (!result_) return update();
  const std::int64_t rows = result_->numRows();
  for (std::int64_t row = 0; row < rows; ++row) hasFdr_ = hasFdr_ || std::isfinite(result_->value(row, "fdr"));
  for (std::int64_t row = 0; row < rows; ++row) {
    const double effect = result_->value(row, "effect");
    const double se = (result_->value(row, "ci_high") - result_->value(row, "ci_low")) / 3.92;
    const double height = hasFdr_ ? -std::log10(std::max(kSmallestFdr, result_->value(row, "fdr")))
                                  : std::min(30.0, std::abs(effect) / std::max(se, 1e-12));
    x_.push_back(static_cast<float>(effect));
    y_.push_back(static_cast<float>(height));
    if (std::isfinite(effect)) widest_ = std::max(widest_, std::abs(effect));
    if (std::isfinite(height)) highest_ = std::max(highest_, height);
  }
  highest_ = std::max(highest_ * 1.06, hasFdr_ ? 1.6 : 2.5);
  setAccessibleDescription(tr("%1 genes; the table below has the same numbers").arg(count_text(rows)));
  drawCloud();
  update();
}

void VolcanoView::setSelected(const std::vector<std::int64_t>& rows) {
  selected_ = rows;
  update();
}

void VolcanoView::setThresholds(double fdr, double leastEffect) {
  fdr_ = std::clamp(fdr, kSmallestFdr, 1.0);
  leastEffect_ = std::max(0.0, leastEffect);
  update();
}

VolcanoView::Frame VolcanoView::frameOf(const QRectF& area) const {
  Frame frame;
  frame.plot = area;
  const bool two_sided = result_ && result_->hasStates();
  frame.low = two_sided ? -widest_ * 1.12 : 0.0;
  frame.high = widest_ * 1.12;
  frame.top = highest_;
  return frame;
}

bool VolcanoView::passes(std::size_t row) const noexcept {
  if (!std::isfinite(y_[row]) || !(std::abs(static_cast<double>(x_[row])) >= leastEffect_)) return false;
  return hasFdr_ ? static_cast<double>(y_[row]) >= -std::log10(fdr_) : leastEffect_ > 0;
}

namespace {
QRectF plot_rect(const QRectF& widget) { return widget.adjusted(22, 10, -14, -26); }
}  // namespace

// The grey cloud once per size: dragging a threshold paints it and the few dots beyond.
void VolcanoView::drawCloud() {
  const double scale = devicePixelRatioF();
  cloud_ = QImage((QSizeF(size()) * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
  cloud_.setDevicePixelRatio(scale);
  cloud_.fill(Qt::transparent);
  if (!result_ || width() < 40 || height() < 40) return;
  const PlotInk ink = PlotInk::screen(theme_);
  const double radius = ink.dot;
  QImage sprite((QSizeF(2 * radius + 2, 2 * radius + 2) * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
  sprite.setDevicePixelRatio(scale);
  sprite.fill(Qt::transparent);
  {
    QPainter painter(&sprite);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor grey = ink.ink3;
    grey.setAlphaF(0.45F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(grey);
    painter.drawEllipse(QPointF(radius + 1, radius + 1), radius, radius);
  }
  const Frame frame = frameOf(plot_rect(rect()));
  QPainter painter(&cloud_);
  for (std::size_t row = 0; row < x_.size(); ++row) {
    if (!std::isfinite(x_[row]) || !std::isfinite(y_[row])) continue;
    const QPointF at = frame.at(x_[row], y_[row]);
    painter.drawImage(QPointF(at.x() - radius - 1, at.y() - radius - 1), sprite);
  }
}

void VolcanoView::paintAxes(QPainter& painter, const Frame& frame, const PlotInk& ink) const {
  const QRectF& plot = frame.plot;
  painter.setPen(QPen(ink.line, 1));
  painter.drawLine(plot.bottomLeft(), plot.bottomRight());
  painter.setFont(ink.small);
  painter.setPen(ink.ink2);
  const double line = painter.fontMetrics().height();
  const QRectF below(plot.left(), plot.bottom() + 3, plot.width(), line);
  if (result_->hasStates()) {
    painter.drawText(below, Qt::AlignLeft, tr("← away from %1").arg(result_->goal()));
    painter.drawText(below, Qt::AlignRight, tr("towards %1 →").arg(result_->goal()));
    painter.setPen(QPen(ink.line, 1));
    painter.drawLine(QPointF(frame.x(0), plot.bottom()), QPointF(frame.x(0), plot.bottom() + 4));
    painter.setPen(ink.ink2);
    painter.drawText(QRectF(frame.x(0) - 20, plot.bottom() + 3, 40, line), Qt::AlignHCenter, QStringLiteral("0"));
  } else {
    painter.drawText(below, Qt::AlignRight, tr("impact: how far the cell moved →"));
  }
  painter.save();
  painter.translate(plot.left() - 4, plot.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-plot.height() / 2, -line, plot.height(), line), Qt::AlignHCenter,
                   hasFdr_ ? tr("−log₁₀ FDR") : tr("effect in standard errors"));
  painter.restore();
}

void VolcanoView::paintHits(QPainter& painter, const Frame& frame, const PlotInk& ink) const {
  std::vector<std::size_t> hits;
  for (std::size_t row = 0; row < x_.size(); ++row) {
    if (passes(row)) hits.push_back(row);
  }
  painter.setPen(Qt::NoPen);
  const bool two_sided = result_->hasStates();
  const double radius = hits.size() > 500 ? ink.dot * 1.1 : ink.dot * 1.8;
  for (const std::size_t row : hits) {
    painter.setBrush(two_sided && x_[row] > 0 ? ink.goal : ink.start);
    painter.drawEllipse(frame.at(x_[row], y_[row]), radius, radius);
  }
  // labels: the selected rows, then the strongest by height and width
  std::vector<std::size_t> named;
  for (const std::int64_t row : selected_) {
    if (row >= 0 && static_cast<std::size_t>(row) < x_.size()) named.push_back(static_cast<std::size_t>(row));
  }
  const std::size_t marked = named.size();
  std::sort(hits.begin(), hits.end(), [&](std::size_t a, std::size_t b) {
    const auto weight = [&](std::size_t r) {
      return std::abs(static_cast<double>(x_[r])) / widest_ + static_cast<double>(y_[r]) / highest_;
    };
    return weight(a) > weight(b);
  });
  for (const std::size_t row : hits) {
    if (named.size() >= marked + kLabels) break;
    if (std::find(named.begin(), named.end(), row) == named.end()) named.push_back(row);
  }
  if (x_.size() <= kLabels) {
    // a handful of genes: all of them have a name
    for (std::size_t row = 0; row < x_.size(); ++row) {
      const bool there = std::find(named.begin(), named.end(), row) != named.end();
      if (!there && std::isfinite(x_[row]) && std::isfinite(y_[row])) named.push_back(row);
    }
  }
  painter.setFont(ink.text);
  QList<LabelWish> wishes;
  for (const std::size_t row : named) {
    const QString text = result_->text(static_cast<std::int64_t>(row), "gene");
    wishes << LabelWish{frame.at(x_[row], y_[row]),
                        QSizeF(painter.fontMetrics().horizontalAdvance(text) + 1, painter.fontMetrics().height()),
                        radius};
  }
  const QList<QRectF> places = place_labels(wishes, frame.plot.adjusted(-18, -8, 12, 0));
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto place = places[static_cast<qsizetype>(i)];
    if (i < marked) {
      painter.setPen(QPen(ink.accent, 2));
      painter.setBrush(Qt::NoBrush);
      painter.drawEllipse(wishes[static_cast<qsizetype>(i)].point, radius + 2.5, radius + 2.5);
    }
    if (place.isEmpty()) continue;
    painter.setPen(ink.ink);
    painter.drawText(place, Qt::AlignCenter, result_->text(static_cast<std::int64_t>(named[i]), "gene"));
  }
}

void VolcanoView::paintPlot(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  if (!result_) return;
  const Frame frame = frameOf(area);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor grey = ink.ink3;
  grey.setAlphaF(0.5F);
  painter.setPen(Qt::NoPen);
  painter.setBrush(grey);
  for (std::size_t row = 0; row < x_.size(); ++row) {
    if (std::isfinite(x_[row]) && std::isfinite(y_[row]) && !passes(row)) {
      painter.drawEllipse(frame.at(x_[row], y_[row]), ink.dot, ink.dot);
    }
  }
  paintAxes(painter, frame, ink);
  if (hasFdr_) {
    const double y = frame.y(-std::log10(fdr_));
    painter.setPen(QPen(ink.accent, 0.75, Qt::DashLine));
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setFont(ink.small);
    painter.drawText(
        QRectF(area.left(), y - painter.fontMetrics().height() - 1, area.width(), painter.fontMetrics().height()),
        Qt::AlignRight, tr("FDR %1").arg(number_text(fdr_, 2)));
  }
  paintHits(painter, frame, ink);
}

void VolcanoView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (!result_) return;
  const PlotInk ink = PlotInk::screen(theme_);
  const Frame frame = frameOf(plot_rect(rect()));
  painter.drawImage(QPointF(0, 0), cloud_);
  paintAxes(painter, frame, ink);
  painter.setFont(ink.small);
  const QRectF& plot = frame.plot;
  if (hasFdr_) {
    const double y = frame.y(-std::log10(fdr_));
    painter.setPen(QPen(ink.accent, grip_ == Grip::kFdr ? 2.0 : 1.0, Qt::DashLine));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.drawText(QRectF(plot.left(), y - 16, plot.width(), 14), Qt::AlignRight,
                     tr("FDR %1").arg(number_text(fdr_, 2)));
  }
  painter.setPen(QPen(ink.accent, grip_ == Grip::kLeft || grip_ == Grip::kRight ? 2.0 : 1.0, Qt::DashLine));
  if (leastEffect_ > 0) {
    painter.drawLine(QPointF(frame.x(leastEffect_), plot.top()), QPointF(frame.x(leastEffect_), plot.bottom()));
    if (result_->hasStates()) {
      painter.drawLine(QPointF(frame.x(-leastEffect_), plot.top()), QPointF(frame.x(-leastEffect_), plot.bottom()));
    }
  } else {
    // a short grip on the axis, to be pulled to the side
    painter.drawLine(QPointF(frame.x(0), plot.bottom() - 10), QPointF(frame.x(0), plot.bottom()));
  }
  paintHits(painter, frame, ink);
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink.accent, 2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
  }
}

void VolcanoView::resizeEvent(QResizeEvent*) { drawCloud(); }

VolcanoView::Grip VolcanoView::gripAt(const QPointF& at) const {
  if (!result_) return Grip::kNone;
  const Frame frame = frameOf(plot_rect(rect()));
  if (!frame.plot.adjusted(-8, -8, 8, 8).contains(at)) return Grip::kNone;
  if (hasFdr_ && std::abs(at.y() - frame.y(-std::log10(fdr_))) < kGripReach) return Grip::kFdr;
  const bool low = leastEffect_ > 0 || at.y() > frame.plot.bottom() - 12;
  if (low && std::abs(at.x() - frame.x(leastEffect_)) < kGripReach) return Grip::kRight;
  if (low && result_->hasStates() && std::abs(at.x() - frame.x(-leastEffect_)) < kGripReach) return Grip::kLeft;
  return Grip::kNone;
}

std::int64_t VolcanoView::rowAt(const QPointF& at) const {
  if (!result_) return -1;
  const Frame frame = frameOf(plot_rect(rect()));
  std::int64_t best = -1;
  double nearest = kPickReach;
  for (std::size_t row = 0; row < x_.size(); ++row) {
    if (!std::isfinite(x_[row]) || !std::isfinite(y_[row])) continue;
    const QPointF d = frame.at(x_[row], y_[row]) - at;
    const double distance = std::hypot(d.x(), d.y()) - (passes(row) ? 2.0 : 0.0);
    if (distance < nearest) {
      nearest = distance;
      best = static_cast<std::int64_t>(row);
    }
  }
  return best;
}

void VolcanoView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_ = event->position();
  pressedRow_ = rowAt(pressed_);
  grip_ = pressedRow_ >= 0 ? Grip::kNone : gripAt(pressed_);
  update();
}

void VolcanoView::mouseMoveEvent(QMouseEvent* event) {
  if (!result_) return;
  const Frame frame = frameOf(plot_rect(rect()));
  if (!(event->buttons() & Qt::LeftButton)) {
    const Grip grip = rowAt(event->position()) >= 0 ? Grip::kNone : gripAt(event->position());
    setCursor(grip == Grip::kFdr ? Qt::SplitVCursor : grip == Grip::kNone ? Qt::ArrowCursor : Qt::SplitHCursor);
    return;
  }
  if (grip_ == Grip::kFdr) {
    setThresholds(std::pow(10.0, -std::max(0.0, frame.height(event->position().y()))), leastEffect_);
  } else if (grip_ != Grip::kNone) {
    setThresholds(fdr_, std::abs(frame.effect(event->position().x())));
  } else if (pressedRow_ >= 0 &&
             (event->position() - pressed_).manhattanLength() >= QApplication::startDragDistance()) {
    GeneDrag drag;
    drag.ensemblIds = result_->text(pressedRow_, "ensembl_id").split(QLatin1Char('+'));
    drag.symbols = result_->text(pressedRow_, "gene").split(QLatin1Char('+'));
    drag.origin = QStringLiteral("volcanoView");
    const QString name = drag.symbols.join(QLatin1Char('+'));
    pressedRow_ = -1;
    if (drag.ensemblIds.size() == drag.symbols.size()) start_drag(this, mime_of(drag), name);
  }
}

void VolcanoView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (grip_ != Grip::kNone) {
    grip_ = Grip::kNone;
    update();
    Q_EMIT thresholdsChanged(fdr_, leastEffect_);
  } else if (pressedRow_ >= 0) {
    Q_EMIT rowPicked(pressedRow_);
  }
  pressedRow_ = -1;
}

void VolcanoView::keyPressEvent(QKeyEvent* event) {
  const bool up = event->key() == Qt::Key_Up;
  const bool right = event->key() == Qt::Key_Right;
  if (up || event->key() == Qt::Key_Down) {
    setThresholds(fdr_ * (up ? 0.5 : 2.0), leastEffect_);
  } else if (right || event->key() == Qt::Key_Left) {
    setThresholds(fdr_, leastEffect_ + (right ? 0.02 : -0.02) * widest_);
  } else {
    return QWidget::keyPressEvent(event);
  }
  Q_EMIT thresholdsChanged(fdr_, leastEffect_);
}

bool VolcanoView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t row = rowAt(help->pos());
    if (row < 0) {
      QToolTip::hideText();
      return true;
    }
    QToolTip::showText(help->globalPos(),
                       tr("%1\neffect %2\nFDR %3\n%4 cells")
                           .arg(result_->text(row, "gene"), number_text(result_->value(row, "effect"), 3),
                                number_text(result_->value(row, "fdr"), 2),
                                count_text(static_cast<std::int64_t>(result_->value(row, "n_cells")))),
                       this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace cw::ui
