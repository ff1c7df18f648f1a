// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/marker_content.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("MarkerTable", text); }

}  // namespace

TableContentPtr marker_content(const Dataset& dataset, const MarkerList& markers, const QString& group) {
  auto content = std::make_shared<TableContent>();
  content->noun = tr("genes");
  content->num_rows = static_cast<std::int64_t>(markers.genes.size());
  std::vector<std::string> symbols;
  std::vector<std::string> ids;
  std::vector<double> auc;
  std::vector<double> change;
  std::vector<double> inside;
  std::vector<double> outside;
  std::vector<double> effect;
  for (std::size_t i = 0; i < markers.genes.size(); ++i) {
    const DatasetGene& gene = dataset.genes[static_cast<std::size_t>(markers.genes[i])];
    const MarkerStatistics& one = markers.statistics[i];
    symbols.push_back(gene.symbol);
    ids.push_back(gene.ensembl_id);
    auc.push_back(one.auc);
    change.push_back(one.log2fc);
    inside.push_back(one.detected_in);
    outside.push_back(one.detected_out);
    effect.push_back(one.cohens_d);
  }
  const auto text = [&content](const char* id, std::vector<std::string> values, const QString& title, int width) {
    content->columns.push_back(
        table_column(std::make_shared<const Column>(Column::of_strings(id, std::move(values))), title));
    content->columns.back().width = width;
  };
  const auto number = [&content](const char* id, std::vector<double> values, const QString& title, const QString& help,
                                 CellFormat format, int digits) {
    content->columns.push_back(
        table_column(std::make_shared<const Column>(Column::of_reals(id, std::move(values))), title));
    content->columns.back().help = help;
    content->columns.back().format = format;
    content->columns.back().digits = digits;
    content->columns.back().width = 74;
  };
  text("symbol", std::move(symbols), tr("Gene"), 96);
  text("ensembl_id", std::move(ids), tr("Ensembl id"), 142);
  number("auc", std::move(auc), tr("AUC"),
         tr("Chance that a cell of %1 has more of the gene than a cell outside; 0.5 = no marker").arg(group),
         CellFormat::kFixed, 3);
  number("log2_fc", std::move(change), tr("log2 FC"), tr("log2 of (1 + mean counts per 10,000), inside over outside"),
         CellFormat::kSigned, 2);
  number("detected_in", std::move(inside), tr("Inside"), tr("Share of cells of %1 that have the gene").arg(group),
         CellFormat::kPercent, 0);
  number("detected_out", std::move(outside), tr("Outside"), tr("Share of all other cells that have the gene"),
         CellFormat::kPercent, 0);
  number("cohens_d", std::move(effect), tr("Cohen's d"), tr("Difference of the means in standard deviations"),
         CellFormat::kSigned, 2);
  number("fdr", markers.fdr, tr("FDR"),
         markers.by_donors ? tr("False discovery rate of a t-test over donors")
                           : tr("False discovery rate of a rank-sum test over cells"),
         CellFormat::kNumber, 2);
  return content;
}

QString marker_note(const MarkerList& markers) {
  QString note =
      tr("%1 cells against %2 others").arg(count_text(markers.cells_inside), count_text(markers.cells_outside));
  if (markers.sampled) note += tr(", an even sample of all");
  if (markers.by_donors) return note + tr("; FDR of a test over %1 donors.").arg(count_text(markers.donors));
  return note + tr("; FDR over cells, which treats cells of one donor as independent and is too small.");
}

}  // namespace cw::ui
