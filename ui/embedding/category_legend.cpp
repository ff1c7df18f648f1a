// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/category_legend.h"

#include "ui/common/drag_data.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

namespace cw::ui {
namespace {

enum Role { kCategory = Qt::UserRole, kValue, kColor, kCount, kHidden };

constexpr int kRow = 22;
constexpr int kDot = 8;
constexpr int kLeft = 10;
constexpr int kText = 26;
constexpr int kGap = 14;
constexpr int kMostNameWidth = 170;

/// A dot in the group's colour, its name, its number of cells.
class LegendDelegate : public QStyledItemDelegate {
 public:
  LegendDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {120, kRow}; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF row = option.rect;
    const bool focused = (option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_KeyboardFocusChange);
    if (option.state & (QStyle::State_MouseOver | QStyle::State_HasFocus)) {
      painter->setPen(focused ? QPen(theme_.color("accent"), 2) : QPen(Qt::NoPen));
      painter->setBrush(theme_.color("hover"));
      painter->drawRoundedRect(row.adjusted(3, 1, -3, -1), 4, 4);
    }
    const bool hidden = index.data(kHidden).toBool();
    const auto color = index.data(kColor).value<QColor>();
    const QRectF dot(row.left() + kLeft, row.center().y() - kDot / 2.0, kDot, kDot);
    painter->setPen(hidden ? QPen(theme_.color("ink-3"), 1.4) : QPen(Qt::NoPen));
    painter->setBrush(hidden ? QBrush(Qt::NoBrush) : QBrush(color));
    painter->drawEllipse(hidden ? dot.adjusted(0.7, 0.7, -0.7, -0.7) : dot);
    const QFont font = theme_.font("small");
    const QFontMetricsF metrics(font);
    painter->setFont(font);
    const QString count = count_text(index.data(kCount).toLongLong());
    const double countWidth = metrics.horizontalAdvance(count);
    painter->setPen(theme_.color(hidden ? "ink-3" : "ink-2"));
    painter->drawText(row.adjusted(0, 0, -10, 0), Qt::AlignRight | Qt::AlignVCenter, count);
    const QRectF text = row.adjusted(kText, 0, -10 - countWidth - kGap, 0);
    painter->setPen(theme_.color(hidden ? "ink-3" : "ink"));
    painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, text.width()));
    painter->restore();
  }

  void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const override {
    editor->setObjectName(QStringLiteral("legendNameEdit"));
    editor->setGeometry(option.rect.adjusted(kText - 9, -2, -4, 2));
  }

 private:
  const Theme& theme_;
};

}  // namespace

CategoryLegend::CategoryLegend(const Theme& theme, QWidget* parent) : QListWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("legend"));
  setAccessibleName(tr("Legend"));
  setItemDelegate(new LegendDelegate(theme, this));
  setMouseTracking(true);
  setUniformItemSizes(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setEditTriggers(QAbstractItemView::EditKeyPressed);
  setDragEnabled(true);
  setAcceptDrops(true);
  setDropIndicatorShown(true);
  setDefaultDropAction(Qt::CopyAction);
  setToolTip(
      tr("Click hides or shows a group, double-click shows it alone. Drag it to Start or Goal, or within the "
         "list. Right-click for more."));
  connect(this, &QListWidget::itemChanged, this, [this](const QListWidgetItem* item) {
    if (!filling_) Q_EMIT renamed(categoryOf(item), item->text());
  });
}

void CategoryLegend::setEntries(const QList<LegendEntry>& entries) {
  filling_ = true;
  const int current = currentItem() ? categoryOf(currentItem()) : -2;
  const int scrolled = verticalScrollBar()->value();
  clear();
  for (const LegendEntry& entry : entries) {
    auto* item = new QListWidgetItem(entry.name, this);
    item->setData(kCategory, entry.category);
    item->setData(kValue, entry.value);
    item->setData(kColor, entry.color);
    item->setData(kCount, static_cast<qlonglong>(entry.count));
    item->setData(kHidden, entry.hidden);
    item->setData(
        Qt::AccessibleTextRole,
        tr("%1, %2 cells, %3").arg(entry.name, count_text(entry.count), entry.hidden ? tr("hidden") : tr("shown")));
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (entry.category >= 0) flags |= Qt::ItemIsDragEnabled | Qt::ItemIsEditable;
    item->setFlags(flags);
    if (entry.category == current) setCurrentItem(item);
  }
  verticalScrollBar()->setValue(scrolled);
  filling_ = false;
}

QList<LegendEntry> CategoryLegend::entries() const {
  QList<LegendEntry> all;
  for (int row = 0; row < count(); ++row) {
    const QListWidgetItem* one = item(row);
    all.append({one->data(kCategory).toInt(), one->data(kValue).toString(), one->text(),
                one->data(kColor).value<QColor>(), one->data(kCount).toLongLong(), one->data(kHidden).toBool()});
  }
  return all;
}

QSize CategoryLegend::wantedSize() const {
  const QFontMetricsF metrics(theme_.font("small"));
  double width = 0;
  for (int row = 0; row < count(); ++row) {
    const double name = std::min<double>(kMostNameWidth, metrics.horizontalAdvance(item(row)->text()));
    width = std::max(width, name + metrics.horizontalAdvance(count_text(item(row)->data(kCount).toLongLong())));
  }
  return {static_cast<int>(std::ceil(width)) + kText + kGap + 12, count() * kRow};
}

