// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/gene_card.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/inspector/group_bars.h"
#include "ui/statistics/label_columns.h"
#include "ui/statistics/statistics_center.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kMostBars = 12;

// The groups that an experiment is about, else those of the most likely label column.
QList<Group> groups_to_show(const Document& document, const GroupChoice& choice) {
  QList<Group> groups;
  if (choice.start) groups << *choice.start;
  if (choice.goal) groups << *choice.goal;
  groups << choice.alternatives;
  if (!groups.isEmpty()) return groups;
  for (const QString& column : label_columns(*document.dataset())) {
    const Column categories = as_categorical(*document.dataset()->cells.find(column.toStdString()));
    if (categories.categories.size() < 2 || categories.categories.size() > kMostBars) continue;
    for (const std::string& value : categories.categories) {
      groups << document.groupOf(column, QString::fromStdString(value));
    }
    break;
  }
  return groups;
}

}  // namespace

GeneCard::GeneCard(Services& services, StatisticsCenter& statistics, const QString& ensemblId, bool wells,
                   QWidget* parent)
    : Card(services, QStringLiteral("geneCard"), parent), statistics_(statistics), id_(ensemblId) {
  const DatasetPtr& dataset = services.document.dataset();
  row_ = dataset ? dataset->gene_row(ensemblId.toStdString()) : -1;
  const auto hit = services.document.geneSearch().resolve(ensemblId);
  symbol_ = row_ >= 0 ? QString::fromStdString(dataset->genes[static_cast<std::size_t>(row_)].symbol)
            : hit     ? QString::fromStdString(hit->symbol)
                      : ensemblId;
  addTitle(symbol_);
  addText(ensemblId);
  known_ = addFact(tr("In the model"), hit && hit->in_vocabulary ? tr("yes") : tr("no"));
  if (row_ >= 0) {
    detected_ = addFact(tr("Detected in"), {});
    rank_ = addFact(tr("Median rank"), {});
    addCaption(tr("Expression by group"));
    bars_ = new GroupBars(services.theme, this);
    addWidget(bars_);
    note_ = addText({});
    connect(&statistics, &StatisticsCenter::changed, this, &GeneCard::showStatistics);
    connect(&services.document.selection(), &SelectionHub::groupsChanged, this, &GeneCard::showExpression);
    connect(&services.document, &Document::donorColumnChanged, this, &GeneCard::showExpression);
    connect(&services.theme, &Theme::changed, this, &GeneCard::showExpression);  // the colours of START and GOAL
    showStatistics();
    showExpression();
  } else {
    addText(tr("This gene was not measured in the data set."));
  }
  if (wells) addWells();
  finish();
}

void GeneCard::addWells() {
  addCaption(tr("Add to experiment"));
  QWidget* buttons = addButtons();
  const auto add = [&](const char* kind, const QString& text, const QString& help) {
    addButton(buttons, QStringLiteral("addGene.") + QLatin1String(kind), text, help,
              [this, kind = QString::fromLatin1(kind)] {
                Q_EMIT addRequested(kind, {{id_}, {symbol_}, QStringLiteral("inspectorPanel"), false});
              });
  };
  add("delete", tr("Delete"), tr("Take the gene out of every cell's list (Ctrl+1 in tables)"));
  add("inhibit", tr("Inhibit"), tr("Move the gene down by a quarter of the list (Ctrl+2 in tables)"));
  add("activate", tr("Activate"), tr("Move the gene up by a quarter of the list (Ctrl+3 in tables)"));
  add("overexpress", tr("Overexpress"), tr("Put the gene first in every cell's list (Ctrl+4 in tables)"));
}

void GeneCard::showStatistics() {
  const GeneStatisticsPtr& genes = statistics_.genes();
  const auto at = static_cast<std::size_t>(row_);
  if (!genes || at >= genes->detected.size()) {
    const bool running = statistics_.state() == StatisticsCenter::State::kRunning;
    detected_->setText(running ? tr("counting…") : QStringLiteral("–"));
    rank_->setText(running ? tr("counting…") : QStringLiteral("–"));
    return;
  }
  known_->setText(genes->in_model[at] ? tr("yes") : tr("no"));
  detected_->setText(tr("%1 of %2 cells").arg(percent_text(genes->detected_share(row_)), count_text(genes->num_cells)));
  rank_->setText(std::isnan(genes->median_rank[at])
                     ? QStringLiteral("–")
                     : tr("%1 of %2").arg(fixed_text(genes->median_rank[at], 0), fixed_text(genes->median_length, 0)));
  rank_->setToolTip(tr("Place in the model's list of a cell, 1 = first; a middle cell's list has %1 genes")
                        .arg(fixed_text(genes->median_length, 0)));
}

QString GeneCard::noteOf(const QList<GroupBars::Bar>& bars, bool byDonors, std::int64_t donors) {
  if (bars.isEmpty()) return tr("There are no groups to compare: the file has no labels.");
  if (byDonors) {
    return tr("Mean of donor means of log(1 + counts per 10,000), line = 95 % interval over up to %1 donors")
        .arg(count_text(donors));
  }
  const QString means = tr("Mean over cells of log(1 + counts per 10,000), line = 95 % interval over cells");
  return donors == 1 ? tr("%1 of one donor: it says nothing about other donors").arg(means)
                     : tr("%1; donors are not told apart").arg(means);
}

void GeneCard::showExpression() {
  services_.document.geneValues(row_, this, [this](Result<std::shared_ptr<const GeneValues>> values) {
    if (!values) {
      note_->setText(QString::fromStdString(values.error().message));
      return;
    }
    const DatasetPtr dataset = services_.document.dataset();
    if (!dataset) return;
    struct Work {
      Group group;
      QColor color;
      std::vector<std::uint8_t> mask;
    };
    const GroupChoice& choice = services_.document.selection().groups();
    auto work = std::make_shared<QList<Work>>();
    for (const Group& group : groups_to_show(services_.document, choice)) {
      QColor color = group.color.isValid() ? group.color : services_.theme.color("accent");
      if (choice.start == group) color = services_.theme.color("start");
      if (choice.goal == group) color = services_.theme.color("goal");
      work->append({group, color, services_.document.cellsOf(group)});
    }
    const std::string donors = services_.document.donorColumn().toStdString();
    services_.background.run<QList<GroupBars::Bar>>(
        Background::Lane::kCompute, this,
        [dataset, work, donors, values = *values](JobContext&) -> Result<QList<GroupBars::Bar>> {
          QList<GroupBars::Bar> bars;
          const Column* column = donors.empty() ? nullptr : dataset->cells.find(donors);
          for (const Work& one : *work) {
            bars.append({one.group.label(), one.color, expression_in(values->normalised, one.mask, column)});
          }
          return bars;
        },
        [this](Result<QList<GroupBars::Bar>> bars) {
          bool donors_used = !bars->isEmpty();
          std::int64_t most = 0;
          for (const GroupBars::Bar& bar : *bars) {
            donors_used = donors_used && bar.value.by_donors;
            most = std::max(most, bar.value.donors);
          }
          note_->setText(noteOf(*bars, donors_used, most));
          bars_->setBars(std::move(bars).value());
          bars_->setVisible(!bars_->bars().isEmpty());
        });
  });
}

}  // namespace cw::ui
