// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/inspector/cell_card.h"
#include "ui/inspector/gene_card.h"
#include "ui/inspector/group_card.h"
#include "ui/theme/theme.h"

#include <QMetaMethod>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {

InspectorPanel::InspectorPanel(Services& services, StatisticsCenter& statistics, QWidget* parent)
    : Panel(QStringLiteral("inspectorPanel"), tr("Inspector"), parent),
      services_(services),
      statistics_(statistics),
      area_(new QScrollArea(this)) {
  area_->setObjectName(QStringLiteral("inspectorArea"));
  area_->setAccessibleName(tr("Details"));
  area_->setWidgetResizable(true);
  area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(area_);
  setMinimumWidth(220);
  Document& document = services.document;
  connect(&document.selection(), &SelectionHub::genesChanged, this, [this] {
    const GeneSelection& genes = services_.document.selection().genes();
    // of several genes the one picked last is looked at
    if (!genes.ensemblIds.isEmpty()) showGene(genes.ensemblIds.last());
  });
  connect(&document.selection(), &SelectionHub::cellsChanged, this, &InspectorPanel::showSelection);
  connect(&document, &Document::datasetChanged, this, [this, path = std::filesystem::path()]() mutable {
    const DatasetPtr& dataset = services_.document.dataset();
    const auto now = dataset ? dataset->path : std::filesystem::path();
    if (std::exchange(path, now) != now || !dataset) showNothing();
  });
  showNothing();
}

QSize InspectorPanel::sizeHint() const { return {services_.theme.size("inspector"), 600}; }

void InspectorPanel::showCard(QWidget* card) {
  gene_.clear();
  card->setProperty("surface", "panel");
  card->setAttribute(Qt::WA_StyledBackground);
  // the old card may be the sender of what led here
  if (QWidget* before = area_->takeWidget()) before->deleteLater();
  area_->setWidget(card);
}

void InspectorPanel::showNothing() {
  const bool open = services_.document.dataset() != nullptr;
  showCard(make_empty_state(services_.theme, QStringLiteral("info"),
                            open ? tr("Choose a gene, a cell or a group to see what is known of it.")
                                 : tr("Details of genes, cells and groups stand here once a file is open."),
                            {}, {}, nullptr));
}

void InspectorPanel::showGene(const QString& ensemblId) {
  if (!services_.document.dataset() || ensemblId == gene_) return;
  const bool wells = isSignalConnected(QMetaMethod::fromSignal(&InspectorPanel::addRequested));
  auto* card = new GeneCard(services_, statistics_, ensemblId, wells, nullptr);
  connect(card, &GeneCard::addRequested, this, &InspectorPanel::addRequested);
  showCard(card);
  gene_ = ensemblId;
}

void InspectorPanel::showCell(std::int64_t row) {
  const DatasetPtr& dataset = services_.document.dataset();
  if (dataset && row >= 0 && row < dataset->num_cells()) showCard(new CellCard(services_, row, nullptr));
}

void InspectorPanel::showGroup(const Group& group) {
  if (!services_.document.dataset()) return;
  auto* card = new GroupCard(services_, group, nullptr);
  connect(card, &GroupCard::markersRequested, this, [this, group] { Q_EMIT markersRequested(group); });
  showCard(card);
}

void InspectorPanel::showSelection() {
  const CellSelectionPtr cells = services_.document.selection().cells();
  if (!services_.document.dataset() || !cells) return showNothing();
  if (cells->count == 1) return showCell(std::find(cells->mask.begin(), cells->mask.end(), 1) - cells->mask.begin());
  auto* card = new GroupCard(services_, cells, nullptr);
  connect(card, &GroupCard::markersRequested, this, &InspectorPanel::selectionMarkersRequested);
  showCard(card);
}

}  // namespace cw::ui
