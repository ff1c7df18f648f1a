// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/fit_meter.h"

#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace cw::ui {
namespace {

constexpr double kGood = 0.8;
constexpr double kFair = 0.5;

struct Grade {
  QString word;
  const char* color;
};

Grade grade_of(double fit) {
  if (fit >= kGood) return {FitMeter::tr("good"), "good"};
  if (fit >= kFair) return {FitMeter::tr("fair"), "warning"};
  return {FitMeter::tr("poor"), "bad"};
}

}  // namespace

FitMeter::FitMeter(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("fitMeter"));
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize FitMeter::sizeHint() const { return {200, 44}; }

void FitMeter::setFit(double fit, const QString& model) {
  fit_ = fit;
  model_ = model;
  const QString said = tr("Fit with %1: %2, %3").arg(model, grade_of(fit).word, percent_text(fit));
  setAccessibleName(said);
  setToolTip(said + QLatin1Char('\n') +
             tr("Share of the counts whose genes the model knows, less what is cut or skipped"));
  update();
}

void FitMeter::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Grade grade = grade_of(fit_);
  painter.setFont(theme_.font("small"));
  painter.setPen(theme_.color("ink-2"));
  const QFontMetrics metrics(painter.font());
  painter.drawText(QRect(0, 0, width(), 18), Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(tr("Fit with %1").arg(model_), Qt::ElideRight, width()));
  const QRectF bar(0, 21, width(), 6);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme_.color("line"));
  painter.drawRoundedRect(bar, 3, 3);
  painter.setBrush(theme_.color(grade.color));
  painter.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(std::max(6.0, bar.width() * fit_), bar.height())), 3, 3);
  painter.setFont(theme_.font("small", QFont::DemiBold));
  painter.setPen(theme_.color(grade.color));
  painter.drawText(QRect(0, 28, width(), 16), Qt::AlignLeft | Qt::AlignVCenter,
                   QStringLiteral("%1  %2").arg(grade.word, percent_text(fit_)));
}

}  // namespace cw::ui
