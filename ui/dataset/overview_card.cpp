// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/overview_card.h"

#include "ui/common/widgets.h"
#include "ui/dataset/card_parts.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTableView>
#include <set>

namespace cw::ui {
namespace {

constexpr int kRowsShown = 8;
constexpr std::size_t kExamples = 4;

QString kind_text(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kCategorical:
      return OverviewCard::tr("groups");
    case ColumnKind::kInteger:
      return OverviewCard::tr("whole numbers");
    case ColumnKind::kReal:
      return OverviewCard::tr("numbers");
    case ColumnKind::kBoolean:
      return OverviewCard::tr("yes or no");
    case ColumnKind::kString:
      break;
  }
  return OverviewCard::tr("text");
}

QString examples_of(const Column& column) {
  QStringList shown;
  if (column.kind == ColumnKind::kCategorical) {
    for (std::size_t i = 0; i < column.categories.size() && i < kExamples; ++i) {
      shown << QString::fromStdString(column.categories[i]);
    }
    if (column.categories.size() > kExamples) shown << QStringLiteral("…");
    return shown.join(QStringLiteral(", "));
  }
  if (column.kind == ColumnKind::kInteger || column.kind == ColumnKind::kReal) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    const auto take = [&](double value) {
      if (std::isnan(value)) return;
      low = std::min(low, value);
      high = std::max(high, value);
    };
    for (const auto value : column.integers) take(static_cast<double>(value));
    for (const auto value : column.reals) take(value);
    if (!(low <= high)) return {};
    const auto shown_as = [&column](double value) {
      return column.kind == ColumnKind::kInteger ? count_text(static_cast<std::int64_t>(value)) : number_text(value);
    };
    return OverviewCard::tr("%1 to %2").arg(shown_as(low), shown_as(high));
  }
  for (std::int64_t i = 0; i < column.size() && i < 2; ++i) shown << QString::fromStdString(column.text(i));
  return shown.join(QStringLiteral(", "));
}

QString values_text(const Column& column) {
  if (column.kind == ColumnKind::kCategorical) {
    return count_text(static_cast<std::int64_t>(column.categories.size()));
  }
  return {};
}

}  // namespace

