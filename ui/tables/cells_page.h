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

 Q_SIGNALS:
  void cellChosen(std::int64_t row);

 private:
  void build();
  void filterSelected();
  void selectMarked();

  QToolButton* onlySelected_;
  DatasetPtr dataset_;
  Task building_;
};

}  // namespace cw::ui
