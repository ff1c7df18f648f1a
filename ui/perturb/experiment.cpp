// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/experiment.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <algorithm>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("Experiment", text); }

constexpr std::array kChanging{WellId::kDelete, WellId::kInhibit, WellId::kActivate, WellId::kOverexpress};

template <class T>
void read(const Json& json, const char* key, T& target) {
  if (!json.is_object() || !json.contains(key)) return;
  try {
    target = json.at(key).get<T>();
  } catch (const Json::exception&) {
    // of a later version, or damaged: the default stands
  }
}

void read(const Json& json, const char* key, QString& target) {
  std::string text = target.toStdString();
  read(json, key, text);
  target = QString::fromStdString(text);
}

QList<Group> groups_from(const Json& json, const char* key) {
  QList<Group> groups;
  if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return groups;
  for (const Json& group : json[key]) groups << group_from_json(group);
  return groups;
}

Json groups_to_json(const QList<Group>& groups) {
  Json list = Json::array();
  for (const Group& group : groups) list.push_back(to_json(group));
  return list;
}

Json to_json(const Well& well) {
  Json genes = Json::array();
  for (const WellGene& gene : well.genes) {
    genes.push_back({{"id", gene.ensemblId.toStdString()}, {"symbol", gene.symbol.toStdString()}});
  }
  return {{"all", well.all}, {"genes", std::move(genes)}};
}

Well well_from_json(const Json& json) {
  Well well;
  read(json, "all", well.all);
  if (!json.is_object() || !json.contains("genes") || !json["genes"].is_array()) return well;
  for (const Json& gene : json["genes"]) {
    WellGene one;
    read(gene, "id", one.ensemblId);
    read(gene, "symbol", one.symbol);
    if (!one.ensemblId.isEmpty()) well.genes << one;
  }
  return well;
}

QString genes_text(const Well& well) {
  if (well.all) return tr("all");
  if (well.genes.size() == 1) return well.genes.first().symbol;
  if (well.genes.size() == 2) return tr("%1 and %2").arg(well.genes[0].symbol, well.genes[1].symbol);
  return tr("%1 genes").arg(count_text(well.genes.size()));
}

}  // namespace

const char* word_of(WellId kind) noexcept {
  switch (kind) {
    case WellId::kDelete:
      return "delete";
    case WellId::kInhibit:
      return "inhibit";
    case WellId::kActivate:
      return "activate";
    case WellId::kOverexpress:
      return "overexpress";
    case WellId::kAnchor:
      break;
  }
  return "anchor";
}

QString title_of(WellId kind) {
  switch (kind) {
    case WellId::kDelete:
      return tr("Delete");
    case WellId::kInhibit:
      return tr("Inhibit");
    case WellId::kActivate:
      return tr("Activate");
    case WellId::kOverexpress:
      return tr("Overexpress");
    case WellId::kAnchor:
      break;
  }
  return tr("Anchor");
}

QString operation_of(WellId kind, int quartiles) {
  const QString quarters = quartiles == 1   ? tr("one quarter")
                           : quartiles == 2 ? tr("two quarters")
                                            : tr("three quarters");
  switch (kind) {
    case WellId::kDelete:
      return tr("taken out of the cell's list");
    case WellId::kInhibit:
      return tr("moved %1 of the list down").arg(quarters);
    case WellId::kActivate:
      return tr("moved %1 of the list up").arg(quarters);
    case WellId::kOverexpress:
      return tr("put first in the list, also where it was not detected");
    case WellId::kAnchor:
      break;
  }
  return tr("changed together with each other gene");
}

Json to_json(const Group& group) {
  return {{"selection", group.kind == Group::Kind::kSelection},
          {"column", group.column.toStdString()},
          {"value", group.value.toStdString()},
          {"color", group.color.isValid() ? group.color.name().toStdString() : std::string()},
          {"count", group.count}};
}

