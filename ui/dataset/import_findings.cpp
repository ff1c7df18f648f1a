// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/import_findings.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr double kGoodShare = 0.8;  // of counts; less is worth a look
constexpr std::int32_t kMostGroups = 60;

QString tr(const char* text, int number = -1) {
  return QCoreApplication::translate("ImportSheet", text, nullptr, number);
}

std::int64_t number(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<std::int64_t>() : 0;
}

double share(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0.0;
}

QString text(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? QString::fromStdString(json[key].get<std::string>())
             : QString();
}

QStringList texts(const Json& json, const char* key) {
  QStringList list;
  if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return list;
  for (const auto& one : json[key]) {
    if (one.is_string()) list << QString::fromStdString(one.get<std::string>());
  }
  return list;
}

Json dictionary_of(const Json& report, const QString& name) {
  if (!report.contains("dictionaries") || !report["dictionaries"].is_array()) return {};
  for (const auto& one : report["dictionaries"]) {
    if (text(one, "name") == name) return one;
  }
  return report["dictionaries"].empty() ? Json() : report["dictionaries"].front();
}

Finding counts_finding(const Json& report) {
  Finding finding;
  finding.title = tr("Counts");
  const Json counts = report.value("counts", Json::object());
  const QString where = text(counts, "where");
  if (!where.isEmpty()) {
    finding.text = tr("Whole numbers in %1").arg(where);
    return finding;
  }
  finding.state = Finding::State::kProblem;
  finding.text = tr("No raw counts were found. The model ranks genes by raw counts.");
  finding.page = QStringLiteral("data.md");
  finding.remedy = Finding::Remedy::kOtherFile;
  finding.remedyText = tr("Open another file…");
  const QStringList candidates = texts(counts, "candidates");
  if (!candidates.isEmpty()) {
    finding.remedy = Finding::Remedy::kUseMatrix;
    finding.argument = candidates.first();
    finding.remedyText = tr("Use %1").arg(candidates.first());
  }
  for (const auto& matrix : counts.value("matrices", Json::array())) {
    finding.rest
        << QStringLiteral("%1: %2. %3").arg(text(matrix, "where"), text(matrix, "holds"), text(matrix, "reason"));
  }
  return finding;
}

Finding genes_finding(const Json& ids) {
  Finding finding;
  finding.title = tr("Gene ids");
  const std::int64_t mapped = number(ids, "mapped");
  const std::int64_t all = mapped + number(ids, "unmapped");
  const QString kind = text(ids, "kind");
  QString said = kind == QLatin1String("ensembl")  ? tr("Ensembl")
                 : kind == QLatin1String("symbol") ? tr("Symbols")
                                                   : tr("Mixed names");
  const QString species = text(ids, "species");
  if (species == QLatin1String("human")) said += tr(", human");
  if (species == QLatin1String("mouse")) said += tr(", mouse");
  if (ids.is_object() && ids.contains("versioned") && ids["versioned"] == true) said += tr(", version suffix ignored");
  said += tr(" · %1 of %2 known").arg(count_text(mapped), count_text(all));
  if (const auto retired = number(ids, "by_retired_id") + number(ids, "by_alias"); retired > 0) {
    said += tr(", %1 by an older name").arg(count_text(retired));
  }
  finding.text = said;
  finding.rest = texts(ids, "unmapped_examples");
  return finding;
}

Finding vocabulary_finding(const Json& dictionary, std::int64_t genes) {
  Finding finding;
  finding.title = tr("In vocabulary");
  const double known = share(dictionary, "fraction_of_counts");
  finding.text =
      tr("%1 of %2 genes = %3 of the counts")
          .arg(count_text(number(dictionary, "genes_in_vocabulary")), count_text(genes), percent_text(known));
  finding.state = known < kGoodShare ? Finding::State::kWarning : Finding::State::kGood;
  finding.rest = texts(dictionary, "dropped_examples");
  if (!finding.rest.isEmpty()) {
    finding.remedy = Finding::Remedy::kShowRest;
    finding.remedyText = tr("Show the rest");
  }
  finding.page = QStringLiteral("data.md");
  return finding;
}

