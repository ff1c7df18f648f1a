// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/chip_row.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

namespace cw::ui {
namespace {

QToolButton* make_chip(const QString& objectName, const QString& accessible, QWidget* parent) {
  auto* chip = make_pill(objectName, {}, parent);
  chip->setAccessibleName(accessible);
  chip->setMenu(new QMenu(chip));
  return chip;
}

QToolButton* make_plain(const QString& objectName, const QString& text, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setObjectName(objectName);
  button->setText(text);
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

}  // namespace

ChipRow::ChipRow(Services& services, QWidget* parent) : QWidget(parent), services_(services) {
  setObjectName(QStringLiteral("chipRow"));
  setAccessibleName(tr("What is selected"));
  setProperty("surface", "panel");
  setAttribute(Qt::WA_StyledBackground);
  setFixedHeight(services.theme.size("chip-bar"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(services.theme.size("padding"), 0, services.theme.size("padding"), 0);
  layout->setSpacing(10);
  cells_ = make_chip(QStringLiteral("cellsChip"), tr("Selected cells"), this);
  genes_ = make_chip(QStringLiteral("genesChip"), tr("Selected genes"), this);
  groups_ = make_chip(QStringLiteral("groupsChip"), tr("Start and goal groups"), this);
  layout->addWidget(make_caption(tr("Cells"), this));
  layout->addWidget(cells_);
  layout->addSpacing(8);
  layout->addWidget(make_caption(tr("Genes"), this));
  layout->addWidget(genes_);
  layout->addSpacing(8);
  layout->addWidget(make_caption(tr("Groups"), this));
  layout->addWidget(groups_);
  layout->addStretch(1);
  undo_ = make_plain(QStringLiteral("undoButton"), tr("Undo"), this);
  redo_ = make_plain(QStringLiteral("redoButton"), tr("Redo"), this);
  layout->addWidget(undo_);
  layout->addWidget(redo_);

  QUndoStack& undo = services.document.undoStack();
  connect(undo_, &QToolButton::clicked, &undo, &QUndoStack::undo);
  connect(redo_, &QToolButton::clicked, &undo, &QUndoStack::redo);
  connect(&undo, &QUndoStack::indexChanged, this, &ChipRow::refresh);
  SelectionHub& selection = services.document.selection();
  connect(&selection, &SelectionHub::cellsChanged, this, &ChipRow::refresh);
  connect(&selection, &SelectionHub::genesChanged, this, &ChipRow::refresh);
  connect(&selection, &SelectionHub::groupsChanged, this, &ChipRow::refresh);
  connect(&services.document, &Document::datasetChanged, this, &ChipRow::refresh);
  fillMenus();
  refresh();
}

void ChipRow::fillMenus() {
  Document& document = services_.document;
  auto* all = cells_->menu()->addAction(tr("All cells"));
  connect(all, &QAction::triggered, this, [&document] { document.selectCells(nullptr); });
  auto* invert = cells_->menu()->addAction(tr("Invert the selection"));
  connect(invert, &QAction::triggered, this, [&document] {
    const auto cells = document.selection().cells();
    if (!cells) return;
    auto mask = cells->mask;
    for (auto& one : mask) one = one ? 0 : 1;
    document.selectCells(make_selection(std::move(mask), tr("all but %1").arg(cells->name), QStringLiteral("chipRow")));
  });
  auto* keep = cells_->menu()->addAction(tr("Keep the selection under a name…"));
  connect(keep, &QAction::triggered, this, [this, &document] {
    const auto cells = document.selection().cells();
    if (!cells) return;
    bool ok = false;
    const QString name = QInputDialog::getText(this, tr("Keep selection"), tr("Name of the selection"),
                                               QLineEdit::Normal, cells->name, &ok);
    if (!ok || name.trimmed().isEmpty()) return;
    document.saveSelection(name.trimmed());
    services_.messages.toast(tr("Kept %1 cells as “%2”").arg(count_text(cells->count), name.trimmed()));
  });
  auto* none = genes_->menu()->addAction(tr("No genes"));
  connect(none, &QAction::triggered, this, [&document] { document.selectGenes({}); });
  auto* swap = groups_->menu()->addAction(tr("Swap start and goal"));
  connect(swap, &QAction::triggered, this, [&document] {
    GroupChoice groups = document.selection().groups();
    std::swap(groups.start, groups.goal);
    document.chooseGroups(groups);
  });
  auto* clear = groups_->menu()->addAction(tr("No groups"));
  connect(clear, &QAction::triggered, this, [&document] { document.chooseGroups({}); });
}

void ChipRow::refresh() {
  Document& document = services_.document;
  const bool open = document.dataset() != nullptr;
  for (auto* chip : {cells_, genes_, groups_}) chip->setEnabled(open);
  if (!open) {
    cells_->setText(tr("none"));
  } else if (const auto cells = document.selection().cells()) {
    cells_->setText(
        tr("%1 of %2 · %3").arg(count_text(cells->count), count_text(document.dataset()->num_cells()), cells->name));
  } else {
    cells_->setText(tr("%1 all").arg(count_text(document.dataset()->num_cells())));
  }
  const GeneSelection& genes = document.selection().genes();
  const auto number = static_cast<int>(genes.ensemblIds.size());
  if (number == 0) {
    genes_->setText(tr("none"));
  } else if (!genes.name.isEmpty()) {
    genes_->setText(QStringLiteral("%1 %2").arg(genes.name, count_text(number)));
  } else if (number == 1 && open && document.dataset()->gene_row(genes.ensemblIds[0].toStdString()) >= 0) {
    const auto row = document.dataset()->gene_row(genes.ensemblIds[0].toStdString());
    genes_->setText(QString::fromStdString(document.dataset()->genes[static_cast<std::size_t>(row)].symbol));
  } else {
    genes_->setText(tr("%n gene(s)", nullptr, number));
  }
  const GroupChoice& groups = document.selection().groups();
  const auto label = [](const std::optional<Group>& group) { return group ? group->label() : QStringLiteral("?"); };
  groups_->setText(groups.start || groups.goal ? QStringLiteral("%1 → %2").arg(label(groups.start), label(groups.goal))
                                               : tr("none"));
  QUndoStack& undo = document.undoStack();
  undo_->setEnabled(undo.canUndo());
  redo_->setEnabled(undo.canRedo());
  undo_->setToolTip(undo.canUndo() ? tr("Undo: %1 (Ctrl+Z)").arg(undo.undoText()) : tr("Nothing to undo"));
  redo_->setToolTip(undo.canRedo() ? tr("Redo: %1 (Ctrl+Shift+Z)").arg(undo.redoText()) : tr("Nothing to redo"));
}

}  // namespace cw::ui
