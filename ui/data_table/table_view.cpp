// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/table_view.h"

#include "ui/common/drag_data.h"
#include "ui/data_table/data_table_model.h"
#include "ui/data_table/table_cell_painter.h"
#include "ui/data_table/table_header.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDateTime>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QScrollBar>

namespace cw::ui {
namespace {

bool is_copy(const QKeyEvent& event) {
  return event.key() == Qt::Key_C && event.modifiers() == (Qt::ControlModifier | Qt::ShiftModifier);
}

int number_of(const QKeyEvent& event) {
  const bool control = event.modifiers() == Qt::ControlModifier;
  return control && event.key() >= Qt::Key_1 && event.key() <= Qt::Key_4 ? event.key() - Qt::Key_1 : -1;
}

}  // namespace

TableView::TableView(const Theme& theme, DataTableModel& model, QWidget* parent)
    : QTableView(parent),
      theme_(theme),
      model_(model),
      painter_(new TableCellPainter(theme, this)),
      frozen_(new QTableView(this)) {
  setModel(&model);
  prepare(*this);
  setDragEnabled(true);
  setDragDropMode(QAbstractItemView::DragOnly);
  verticalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
  verticalHeader()->setMinimumWidth(theme.size("padding") * 3);
  horizontalHeader()->setSortIndicatorShown(true);
  horizontalHeader()->setSortIndicatorClearable(true);
  horizontalHeader()->setHighlightSections(false);
  verticalHeader()->setHighlightSections(false);
  connect(this, &QTableView::doubleClicked, this,
          [this](const QModelIndex& index) { Q_EMIT rowActivated(index.row()); });

  frozen_->setObjectName(QStringLiteral("pinnedColumns"));
  frozen_->setAccessibleName(tr("Columns that stay in view"));
  frozen_->setModel(&model);
  prepare(*frozen_);
  frozen_->setFocusPolicy(Qt::NoFocus);
  frozen_->setSelectionModel(selectionModel());
  frozen_->verticalHeader()->hide();
  frozen_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  frozen_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  frozen_->viewport()->installEventFilter(this);
  viewport()->stackUnder(frozen_);
  // presses on the pinned part behave as on the rest: the view below handles them
  frozen_->setAttribute(Qt::WA_TransparentForMouseEvents);
  connect(verticalScrollBar(), &QScrollBar::valueChanged, frozen_->verticalScrollBar(), &QScrollBar::setValue);
  connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int section, int, int size) {
    userWidths_ = userWidths_ || !spreading_;
    frozen_->setColumnWidth(section, size);
    placePinned();
  });
  connect(verticalHeader(), &QHeaderView::geometriesChanged, this, [this] { placePinned(); });
  frozen_->hide();
}

void TableView::prepare(QTableView& view) {
  auto* headings = new TableHeader(theme_, &view);
  headings->setObjectName(QStringLiteral("headings"));
  headings->setAccessibleName(tr("Headings"));
  headings->setSectionsClickable(true);
  view.setHorizontalHeader(headings);
  view.setItemDelegate(painter_);
  view.setShowGrid(false);
  view.setSelectionBehavior(QAbstractItemView::SelectRows);
  view.setSelectionMode(QAbstractItemView::ExtendedSelection);
  view.setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  view.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  view.setEditTriggers(QAbstractItemView::NoEditTriggers);
  view.setWordWrap(false);
  view.setCornerButtonEnabled(false);
  view.setMouseTracking(true);
  view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  view.verticalHeader()->setDefaultSectionSize(theme_.size("table-row"));
  view.verticalHeader()->setMinimumSectionSize(theme_.size("table-row"));
  view.horizontalHeader()->setFixedHeight(theme_.size("row"));
}

void TableView::arrangeColumns() {
  userWidths_ = false;
  spreadColumns();
  setPinned(std::min(pinned_, model_.columnCount()));
}

void TableView::spreadColumns() {
  if (userWidths_) return;
  int total = 0;
  for (int i = 0; i < model_.columnCount(); ++i) total += isColumnHidden(i) ? 0 : model_.column(i).width;
  if (total == 0) return;
  const double scale = std::max(1.0, static_cast<double>(viewport()->width()) / total);
  spreading_ = true;
  int used = 0;
  double exact = 0.0;
  for (int i = 0; i < model_.columnCount(); ++i) {
    if (isColumnHidden(i)) continue;
    exact += model_.column(i).width * scale;
    setColumnWidth(i, static_cast<int>(exact) - used);
    used = static_cast<int>(exact);
  }
  spreading_ = false;
}

