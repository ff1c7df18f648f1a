// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/legend_card.h"

#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QFrame>
#include <QPainter>
#include <QPixmap>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kMargin = 12;
constexpr int kPadding = 5;
constexpr int kGap = 4;
constexpr int kScrollBar = 10;
constexpr int kBelow = 44;            // of the map, that a long list leaves free
constexpr int kSmallMap = 180'000;    // square pixels: two maps side by side in a small window
constexpr double kMostCovered = 0.1;  // of a small map
constexpr int kMostDots = 6;

}  // namespace

LegendCard::LegendCard(const Theme& theme, int number, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      frame_(new QFrame(this)),
      groups_(new CategoryLegend(theme, frame_)),
      scale_(new ScaleLegend(theme, frame_)),
      fold_(make_pill(QStringLiteral("legendFold%1").arg(number), {}, this)) {
  setObjectName(QStringLiteral("legendCard"));
  frame_->setProperty("surface", "card");
  auto* layout = new QVBoxLayout(frame_);
  layout->setContentsMargins(1, kPadding, 1, kPadding);
  layout->setSpacing(0);
  layout->addWidget(groups_);
  layout->addWidget(scale_);
  fold_->setCheckable(true);
  fold_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  fold_->setToolTip(tr("Opens and closes the legend"));
  fold_->hide();
  connect(fold_, &QToolButton::toggled, this, &LegendCard::folded);
  hide();
}

void LegendCard::setContent(bool groups, bool scale) {
  hasGroups_ = groups;
  groups_->setVisible(groups);
  scale_->setVisible(scale);
  setVisible(groups || scale);
  if (groups) drawFold();
}

// The colours of the first groups stand for the list.
void LegendCard::drawFold() {
  constexpr int kDot = 8, kStep = 10, kScale = 3;  // sharp up to 300 %
  const QList<LegendEntry> entries = groups_->entries();
  const int dots = std::min<int>(kMostDots, static_cast<int>(entries.size()));
  QPixmap picture(std::max(1, dots * kStep) * kScale, kStep * kScale);
  picture.setDevicePixelRatio(kScale);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  for (int i = 0; i < dots; ++i) {
    painter.setBrush(entries[i].hidden ? theme_.color("line-strong") : entries[i].color);
    painter.drawEllipse(QRectF(i * kStep + 1, 1, kDot, kDot));
  }
  painter.end();
  fold_->setIcon(QIcon(picture));
  fold_->setIconSize(QSize(dots * kStep, kStep));
  fold_->setText(tr("%n group(s)", nullptr, static_cast<int>(entries.size())));
  fold_->setAccessibleName(tr("Legend, %1").arg(fold_->text()));
  fold_->adjustSize();
}

QMarginsF LegendCard::place(const QSize& map) {
  if (isHidden()) return {};
  const bool small = map.width() * map.height() < kSmallMap;
  scale_->setCompact(small);
  QSize size = hasGroups_ ? groups_->wantedSize() : scale_->sizeHint();
  const bool folds = hasGroups_ && small && size.width() * size.height() > kMostCovered * map.width() * map.height();
  const int head = folds ? fold_->height() + kGap : 0;
  if (hasGroups_) {
    const int most = std::max(66, map.height() - 2 * kMargin - kBelow - head);
    if (size.height() > most) size = {size.width() + kScrollBar, most};
    size.setWidth(std::min(size.width(), std::max(110, map.width() / 2)));
  }
  size += QSize(2, 2 * kPadding + 2);
  const bool open = !folds || fold_->isChecked();
  fold_->setVisible(folds);
  frame_->setVisible(open);
  const int width = std::max(open ? size.width() : 0, folds ? fold_->width() : 0);
  resize(width, open ? head + size.height() : fold_->height());
  fold_->move(width - fold_->width(), 0);
  frame_->setGeometry(width - size.width(), head, size.width(), size.height());
  move(map.width() - width - kMargin, kMargin);
  raise();
  // beside it a small map would have no room; an opened list lies over the map until it is closed
  if (small) return {0.0, static_cast<double>((folds ? fold_->height() : height()) + kMargin), 0.0, 0.0};
  return {0.0, 0.0, static_cast<double>(width + kMargin), 0.0};
}

}  // namespace cw::ui
