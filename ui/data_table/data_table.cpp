// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/data_table.h"

#include "ui/common/widgets.h"
#include "ui/data_table/data_table_model.h"
#include "ui/data_table/filter_bar.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMetaMethod>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kBusyAfter = 150;  // ms: shorter work shows nothing
constexpr int kBusyHeight = 3;
constexpr std::int64_t kInBackground = 60'000;  // rows from which sorting could cost a frame

// Rows of the view as few ranges: selecting thousands one by one takes seconds.
QItemSelection ranges_of(const DataTableModel& model, std::vector<int> rows) {
  std::sort(rows.begin(), rows.end());
  QItemSelection selection;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i + 1;
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
    selection.append(QItemSelectionRange(model.index(rows[i], 0), model.index(rows[end - 1], model.columnCount() - 1)));
    i = end;
  }
  return selection;
}

}  // namespace

const QList<WellKind>& well_kinds() {
  static const QList<WellKind> kKinds{{"delete", DataTable::tr("Delete")},
                                      {"inhibit", DataTable::tr("Inhibit")},
                                      {"activate", DataTable::tr("Activate")},
                                      {"overexpress", DataTable::tr("Overexpress")}};
  return kKinds;
}

DataTable::DataTable(const QString& name, const QString& accessibleName, const Theme& theme, Background& background,
                     QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      background_(background),
      model_(new DataTableModel(this)),
      view_(new TableView(theme, *model_, this)),
      filters_(new FilterBar(theme, this)),
      empty_(make_surface("panel", this)),
      emptyText_(make_label({}, "secondary", empty_)),
      clear_(make_button(QStringLiteral("clearTightestFilter"), tr("Clear the tightest filter"), "primary", empty_)),
      stack_(new QStackedLayout),
      busy_(new QProgressBar(this)) {
  setObjectName(name);
  view_->setObjectName(name + QStringLiteral("View"));
  view_->setAccessibleName(accessibleName);
  view_->setPinned(1);

  emptyText_->setWordWrap(true);
  emptyText_->setAlignment(Qt::AlignCenter);
  auto* words = new QVBoxLayout(empty_);
  words->addStretch(1);
  words->addWidget(emptyText_);
  words->addSpacing(8);
  words->addWidget(clear_, 0, Qt::AlignHCenter);
  words->addStretch(1);
  connect(clear_, &QPushButton::clicked, this, [this] {
    if (const auto tightest = tightest_filter(*model_->content(), filters_->filters())) filters_->remove(*tightest);
  });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  busy_->setObjectName(name + QStringLiteral("Busy"));
  busy_->setAccessibleName(tr("Sorting and filtering"));
  busy_->setRange(0, 0);
  busy_->setTextVisible(false);
  busy_->setFixedHeight(kBusyHeight);
  QSizePolicy room = busy_->sizePolicy();
  room.setRetainSizeWhenHidden(true);  // rows do not jump when it comes
  busy_->setSizePolicy(room);
  busy_->hide();
  busyTimer_.setSingleShot(true);
  busyTimer_.setInterval(kBusyAfter);
  connect(&busyTimer_, &QTimer::timeout, busy_, &QWidget::show);
  layout->addWidget(filters_);
  layout->addWidget(busy_);
  layout->addLayout(stack_, 1);
  stack_->addWidget(view_);
  stack_->addWidget(empty_);

  connect(filters_, &FilterBar::changed, this, &DataTable::refresh);
  connect(filters_, &FilterBar::left, view_, [this] {
    view_->setFocus(Qt::OtherFocusReason);
    if (view_->model()->rowCount() > 0) view_->selectRow(0);
  });
  connect(view_->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, [this](int column, Qt::SortOrder order) {
    sort_ = {column, order == Qt::DescendingOrder};
    refresh();
  });
  view_->horizontalHeader()->setSectionsClickable(true);
  view_->horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(view_->horizontalHeader(), &QWidget::customContextMenuRequested, this, &DataTable::openHeaderMenu);
  view_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(view_, &QWidget::customContextMenuRequested, this, &DataTable::openMenu);
  connect(view_, &TableView::copyRequested, this, &DataTable::copyRows);
  connect(view_, &TableView::rowActivated, this, [this](int row) { Q_EMIT rowActivated(model_->sourceRow(row)); });
  connect(view_, &TableView::rowHovered, this,
          [this](int row) { Q_EMIT rowHovered(row < 0 ? -1 : model_->sourceRow(row)); });
  connect(view_, &TableView::numberPressed, this, [this](int number) {
    const GeneDrag genes = selectedGenes();
    if (!genes.ensemblIds.isEmpty()) Q_EMIT addRequested(QLatin1String(well_kinds()[number].id), genes);
  });
  connect(view_->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
    if (quiet_ || pendingSignal_) return;
    pendingSignal_ = true;
    QTimer::singleShot(16, this, [this] {
      pendingSignal_ = false;
      Q_EMIT selectionChanged();
    });
  });
}

