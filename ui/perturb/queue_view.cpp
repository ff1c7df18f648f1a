// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/queue_view.h"

#include "ui/common/drag_data.h"
#include "ui/jobs/job_center.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QContextMenuEvent>
#include <QDropEvent>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QStyledItemDelegate>

namespace cw::ui {
namespace {

constexpr int kIdRole = Qt::UserRole;
constexpr int kStageRole = Qt::UserRole + 1;
constexpr int kFractionRole = Qt::UserRole + 2;
constexpr int kCurrentRole = Qt::UserRole + 3;
constexpr int kTextRole = Qt::UserRole + 4;
// Without text beside it: a well would take the words of a title for genes.
constexpr auto kExperimentMime = "application/x-cellwright-experiment";
constexpr QKeyCombination kUp = Qt::ALT | Qt::Key_Up;
constexpr QKeyCombination kDown = Qt::ALT | Qt::Key_Down;

QString experiment_of(const QDropEvent& event) {
  return QString::fromUtf8(event.mimeData()->data(QLatin1String(kExperimentMime)));
}

/// Name at the left, stage at the right, a thin bar under one that runs.
class CardPainter : public QStyledItemDelegate {
 public:
  CardPainter(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool current = index.data(kCurrentRole).toBool();
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver);
    if (current || hovered) {
      painter->setPen(Qt::NoPen);
      painter->setBrush(theme_.color(current ? "accent-ground" : "hover"));
      painter->drawRoundedRect(option.rect, 4, 4);
    }
    if (option.state.testFlag(QStyle::State_HasFocus)) {
      painter->setBrush(Qt::NoBrush);
      painter->setPen(QPen(theme_.color("accent"), 2));
      painter->drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 4, 4);
    }
    const auto stage = static_cast<Stage>(index.data(kStageRole).toInt());
    const QRect inside = option.rect.adjusted(8, 0, -8, 0);
    painter->setFont(theme_.font("small"));
    const QString right = index.data(kTextRole).toString();
    const int width = painter->fontMetrics().horizontalAdvance(right);
    painter->setPen(theme_.color(stage == Stage::kFailed ? "bad" : stage == Stage::kDone ? "good" : "ink-2"));
    painter->drawText(inside, Qt::AlignVCenter | Qt::AlignRight, right);
    painter->setFont(theme_.font("body"));
    painter->setPen(theme_.color(current ? "accent" : stage == Stage::kDraft ? "ink-2" : "ink"));
    const int room = inside.width() - width - 12;
    painter->drawText(inside, Qt::AlignVCenter | Qt::AlignLeft,
                      painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, room));
    if (stage == Stage::kRunning) {
      const QRectF track(inside.left(), inside.bottom() - 2, inside.width(), 2);
      painter->fillRect(track, theme_.color("line"));
      painter->fillRect(QRectF(track.left(), track.top(), track.width() * index.data(kFractionRole).toDouble(), 2),
                        theme_.color("accent"));
    }
    painter->restore();
  }
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {120, theme_.size("row") + 2};
  }

 private:
  const Theme& theme_;
};

}  // namespace

QString stage_text(Stage stage, double fraction) {
  switch (stage) {
    case Stage::kDraft:
      return QObject::tr("draft");
    case Stage::kQueued:
      return QObject::tr("queued");
    case Stage::kRunning:
      return QObject::tr("running, %1").arg(percent_text(fraction));
    case Stage::kPaused:
      return fraction > 0 ? QObject::tr("paused at %1").arg(percent_text(fraction)) : QObject::tr("paused");
    case Stage::kDone:
      return QObject::tr("done");
    case Stage::kFailed:
      break;
  }
  return QObject::tr("failed");
}