int CategoryLegend::categoryOf(const QListWidgetItem* item) const { return item->data(kCategory).toInt(); }

void CategoryLegend::keyPressEvent(QKeyEvent* event) {
  QListWidgetItem* item = currentItem();
  const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
  if (item && plain && event->key() == Qt::Key_Space) {
    Q_EMIT chosen(categoryOf(item), LegendAction::kToggle);
  } else if (item && plain && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
    Q_EMIT chosen(categoryOf(item), LegendAction::kIsolate);
  } else if (item && event->modifiers() & Qt::AltModifier && event->key() == Qt::Key_Up) {
    moveCurrent(-1);
  } else if (item && event->modifiers() & Qt::AltModifier && event->key() == Qt::Key_Down) {
    moveCurrent(1);
  } else if (item && event->key() == Qt::Key_Menu) {
    openMenu(viewport()->mapToGlobal(visualItemRect(item).bottomLeft()));
  } else {
    QListWidget::keyPressEvent(event);
  }
}

void CategoryLegend::mousePressEvent(QMouseEvent* event) {
  pressed_ = event->pos();
  doubleClicked_ = false;
  QListWidget::mousePressEvent(event);
}

void CategoryLegend::mouseReleaseEvent(QMouseEvent* event) {
  QListWidget::mouseReleaseEvent(event);
  const QListWidgetItem* item = itemAt(event->pos());
  const bool moved = (event->pos() - pressed_).manhattanLength() >= QApplication::startDragDistance();
  if (item && event->button() == Qt::LeftButton && !moved && !doubleClicked_) {
    Q_EMIT chosen(categoryOf(item), LegendAction::kToggle);
  }
}

void CategoryLegend::mouseDoubleClickEvent(QMouseEvent* event) {
  doubleClicked_ = true;
  if (const QListWidgetItem* item = itemAt(event->pos())) Q_EMIT chosen(categoryOf(item), LegendAction::kIsolate);
}

void CategoryLegend::contextMenuEvent(QContextMenuEvent* event) {
  if (QListWidgetItem* item = itemAt(event->pos())) setCurrentItem(item);
  if (currentItem()) openMenu(event->globalPos());
}

void CategoryLegend::openMenu(const QPoint& globalPosition) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("legendMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const int category = categoryOf(currentItem());
  const auto add = [this, menu, category](const char* name, const QString& text, LegendAction action) {
    QAction* entry = menu->addAction(text);
    entry->setObjectName(QLatin1String(name));
    connect(entry, &QAction::triggered, this, [this, category, action] { Q_EMIT chosen(category, action); });
  };
  add("legend.toggle", currentItem()->data(kHidden).toBool() ? tr("Show") : tr("Hide"), LegendAction::kToggle);
  add("legend.isolate", tr("Show only this"), LegendAction::kIsolate);
  add("legend.show-all", tr("Show all"), LegendAction::kShowAll);
  menu->addSeparator();
  add("legend.select", tr("Select these cells"), LegendAction::kSelect);
  if (category >= 0) {
    add("legend.start", tr("Use as start"), LegendAction::kStart);
    add("legend.goal", tr("Use as goal"), LegendAction::kGoal);
    add("legend.alternative", tr("Use as alternative"), LegendAction::kAlternative);
    menu->addSeparator();
    add("legend.recolour", tr("Colour…"), LegendAction::kRecolour);
    QAction* rename = menu->addAction(tr("Rename"));
    rename->setObjectName(QStringLiteral("legend.rename"));
    rename->setShortcut(Qt::Key_F2);
    connect(rename, &QAction::triggered, this, [this] { editItem(currentItem()); });
  }
  menu->popup(globalPosition);
}

void CategoryLegend::startDrag(Qt::DropActions) {
  if (!currentItem() || categoryOf(currentItem()) < 0 || !groupOf_) return;
  dragged_ = currentRow();
  const Group group = groupOf_(currentItem()->data(kValue).toString());
  start_drag(this, mime_of(group), currentItem()->text());
  dragged_ = -1;
}

void CategoryLegend::dragEnterEvent(QDragEnterEvent* event) {
  if (event->source() == this) event->acceptProposedAction();
}

void CategoryLegend::dragMoveEvent(QDragMoveEvent* event) {
  if (event->source() != this) return event->ignore();
  QListWidget::dragMoveEvent(event);  // scrolls at the edges
  event->acceptProposedAction();
}

void CategoryLegend::dropEvent(QDropEvent* event) {
  if (event->source() != this || dragged_ < 0) return;
  event->acceptProposedAction();
  const QListWidgetItem* under = itemAt(event->position().toPoint());
  moveRow(dragged_, under ? row(under) : count() - 1);
}

void CategoryLegend::moveCurrent(int by) { moveRow(currentRow(), currentRow() + by); }

void CategoryLegend::moveRow(int from, int to) {
  if (from < 0 || to < 0 || to >= count() || from == to || categoryOf(item(from)) < 0) return;
  QStringList values;
  for (const LegendEntry& entry : entries()) values << entry.value;
  values.move(from, to);
  values.removeAll(QString());  // cells without a value stay at the end
  Q_EMIT reordered(values);
}

}  // namespace cw::ui
