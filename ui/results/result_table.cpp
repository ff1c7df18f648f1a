// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/result_table.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kLeastInDecimals = 1e-5;

QString tr(const char* text) { return QCoreApplication::translate("ResultTable", text); }

bool has_values(const Column& column) {
  for (std::int64_t row = 0; row < column.size(); ++row) {
    if (!column.is_missing(row) &&
        !(column.kind == ColumnKind::kReal && std::isnan(column.reals[static_cast<std::size_t>(row)])))
      return true;
  }
  return false;
}

TableColumn make(const Table& table, const char* name, const QString& title, const QString& help, CellFormat format,
                 int digits, int width) {
  TableColumn column;
  const Column* values = table.find(name);
  column.values = std::make_shared<const Column>(
      values != nullptr ? *values : Column::of_strings(name, std::vector<std::string>(table.index.size())));
  column.title = title;
  column.help = help;
  column.format = format;
  column.digits = digits;
  column.width = width;
  return column;
}

// Decimals that give the largest number of the columns three digits: all rows line up, and "0.00014" stands above
// "0.00002". -1 = so small that powers of ten say it better.
int decimals_of(const RunResult& result, std::initializer_list<const char*> columns) {
  double largest = 0.0;
  for (std::int64_t row = 0; row < result.numRows(); ++row) {
    for (const char* column : columns) {
      const double size = std::abs(result.value(row, column));
      if (std::isfinite(size)) largest = std::max(largest, size);
    }
  }
  if (largest < kLeastInDecimals) return largest > 0 ? -1 : 3;
  return std::max(2, 2 - static_cast<int>(std::floor(std::log10(largest))));
}

bool all_the_same(const Table& table, const char* name) {
  const Column* column = table.find(name);
  if (column == nullptr) return true;
  for (std::int64_t row = 1; row < column->size(); ++row) {
    if (column->text(row) != column->text(0)) return false;
  }
  return true;
}

bool has_pairs(const RunResult& result) {
  const auto& changes = result.effects->perturbations;
  return std::any_of(changes.begin(), changes.end(), [](const Perturbation& one) { return one.tokens.size() > 1; });
}

TableColumn interval_column(const RunResult& result, int decimals) {
  const auto number = [decimals](double value) {
    return decimals < 0 ? number_text(value, 2) : fixed_text(value, decimals, true);
  };
  std::vector<std::string> texts;
  for (std::int64_t row = 0; row < result.numRows(); ++row) {
    const double low = result.value(row, "ci_low");
    texts.push_back(std::isfinite(low) ? (number(low) + tr(" to ") + number(result.value(row, "ci_high"))).toStdString()
                                       : std::string("–"));
  }
  TableColumn column;
  column.values = std::make_shared<const Column>(Column::of_strings("interval", std::move(texts)));
  column.title = tr("95 % interval");
  column.help = tr("Over donors where they are the replicates, else over cells");
  column.width = 96 + 14 * std::max(4, decimals);
  return column;
}

TableColumn z_column(const RunResult& result) {
  std::vector<double> values;
  for (std::int64_t row = 0; row < result.numRows(); ++row) {
    values.push_back((result.value(row, "effect") - result.value(row, "null_mean")) / result.value(row, "null_sd"));
  }
  TableColumn column;
  column.values = std::make_shared<const Column>(Column::of_reals("vs_same_rank", std::move(values)));
  column.title = tr("vs. same rank");
  column.help = tr("How far the effect lies from that of genes of the same rank, in their standard deviations");
  column.format = CellFormat::kSigned;
  column.digits = 1;
  column.width = 104;
  return column;
}

}  // namespace

