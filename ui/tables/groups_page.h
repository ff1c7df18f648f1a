// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"
#include "ui/document/dataset.h"
#include "ui/tables/table_page.h"

#include <optional>

class QToolButton;

namespace cw::ui {

/// The groups of a label column, or the selections kept in the project: how large they are and from whom, and where to
/// take start and goal of an experiment from.
class GroupsPage : public TablePage {
  Q_OBJECT
 public:
  explicit GroupsPage(Services& services);
  /// The group marked in the table.
  [[nodiscard]] std::optional<Group> currentGroup() const;
  void useAsStart();
  void useAsGoal();

 Q_SIGNALS:
  void groupChosen(const cw::ui::Group& group);
  void markersRequested(const cw::ui::Group& group);

 private:
  void build();
  void fillColumnMenu();
  void fillDonorMenu();
  void selectCellsOfGroup();
  void useAsAlternative();

  QToolButton* column_;
  QToolButton* donors_;
  QString chosen_;  ///< label column, "" = not yet
  bool selections_ = false;
  QList<Group> groups_;
  Task building_;
};

}  // namespace cw::ui