Group group_from_json(const Json& json) {
  Group group;
  bool selection = false;
  QString color;
  read(json, "selection", selection);
  read(json, "column", group.column);
  read(json, "value", group.value);
  read(json, "color", color);
  read(json, "count", group.count);
  group.kind = selection ? Group::Kind::kSelection : Group::Kind::kColumnValue;
  if (!color.isEmpty()) group.color = QColor(color);
  return group;
}

Json to_json(const Experiment& e) {
  Json wells = Json::object();
  for (const WellId kind : kAllWells) wells[word_of(kind)] = to_json(e.well(kind));
  Json donors = Json::array();
  for (const QString& donor : e.excludedDonors) donors.push_back(donor.toStdString());
  return {{"name", e.name.toStdString()},
          {"start", e.start ? to_json(*e.start) : Json()},
          {"goal", e.goal ? to_json(*e.goal) : Json()},
          {"alternatives", groups_to_json(e.alternatives)},
          {"filter", groups_to_json(e.filter)},
          {"wells", std::move(wells)},
          {"quartiles", e.quartiles},
          {"how", e.how.toStdString()},
          {"max_cells", e.maxCells},
          {"seed", e.seed},
          {"model", e.modelId.toStdString()},
          {"layer", e.layer.toStdString()},
          {"method", e.method.toStdString()},
          {"null_count", e.nullCount},
          {"excluded_donors", std::move(donors)},
          {"run_folder", e.runFolder.toStdString()},
          {"job", e.jobId.toStdString()}};
}

Experiment experiment_from_json(const Json& json) {
  Experiment e;
  read(json, "name", e.name);
  if (json.contains("start") && json["start"].is_object()) e.start = group_from_json(json["start"]);
  if (json.contains("goal") && json["goal"].is_object()) e.goal = group_from_json(json["goal"]);
  e.alternatives = groups_from(json, "alternatives");
  e.filter = groups_from(json, "filter");
  if (json.contains("wells") && json["wells"].is_object()) {
    for (const WellId kind : kAllWells) {
      if (json["wells"].contains(word_of(kind))) e.well(kind) = well_from_json(json["wells"][word_of(kind)]);
    }
  }
  read(json, "quartiles", e.quartiles);
  e.quartiles = std::clamp(e.quartiles, 1, 3);
  read(json, "how", e.how);
  read(json, "max_cells", e.maxCells);
  read(json, "seed", e.seed);
  read(json, "model", e.modelId);
  read(json, "layer", e.layer);
  read(json, "method", e.method);
  read(json, "null_count", e.nullCount);
  std::vector<std::string> donors;
  read(json, "excluded_donors", donors);
  for (const std::string& donor : donors) e.excludedDonors << QString::fromStdString(donor);
  read(json, "run_folder", e.runFolder);
  read(json, "job", e.jobId);
  return e;
}

QString title_of(const Experiment& e) {
  if (!e.name.isEmpty()) return e.name;
  QStringList parts;
  for (const WellId kind : kChanging) {
    if (e.well(kind).isEmpty()) continue;
    parts << QStringLiteral("%1 %2").arg(title_of(kind).toLower(), genes_text(e.well(kind)));
  }
  if (!e.well(WellId::kAnchor).isEmpty()) parts << tr("with %1").arg(genes_text(e.well(WellId::kAnchor)));
  QString what = parts.isEmpty() ? tr("no genes yet") : parts.join(QStringLiteral(", "));
  if (num_named(e) > 1 && e.how == QLatin1String("together")) what += tr(" together");
  if (num_named(e) > 1 && e.how == QLatin1String("pairs")) what += tr(" in pairs");
  if (!e.start) return what;
  if (!e.goal) return QStringLiteral("%1, %2").arg(e.start->label(), what);
  return QStringLiteral("%1 → %2, %3").arg(e.start->label(), e.goal->label(), what);
}

