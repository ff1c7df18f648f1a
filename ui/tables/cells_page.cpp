// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/cells_page.h"

#include "ui/common/widgets.h"
#include "ui/data_table/filter_bar.h"
#include "ui/document/document.h"
#include "ui/tables/cell_content.h"
#include "ui/theme/numbers.h"

#include <QMenu>
#include <QToolButton>
#include <utility>

namespace cw::ui {

CellsPage::CellsPage(Services& services)
    : TablePage(services, QStringLiteral("cells"), tr("Cells")),
      onlySelected_(make_pill(QStringLiteral("onlySelectedCells"), tr("Selected only"))) {
  table().setEmptyText(tr("Open a file to see its cells."));
  onlySelected_->setCheckable(true);
  onlySelected_->setChecked(true);
  onlySelected_->setAccessibleName(tr("Show selected cells only"));
  onlySelected_->setToolTip(tr("Show only the cells that are selected, while some are"));
  addControl(onlySelected_);
  connect(onlySelected_, &QToolButton::toggled, this, &CellsPage::filterSelected);
  Document& document = services.document;
  connect(&document, &Document::datasetChanged, this, &CellsPage::build);
  connect(&document.selection(), &SelectionHub::cellsChanged, this, &CellsPage::filterSelected);
  connect(&table(), &DataTable::selectionChanged, this, [this] {
    if (table().currentRow() >= 0) Q_EMIT cellChosen(table().currentRow());
  });
  connect(&table(), &DataTable::rowHovered, this,
          [this](std::int64_t row) { services_.document.selection().hoverCell(row); });
  connect(&table(), &DataTable::menuOpening, this, [this](QMenu* menu) {
    const auto number = static_cast<std::int64_t>(table().selectedRows().size());
    if (number > 0) {
      menu->addAction(tr("Select these %1 cells").arg(count_text(number)), this, &CellsPage::selectMarked);
    }
  });
}

void CellsPage::opened() {
  if (std::exchange(open_, true)) return;
  build();
}

void CellsPage::build() {
  if (!open_) return;
  building_.cancel();
  if (dataset_ == services_.document.dataset() && dataset_) return;
  const bool same = dataset_ && services_.document.dataset() && dataset_->path == services_.document.dataset()->path &&
                    dataset_->num_cells() == services_.document.dataset()->num_cells();
  dataset_ = services_.document.dataset();
  building_ = services_.background.run<TableContentPtr>(
      Background::Lane::kCompute, this,
      [dataset = dataset_](JobContext&) -> Result<TableContentPtr> { return cell_content(dataset); },
      [this, same](Result<TableContentPtr> content) {
        table().setContent(std::move(content).value(), same);
        filterSelected();
      });
}

void CellsPage::filterSelected() {
  auto filters = table().filterBar()->chipFilters();
  const auto before = filters.size();
  std::erase_if(filters, [](const RowFilter& filter) { return filter.kind == RowFilter::Kind::kRows; });
  const CellSelectionPtr cells = services_.document.selection().cells();
  onlySelected_->setEnabled(cells != nullptr);
  const bool filter = cells && onlySelected_->isChecked();
  if (filter) {
    RowFilter selected;
    selected.kind = RowFilter::Kind::kRows;
    selected.rows = std::shared_ptr<const std::vector<std::uint8_t>>(cells, &cells->mask);
    selected.label = cells->name.isEmpty() ? tr("selected") : cells->name;
    filters.push_back(std::move(selected));
  }
  if (filter || filters.size() != before) table().filterBar()->setFilters(std::move(filters));
}

void CellsPage::selectMarked() {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(table().content()->num_rows), 0);
  const auto rows = table().selectedRows();
  for (const std::int64_t row : rows) mask[static_cast<std::size_t>(row)] = 1;
  services_.document.selectCells(make_selection(std::move(mask), tr("from the table"), QStringLiteral("tablePanel")));
}

}  // namespace cw::ui
