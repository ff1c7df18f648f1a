// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/table_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/widgets.h"
#include "ui/data_table/filter_bar.h"
#include "ui/document/document.h"
#include "ui/statistics/statistics_center.h"
#include "ui/tables/cells_page.h"
#include "ui/tables/genes_page.h"
#include "ui/tables/groups_page.h"
#include "ui/tables/marker_content.h"
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

/// Markers of one group: a fixed list.
class MarkersPage : public TablePage {
 public:
  MarkersPage(Services& services, const QString& objectName, const QString& name)
      : TablePage(services, objectName, TablePanel::tr("Markers: %1").arg(name)) {
    table().setEmptyText(TablePanel::tr("Looking for genes that mark %1…").arg(name));
    table().setGenes("ensembl_id", "symbol", QStringLiteral("tablePanel"));
    connect(&table(), &DataTable::selectionChanged, this, [this] {
      GeneSelection genes;
      genes.ensemblIds = table().selectedGenes().ensemblIds;
      genes.origin = this->objectName();
      services_.document.selectGenes(std::move(genes));
    });
    setProgress(0.0);
  }
  void showProgress(double fraction) { setProgress(fraction * 0.8); }
  void show(TableContentPtr content, const QString& note) {
    setProgress(-1.0);
    auto* line = make_label(note, "secondary");
    const int padding = services_.theme.size("padding");
    line->setContentsMargins(padding, 4, padding, 4);
    setNotice(line);
    table().setContent(std::move(content));
  }
  Task task;
};

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
    while (pages_->count() > 3) closePage(static_cast<TablePage*>(pages_->widget(3)));
  });
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
  actions.add(QStringLiteral("table.groups"), tr("Show the table of groups"), {}, this, show_table(2));
  actions.add(QStringLiteral("table.filter"), tr("Filter the table"), QKeySequence(Qt::CTRL | Qt::Key_F), this,
              [this] { currentPage()->table().filterBar()->focusField(); });
  actions.add(QStringLiteral("genes.keep-list"), tr("Keep selected genes as a list…"), {}, this,
              [this] { genes_->keepList(); });
  actions.add(QStringLiteral("groups.use-start"), tr("Use the group in the table as start"),
              QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_S), this, [this] { groups_->useAsStart(); });
  actions.add(QStringLiteral("groups.use-goal"), tr("Use the group in the table as goal"),
              QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_G), this, [this] { groups_->useAsGoal(); });
  actions.add(QStringLiteral("markers.selection"), tr("Find markers of the selected cells"),
              QKeySequence(Qt::CTRL | Qt::Key_M), this, [this] { showMarkersOfSelection(); });
  actions.add(QStringLiteral("markers.group"), tr("Find markers of the group in the table"), {}, this, [this] {
    if (const auto group = groups_->currentGroup()) showMarkers(*group);
  });
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
  connect(close, &QToolButton::clicked, this, [this, page] { closePage(page); });
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

void TablePanel::startMarkers(std::vector<std::uint8_t> mask, const QString& name) {
  if (!services_.document.dataset()) return;
  auto* page = new MarkersPage(services_, QStringLiteral("markers%1").arg(++made_), name);
  addPage(page, true);
  tabs_->setCurrentIndex(tabs_->count() - 1);
  page->task = statistics_.findMarkers(
      std::move(mask), page,
      [this, page, name, dataset = services_.document.dataset()](Result<MarkerListPtr> markers) {
        if (!markers) {
          closePage(page);
          return services_.messages.error(markers.error());
        }
        page->show(marker_content(*dataset, **markers, name), marker_note(**markers));
      },
      [page](double fraction, const QString&) { page->showProgress(fraction); });
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
