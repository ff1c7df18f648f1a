// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/data_table_model.h"

namespace cw::ui {
namespace {

int alignment_of(const TableColumn& column) {
  const bool right = column.isNumeric() || column.format == CellFormat::kYesNo;
  return int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

}  // namespace

DataTableModel::DataTableModel(QObject* parent)
    : QAbstractTableModel(parent), content_(std::make_shared<TableContent>()) {}

void DataTableModel::setContent(TableContentPtr content, std::vector<std::int32_t> order) {
  content_ = std::move(content);
  setOrder(std::move(order));
}

void DataTableModel::setOrder(std::vector<std::int32_t> order) {
  beginResetModel();
  order_ = std::move(order);
  view_row_.assign(static_cast<std::size_t>(content_->num_rows), -1);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    view_row_[static_cast<std::size_t>(order_[i])] = static_cast<std::int32_t>(i);
  }
  endResetModel();
}

int DataTableModel::viewRow(std::int64_t sourceRow) const noexcept {
  return sourceRow < 0 || sourceRow >= static_cast<std::int64_t>(view_row_.size())
             ? -1
             : view_row_[static_cast<std::size_t>(sourceRow)];
}

int DataTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(order_.size());
}

int DataTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(content_->columns.size());
}

QVariant DataTableModel::data(const QModelIndex& index, int role) const {
  const TableColumn& shown = column(index.column());
  switch (role) {
    case Qt::DisplayRole:
      return cell_text(shown, sourceRow(index.row()));
    case Qt::ToolTipRole: {
      // only long text is worth a tip; the view shows it where it does not fit
      const QString text = shown.isNumeric() ? QString() : cell_text(shown, sourceRow(index.row()));
      return text.size() > 12 ? text : QVariant();
    }
    case Qt::AccessibleTextRole:
      return QStringLiteral("%1: %2").arg(shown.title, cell_text(shown, sourceRow(index.row())));
    case Qt::TextAlignmentRole:
      return alignment_of(shown);
    default:
      return {};
  }
}

QVariant DataTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Vertical) {
    if (role == Qt::DisplayRole) return section + 1;
    if (role == Qt::TextAlignmentRole) return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
  }
  const TableColumn& shown = column(section);
  switch (role) {
    case Qt::DisplayRole:
      return shown.title;
    case Qt::ToolTipRole:
      return shown.help.isEmpty() ? shown.title : shown.help;
    case Qt::TextAlignmentRole:
      return alignment_of(shown);
    default:
      return {};
  }
}

Qt::ItemFlags DataTableModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

}  // namespace cw::ui
