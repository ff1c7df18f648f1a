// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/gene_drop.h"

#include "core/io/text_records.h"
#include "ui/common/drag_data.h"
#include "ui/common/dropped_files.h"
#include "ui/common/experiment_drag.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QMimeData>
#include <QSet>
#include <algorithm>
#include <array>

namespace cw::ui {
namespace {

constexpr qsizetype kMostWords = 20'000;
constexpr std::array kGeneColumns{"ensembl_id", "gene_name", "symbol", "gene", "genes"};

QString tr(const char* text) { return QCoreApplication::translate("GeneDrop", text); }

bool is_list_file(const QString& path) {
  QString name = path.toLower();
  if (name.endsWith(QLatin1String(".gz"))) name.chop(3);
  return name.endsWith(QLatin1String(".csv")) || name.endsWith(QLatin1String(".tsv")) ||
         name.endsWith(QLatin1String(".txt")) || name.endsWith(QLatin1String(".gmt"));
}

bool is_table_file(const std::filesystem::path& path) {
  const QString name = QString::fromStdString(path.filename().string()).toLower();
  return name.contains(QLatin1String(".csv")) || name.contains(QLatin1String(".tsv"));
}

QString to_text(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

/// The column with the genes, and whether the first record is a header.
std::pair<std::size_t, bool> gene_column(const std::vector<std::string_view>& header) {
  for (const char* wanted : kGeneColumns) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (to_text(header[i]).compare(QLatin1String(wanted), Qt::CaseInsensitive) == 0) return {i, true};
    }
  }
  return {0, false};
}

}  // namespace

bool may_hold_genes(const QMimeData& data) {
  if (genes_of(data)) return true;
  if (data.hasFormat(QLatin1String(kGroupMime)) || !experiment_of(data).isEmpty()) return false;
  if (data.hasUrls()) return !gene_files_of(data).isEmpty();
  return data.hasText();
}

QStringList gene_files_of(const QMimeData& data) {
  QStringList files;
  for (const QString& path : dropped_files(data)) {
    if (is_list_file(path)) files << path;
  }
  return files;
}

Result<QStringList> read_gene_words(const std::filesystem::path& path) {
  CW_ASSIGN(TextRecords records, TextRecords::open(path));
  const bool table = is_table_file(path);
  const bool sets = QString::fromStdString(path.filename().string()).toLower().contains(QLatin1String(".gmt"));
  QStringList words;
  QSet<QString> seen;
  const auto add = [&](const QString& text) {
    for (const QString& word : gene_words(text)) {
      if (seen.contains(word) || words.size() >= kMostWords) continue;
      seen.insert(word);
      words << word;
    }
  };
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  std::string_view record;
  std::size_t column = 0;
  char delimiter = 0;
  for (bool first = true;; first = false) {
    CW_ASSIGN(const bool more, records.next(record));
    if (!more) break;
    if (sets) {
      const QString line = to_text(record);
      const qsizetype genes = line.indexOf(QLatin1Char('\t'), line.indexOf(QLatin1Char('\t')) + 1);
      if (genes > 0) add(line.mid(genes));
      continue;
    }
    if (!table) {
      const QString line = to_text(record);
      add(line.left(line.indexOf(QLatin1Char('#')) < 0 ? line.size() : line.indexOf(QLatin1Char('#'))));
      continue;
    }
    if (first)
      delimiter = record.find('\t') != std::string_view::npos  ? '\t'
                  : record.find(';') != std::string_view::npos ? ';'
                                                               : ',';
    split_record(record, delimiter, fields, unquoted);
    if (first) {
      const auto [found, is_header] = gene_column(fields);
      column = found;
      if (is_header) continue;
    }
    if (column < fields.size()) add(to_text(fields[column]));
  }
  if (words.isEmpty()) {
    return Error{ErrorCode::kParse, "E-UI-403",
                 path.string() +
                     ": there are no gene names in this file; a list has one name per line, a table a column "
                     "called gene, symbol or ensembl_id"};
  }
  return words;
}

FoundGenes find_genes(const QStringList& words, const GeneSearch& search,
                      const std::function<bool(const std::string&)>& knows) {
  FoundGenes found;
  QSet<QString> seen;
  for (const QString& word : words) {
    const auto hit = search.resolve(word);
    if (!hit) {
      found.unknown << word;
      continue;
    }
    const QString id = QString::fromStdString(hit->ensembl_id);
    if (seen.contains(id)) continue;
    seen.insert(id);
    if (!knows(hit->ensembl_id)) {
      found.notInModel << QString::fromStdString(hit->symbol);
      continue;
    }
    found.genes << WellGene{id, QString::fromStdString(hit->symbol.empty() ? hit->ensembl_id : hit->symbol)};
  }
  return found;
}

QString drop_report(const AddedGenes& added, const FoundGenes& found) {
  QStringList parts;
  if (found.numAsked() == added.added) {
    parts << (added.added == 1 ? tr("1 gene added") : tr("%1 genes added").arg(count_text(added.added)));
  } else {
    parts << tr("%1 of %2 added").arg(count_text(added.added), count_text(found.numAsked()));
  }
  if (added.already > 0) parts << tr("%1 there already").arg(count_text(added.already));
  if (!found.notInModel.isEmpty()) parts << tr("%1 not in the model").arg(count_text(found.notInModel.size()));
  if (!found.unknown.isEmpty()) parts << tr("%1 not known as genes").arg(count_text(found.unknown.size()));
  return parts.join(QStringLiteral("; "));
}

}  // namespace cw::ui
