// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/markers_page.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

namespace cw::ui {

MarkersPage::MarkersPage(Services& services, const QString& objectName, const QString& name)
    : TablePage(services, objectName, tr("Markers: %1").arg(name)), name_(name) {
  table().setEmptyText(tr("Looking for genes that mark %1…").arg(name));
  table().setGenes("ensembl_id", "symbol", QStringLiteral("tablePanel"));
  connect(&table(), &DataTable::selectionChanged, this, [this] {
    GeneSelection genes;
    genes.ensemblIds = table().selectedGenes().ensemblIds;
    genes.origin = this->objectName();
    services_.document.selectGenes(std::move(genes));
  });
  setProgress(0.0);
}

void MarkersPage::show(TableContentPtr content, const QString& note) {
  setProgress(-1.0);
  auto* line = make_label(note, "secondary");
  const int padding = services_.theme.size("padding");
  line->setContentsMargins(padding, 4, padding, 4);
  setNotice(line);
  table().setContent(std::move(content));
}

}  // namespace cw::ui