QueueView::QueueView(const Theme& theme, ExperimentBook& book, JobCenter& jobs, QWidget* parent)
    : QListWidget(parent), theme_(theme), book_(book), jobs_(jobs) {
  setObjectName(QStringLiteral("queueView"));
  setAccessibleName(tr("Experiments of this project"));
  setItemDelegate(new CardPainter(theme, this));
  // The cards are no drop targets for Qt, which would let go of one between two others only, a strip of two pixels: the
  // places are found here.
  setDragDropMode(QAbstractItemView::DragDrop);
  setDropIndicatorShown(false);
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&book, &ExperimentBook::listChanged, this, &QueueView::refresh);
  connect(&book, &ExperimentBook::currentChanged, this, &QueueView::refresh);
  connect(this, &QListWidget::itemClicked, this,
          [this](QListWidgetItem* item) { Q_EMIT openRequested(item->data(kIdRole).toString()); });
  connect(this, &QListWidget::itemDoubleClicked, this,
          [this](QListWidgetItem* item) { Q_EMIT resultRequested(item->data(kIdRole).toString()); });
  refresh();
}

QString QueueView::idAt(int row) const {
  return item(row) != nullptr ? item(row)->data(kIdRole).toString() : QString();
}

QString QueueView::stageText(const Experiment& e) const {
  const JobRecord* job = jobs_.job(e.jobId);
  return stage_text(book_.stageOf(e), job != nullptr ? job->fraction : 0.0);
}

void QueueView::refresh() {
  const QString focused = idAt(currentRow());
  const auto& experiments = book_.experiments();
  while (count() > experiments.size()) delete takeItem(count() - 1);
  while (count() < experiments.size()) addItem(new QListWidgetItem);
  for (int i = 0; i < count(); ++i) {
    const Experiment& e = experiments[i];
    const JobRecord* job = jobs_.job(e.jobId);
    QListWidgetItem* card = item(i);
    card->setText(title_of(e));
    card->setToolTip(title_of(e));
    card->setData(kIdRole, e.id);
    card->setData(kStageRole, static_cast<int>(book_.stageOf(e)));
    card->setData(kFractionRole, job != nullptr ? job->fraction : 0.0);
    card->setData(kTextRole, stageText(e));
    card->setData(kCurrentRole, e.id == book_.current().id);
    card->setData(Qt::AccessibleTextRole, title_of(e) + QStringLiteral(", ") + stageText(e));
    if (e.id == focused) setCurrentRow(i);
  }
}

void QueueView::contextMenuEvent(QContextMenuEvent* event) {
  const int row = event->reason() == QContextMenuEvent::Keyboard ? currentRow() : indexAt(event->pos()).row();
  const Experiment* e = book_.find(idAt(row));
  if (e == nullptr) return;
  const QString id = e->id;
  const Stage stage = book_.stageOf(*e);
  QMenu menu(this);
  if (stage == Stage::kDraft) menu.addAction(tr("Run"), this, [this, id] { Q_EMIT runRequested(id); });
  if (stage == Stage::kRunning || stage == Stage::kQueued) {
    menu.addAction(tr("Stop, keep what is done"), this, [this, job = e->jobId] { jobs_.cancel(job); });
  }
  if (stage == Stage::kPaused || stage == Stage::kFailed) {
    menu.addAction(tr("Go on"), this, [this, id] { Q_EMIT runRequested(id); });
  }
  if (stage != Stage::kDraft) menu.addAction(tr("Open result"), this, [this, id] { Q_EMIT resultRequested(id); });
  menu.addSeparator();
  menu.addAction(tr("Duplicate"), this, [this, id] { book_.duplicate(id); });
  QMenu* sweep = menu.addMenu(tr("Same, but…"));
  for (const WellId kind : kAllWells) {
    if (kind == WellId::kAnchor) continue;
    QAction* action = sweep->addAction(title_of(kind).toLower(), this, [this, id, kind] { book_.duplicate(id, kind); });
    action->setEnabled(num_named(*e) > 0 || has_all(*e));
  }
  QAction* up = menu.addAction(tr("Move up"), this, [this, row] { moveRow(row, row - 1); });
  up->setShortcut(kUp);
  up->setEnabled(row > 0);
  QAction* down = menu.addAction(tr("Move down"), this, [this, row] { moveRow(row, row + 2); });
  down->setShortcut(kDown);
  down->setEnabled(row + 1 < count());
  for (QAction* action : {up, down}) action->setShortcutVisibleInContextMenu(true);
  menu.addSeparator();
  QAction* remove = menu.addAction(tr("Remove from the list"), this, [this, id] { book_.remove(id); });
  remove->setEnabled(stage != Stage::kRunning && stage != Stage::kQueued);
  menu.exec(event->reason() == QContextMenuEvent::Keyboard ? viewport()->mapToGlobal(visualItemRect(item(row)).center())
                                                           : event->globalPos());
}