AddedGenes add_genes(Experiment& e, WellId kind, const QList<WellGene>& genes) {
  AddedGenes report;
  Well& well = e.well(kind);
  if (kind == WellId::kAnchor) {
    if (genes.isEmpty()) return report;
    report.already = well.genes.contains(genes.first()) ? 1 : 0;
    report.added = 1 - report.already;
    well.genes = {genes.first()};
    return report;
  }
  well.all = false;
  for (const WellGene& gene : genes) {
    if (well.genes.contains(gene)) {
      ++report.already;
      continue;
    }
    well.genes << gene;
    ++report.added;
    for (const WellId other : kChanging) {
      if (other == kind || !e.well(other).genes.contains(gene)) continue;
      report.inOtherWell << gene;
      report.otherWells << other;
    }
  }
  return report;
}

void add_all_genes(Experiment& e, WellId kind) {
  if (kind == WellId::kAnchor) return;
  e.well(kind).genes.clear();
  e.well(kind).all = true;
}

QList<WellGene> genes_in_two_wells(const Experiment& e) {
  QList<WellGene> twice;
  for (const WellId kind : kChanging) {
    for (const WellGene& gene : e.well(kind).genes) {
      const auto holders = std::count_if(kChanging.begin(), kChanging.end(),
                                         [&](WellId other) { return e.well(other).genes.contains(gene); });
      if (holders > 1 && !twice.contains(gene)) twice << gene;
    }
  }
  return twice;
}

qsizetype num_named(const Experiment& e) {
  qsizetype count = 0;
  for (const WellId kind : kChanging) count += e.well(kind).genes.size();
  return count;
}

bool has_all(const Experiment& e) {
  return std::any_of(kChanging.begin(), kChanging.end(), [&](WellId kind) { return e.well(kind).all; });
}

qint64 num_pairs(const Experiment& e) {
  qint64 pairs = 0;
  for (const WellId kind : kChanging) pairs += e.well(kind).genes.size() * (e.well(kind).genes.size() - 1) / 2;
  return pairs;
}

QString why_not(const Experiment& e, const QString& how) {
  const bool anchor = !e.well(WellId::kAnchor).isEmpty();
  if (how == QLatin1String("anchor")) {
    return anchor ? QString() : tr("Put one gene into the Anchor well first.");
  }
  if (anchor) return tr("The Anchor well holds a gene: it is changed together with each other gene.");
  if (how == QLatin1String("each")) return {};
  if (has_all(e)) return tr("All detected genes are run one at a time; name up to 50 genes to combine them.");
  qsizetype largest = 0;
  for (const WellId kind : kChanging) largest = std::max(largest, e.well(kind).genes.size());
  if (largest < 2) return tr("A well needs two genes or more for that.");
  if (how == QLatin1String("together") && largest > kMostTogether) {
    return tr("More than 50 genes changed at once say nothing about any one of them.");
  }
  if (how == QLatin1String("pairs") && num_pairs(e) > kMostPairs) {
    return tr("That would be %1 pairs. Use an anchor: one gene with each of the others.").arg(count_text(num_pairs(e)));
  }
  return {};
}

QString effective_how(const Experiment& e) {
  if (!e.well(WellId::kAnchor).isEmpty()) return QStringLiteral("anchor");
  if (!e.how.isEmpty() && why_not(e, e.how).isEmpty()) return e.how;
  if (has_all(e)) return QStringLiteral("each");
  const bool single =
      std::all_of(kChanging.begin(), kChanging.end(), [&](WellId kind) { return e.well(kind).genes.size() < 2; });
  return single && num_named(e) > 0 ? QStringLiteral("each") : QString();
}

bool is_extension(const Experiment& e) {
  const QString how = effective_how(e);
  return !e.well(WellId::kInhibit).isEmpty() || !e.well(WellId::kActivate).isEmpty() || how == QLatin1String("pairs") ||
         (how == QLatin1String("anchor") && e.goal);
}

}  // namespace cw::ui
