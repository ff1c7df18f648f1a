// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/cell_card.h"

#include "ui/document/document.h"
#include "ui/statistics/cell_ranks.h"
#include "ui/theme/numbers.h"

#include <QLabel>

namespace cw::ui {
namespace {

constexpr std::size_t kFirstGenes = 24;

QString value_text(const Column& column, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  if (!column.is_missing(row) && column.kind == ColumnKind::kInteger) return count_text(column.integers[i]);
  if (!column.is_missing(row) && column.kind == ColumnKind::kReal) return number_text(column.reals[i]);
  return QString::fromStdString(column.text(row));
}

}  // namespace

CellCard::CellCard(Services& services, std::int64_t row, QWidget* parent)
    : Card(services, QStringLiteral("cellCard"), parent) {
  const DatasetPtr& dataset = services.document.dataset();
  addTitle(QString::fromStdString(dataset->cells.index[static_cast<std::size_t>(row)]));
  addText(tr("Cell %1 of %2").arg(count_text(row + 1), count_text(dataset->num_cells())));
  for (const Column& column : dataset->cells.columns) {
    const QString text = value_text(column, row);
    addFact(QString::fromStdString(column.name), text.isEmpty() ? QStringLiteral("–") : text);
  }
  addCaption(tr("First in its list"));
  QLabel* genes = addText(tr("reading…"));
  const ModelEntry* model = services.document.activeModel();
  const QString dictionary = model ? model->dictionary() : QString();
  services.background.run<CellRanks>(
      Background::Lane::kFiles, this,
      [dataset, row, name = dictionary.isEmpty() ? std::string("v1") : dictionary.toStdString()](JobContext&) {
        return cell_ranks(*dataset, name, row, kFirstGenes);
      },
      [genes](Result<CellRanks> ranks) {
        if (!ranks) return genes->setText(QString::fromStdString(ranks.error().message));
        QStringList symbols;
        for (const CellRanks::Gene& gene : ranks->first) symbols << QString::fromStdString(gene.symbol);
        genes->setText(symbols.isEmpty()
                           ? tr("This cell has no gene that the model knows.")
                           : tr("%1 … of %2 genes").arg(symbols.join(QStringLiteral(", ")), count_text(ranks->length)));
      });
  finish();
}

}  // namespace cw::ui
