// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/selection_hub.h"

#include <algorithm>

namespace cw::ui {

CellSelectionPtr make_selection(std::vector<std::uint8_t> mask, QString name, QString origin) {
  auto selection = std::make_shared<CellSelection>();
  selection->count = std::count(mask.begin(), mask.end(), std::uint8_t{1});
  selection->mask = std::move(mask);
  selection->name = std::move(name);
  selection->origin = std::move(origin);
  return selection;
}

void SelectionHub::setCells(CellSelectionPtr cells) {
  cells_ = std::move(cells);
  Q_EMIT cellsChanged();
}

void SelectionHub::setGenes(GeneSelection genes) {
  genes_ = std::move(genes);
  Q_EMIT genesChanged();
}

void SelectionHub::setGroups(GroupChoice groups) {
  groups_ = std::move(groups);
  Q_EMIT groupsChanged();
}

void SelectionHub::hoverCell(std::int64_t row) { Q_EMIT cellHovered(row); }

void SelectionHub::hoverGene(const QString& ensemblId) { Q_EMIT geneHovered(ensemblId); }

}  // namespace cw::ui