void QueueView::keyPressEvent(QKeyEvent* event) {
  const QString id = idAt(currentRow());
  const Experiment* e = book_.find(id);
  if (e != nullptr && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
    Q_EMIT openRequested(id);
    if (book_.stageOf(*e) == Stage::kDone) Q_EMIT resultRequested(id);
  } else if (e != nullptr && event->key() == Qt::Key_Delete && book_.stageOf(*e) != Stage::kRunning) {
    book_.remove(id);
  } else if (const QKeyCombination keys = event->keyCombination(); e != nullptr && (keys == kUp || keys == kDown)) {
    moveRow(currentRow(), keys == kUp ? currentRow() - 1 : currentRow() + 2);
  } else {
    QListWidget::keyPressEvent(event);
  }
}

// In this list the two keys move an experiment, although the list of jobs has them as shortcuts.
bool QueueView::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const QKeyCombination keys = static_cast<QKeyEvent*>(event)->keyCombination();
    if (keys == kUp || keys == kDown) event->accept();
    if (event->isAccepted()) return true;
  }
  return QListWidget::event(event);
}

void QueueView::moveRow(int row, int gap) {
  const QString id = idAt(row);
  if (id.isEmpty() || gap < 0 || gap > count() || gap == row || gap == row + 1) return;
  book_.move(id, idAt(gap));
  setCurrentRow(gap > row ? gap - 1 : gap);
}

int QueueView::gapAt(const QPoint& place) const {
  const QModelIndex over = indexAt(place);
  if (!over.isValid()) return count();
  return over.row() + (place.y() > visualRect(over).center().y() ? 1 : 0);
}

void QueueView::showGap(int gap) {
  if (gap == gap_) return;
  gap_ = gap;
  viewport()->update();
}

void QueueView::startDrag(Qt::DropActions) {
  const Experiment* e = book_.find(idAt(currentRow()));
  if (e == nullptr) return;
  auto card = std::make_unique<QMimeData>();
  card->setData(QLatin1String(kExperimentMime), e->id.toUtf8());
  start_drag(this, std::move(card), title_of(*e));
}

void QueueView::dragEnterEvent(QDragEnterEvent* event) {
  if (book_.find(experiment_of(*event)) == nullptr) return event->ignore();
  event->acceptProposedAction();
}

void QueueView::dragMoveEvent(QDragMoveEvent* event) {
  QListWidget::dragMoveEvent(event);  // scrolls near the edges
  if (book_.find(experiment_of(*event)) == nullptr) return event->ignore();
  showGap(gapAt(event->position().toPoint()));
  event->acceptProposedAction();
}

void QueueView::dragLeaveEvent(QDragLeaveEvent* event) {
  showGap(-1);
  QListWidget::dragLeaveEvent(event);
}

void QueueView::dropEvent(QDropEvent* event) {
  QDragLeaveEvent leave;
  dragLeaveEvent(&leave);
  const QString moved = experiment_of(*event);
  if (book_.find(moved) == nullptr) return event->ignore();
  event->acceptProposedAction();
  for (int row = 0; row < count(); ++row) {
    if (idAt(row) == moved) return moveRow(row, gapAt(event->position().toPoint()));
  }
}

void QueueView::paintEvent(QPaintEvent* event) {
  QListWidget::paintEvent(event);
  if (gap_ < 0 || count() == 0) return;
  const QRect card = visualItemRect(item(std::min(gap_, count() - 1)));
  constexpr int kDot = 3;  // at the left end of the line; above the first card it has its room in the card
  const int y = std::max(kDot + 1, gap_ < count() ? card.top() : card.bottom());
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme_.color("accent"), 2));
  painter.drawEllipse(QPoint(4, y), kDot, kDot);
  painter.drawLine(7, y, viewport()->width() - 1, y);
}

}  // namespace cw::ui