OverviewCard::OverviewCard(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      title_(make_label({}, "title", this)),
      size_(make_label({}, "secondary", this)),
      facts_(new QGridLayout),
      model_(new QStandardItemModel(this)),
      columns_(new QTableView(this)) {
  setObjectName(QStringLiteral("overviewCard"));
  setAccessibleName(tr("Overview of the data set"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  const auto [layout, head] = lay_card_head(this, title_, size_);
  auto* check = make_button(QStringLiteral("checkAgain"), tr("Check again"), "", this);
  auto* join = make_button(QStringLiteral("joinLabels"), tr("Join labels…"), "", this);
  join->setToolTip(tr("A CSV or TSV with a column of cell names and columns of labels"));
  auto* save = make_button(QStringLiteral("exportCells"), tr("Save as a file…"), "", this);
  save->setToolTip(tr("The selected cells, or all of them, as an h5ad"));
  for (QPushButton* button : {check, join, save}) head->addWidget(button, 0, Qt::AlignTop);
  facts_->setHorizontalSpacing(16);
  facts_->setVerticalSpacing(4);
  facts_->setColumnStretch(1, 1);
  layout->addLayout(facts_);
  columns_->setObjectName(QStringLiteral("columnTable"));
  columns_->setAccessibleName(tr("Columns of the cell table"));
  columns_->setModel(model_);
  columns_->verticalHeader()->hide();
  columns_->verticalHeader()->setDefaultSectionSize(services.theme.size("table-row"));
  columns_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  columns_->horizontalHeader()->setHighlightSections(false);
  columns_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  columns_->setSelectionBehavior(QAbstractItemView::SelectRows);
  columns_->setShowGrid(false);
  columns_->setTabKeyNavigation(false);
  layout->addWidget(columns_);
  connect(check, &QPushButton::clicked, this, &OverviewCard::checkRequested);
  connect(join, &QPushButton::clicked, this, &OverviewCard::joinRequested);
  connect(save, &QPushButton::clicked, this, &OverviewCard::exportRequested);
  connect(&services.document, &Document::datasetChanged, this, &OverviewCard::refresh);
  connect(&services.document, &Document::projectChanged, this, [this] {
    connect(services_.document.project(), &ProjectStore::changed, this, [this](const QString& kind) {
      if (kind == QLatin1String("dataset")) fillFacts();
    });
  });
  refresh();
}

void OverviewCard::refresh() {
  const DatasetPtr& dataset = services_.document.dataset();
  setVisible(dataset != nullptr);
  if (!dataset) return;
  title_->setText(dataset->name);
  size_->setText(tr("%1 cells × %2 genes")
                     .arg(count_text(dataset->num_cells()),
                          count_text(dataset->genes.empty() ? dataset->info.num_genes
                                                            : static_cast<std::int64_t>(dataset->genes.size()))));
  fillFacts();
  fillColumns();
}

void OverviewCard::fillFacts() {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return;
  while (QLayoutItem* item = facts_->takeAt(0)) {
    if (QWidget* widget = item->widget()) widget->deleteLater();
    delete item;
  }
  int row = 0;
  const auto add = [this, &row](const QString& name, const QString& value, const QString& tip = {}) {
    auto* label = make_label(name, "secondary", this);
    auto* text = make_label(value, "", this);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setWordWrap(true);
    text->setToolTip(tip);
    facts_->addWidget(label, row, 0, Qt::AlignTop);
    facts_->addWidget(text, row++, 1);
  };
  const auto known = std::count_if(dataset->genes.begin(), dataset->genes.end(),
                                   [](const DatasetGene& gene) { return gene.token >= 0; });
  add(tr("Counts"), dataset->counts_where.empty()
                        ? tr("none found: check again to see why")
                        : tr("whole numbers in %1, %2 genes known to Geneformer V1")
                              .arg(QString::fromStdString(dataset->counts_where), count_text(known)));
  QStringList matrices;
  for (const MatrixInfo& matrix : dataset->info.matrices) {
    matrices << QStringLiteral("%1 (%2)").arg(QString::fromStdString(matrix.where),
                                              QString::fromStdString(matrix.dtype));
  }
  if (matrices.size() > 1) add(tr("Matrices"), matrices.join(QStringLiteral("   ")));
  QStringList maps;
  for (const CellMapPtr& map : dataset->maps) maps << map->name;
  add(tr("Maps"), maps.isEmpty() ? tr("none yet: embed the cells in Explore") : maps.join(QStringLiteral("   ")));
  const Json record = services_.document.datasetRecord();
  const FileLink link = file_link_from_json(record);
  const QString sum = QString::fromStdString(link.sha256);
  add(tr("File"),
      QString::fromStdString(dataset->path.string()) +
          (link.bytes >= 0 ? QStringLiteral("   ") + bytes_text(static_cast<double>(link.bytes)) : QString()));
  if (record.contains("source") && record["source"].is_string()) {
    add(tr("Made from"), QString::fromStdString(record["source"].get<std::string>()));
  }
  add(tr("Checksum"), sum.isEmpty() ? tr("being computed…") : QStringLiteral("SHA-256 %1…").arg(sum.left(16)), sum);
}

void OverviewCard::fillColumns() {
  const Dataset& dataset = *services_.document.dataset();
  model_->clear();
  model_->setHorizontalHeaderLabels({tr("Column"), tr("Holds"), tr("Values"), tr("For example"), tr("Missing")});
  for (const Column& column : dataset.cells.columns) {
    QList<QStandardItem*> items;
    const std::int64_t missing = column.num_missing();
    for (const QString& text :
         {QString::fromStdString(column.name), kind_text(column.kind), values_text(column), examples_of(column),
          missing == 0 ? QString()
                       : percent_text(static_cast<double>(missing) /
                                      static_cast<double>(std::max<std::int64_t>(1, column.size())))}) {
      items << new QStandardItem(text);
    }
    items[2]->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    items[4]->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    model_->appendRow(items);
  }
  columns_->setVisible(model_->rowCount() > 0);
  const int shown = std::min(model_->rowCount(), kRowsShown);
  columns_->setFixedHeight(services_.theme.size("table-row") * (shown + 1) + 6);
  columns_->setColumnWidth(0, 190);
  columns_->setColumnWidth(1, 110);
  columns_->setColumnWidth(2, 70);
  columns_->setColumnWidth(4, 70);
  columns_->horizontalHeader()->setSectionResizeMode(3, QHeaderView::Stretch);
}

}  // namespace cw::ui
