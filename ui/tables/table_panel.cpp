// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/table_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/widgets.h"
#include "ui/data_table/filter_bar.h"
#include "ui/document/document.h"
#include "ui/tables/cells_page.h"
#include "ui/tables/genes_page.h"
#include "ui/tables/groups_page.h"
#include "ui/tables/marker_content.h"
#include "ui/tables/markers_page.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QMetaMethod>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kMostTabWidth = 440;

constexpr int kGroupsTab = 2;
constexpr int kFixedPages = 3;  // genes, cells, groups; those behind are markers

}  // namespace

TablePanel::TablePanel(Services& services, StatisticsCenter& statistics, QWidget* parent)
    : Panel(QStringLiteral("tablePanel"), tr("Table"), parent),
      services_(services),
      statistics_(statistics),
      tabs_(new QTabBar(this)),
      controls_(new QStackedWidget(this)),
      pages_(new QStackedWidget(this)),
      genes_(new GenesPage(services, statistics)),
      cells_(new CellsPage(services)),
      groups_(new GroupsPage(services)) {
  tabs_->setObjectName(QStringLiteral("tableTabs"));
  tabs_->setAccessibleName(tr("Tables"));
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  tabs_->setUsesScrollButtons(true);
  tabs_->setElideMode(Qt::ElideNone);
  auto* header = new QWidget(this);
  header->setFixedHeight(services.theme.size("bar"));
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(4, 0, services.theme.size("padding"), 0);
  row->setSpacing(12);
  row->addWidget(tabs_, 0, Qt::AlignBottom);
  row->addWidget(controls_, 1, Qt::AlignVCenter);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(header);
  layout->addWidget(make_line(Qt::Horizontal, this));
  layout->addWidget(pages_, 1);
  addPage(genes_, false);
  addPage(cells_, false);
  addPage(groups_, false);
  connect(tabs_, &QTabBar::currentChanged, this, &TablePanel::showPage);
  connect(cells_, &CellsPage::cellChosen, this, &TablePanel::cellChosen);
  connect(groups_, &GroupsPage::groupChosen, this, &TablePanel::groupChosen);
  connect(groups_, &GroupsPage::markersRequested, this, &TablePanel::showMarkers);
  connect(&services.document, &Document::datasetChanged, this, [this, path = std::filesystem::path()]() mutable {
    // markers of another file would be read as this one's
    const DatasetPtr& dataset = services_.document.dataset();
    const auto now = dataset ? dataset->path : std::filesystem::path();
    if (std::exchange(path, now) == now) return;
    for (MarkersPage* page : markers()) closePage(page);
    restoreMarkers();
  });
  const auto follow = [this] {
    ProjectStore* project = services_.document.project();
    if (!project) return;
    connect(project, &ProjectStore::changed, this, [this](const QString& kind) {
      if (kind == QLatin1String(kMarkersKind)) dropRemovedMarkers();
    });
  };
  connect(&services.document, &Document::projectChanged, this, follow);
  follow();
  makeActions();
  showPage(0);
}

void TablePanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  const auto show_table = [this](int index) {
    return [this, index] {
      tabs_->setCurrentIndex(index);
      currentPage()->table().view()->setFocus(Qt::ShortcutFocusReason);
    };
  };
  actions.add(QStringLiteral("table.genes"), tr("Show the table of genes"), {}, this, show_table(0));
  actions.add(QStringLiteral("table.cells"), tr("Show the table of cells"), {}, this, show_table(1));
  actions.add(QStringLiteral("table.groups"), tr("Show the table of groups"), {}, this, show_table(kGroupsTab));
  actions.add(QStringLiteral("table.filter"), tr("Filter the table"), QKeySequence(Qt::CTRL | Qt::Key_F), this,
              [this] { currentPage()->table().filterBar()->focusField(); });
  actions.add(QStringLiteral("genes.keep-list"), tr("Keep selected genes as a list…"), {}, this,
              [this] { genes_->keepList(); });
  actions.add(QStringLiteral("groups.use-start"), tr("Use the group in the table as start"),
              QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_S), this, [this] {
                if (groupIsChosen()) groups_->useAsStart();
              });
  actions.add(QStringLiteral("groups.use-goal"), tr("Use the group in the table as goal"),
              QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_G), this, [this] {
                if (groupIsChosen()) groups_->useAsGoal();
              });
  actions.add(QStringLiteral("markers.selection"), tr("Find markers of the selected cells"),
              QKeySequence(Qt::CTRL | Qt::Key_M), this, [this] { showMarkersOfSelection(); });
  actions.add(QStringLiteral("markers.group"), tr("Find markers of the group in the table"), {}, this, [this] {
    if (groupIsChosen()) showMarkers(*groups_->currentGroup());
  });
}

