// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/bench_drag.h"

#include "ui/common/messages.h"
#include "ui/common/panel.h"
#include "ui/document/document.h"
#include "ui/perturb/bench_page.h"
#include "ui/perturb/drop_shelf.h"
#include "ui/perturb/experiment_book.h"

#include <QApplication>
#include <QDragMoveEvent>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kDragGone = 150;  // ms without a drag over the window
constexpr int kDragLost = 60'000;

}  // namespace

BenchDrag::BenchDrag(Services& services, BenchPage& page, ExperimentBook& book, QWidget& panel)
    : QObject(&panel), services_(services), page_(page), book_(book), panel_(panel) {
  gone_.setSingleShot(true);
  connect(&gone_, &QTimer::timeout, this, [this] { showDrag(nullptr); });
  qApp->installEventFilter(this);
}

bool BenchDrag::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::DragEnter || event->type() == QEvent::DragMove) {
    if (watched->isWidgetType() && static_cast<QWidget*>(watched)->window() == panel_.window()) {
      const QMimeData* mime = static_cast<QDragMoveEvent*>(event)->mimeData();
      if (event->type() == QEvent::DragEnter && mime != nullptr) showDrag(mime);
      gone_.start(kDragLost);
    }
  } else if (event->type() == QEvent::DragLeave || event->type() == QEvent::Drop) {
    gone_.start(kDragGone);
  }
  return QObject::eventFilter(watched, event);
}

void BenchDrag::showDrag(const QMimeData* mime) {
  const bool here = page_.isVisible();
  page_.showDrag(here ? mime : nullptr);
  const bool elsewhere = mime != nullptr && !here && services_.document.dataset() != nullptr;
  if (elsewhere && !shelf_) makeShelf();
  if (!shelf_) return;
  const QWidget* middle = panel_.parentWidget() ? panel_.parentWidget() : &panel_;
  shelf_->showDrag(elsewhere ? mime : nullptr, QRect(middle->mapTo(panel_.window(), QPoint(0, 0)), middle->size()));
}

void BenchDrag::makeShelf() {
  shelf_ = new DropShelf(services_.theme, panel_.window());
  page_.fillShelf(*shelf_, book_);
  connect(shelf_, &DropShelf::taken, this, [this](bool genes) {
    if (genes) return Q_EMIT genesTaken();
    const Experiment& now = book_.current();
    const bool noGenes =
        std::all_of(now.wells.begin(), now.wells.end(), [](const Well& well) { return well.isEmpty(); });
    if (!now.start || !now.goal || !noGenes) return;
    services_.messages.toast(
        tr("%1 → %2. Next: drag genes; the wells appear while you drag.").arg(now.start->label(), now.goal->label()));
  });
}

}  // namespace cw::ui
