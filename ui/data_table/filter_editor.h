// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/row_order.h"

#include <QFrame>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace cw::ui {

class Theme;

/// A small sheet below its button in which one condition on a column is made: at least, at most, or one of its values.
class FilterEditor : public QFrame {
  Q_OBJECT
 public:
  FilterEditor(const Theme& theme, TableContentPtr content, QWidget* parent);
  /// Gives the keyboard to the first field, once it is shown.
  void begin();

 Q_SIGNALS:
  void made(const cw::ui::RowFilter& filter);

 private:
  void showColumn();
  void finish();
  [[nodiscard]] const TableColumn& column() const;

  TableContentPtr content_;
  QComboBox* columns_;
  QComboBox* direction_;
  QDoubleSpinBox* number_;
  QLabel* unit_;
  QListWidget* values_;
  QPushButton* add_;
};

}  // namespace cw::ui
