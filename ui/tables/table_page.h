// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/data_table/data_table.h"

class QProgressBar;
class QVBoxLayout;

namespace cw::ui {

/// One tab of the table panel: a table, controls for the panel's heading row, and a line for what is being computed.
class TablePage : public QWidget {
  Q_OBJECT
 public:
  TablePage(Services& services, const QString& objectName, const QString& title);
  [[nodiscard]] QString title() const { return title_; }
  [[nodiscard]] DataTable& table() const noexcept { return *table_; }
  /// Stands in the heading row while the page is shown; holds the filter bar.
  [[nodiscard]] QWidget* controls() const noexcept { return controls_; }
  /// The page comes into view.
  virtual void opened() {}

 protected:
  /// A widget before the filters.
  void addControl(QWidget* widget);
  /// In [0, 1); outside = nothing runs.
  void setProgress(double fraction);
  /// A message between heading and table; replaces the one before, nullptr = none.
  void setNotice(QWidget* notice);

  Services& services_;

 private:
  QString title_;
  DataTable* table_;
  QWidget* controls_;
  QProgressBar* progress_;
  QWidget* notice_ = nullptr;
  QVBoxLayout* layout_;
};

}  // namespace cw::ui