void TableView::setPinned(int count) {
  pinned_ = count;
  for (int i = 0; i < model_.columnCount(); ++i) frozen_->setColumnHidden(i, i >= count);
  placePinned();
}

void TableView::placePinned() {
  // only where the columns do not fit: otherwise nothing scrolls away
  const bool needed = pinned_ > 0 && horizontalHeader()->length() > viewport()->width();
  frozen_->setVisible(needed);
  if (!needed) return;
  int width = 0;
  for (int i = 0; i < pinned_; ++i) width += columnWidth(i);
  frozen_->setGeometry((verticalHeader()->isHidden() ? 0 : verticalHeader()->width()) + frameWidth(), frameWidth(),
                       width + 1, viewport()->height() + horizontalHeader()->height());
  frozen_->verticalScrollBar()->setValue(verticalScrollBar()->value());
}

void TableView::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  spreadColumns();
  placePinned();
}

void TableView::scrollTo(const QModelIndex& index, ScrollHint hint) {
  if (index.column() >= pinned_ || !frozen_->isVisible()) return QTableView::scrollTo(index, hint);
  const int before = horizontalScrollBar()->value();
  QTableView::scrollTo(index, hint);
  horizontalScrollBar()->setValue(before);
}

bool TableView::event(QEvent* event) {
  // keys of ours win over shortcuts of the window while the table has the focus
  if (event->type() == QEvent::ShortcutOverride) {
    const auto& key = static_cast<const QKeyEvent&>(*event);
    if (is_copy(key) || number_of(key) >= 0 || key.matches(QKeySequence::SelectAll)) {
      event->accept();
      return true;
    }
  }
  return QTableView::event(event);
}

void TableView::keyPressEvent(QKeyEvent* event) {
  if (is_copy(*event)) {
    Q_EMIT copyRequested();
  } else if (number_of(*event) >= 0) {
    Q_EMIT numberPressed(number_of(*event));
  } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid()) {
    Q_EMIT rowActivated(currentIndex().row());
  } else if (event->key() == Qt::Key_Escape && selectionModel()->hasSelection()) {
    clearSelection();
  } else {
    QTableView::keyPressEvent(event);
    return;
  }
  event->accept();
}

void TableView::keyboardSearch(const QString& search) {
  const qint64 now = QDateTime::currentMSecsSinceEpoch();
  if (now - lastTyped_ > QApplication::keyboardInputInterval()) typed_.clear();
  lastTyped_ = now;
  typed_ += search;
  const int rows = model_.rowCount();
  if (rows == 0) return;
  const TableColumn& names = model_.column(model_.content()->key);
  const int from = currentIndex().isValid() ? currentIndex().row() + (typed_.size() == 1 ? 1 : 0) : 0;
  for (int i = 0; i < rows; ++i) {
    const int row = (from + i) % rows;
    const std::string name = names.values->text(model_.sourceRow(row));
    if (!QString::fromStdString(name).startsWith(typed_, Qt::CaseInsensitive)) continue;
    selectRow(row);
    scrollTo(model_.index(row, 0), QAbstractItemView::EnsureVisible);
    return;
  }
}

void TableView::startDrag(Qt::DropActions) {
  if (!drag_) return;
  Drag drag = drag_();
  if (drag.data) start_drag(this, std::move(drag.data), drag.ghost);
}

void TableView::hover(int row) {
  if (row == hovered_) return;
  hovered_ = row;
  painter_->setHoveredRow(row);
  viewport()->update();
  frozen_->viewport()->update();
  Q_EMIT rowHovered(row);
}

bool TableView::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::MouseMove) hover(indexAt(static_cast<QMouseEvent*>(event)->pos()).row());
  return QTableView::viewportEvent(event);
}

void TableView::leaveEvent(QEvent* event) {
  hover(-1);
  QTableView::leaveEvent(event);
}

}  // namespace cw::ui
