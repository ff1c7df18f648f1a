// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

class QGridLayout;
class QLabel;
class QStandardItemModel;
class QTableView;

namespace cw::ui {

/// What is in the data set in view: size, counts, maps, columns, where it is from.
class OverviewCard : public QWidget {
  Q_OBJECT
 public:
  explicit OverviewCard(Services& services, QWidget* parent = nullptr);

 Q_SIGNALS:
  void checkRequested();
  void joinRequested();
  void exportRequested();

 private:
  void refresh();
  void fillFacts();
  void fillColumns();

  Services& services_;
  QLabel* title_;
  QLabel* size_;
  QGridLayout* facts_;
  QStandardItemModel* model_;
  QTableView* columns_;
};

}  // namespace cw::ui
