// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"
#include "ui/inspector/card.h"

namespace cw::ui {

/// A group or the present selection: how many cells of which donors and kinds, and what can be done with them.
class GroupCard : public Card {
  Q_OBJECT
 public:
  /// A group of a column or a kept selection.
  GroupCard(Services& services, const Group& group, QWidget* parent);
  /// The cells that are selected now.
  GroupCard(Services& services, const CellSelectionPtr& cells, QWidget* parent);

 Q_SIGNALS:
  void markersRequested();

 private:
  void addComposition(std::vector<std::uint8_t> mask, std::int64_t cells);
  void useAs(bool start, const Group& group);
  /// Keeps the selection under a free name and gives it as a group.
  [[nodiscard]] std::optional<Group> keep(const QString& wanted);
  void keepUnderName();
};

}  // namespace cw::ui