void add_length_findings(const Json& report, const Json& dictionary, const QString& name, QList<Finding>& findings) {
  const std::int64_t sampled = std::max<std::int64_t>(1, number(report, "sampled_cells"));
  const std::int64_t longest = name == QLatin1String("v2") ? 4096 : 2048;
  const std::int64_t cut = number(dictionary, "truncated_cells");
  Finding finding;
  finding.title = tr("Cut cells");
  finding.page = QStringLiteral("data.md");
  if (cut > 0) {
    finding.state = Finding::State::kNote;
    finding.text = tr("%1 of cells have more than %2 known genes; the lowest ranks are cut")
                       .arg(percent_text(static_cast<double>(cut) / static_cast<double>(sampled)), count_text(longest));
    if (longest < 4096) {
      finding.remedy = Finding::Remedy::kOtherModel;
      finding.remedyText = tr("Choose a model that reads 4,096");
    }
  } else {
    finding.text = tr("None: half of the cells have up to %1 known genes, the model reads %2")
                       .arg(count_text(number(dictionary, "median_length")), count_text(longest));
  }
  findings.append(finding);
  if (const auto empty = number(dictionary, "cells_without_genes"); empty > 0) {
    Finding skipped;
    skipped.state = Finding::State::kWarning;
    skipped.title = tr("Skipped cells");
    skipped.text = sampled < number(report, "cells")
                       ? tr("%1 of cells have no gene of the vocabulary and will be skipped")
                             .arg(percent_text(static_cast<double>(empty) / static_cast<double>(sampled)))
                       : tr("%1 cells have no gene of the vocabulary and will be skipped").arg(count_text(empty));
    skipped.page = QStringLiteral("data.md");
    findings.append(skipped);
  }
}

Finding labels_finding(const Json& report) {
  Finding finding;
  finding.title = tr("Labels");
  QStringList said;
  for (const auto& label : report.value("labels", Json::array())) {
    const std::int64_t values = number(label, "values");
    if (text(label, "kind") == QLatin1String("real") || values < 2 || values > kMostGroups) continue;
    if (said.size() < 6) said << QStringLiteral("%1 (%2)").arg(text(label, "column"), count_text(values));
  }
  finding.text = said.join(QStringLiteral("   "));
  if (said.isEmpty()) {
    finding.state = Finding::State::kNote;
    finding.text = tr("None that make groups. Lasso cells to make a group, or join a table of labels below.");
  }
  return finding;
}

// The problems of `inspect` that no other line says already.
void add_problems(const Json& report, QList<Finding>& findings) {
  for (const auto& problem : report.value("problems", Json::array())) {
    const QString code = text(problem, "code");
    if (code.startsWith(QLatin1String("E-IO-01")) || code == QLatin1String("W-GENE-004")) continue;
    Finding finding;
    // genes in several rows are added up: nothing is lost and nothing has to be done
    const bool harmless = code == QLatin1String("W-GENE-005");
    const QString severity = harmless ? QStringLiteral("note") : text(problem, "severity");
    finding.state = severity == QLatin1String("error")     ? Finding::State::kProblem
                    : severity == QLatin1String("warning") ? Finding::State::kWarning
                                                           : Finding::State::kNote;
    const bool genes = code.contains(QLatin1String("-GENE-"));
    finding.title = severity == QLatin1String("note") ? tr("Note") : genes ? tr("Genes") : tr("To look at");
    finding.text = text(problem, "text");
    if (const QString fix = text(problem, "fix"); !fix.isEmpty()) finding.text += QStringLiteral("; ") + fix;
    if (!finding.text.isEmpty()) finding.text[0] = finding.text[0].toUpper();
    if (severity != QLatin1String("note")) finding.text += QStringLiteral("  [%1]").arg(code);
    finding.page = QStringLiteral("data.md");
    if (code == QLatin1String("E-GENE-002")) {
      finding.remedy = Finding::Remedy::kReadAsHuman;
      finding.remedyText = tr("Read as human genes");
    } else if (code == QLatin1String("W-GENE-001") && report.contains("gene_ids")) {
      finding.rest = texts(report["gene_ids"], "damaged_names");
      finding.remedy = Finding::Remedy::kShowRest;
      finding.remedyText = tr("Show them");
    } else if (code == QLatin1String("W-GENE-003")) {
      const QString used = report.contains("counts") ? text(report["counts"], "where") : QString();
      for (const QString& other : report.contains("counts") ? texts(report["counts"], "candidates") : QStringList()) {
        if (other == used || finding.remedy != Finding::Remedy::kNone) continue;
        finding.remedy = Finding::Remedy::kUseMatrix;
        finding.argument = other;
        finding.remedyText = tr("Use %1").arg(other);
      }
    }
    findings.append(finding);
  }
}

