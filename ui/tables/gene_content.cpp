// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/gene_content.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("GenesPage", text); }

TableColumn reals(const char* id, std::vector<double> values, const QString& title, const QString& help,
                  CellFormat format, int digits, int width) {
  TableColumn column = table_column(std::make_shared<const Column>(Column::of_reals(id, std::move(values))), title);
  column.help = help;
  column.format = format;
  column.digits = digits;
  column.width = width;
  return column;
}

TableColumn texts(const char* id, std::vector<std::string> values, const QString& title, int width) {
  TableColumn column = table_column(std::make_shared<const Column>(Column::of_strings(id, std::move(values))), title);
  column.width = width;
  return column;
}

TableColumn in_model(std::vector<std::uint8_t> known) {
  Column column;
  column.name = "in_model";
  column.kind = ColumnKind::kBoolean;
  column.booleans = std::move(known);
  TableColumn shown = table_column(std::make_shared<const Column>(std::move(column)), tr("In model"));
  shown.help = tr("Whether the model in use knows the gene: others cannot be perturbed");
  shown.width = 76;
  return shown;
}

void add_statistics(const GeneStatistics& statistics, const QString& start, const QString& goal,
                    TableContent& content) {
  const auto genes = static_cast<std::size_t>(content.num_rows);
  std::vector<double> detected(genes);
  std::vector<double> change(genes);
  for (std::size_t i = 0; i < genes; ++i) {
    detected[i] = statistics.detected_share(static_cast<std::int64_t>(i));
    change[i] = statistics.log2_fold_change(static_cast<std::int64_t>(i));
  }
  const QString cells = count_text(statistics.num_cells);
  content.columns.push_back(reals("detected", std::move(detected), tr("Detected"),
                                  tr("Share of %1 cells with at least one count of the gene").arg(cells),
                                  CellFormat::kPercent, 0, 76));
  content.columns.push_back(
      reals("median_rank", statistics.median_rank, tr("Median rank"),
            tr("Place of the gene in the model's list of a cell, 1 = first: the median over the cells that have it (%1 "
               "of them looked at)")
                .arg(count_text(statistics.num_ranked_cells)),
            CellFormat::kFixed, 0, 92));
  const QString means = tr("Mean counts per 10,000 over the %1 cells of %2");
  if (!statistics.start_mean.empty()) {
    content.columns.push_back(reals("start_mean", statistics.start_mean, start,
                                    means.arg(count_text(statistics.start_cells), start), CellFormat::kFixed, 2, 70));
  }
  if (!statistics.goal_mean.empty()) {
    content.columns.push_back(reals("goal_mean", statistics.goal_mean, goal,
                                    means.arg(count_text(statistics.goal_cells), goal), CellFormat::kFixed, 2, 70));
  }
  if (!statistics.start_mean.empty() && !statistics.goal_mean.empty()) {
    content.columns.push_back(reals("log2_fc", std::move(change), tr("log2 FC"),
                                    tr("log2 of (1 + mean in %1) / (1 + mean in %2)").arg(goal, start),
                                    CellFormat::kSigned, 2, 72));
  }
  content.columns.push_back(in_model(statistics.in_model));
}

}  // namespace

TableContentPtr gene_content(const DatasetPtr& dataset, const GeneStatisticsPtr& statistics, const QString& start,
                             const QString& goal) {
  auto content = std::make_shared<TableContent>();
  content->noun = tr("genes");
  if (!dataset) return content;
  content->num_rows = static_cast<std::int64_t>(dataset->genes.size());
  std::vector<std::string> symbols;
  std::vector<std::string> ids;
  std::vector<std::uint8_t> known;
  for (const DatasetGene& gene : dataset->genes) {
    symbols.push_back(gene.symbol);
    ids.push_back(gene.ensembl_id);
    known.push_back(gene.token >= 0 ? 1 : 0);
  }
  content->columns.push_back(texts("symbol", std::move(symbols), tr("Gene"), 96));
  content->columns.push_back(texts("ensembl_id", std::move(ids), tr("Ensembl id"), 142));
  if (statistics) {
    add_statistics(*statistics, start, goal, *content);
  } else {
    content->columns.push_back(in_model(std::move(known)));
  }
  return content;
}

}  // namespace cw::ui