DataTable::~DataTable() { sorting_.cancel(); }

const TableContentPtr& DataTable::content() const noexcept { return model_->content(); }

void DataTable::setContent(TableContentPtr content, bool sameRows) {
  std::string sorted;
  const TableContent& before = *model_->content();
  if (sort_.column >= 0 && sort_.column < static_cast<int>(before.columns.size())) {
    sorted = before.columns[static_cast<std::size_t>(sort_.column)].values->name;
  }
  kept_ = sameRows ? selectedRows() : std::vector<std::int64_t>();
  const bool sameColumns = before.columns.size() == content->columns.size() &&
                           std::equal(before.columns.begin(), before.columns.end(), content->columns.begin(),
                                      [](const auto& a, const auto& b) { return a.values->name == b.values->name; });
  sorting_.cancel();
  quiet_ = true;
  sort_.column = content->find(sorted);
  filters_->setContent(content);
  model_->setContent(content, {});
  if (!sameColumns) view_->arrangeColumns();
  {
    const QSignalBlocker blocker(view_->horizontalHeader());
    view_->horizontalHeader()->setSortIndicator(sort_.column,
                                                sort_.descending ? Qt::DescendingOrder : Qt::AscendingOrder);
  }
  quiet_ = false;
  refresh();
}

void DataTable::setEmptyText(const QString& text) {
  emptyWords_ = text;
  showState();
}