// What acts on the group of the table says what is missing where there is none, and shows the table.
bool TablePanel::groupIsChosen() {
  if (groups_->currentGroup()) return true;
  Message none;
  none.title = tr("No group");
  if (services_.document.dataset() == nullptr) {
    none.text = tr("There are no cells yet: open a data file first.");
  } else {
    tabs_->setCurrentIndex(kGroupsTab);
    groups_->table().view()->setFocus(Qt::ShortcutFocusReason);
    none.text = tr("Choose a group in the table of groups first, then press the keys again.");
  }
  services_.messages.post(std::move(none));
  return false;
}

TablePage* TablePanel::currentPage() const { return static_cast<TablePage*>(pages_->currentWidget()); }

void TablePanel::addPage(TablePage* page, bool closable) {
  const int index = tabs_->addTab(page->title());
  tabs_->setTabToolTip(index, page->title());
  controls_->addWidget(page->controls());
  pages_->addWidget(page);
  tabs_->setMinimumWidth(std::min(tabs_->sizeHint().width(), kMostTabWidth));  // beyond that they scroll
  if (isSignalConnected(QMetaMethod::fromSignal(&TablePanel::addRequested))) offerWells(page);
  if (!closable) return;
  auto* close = new QToolButton(tabs_);
  close->setObjectName(page->objectName() + QStringLiteral("Close"));
  close->setAccessibleName(tr("Close “%1”").arg(page->title()));
  close->setToolTip(tr("Close"));
  close->setIcon(services_.theme.icon(QStringLiteral("close")));
  close->setProperty("kind", "icon");
  close->setIconSize({12, 12});
  close->setFixedSize(18, 18);
  connect(close, &QToolButton::clicked, this, [this, page] { closeMarkers(static_cast<MarkersPage*>(page)); });
  tabs_->setTabButton(index, QTabBar::RightSide, close);
}

void TablePanel::offerWells(TablePage* page) {
  connect(&page->table(), &DataTable::addRequested, this, &TablePanel::addRequested, Qt::UniqueConnection);
}

void TablePanel::connectNotify(const QMetaMethod& signal) {
  if (signal != QMetaMethod::fromSignal(&TablePanel::addRequested)) return;
  for (int i = 0; i < pages_->count(); ++i) offerWells(static_cast<TablePage*>(pages_->widget(i)));
}

void TablePanel::closePage(TablePage* page) {
  const int index = pages_->indexOf(page);
  if (index < 0) return;
  static_cast<MarkersPage*>(page)->task.cancel();
  controls_->removeWidget(page->controls());
  pages_->removeWidget(page);
  page->controls()->deleteLater();
  page->deleteLater();
  tabs_->removeTab(index);
  tabs_->setMinimumWidth(std::min(tabs_->sizeHint().width(), kMostTabWidth));
}

void TablePanel::showPage(int index) {
  if (index < 0 || index >= pages_->count()) return;
  pages_->setCurrentIndex(index);
  controls_->setCurrentIndex(index);
  currentPage()->opened();
}

void TablePanel::showMarkers(const Group& group) { startMarkers(services_.document.cellsOf(group), group.label()); }

void TablePanel::showMarkersOfSelection() {
  const CellSelectionPtr cells = services_.document.selection().cells();
  if (!cells) {
    Message none;
    none.text = tr("No cells are selected. Select some with the lasso, or use a group of the table.");
    return services_.messages.post(std::move(none));
  }
  startMarkers(cells->mask, cells->name.isEmpty() ? tr("selection") : cells->name);
}

