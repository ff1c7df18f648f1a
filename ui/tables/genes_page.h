// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/statistics/statistics_center.h"
#include "ui/tables/table_page.h"

#include <unordered_map>

namespace cw::ui {

/// All genes of the data set with what is known of them; its selected rows are the window's selected genes.
class GenesPage : public TablePage {
  Q_OBJECT
 public:
  GenesPage(Services& services, StatisticsCenter& statistics);
  /// Keeps the selected genes as a gene list of the project; asks for its name.
  void keepList();

 private:
  struct Built {
    TableContentPtr content;
    std::shared_ptr<const std::unordered_map<std::string, std::int64_t>> rows;  ///< first row of an Ensembl id
  };
  void build();
  void showState();
  void takeSelection();

  StatisticsCenter& statistics_;
  DatasetPtr dataset_;
  Built built_;
  Task building_;
};

}  // namespace cw::ui
