// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"
#include "ui/tables/table_page.h"

class QToolButton;

namespace cw::ui {

/// All cells of the data set with their columns, or the selected ones only.
class CellsPage : public TablePage {
  Q_OBJECT
 public:
  explicit CellsPage(Services& services);
  void opened() override;

 Q_SIGNALS:
  void cellChosen(std::int64_t row);

 private:
  void build();
  void filterSelected();
  void selectMarked();

  QToolButton* onlySelected_;
  DatasetPtr dataset_;
  bool open_ = false;  // nothing is built before the page was looked at: names of a million cells take memory
  Task building_;
};

}  // namespace cw::ui
