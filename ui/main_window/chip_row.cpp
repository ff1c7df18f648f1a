// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/chip_row.h"

#include "ui/common/drag_data.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/main_window/chip.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

namespace cw::ui {
namespace {

Chip* make_chip(const Theme& theme, const QString& objectName, const QString& accessible, QWidget* parent) {
  auto* chip = new Chip(theme, objectName, accessible, parent);
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
  cells_ = make_chip(services.theme, QStringLiteral("cellsChip"), tr("Selected cells"), this);
  genes_ = make_chip(services.theme, QStringLiteral("genesChip"), tr("Selected genes"), this);
  groups_ = make_chip(services.theme, QStringLiteral("groupsChip"), tr("Start and goal groups"), this);
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
  connect(&services.theme, &Theme::changed, this, &ChipRow::refresh);
  fillMenus();
  makeDrags();
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
  connect(cells_->menu(), &QMenu::aboutToShow, this, [this, &document] {
    listKept(cells_->menu(), QStringLiteral("selection"), [&document](const ProjectItem& item) {
      Group kept;
      kept.kind = Group::Kind::kSelection;
      kept.value = item.name;
      document.selectCells(make_selection(document.cellsOf(kept), item.name, QStringLiteral("chipRow")));
    });
  });
  connect(genes_->menu(), &QMenu::aboutToShow, this, [this, &document] {
    listKept(genes_->menu(), QStringLiteral("gene-list"), [&document](const ProjectItem& item) {
      GeneSelection genes;
      genes.name = item.name;
      genes.origin = QStringLiteral("chipRow");
      if (!item.body.contains("genes")) return;
      for (const auto& id : item.body["genes"]) {
        if (id.is_string()) genes.ensemblIds << QString::fromStdString(id.get<std::string>());
      }
      document.selectGenes(std::move(genes));
    });
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

void ChipRow::makeDrags() {
  cells_->setToolTip(tr("Which cells are meant. Selected cells can be dragged to START or GOAL."));
  genes_->setToolTip(tr("Which genes are meant. Drag them to Delete or another well of the bench."));
  groups_->setToolTip(tr("Which cells change, and towards which. Drag groups from the legend or the table of groups."));
  cells_->drag = [this] {
    const CellSelectionPtr cells = services_.document.selection().cells();
    if (!cells) return false;
    Group group;
    group.kind = Group::Kind::kSelection;
    group.value = cells->name.isEmpty() ? tr("Selected cells") : cells->name;
    group.count = cells->count;
    start_drag(cells_, mime_of(group), group.value);
    return true;
  };
  genes_->drag = [this] {
    const GeneSelection& genes = services_.document.selection().genes();
    const DatasetPtr dataset = services_.document.dataset();
    GeneDrag drag;
    drag.origin = QStringLiteral("chipRow");
    drag.ensemblIds = genes.ensemblIds;
    drag.allDetected = genes.ensemblIds.isEmpty();
    for (const QString& id : genes.ensemblIds) {
      const std::int64_t row = dataset ? dataset->gene_row(id.toStdString()) : -1;
      drag.symbols << (row < 0 ? id : QString::fromStdString(dataset->genes[static_cast<std::size_t>(row)].symbol));
    }
    start_drag(
        genes_, mime_of(drag),
        drag.allDetected ? tr("all genes") : tr("%n gene(s)", nullptr, static_cast<int>(genes.ensemblIds.size())));
    return true;
  };
}

void ChipRow::listKept(QMenu* menu, const QString& kind, std::function<void(const ProjectItem&)> use) {
  for (QAction* action : menu->actions()) {
    if (action->property("kept").toBool()) delete action;
  }
  const ProjectStore* project = services_.document.project();
  const QList<ProjectItem> items = project ? project->items(kind) : QList<ProjectItem>();
  if (items.isEmpty()) return;
  menu->addSeparator()->setProperty("kept", true);
  for (const ProjectItem& item : items) {
    QAction* action = menu->addAction(item.name, this, [use, item] { use(item); });
    action->setProperty("kept", true);
  }
}

void ChipRow::refresh() {
  Document& document = services_.document;
  const bool open = document.dataset() != nullptr;
  for (auto* chip : {cells_, genes_, groups_}) chip->setEnabled(open);
  showCells();
  showGenes();
  showGroups();
  QUndoStack& undo = document.undoStack();
  undo_->setEnabled(undo.canUndo());
  redo_->setEnabled(undo.canRedo());
  undo_->setToolTip(undo.canUndo() ? tr("Undo: %1 (Ctrl+Z)").arg(undo.undoText()) : tr("Nothing to undo"));
  redo_->setToolTip(undo.canRedo() ? tr("Redo: %1 (Ctrl+Shift+Z)").arg(undo.redoText()) : tr("Nothing to redo"));
}

void ChipRow::showCells() {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return cells_->setParts({{tr("none"), true}});
  const QString all = count_text(dataset->num_cells());
  const auto cells = services_.document.selection().cells();
  if (!cells) return cells_->setParts({{all}, {tr("all"), true}});
  QList<Chip::Part> parts{{count_text(cells->count)}, {tr("of %1").arg(all), true}};
  if (!cells->name.isEmpty()) parts.append({cells->name});
  cells_->setParts(std::move(parts));
}

void ChipRow::showGenes() {
  const DatasetPtr& dataset = services_.document.dataset();
  const GeneSelection& genes = services_.document.selection().genes();
  const auto number = static_cast<int>(genes.ensemblIds.size());
  if (number == 0 && !dataset) return genes_->setParts({{tr("none"), true}});
  if (number == 0) return genes_->setParts({{count_text(std::ssize(dataset->genes))}, {tr("all"), true}});
  if (!genes.name.isEmpty()) return genes_->setParts({{genes.name}, {count_text(number), true}});
  if (number > 1) return genes_->setParts({{count_text(number)}, {tr("genes"), true}});
  const auto row = dataset ? dataset->gene_row(genes.ensemblIds[0].toStdString()) : -1;
  genes_->setParts(
      {{row < 0 ? genes.ensemblIds[0] : QString::fromStdString(dataset->genes[static_cast<std::size_t>(row)].symbol)}});
}

void ChipRow::showGroups() {
  const GroupChoice& groups = services_.document.selection().groups();
  if (!groups.start && !groups.goal) return groups_->setParts({{tr("none"), true}});
  const auto part = [this](const std::optional<Group>& group, const char* token) {
    return group ? Chip::Part{group->label(), false, services_.theme.color(token)} : Chip::Part{tr("not chosen"), true};
  };
  QList<Chip::Part> parts{part(groups.start, "start"), {QStringLiteral("→"), true}, part(groups.goal, "goal")};
  for (const Group& alternative : groups.alternatives) parts.append({tr("or %1").arg(alternative.label()), true});
  groups_->setParts(std::move(parts));
}

}  // namespace cw::ui
