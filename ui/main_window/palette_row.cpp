// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/palette_row.h"

#include "ui/theme/theme.h"

#include <QIcon>
#include <QPainter>

namespace cw::ui {
namespace {

constexpr int kSide = 8;
constexpr int kHeight = 30;

}  // namespace

PaletteRow::PaletteRow(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

QSize PaletteRow::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
  return {option.rect.width(), kHeight};
}

void PaletteRow::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (option.state.testFlag(QStyle::State_Selected)) {
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme_.color("accent-ground"));
    painter->drawRoundedRect(option.rect, theme_.size("radius-control"), theme_.size("radius-control"));
  }
  QRect area = option.rect.adjusted(kSide, 0, -kSide, 0);
  const QIcon icon = index.data(Qt::DecorationRole).value<QIcon>();
  const int size = theme_.size("icon");
  if (!icon.isNull()) {
    icon.paint(painter, QRect(area.left(), area.center().y() - size / 2, size, size));
    area.adjust(size + kSide, 0, 0, 0);
  }
  const QString keys = index.data(kKeysRole).toString();
  painter->setFont(theme_.font("small"));
  painter->setPen(theme_.color("ink-2"));
  if (!keys.isEmpty()) {
    painter->drawText(area, Qt::AlignVCenter | Qt::AlignRight, keys);
    area.setRight(area.right() - painter->fontMetrics().horizontalAdvance(keys) - kSide);
  }
  painter->setFont(theme_.font("body", QFont::Medium));
  painter->setPen(theme_.color(index.flags().testFlag(Qt::ItemIsEnabled) ? "ink" : "ink-2"));
  const QString name = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, area.width());
  painter->drawText(area, Qt::AlignVCenter | Qt::AlignLeft, name);
  area.adjust(painter->fontMetrics().horizontalAdvance(name) + kSide, 0, 0, 0);
  painter->setFont(theme_.font("small"));
  painter->setPen(theme_.color("ink-2"));
  const QString remark =
      painter->fontMetrics().elidedText(index.data(kRemarkRole).toString(), Qt::ElideRight, area.width());
  painter->drawText(area, Qt::AlignVCenter | Qt::AlignLeft, remark);
  painter->restore();
}

}  // namespace cw::ui