int rank_of(const QString& column, const QStringList& words) {
  for (qsizetype i = 0; i < words.size(); ++i) {
    if (column.contains(words[i], Qt::CaseInsensitive)) return static_cast<int>(i);
  }
  return static_cast<int>(words.size());
}

}  // namespace

QList<Finding> import_findings(const Json& report, const QString& dictionary) {
  QList<Finding> findings;
  if (!report.is_object() || !report.contains("counts")) return findings;
  findings.append(counts_finding(report));
  if (report["gene_ids"].is_object()) findings.append(genes_finding(report["gene_ids"]));
  const Json judged = dictionary_of(report, dictionary);
  if (judged.is_object()) {
    findings.append(vocabulary_finding(judged, number(report, "genes")));
    add_length_findings(report, judged, dictionary, findings);
  }
  findings.append(labels_finding(report));
  add_problems(report, findings);
  return findings;
}

bool is_clean(const QList<Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.state == Finding::State::kGood || finding.state == Finding::State::kNote;
  });
}

double fit_of(const Json& report, const QString& dictionary) {
  const Json judged = dictionary_of(report, dictionary);
  const auto sampled = static_cast<double>(std::max<std::int64_t>(1, number(report, "sampled_cells")));
  const double cut = static_cast<double>(number(judged, "truncated_cells")) / sampled;
  const double empty = static_cast<double>(number(judged, "cells_without_genes")) / sampled;
  // a cut cell keeps its highest ranks, so it counts for a tenth of a lost one
  return std::clamp(share(judged, "fraction_of_counts") * (1.0 - empty) * (1.0 - 0.1 * cut), 0.0, 1.0);
}

LabelColumns suggested_labels(const Dataset& dataset) {
  static const QStringList kGroupWords{
      QStringLiteral("condition"), QStringLiteral("disease"),   QStringLiteral("treatment"), QStringLiteral("stim"),
      QStringLiteral("state"),     QStringLiteral("cell_type"), QStringLiteral("celltype"),  QStringLiteral("type"),
      QStringLiteral("cluster"),   QStringLiteral("leiden"),    QStringLiteral("louvain")};
  static const QStringList kDonorWords{QStringLiteral("donor"),      QStringLiteral("patient"),
                                       QStringLiteral("individual"), QStringLiteral("subject"),
                                       QStringLiteral("sample"),     QStringLiteral("replicate")};
  LabelColumns found;
  for (const Column& column : dataset.cells.columns) {
    if (column.kind == ColumnKind::kReal || column.kind == ColumnKind::kString) continue;
    std::size_t values = column.categories.size();
    if (column.kind == ColumnKind::kBoolean) values = 2;
    if (column.kind == ColumnKind::kInteger) {
      std::vector<std::int64_t> distinct(column.integers.begin(), column.integers.end());
      std::sort(distinct.begin(), distinct.end());
      values = static_cast<std::size_t>(std::unique(distinct.begin(), distinct.end()) - distinct.begin());
    }
    const QString name = QString::fromStdString(column.name);
    const bool isDonor = rank_of(name, kDonorWords) < kDonorWords.size();
    if (isDonor && values >= 2) found.donors << name;
    if (!isDonor && values >= 2 && values <= static_cast<std::size_t>(kMostGroups)) found.groups << name;
  }
  const auto by = [](const QStringList& words) {
    return [&words](const QString& a, const QString& b) { return rank_of(a, words) < rank_of(b, words); };
  };
  std::stable_sort(found.groups.begin(), found.groups.end(), by(kGroupWords));
  std::stable_sort(found.donors.begin(), found.donors.end(), by(kDonorWords));
  return found;
}

}  // namespace cw::ui