void DataTable::sortBy(std::string_view column, bool descending) {
  view_->horizontalHeader()->setSortIndicator(content()->find(column),
                                              descending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void DataTable::refresh() {
  sorting_.cancel();
  if (kept_.empty()) kept_ = selectedRows();
  const auto filters = filters_->filters();
  if (content()->num_rows < kInBackground) return take(order_rows(*content(), filters, sort_));
  busyTimer_.start();
  sorting_ = background_.run<std::vector<std::int32_t>>(
      Background::Lane::kCompute, this,
      [content = content(), filters, sort = sort_](JobContext&) -> Result<std::vector<std::int32_t>> {
        return order_rows(*content, filters, sort);
      },
      [this](Result<std::vector<std::int32_t>> order) { take(std::move(order).value()); });
}

void DataTable::take(std::vector<std::int32_t> order) {
  busyTimer_.stop();
  busy_->hide();
  const auto passing = static_cast<std::int64_t>(order.size());
  quiet_ = true;
  model_->setOrder(std::move(order));
  const auto kept = std::exchange(kept_, {});
  quiet_ = false;
  selectRows(kept, false);
  filters_->setPassing(passing);
  showState();
  Q_EMIT rowsChanged();
}

void DataTable::showState() {
  const bool any = model_->rowCount() > 0;
  if (any) return stack_->setCurrentWidget(view_);
  const auto number = static_cast<int>(filters_->filters().size());
  const bool filtered = content()->num_rows > 0 && number > 0;
  clear_->setVisible(filtered);
  clear_->setText(number == 1 ? tr("Clear the filter") : tr("Clear the tightest filter"));
  const QString rows = count_text(content()->num_rows);
  emptyText_->setText(!filtered     ? emptyWords_
                      : number == 1 ? tr("0 of %1 rows pass the filter.").arg(rows)
                                    : tr("0 of %1 rows pass %2 filters.").arg(rows).arg(number));
  stack_->setCurrentWidget(empty_);
}

std::vector<std::int64_t> DataTable::shownRows() const {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(model_->rowCount()));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = model_->sourceRow(static_cast<int>(i));
  return rows;
}

std::vector<std::int64_t> DataTable::selectedRows() const {
  std::vector<int> shown;
  for (const QItemSelectionRange& range : view_->selectionModel()->selection()) {
    for (int row = range.top(); row <= range.bottom(); ++row) shown.push_back(row);
  }
  std::sort(shown.begin(), shown.end());
  shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
  std::vector<std::int64_t> rows;
  rows.reserve(shown.size());
  for (const int row : shown) rows.push_back(model_->sourceRow(row));
  return rows;
}

void DataTable::selectRows(const std::vector<std::int64_t>& rows, bool scroll) {
  std::vector<int> shown;
  for (const std::int64_t row : rows) {
    if (const int at = model_->viewRow(row); at >= 0) shown.push_back(at);
  }
  quiet_ = true;
  view_->selectionModel()->clearSelection();
  if (!shown.empty()) {
    const int first = *std::min_element(shown.begin(), shown.end());
    view_->selectionModel()->select(ranges_of(*model_, std::move(shown)), QItemSelectionModel::Select);
    view_->selectionModel()->setCurrentIndex(model_->index(first, 0), QItemSelectionModel::NoUpdate);
    if (scroll) view_->scrollTo(model_->index(first, 0), QAbstractItemView::EnsureVisible);
  }
  quiet_ = false;
}

std::int64_t DataTable::currentRow() const {
  const QModelIndex index = view_->currentIndex();
  return index.isValid() ? model_->sourceRow(index.row()) : -1;
}

std::vector<int> DataTable::shownColumns() const {
  std::vector<int> columns;
  for (int i = 0; i < model_->columnCount(); ++i) {
    if (!view_->isColumnHidden(i)) columns.push_back(i);
  }
  return columns;
}

void DataTable::copyRows() {
  auto rows = selectedRows();
  if (rows.empty()) rows = shownRows();
  QGuiApplication::clipboard()->setText(rows_as_tsv(*content(), rows, shownColumns()));
}

void DataTable::setGenes(const std::string& idColumn, const std::string& symbolColumn, const QString& origin) {
  idColumn_ = idColumn;
  symbolColumn_ = symbolColumn;
  origin_ = origin;
  view_->setDragMaker([this] {
    const GeneDrag genes = selectedGenes();
    TableView::Drag drag;
    if (genes.ensemblIds.isEmpty()) return drag;
    drag.ghost =
        genes.symbols.size() == 1 ? genes.symbols.first() : tr("%1 genes").arg(count_text(genes.symbols.size()));
    drag.data = mime_of(genes);
    return drag;
  });
}

GeneDrag DataTable::selectedGenes() const {
  GeneDrag genes;
  genes.origin = origin_;
  const int id = content()->find(idColumn_);
  const int symbol = content()->find(symbolColumn_);
  if (idColumn_.empty() || id < 0 || symbol < 0) return genes;
  const Column& ids = *content()->columns[static_cast<std::size_t>(id)].values;
  const Column& symbols = *content()->columns[static_cast<std::size_t>(symbol)].values;
  for (const std::int64_t row : selectedRows()) {
    const std::string text = ids.text(row);
    if (text.empty()) continue;
    genes.ensemblIds << QString::fromStdString(text);
    genes.symbols << QString::fromStdString(symbols.text(row));
  }
  return genes;
}

void DataTable::openMenu(const QPoint& position) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const GeneDrag genes = selectedGenes();
  const bool wells = isSignalConnected(QMetaMethod::fromSignal(&DataTable::addRequested));
  if (wells && !genes.ensemblIds.isEmpty()) {
    QMenu* add = menu->addMenu(tr("Add to"));
    for (int i = 0; i < well_kinds().size(); ++i) {
      const WellKind& kind = well_kinds()[i];
      add->addAction(QStringLiteral("%1\tCtrl+%2").arg(kind.text).arg(i + 1), this,
                     [this, id = QString::fromLatin1(kind.id), genes] { Q_EMIT addRequested(id, genes); });
    }
  }
  Q_EMIT menuOpening(menu);
  if (!menu->isEmpty()) menu->addSeparator();
  menu->addAction(tr("Copy as table\tCtrl+Shift+C"), this, &DataTable::copyRows);
  menu->popup(view_->viewport()->mapToGlobal(position));
}

void DataTable::openHeaderMenu(const QPoint& position) {
  const int column = view_->horizontalHeader()->logicalIndexAt(position);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (column >= 0) {
    const QString title = model_->column(column).title;
    menu->addAction(tr("Keep columns up to “%1” in view").arg(title), this,
                    [this, column] { view_->setPinned(column + 1); });
    if (view_->pinned() > 0) menu->addAction(tr("Let all columns scroll"), this, [this] { view_->setPinned(0); });
    if (shownColumns().size() > 1) {
      menu->addAction(tr("Hide “%1”").arg(title), this, [this, column] { view_->setColumnHidden(column, true); });
    }
  }
  if (shownColumns().size() < content()->columns.size()) {
    menu->addAction(tr("Show all columns"), this, [this] {
      for (int i = 0; i < model_->columnCount(); ++i) view_->setColumnHidden(i, false);
    });
  }
  menu->popup(view_->horizontalHeader()->mapToGlobal(position));
}

}  // namespace cw::ui