MarkersPage* TablePanel::addMarkers(const QString& name) {
  auto* page = new MarkersPage(services_, QStringLiteral("markers%1").arg(++made_), name);
  addPage(page, true);
  return page;
}

QList<MarkersPage*> TablePanel::markers() const {
  QList<MarkersPage*> pages;
  for (int i = kFixedPages; i < pages_->count(); ++i) pages << static_cast<MarkersPage*>(pages_->widget(i));
  return pages;
}

void TablePanel::startMarkers(std::vector<std::uint8_t> mask, const QString& name) {
  if (!services_.document.dataset()) return;
  MarkersPage* page = addMarkers(name);
  tabs_->setCurrentIndex(tabs_->count() - 1);
  page->task = statistics_.findMarkers(
      name, std::move(mask), page, [this, page](Result<StatisticsCenter::FoundMarkers> found) { answer(page, found); },
      [page](double fraction, const QString&) { page->showProgress(fraction); });
}

void TablePanel::answer(MarkersPage* page, const Result<StatisticsCenter::FoundMarkers>& found) {
  if (!found) {
    closePage(page);
    return services_.messages.error(found.error());
  }
  for (MarkersPage* other : markers()) {
    if (found->id.isEmpty() || other->kept != found->id || other == page) continue;
    closePage(page);  // asked for again: they are open already
    return tabs_->setCurrentIndex(pages_->indexOf(other));
  }
  page->kept = found->id;
  setOpen(found->id, true);
  page->show(marker_content(*services_.document.dataset(), *found->list, page->name()), marker_note(*found->list));
}

void TablePanel::showKeptMarkers(const QString& id) {
  for (MarkersPage* page : markers()) {
    if (page->kept == id) return tabs_->setCurrentIndex(pages_->indexOf(page));
  }
  const ProjectStore* project = services_.document.project();
  const auto item = project ? project->item(id) : std::nullopt;
  if (!item || !services_.document.dataset()) return;
  openKept(*item);
  tabs_->setCurrentIndex(tabs_->count() - 1);
}

void TablePanel::openKept(const ProjectItem& item) {
  MarkersPage* page = addMarkers(item.name);
  page->task = statistics_.readMarkers(
      item.id, page, [this, page](Result<StatisticsCenter::FoundMarkers> found) { answer(page, found); });
  page->kept = item.id;
}

void TablePanel::restoreMarkers() {
  const ProjectStore* project = services_.document.project();
  const DatasetPtr& dataset = services_.document.dataset();
  if (!project || !dataset) return;
  for (const ProjectItem& item : project->items(QLatin1String(kMarkersKind))) {
    const bool ours = origin_of_markers(item).dataset == dataset->id.toStdString();
    if (ours && item.body.value("open", Json()) == true) openKept(item);
  }
}

void TablePanel::closeMarkers(MarkersPage* page) {
  setOpen(page->kept, false);
  closePage(page);
}

void TablePanel::dropRemovedMarkers() {
  QStringList present;
  for (const ProjectItem& item : services_.document.project()->items(QLatin1String(kMarkersKind))) present << item.id;
  for (MarkersPage* page : markers()) {
    if (!page->kept.isEmpty() && !present.contains(page->kept)) closePage(page);
  }
}

void TablePanel::setOpen(const QString& id, bool open) {
  ProjectStore* project = services_.document.project();
  if (!project || project->isReadOnly() || id.isEmpty()) return;
  for (ProjectItem& item : project->items(QLatin1String(kMarkersKind))) {
    if (item.id != id || item.body.value("open", Json()) == open) continue;
    item.body["open"] = open;
    project->put(std::move(item));
  }
}

std::optional<Table> TablePanel::figureData() const {
  const DataTable& table = currentPage()->table();
  Table shown;
  const auto rows = table.shownRows();
  for (const TableColumn& column : table.content()->columns) shown.columns.push_back(column.values->take(rows));
  shown.index.resize(rows.size());
  return shown;
}

QString TablePanel::figureName() const {
  const DatasetPtr& dataset = services_.document.dataset();
  return QStringLiteral("%1 %2").arg(dataset ? dataset->name : QString(), currentPage()->title());
}

}  // namespace cw::ui
