// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/genes_page.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/tables/gene_content.h"
#include "ui/theme/numbers.h"

#include <QInputDialog>
#include <QMenu>

namespace cw::ui {

GenesPage::GenesPage(Services& services, StatisticsCenter& statistics)
    : TablePage(services, QStringLiteral("genes"), tr("Genes")), statistics_(statistics) {
  table().setGenes("ensembl_id", "symbol", QStringLiteral("tablePanel"));
  connect(&statistics, &StatisticsCenter::changed, this, [this] {
    showState();
    if (statistics_.state() != StatisticsCenter::State::kRunning) build();
  });
  connect(&statistics, &StatisticsCenter::progress, this, [this](double fraction) { setProgress(fraction); });
  connect(&services.document, &Document::datasetChanged, this, [this] {
    if (services_.document.dataset() != dataset_) build();
  });
  connect(&services.document.selection(), &SelectionHub::genesChanged, this, &GenesPage::takeSelection);
  connect(&table(), &DataTable::selectionChanged, this, [this] {
    GeneSelection genes;
    genes.ensemblIds = table().selectedGenes().ensemblIds;
    genes.origin = QStringLiteral("tablePanel");
    services_.document.selectGenes(std::move(genes));
  });
  connect(&table(), &DataTable::rowHovered, this, [this](std::int64_t row) {
    const bool any = row >= 0 && dataset_ && row < static_cast<std::int64_t>(dataset_->genes.size());
    const std::string id = any ? dataset_->genes[static_cast<std::size_t>(row)].ensembl_id : std::string();
    services_.document.selection().hoverGene(QString::fromStdString(id));
  });
  connect(&table(), &DataTable::menuOpening, this, [this](QMenu* menu) {
    auto* keep = menu->addAction(tr("Keep as a gene list…"), this, &GenesPage::keepList);
    keep->setEnabled(!table().selectedGenes().ensemblIds.isEmpty());
  });
  build();
}

void GenesPage::build() {
  building_.cancel();
  const bool same = dataset_ && services_.document.dataset() && dataset_->path == services_.document.dataset()->path;
  dataset_ = services_.document.dataset();
  table().setEmptyText(dataset_ && dataset_->counts_where.empty()
                           ? tr("This file holds no raw counts. Open a file with counts to see its genes.")
                           : tr("Open a file with counts to see its genes."));
  const GroupChoice& groups = services_.document.selection().groups();
  const QString start = groups.start ? groups.start->label() : QString();
  const QString goal = groups.goal ? groups.goal->label() : QString();
  const GeneStatisticsPtr statistics = same ? statistics_.genes() : nullptr;
  building_ = services_.background.run<Built>(
      Background::Lane::kCompute, this,
      [dataset = dataset_, statistics, start, goal](JobContext&) -> Result<Built> {
        auto rows = std::make_shared<std::unordered_map<std::string, std::int64_t>>();
        if (dataset) {
          for (std::size_t i = 0; i < dataset->genes.size(); ++i) {
            if (!dataset->genes[i].ensembl_id.empty()) {
              rows->emplace(dataset->genes[i].ensembl_id, static_cast<std::int64_t>(i));
            }
          }
        }
        return Built{gene_content(dataset, statistics, start, goal), std::move(rows)};
      },
      [this, same](Result<Built> built) {
        const bool first = built_.content == nullptr || built_.content->find("detected") < 0;
        built_ = std::move(built).value();
        table().setContent(built_.content, same);
        if (first && built_.content->find("detected") >= 0) table().sortBy("detected", true);
        if (!same) takeSelection();
      });
}

void GenesPage::showState() {
  const auto state = statistics_.state();
  setProgress(state == StatisticsCenter::State::kRunning ? statistics_.fraction() : -1.0);
  if (state == StatisticsCenter::State::kAsk) {
    Message ask;
    ask.text = tr("Going through all %1 cells to count the genes takes a while.")
                   .arg(count_text(services_.document.dataset()->num_cells()));
    ask.fixText = tr("Count genes");
    ask.fix = [this] { statistics_.compute(); };
    setNotice(make_message_bar(services_.theme, ask, this));
  } else if (state == StatisticsCenter::State::kFailed) {
    Message failed;
    failed.kind = Message::Kind::kError;
    failed.text = statistics_.error();
    failed.fixText = tr("Try again");
    failed.fix = [this] { statistics_.compute(); };
    setNotice(make_message_bar(services_.theme, failed, this));
  } else {
    setNotice(nullptr);
  }
}

void GenesPage::takeSelection() {
  const GeneSelection& genes = services_.document.selection().genes();
  if (!built_.rows ||
      (genes.origin == QLatin1String("tablePanel") && genes.ensemblIds == table().selectedGenes().ensemblIds)) {
    return;
  }
  std::vector<std::int64_t> rows;
  for (const QString& id : genes.ensemblIds) {
    if (const auto it = built_.rows->find(id.toStdString()); it != built_.rows->end()) rows.push_back(it->second);
  }
  table().selectRows(rows, true);
}

void GenesPage::keepList() {
  const QStringList ids = services_.document.selection().genes().ensemblIds;
  ProjectStore* project = services_.document.project();
  if (ids.isEmpty() || !project) return;
  bool ok = false;
  const QString name =
      QInputDialog::getText(this, tr("Keep as a gene list"),
                            tr("Name of the list of %1 genes").arg(count_text(ids.size())), QLineEdit::Normal,
                            tr("Genes %1").arg(project->items(QStringLiteral("gene-list")).size() + 1), &ok)
          .trimmed();
  if (!ok || name.isEmpty()) return;
  ProjectItem item;
  item.kind = QStringLiteral("gene-list");
  item.name = name;
  Json genes = Json::array();
  for (const QString& id : ids) genes.push_back(id.toStdString());
  item.body = {{"genes", std::move(genes)}};
  services_.document.addItem(std::move(item), tr("Keep gene list “%1”").arg(name));
  services_.messages.toast(tr("Kept %1 genes as “%2”").arg(count_text(ids.size()), name));
}

}  // namespace cw::ui
