// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/history/history_panel.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QUndoView>
#include <QVBoxLayout>

namespace cw::ui {

HistoryPanel::HistoryPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("historyPanel"), tr("History"), parent) {
  auto* header = new QWidget(this);
  header->setFixedHeight(services.theme.size("bar"));
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(services.theme.size("padding"), 0, services.theme.size("padding"), 0);
  row->addWidget(make_label(title(), "heading", header));
  row->addStretch(1);
  auto* steps = new QUndoView(&services.document.undoStack(), this);
  steps->setObjectName(QStringLiteral("historyList"));
  steps->setAccessibleName(tr("Changes, oldest first"));
  steps->setToolTip(tr("Click a step to go back, or forward, to it"));
  steps->setEmptyLabel(tr("As it was opened"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(header);
  layout->addWidget(make_line(Qt::Horizontal, this));
  layout->addWidget(steps, 1);
}

}  // namespace cw::ui
