// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/groups_page.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/statistics/label_columns.h"
#include "ui/tables/group_content.h"
#include "ui/theme/palettes.h"

#include <QMenu>
#include <QToolButton>
#include <algorithm>

namespace cw::ui {
GroupsPage::GroupsPage(Services& services)
    : TablePage(services, QStringLiteral("groups"), tr("Groups")),
      column_(make_pill(QStringLiteral("groupsColumn"), {})),
      donors_(make_pill(QStringLiteral("donorColumn"), {})) {
  table().setEmptyText(
      tr("This file has no labels. Select cells with the lasso to make a group, or drop a table of labels with cell "
         "names."));
  column_->setAccessibleName(tr("Column of the groups"));
  column_->setMenu(new QMenu(column_));
  donors_->setAccessibleName(tr("Column of the donors"));
  donors_->setToolTip(tr("Whom the cells are from: donors are the replicates of tests"));
  donors_->setMenu(new QMenu(donors_));
  addControl(column_);
  addControl(donors_);
  Document& document = services.document;
  connect(column_->menu(), &QMenu::aboutToShow, this, &GroupsPage::fillColumnMenu);
  connect(donors_->menu(), &QMenu::aboutToShow, this, &GroupsPage::fillDonorMenu);
  connect(&document, &Document::datasetChanged, this, &GroupsPage::build);
  connect(&document, &Document::donorColumnChanged, this, &GroupsPage::build);
  connect(&document, &Document::columnStyleChanged, this, &GroupsPage::build);
  connect(&document.selection(), &SelectionHub::cellsChanged, this, &GroupsPage::build);
  connect(&document, &Document::projectChanged, this, [this] {
    chosen_.clear();
    selections_ = false;
    if (ProjectStore* project = services_.document.project()) {
      connect(project, &ProjectStore::changed, this, [this](const QString& kind) {
        if (kind == QLatin1String("selection") && selections_) build();
      });
    }
  });
  connect(&table(), &DataTable::selectionChanged, this, [this] {
    if (const auto group = currentGroup()) Q_EMIT groupChosen(*group);
  });
  connect(&table(), &DataTable::rowActivated, this, &GroupsPage::selectCellsOfGroup);
  connect(&table(), &DataTable::menuOpening, this, [this](QMenu* menu) {
    const auto group = currentGroup();
    if (!group) return;
    menu->addAction(tr("Use as start"), this, &GroupsPage::useAsStart);
    menu->addAction(tr("Use as goal"), this, &GroupsPage::useAsGoal);
    menu->addAction(tr("Use as alternative"), this, &GroupsPage::useAsAlternative);
    menu->addSeparator();
    menu->addAction(tr("Select these cells"), this, &GroupsPage::selectCellsOfGroup);
    menu->addAction(tr("Find markers"), this, [this, group] { Q_EMIT markersRequested(*group); });
  });
  table().view()->setSelectionMode(QAbstractItemView::SingleSelection);
  table().view()->setDragMaker([this] {
    TableView::Drag drag;
    if (const auto group = currentGroup()) {
      drag.data = mime_of(*group);
      drag.ghost = group->label();
    }
    return drag;
  });
  build();
}

std::optional<Group> GroupsPage::currentGroup() const {
  const auto rows = table().selectedRows();
  if (rows.empty() || rows.front() >= groups_.size()) return std::nullopt;
  return groups_[rows.front()];
}

void GroupsPage::useAsStart() {
  const auto group = currentGroup();
  if (!group) return;
  GroupChoice choice = services_.document.selection().groups();
  choice.start = group;
  if (choice.goal == group) choice.goal.reset();
  services_.document.chooseGroups(std::move(choice));
}

void GroupsPage::useAsGoal() {
  const auto group = currentGroup();
  if (!group) return;
  GroupChoice choice = services_.document.selection().groups();
  choice.goal = group;
  if (choice.start == group) choice.start.reset();
  services_.document.chooseGroups(std::move(choice));
}

void GroupsPage::useAsAlternative() {
  const auto group = currentGroup();
  GroupChoice choice = services_.document.selection().groups();
  if (!group || choice.alternatives.contains(*group)) return;
  choice.alternatives.append(*group);
  services_.document.chooseGroups(std::move(choice));
}

void GroupsPage::selectCellsOfGroup() {
  if (const auto group = currentGroup()) {
    services_.document.selectCells(
        make_selection(services_.document.cellsOf(*group), group->label(), QStringLiteral("tablePanel")));
  }
}

void GroupsPage::fillColumnMenu() {
  QMenu* menu = column_->menu();
  menu->clear();
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return;
  const auto add = [&](const QString& text, const QString& name, bool selections) {
    QAction* action = menu->addAction(text, this, [this, name, selections] {
      chosen_ = name;
      selections_ = selections;
      build();
    });
    action->setCheckable(true);
    action->setChecked(selections ? selections_ : !selections_ && name == chosen_);
  };
  for (const QString& name : label_columns(*dataset)) add(name, name, false);
  menu->addSeparator();
  add(tr("Kept selections"), chosen_, true);
}

void GroupsPage::fillDonorMenu() {
  QMenu* menu = donors_->menu();
  menu->clear();
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return;
  const QString present = services_.document.donorColumn();
  const auto add = [&](const QString& text, const QString& name) {
    QAction* action = menu->addAction(text, this, [this, name] { services_.document.setDonorColumn(name); });
    action->setCheckable(true);
    action->setChecked(name == present);
  };
  add(tr("Not known"), {});
  for (const QString& name : label_columns(*dataset)) add(name, name);
}

void GroupsPage::build() {
  building_.cancel();
  Document& document = services_.document;
  const DatasetPtr dataset = document.dataset();
  column_->setEnabled(dataset != nullptr);
  donors_->setEnabled(dataset != nullptr);
  const QStringList columns = dataset ? label_columns(*dataset) : QStringList();
  if (!columns.contains(chosen_)) chosen_ = columns.value(0);
  const QString donors = document.donorColumn();
  column_->setText(tr("Groups: %1")
                       .arg(selections_         ? tr("kept selections")
                            : chosen_.isEmpty() ? tr("none")
                                                : chosen_));
  donors_->setText(tr("Donors: %1").arg(donors.isEmpty() ? tr("not known") : donors));

  struct Work {
    std::vector<std::pair<std::string, std::vector<std::uint8_t>>> masks;  // of kept selections
    std::vector<std::uint8_t> selected;
  };
  auto work = std::make_shared<Work>();
  if (const auto cells = document.selection().cells()) work->selected = cells->mask;
  if (selections_ && document.project()) {
    for (const ProjectItem& item : document.project()->items(QStringLiteral("selection"))) {
      Group group;
      group.kind = Group::Kind::kSelection;
      group.value = item.name;
      work->masks.emplace_back(item.name.toStdString(), document.cellsOf(group));
    }
  }
  struct Built {
    TableContentPtr content;
    QList<Group> groups;
  };
  const QHash<QString, QColor> chosenColors =
      selections_ ? QHash<QString, QColor>() : document.columnStyle(chosen_).colors;
  building_ = services_.background.run<Built>(
      Background::Lane::kCompute, this,
      [dataset, work, donors, chosenColors, column = selections_ ? QString() : chosen_](JobContext&) -> Result<Built> {
        GroupComposition composition;
        const Column* parts = dataset ? dataset->cells.find(donors.toStdString()) : nullptr;
        const Column* labels = dataset ? dataset->cells.find(column.toStdString()) : nullptr;
        if (labels && !column.isEmpty()) {
          composition = compose_groups(*labels, parts == labels ? nullptr : parts, work->selected);
        } else {
          for (const auto& [name, mask] : work->masks) {
            composition.groups.push_back(name);
            composition.cells.push_back(std::count(mask.begin(), mask.end(), std::uint8_t{1}));
            if (!parts) continue;
            const GroupComposition one = compose_mask(mask, *parts);
            composition.parts = one.parts;
            composition.by_part.push_back(one.by_part[0]);
          }
        }
        Built built;
        std::vector<QColor> colors;
        for (std::size_t i = 0; i < composition.groups.size(); ++i) {
          Group group;
          group.kind = column.isEmpty() ? Group::Kind::kSelection : Group::Kind::kColumnValue;
          group.column = column;
          group.value = QString::fromStdString(composition.groups[i]);
          group.color = chosenColors.value(group.value, category_color(static_cast<int>(i)));
          group.count = composition.cells[i];
          colors.push_back(group.color);
          built.groups.append(group);
        }
        built.content = group_content(composition, colors, column.isEmpty() ? tr("Selection") : column, donors);
        return built;
      },
      [this](Result<Built> built) {
        const bool same = groups_ == built->groups;
        groups_ = built->groups;
        table().setEmptyText(selections_
                                 ? tr("No selection was kept yet. Select cells, then choose “Keep the selection "
                                      "under a name” in the chip row.")
                                 : tr("This file has no labels. Select cells with the lasso to make a group, or "
                                      "drop a table of labels with cell names."));
        table().setContent(built->content, same);
      });
}

}  // namespace cw::ui