TableContentPtr result_table(const RunResult& result) {
  const Table& table = result.ranking.table;
  const int decimals = decimals_of(result, {"effect", "ci_low", "ci_high"});
  auto content = std::make_shared<TableContent>();
  content->noun = has_pairs(result) ? tr("genes and pairs") : tr("genes");
  content->num_rows = table.num_rows();
  const auto add = [&](const char* name, const QString& title, const QString& help, CellFormat format, int digits,
                       int width) {
    if (table.find(name) != nullptr) content->columns.push_back(make(table, name, title, help, format, digits, width));
  };
  add("rank", tr("Rank"), tr("1 = furthest beyond what genes of the same rank do, in standard errors"),
      CellFormat::kCount, 0, 48);
  content->key = static_cast<int>(content->columns.size());
  add("gene", tr("Gene"), tr("Symbol"), CellFormat::kText, 0, has_pairs(result) ? 150 : 96);
  if (!all_the_same(table, "perturbation"))
    add("perturbation", tr("Change"), tr("What was done to the gene"), CellFormat::kText, 0, 84);
  add("effect", tr("Effect"),
      result.hasStates() ? tr("Shift of the cosine towards %1; mean of donors, or of cells").arg(result.goal())
                         : tr("Impact: 1 − similarity to the unchanged cell"),
      decimals < 0 ? CellFormat::kNumber : CellFormat::kSigned, decimals < 0 ? 3 : decimals, 84);
  content->columns.push_back(interval_column(result, decimals));
  add("fdr", tr("FDR"),
      tr("False discovery rate: the share of false finds among the genes down to this one; “–” without random genes to "
         "compare with"),
      CellFormat::kNumber, 2, 58);
  add("donors_agree", tr("Donors"), tr("Share of donors that point the same way"), CellFormat::kPercent, 0, 62);
  if (const Column* null = table.find("null_sd"); null != nullptr && has_values(*null))
    content->columns.push_back(z_column(result));
  if (result.hasBaseline) {
    const int digits = decimals_of(result, {"baseline"});
    add("baseline", tr("Baseline"), tr("The same change without a model, in 50 principal components"),
        digits < 0 ? CellFormat::kNumber : CellFormat::kSigned, digits < 0 ? 2 : digits, 80);
  }
  add("n_cells", tr("Cells"), tr("Cells that enter the effect"), CellFormat::kCount, 0, 54);
  add("n_donors", tr("Donors measured"), tr("Donors in which it was measured"), CellFormat::kCount, 0, 116);
  add("flags", tr("Flags"), tr("What to know about the row; explained under Help"), CellFormat::kText, 0, 150);
  add("progress", tr("Of the way"), tr("Share of the way from start to goal"), CellFormat::kNumber, 2, 80);
  add("synergy", tr("Synergy"), tr("Effect of both − effect of the first − effect of the second"), CellFormat::kNumber,
      2, 80);
  if (result.hasBaseline)
    add("de_log2fc", tr("Fold change"), tr("log2 fold change, goal against start"), CellFormat::kSigned, 2, 84);
  add("median_rank", tr("Median rank"), tr("Median place in the cells' lists: 0 = top, 1 = end"), CellFormat::kFixed, 2,
      84);
  add("detected_fraction", tr("Detected"), tr("Share of the run's cells that have the gene"), CellFormat::kPercent, 0,
      72);
  add("p", tr("p"), tr("Against the null, never against zero"), CellFormat::kNumber, 2, 70);
  add("vs_null_p", tr("p over cells"), tr("Against the null, cells as replicates"), CellFormat::kNumber, 2, 80);
  add("ensembl_id", tr("Ensembl id"), {}, CellFormat::kText, 0, 130);
  for (const Column& column : table.columns) {
    if (column.name.rfind("effect_", 0) == 0 || column.name.rfind("fdr_", 0) == 0) {
      add(column.name.c_str(), QString::fromStdString(column.name), tr("For the alternative state"),
          CellFormat::kNumber, 2, 96);
    }
  }
  return content;
}

std::vector<RowFilter> result_filters(const RunResult& result, double fdr) {
  std::vector<RowFilter> filters;
  const auto add = [&](const char* column, RowFilter::Kind kind, double number) {
    const Column* values = result.ranking.table.find(column);
    if (values == nullptr || !has_values(*values)) return;
    RowFilter filter;
    filter.kind = kind;
    filter.column = column;
    filter.number = number;
    filters.push_back(std::move(filter));
  };
  add("fdr", RowFilter::Kind::kAtMost, fdr);
  add("donors_agree", RowFilter::Kind::kAtLeast, 0.8);
  return filters;
}

}  // namespace cw::ui
