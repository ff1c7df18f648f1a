// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/group_content.h"

#include "ui/statistics/paint_composition.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <algorithm>
#include <numeric>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("GroupsPage", text); }

TableColumn integers(const char* id, std::vector<std::int64_t> values, const QString& title, int width) {
  TableColumn column = table_column(std::make_shared<const Column>(Column::of_integers(id, std::move(values))), title);
  column.width = width;
  return column;
}

}  // namespace

TableContentPtr group_content(const GroupComposition& groups, const std::vector<QColor>& colors, const QString& title,
                              const QString& donors) {
  auto content = std::make_shared<TableContent>();
  content->noun = tr("groups");
  const std::size_t number = groups.groups.size();
  content->num_rows = static_cast<std::int64_t>(number);
  std::vector<std::int32_t> codes(number);
  std::iota(codes.begin(), codes.end(), 0);
  TableColumn names =
      table_column(std::make_shared<const Column>(Column::of_codes("group", codes, groups.groups)), title);
  names.colors = colors;
  names.width = 190;
  content->columns.push_back(std::move(names));
  content->columns.push_back(integers("cells", groups.cells, tr("Cells"), 80));
  const auto total = static_cast<double>(std::accumulate(groups.cells.begin(), groups.cells.end(), groups.unlabelled));
  std::vector<double> shares;
  for (const std::int64_t cells : groups.cells) shares.push_back(static_cast<double>(cells) / std::max(1.0, total));
  TableColumn share = table_column(std::make_shared<const Column>(Column::of_reals("share", shares)), tr("Share"));
  share.format = CellFormat::kPercent;
  share.help = tr("Of all cells of the data set");
  share.width = 70;
  content->columns.push_back(std::move(share));
  if (!groups.selected.empty()) {
    content->columns.push_back(integers("selected", groups.selected, tr("Selected"), 80));
    content->columns.back().help = tr("Cells of the group that are selected");
  }
  if (groups.parts.empty()) return content;
  std::vector<std::int64_t> donor_numbers;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < number; ++i) {
    donor_numbers.push_back(groups.parts_of(i));
    texts.push_back(composition_text(groups.parts, groups.by_part[i]).toStdString());
  }
  content->columns.push_back(integers("donors", std::move(donor_numbers), tr("Donors"), 80));
  content->columns.back().help = tr("Values of the column “%1” that occur in the group").arg(donors);
  TableColumn bar =
      table_column(std::make_shared<const Column>(Column::of_strings("composition", texts)), tr("Cells by donor"));
  bar.width = 220;
  bar.paint = [parts = groups.by_part](QPainter& painter, const QRect& area, std::int64_t row) {
    paint_composition(painter, area, parts[static_cast<std::size_t>(row)]);
  };
  content->columns.push_back(std::move(bar));
  return content;
}

}  // namespace cw::ui
