// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/project_row_painter.h"

#include "ui/project/project_model.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace cw::ui {
namespace {

constexpr int kIndent = 16;  // of what belongs to a data set, and of names beside a state dot
constexpr int kDot = 8;

const char* dot_color(ProjectRow::State state) {
  switch (state) {
    case ProjectRow::State::kGood:
      return "good";
    case ProjectRow::State::kWarning:
      return "warning";
    case ProjectRow::State::kIdle:
      return "ink-3";
    case ProjectRow::State::kNone:
      break;
  }
  return nullptr;
}

}  // namespace

QSize ProjectRowPainter::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
  const auto* row = index.data(ProjectModel::kRowRole).value<const ProjectRow*>();
  const int height = theme_.size("row");
  return {100, row && row->kind == ProjectRow::Kind::kSection ? height + 4 : height};
}

void ProjectRowPainter::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto* row = index.data(ProjectModel::kRowRole).value<const ProjectRow*>();
  if (!row) return;
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const int padding = theme_.size("padding");
  QRect inside = option.rect.adjusted(padding, 0, -padding, 0);
  if (row->kind == ProjectRow::Kind::kSection) {
    painter->setFont(theme_.font("caption", QFont::DemiBold));
    painter->setPen(theme_.color("ink-2"));
    painter->drawText(inside.adjusted(0, 4, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, row->text.toUpper());
    painter->restore();
    return;
  }
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  const bool hovered = option.state.testFlag(QStyle::State_MouseOver) && row->kind != ProjectRow::Kind::kDetail;
  if (selected) {
    painter->fillRect(option.rect, theme_.color("accent-ground"));
  } else if (hovered) {
    painter->fillRect(option.rect, theme_.color("hover"));
  }
  const bool below = row->kind == ProjectRow::Kind::kDetail || row->kind == ProjectRow::Kind::kMap ||
                     row->kind == ProjectRow::Kind::kGroups;
  if (const char* color = dot_color(row->state)) {
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme_.color(color));
    painter->drawEllipse(QRectF(inside.left(), inside.center().y() - kDot / 2.0 + 1, kDot, kDot));
  }
  if (below || row->state != ProjectRow::State::kNone) inside.adjust(kIndent, 0, 0, 0);
  const QFont small = theme_.font("small");
  const int rightWidth = row->right.isEmpty() ? 0 : QFontMetrics(small).horizontalAdvance(row->right) + 8;
  painter->setFont(small);
  painter->setPen(theme_.color(row->state == ProjectRow::State::kWarning ? "warning" : "ink-2"));
  painter->drawText(inside, Qt::AlignRight | Qt::AlignVCenter, row->right);
  const QFont font = theme_.font("body", row->current && !below ? QFont::Medium : QFont::Normal);
  painter->setFont(font);
  painter->setPen(theme_.color(selected ? "accent" : below ? "ink-2" : "ink"));
  painter->drawText(inside.adjusted(0, 0, -rightWidth, 0), Qt::AlignLeft | Qt::AlignVCenter,
                    QFontMetrics(font).elidedText(row->text, Qt::ElideMiddle, inside.width() - rightWidth));
  painter->restore();
}

void ProjectRowPainter::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                                             const QModelIndex&) const {
  editor->setGeometry(option.rect.adjusted(theme_.size("padding") - 8, 0, -4, 0));
}

}  // namespace cw::ui
