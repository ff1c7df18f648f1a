// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/row_order.h"

#include <QAbstractTableModel>

namespace cw::ui {

/// The rows of a TableContent that pass the filters, in their order, for a QTableView. Row numbers of the view are not
/// those of the content: see `sourceRow`.
class DataTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  explicit DataTableModel(QObject* parent = nullptr);

  void setContent(TableContentPtr content, std::vector<std::int32_t> order);
  void setOrder(std::vector<std::int32_t> order);
  [[nodiscard]] const TableContentPtr& content() const noexcept { return content_; }
  [[nodiscard]] const TableColumn& column(int index) const {
    return content_->columns[static_cast<std::size_t>(index)];
  }

  [[nodiscard]] std::int64_t sourceRow(int row) const { return order_[static_cast<std::size_t>(row)]; }
  /// -1 where the filters hide the row.
  [[nodiscard]] int viewRow(std::int64_t sourceRow) const noexcept;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

 private:
  TableContentPtr content_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> view_row_;  ///< by source row, -1 = hidden
};

}  // namespace cw::ui
