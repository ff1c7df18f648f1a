// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/provenance/methods_text.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStringList>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Provenance", text); }

QString text_of(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? QString::fromStdString(json[key].get<std::string>())
             : QString();
}

std::int64_t count_of(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<std::int64_t>() : 0;
}

bool is_set(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_boolean() && json[key].get<bool>();
}

Json member(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) ? json[key] : Json::object();
}

// The run in a ranked list's provenance, or the provenance itself.
Json run_of(const Json& provenance) {
  if (provenance.contains("runs") && provenance["runs"].is_array() && !provenance["runs"].empty()) {
    return member(provenance["runs"][0], "provenance");
  }
  return provenance;
}

Json file_of(const Json& run) {
  const Json files = member(member(run, "tokens"), "files");
  return files.is_array() && !files.empty() ? files[0] : Json::object();
}

QString short_sum(const QString& sha) { return sha.left(12); }

QString verb_of(const QString& kind) {
  if (kind == QLatin1String("overexpress")) return tr("put at the front of the rank list (in silico overexpression)");
  if (kind == QLatin1String("inhibit")) return tr("moved down the rank list (in silico inhibition)");
  if (kind == QLatin1String("activate")) return tr("moved up the rank list (in silico activation)");
  if (kind == QLatin1String("rank")) return tr("moved to a fixed place of the rank list");
  return tr("removed from the rank list (in silico deletion)");
}

QString genes_of(const Json& request) {
  const Json genes = member(request, "genes");
  if (genes.size() == 1 && genes[0] == "all") return tr("every detected gene");
  if (genes.size() <= 8) {
    QStringList names;
    for (const Json& gene : genes) names << QString::fromStdString(gene.get<std::string>());
    return names.join(QStringLiteral(", "));
  }
  return tr("%1 genes").arg(genes.size());
}

QString data_sentence(const Json& run) {
  const Json file = file_of(run);
  const Json report = member(file, "report");
  const QString name = QFileInfo(text_of(file, "path")).fileName();
  if (name.isEmpty()) return {};
  return tr("Raw counts of %1 cells (%2, SHA-256 %3…) were turned into rank value encodings with the dictionary %4; "
            "%5 of the counts belonged to genes of its vocabulary. ")
      .arg(count_text(count_of(report, "cells")), name, short_sum(text_of(file, "sha256")),
           text_of(member(run, "dictionary"), "name"),
           percent_text(member(report, "genes").value("fraction_of_counts", 0.0)));
}

QString run_sentence(const Json& run) {
  const Json options = member(run, "options");
  QString text;
  for (const Json& request : member(options, "requests")) {
    text += tr("In each cell, %1 was %2").arg(genes_of(request), verb_of(text_of(request, "kind")));
    const QString how = text_of(options, "how");
    if (how == QLatin1String("each")) text += tr(", one gene at a time");
    if (how == QLatin1String("together")) text += tr(", all genes together");
    if (how == QLatin1String("pairs")) text += tr(", in all pairs and alone");
    if (how == QLatin1String("anchor")) text += tr(", alone and together with %1").arg(text_of(options, "anchor"));
    text += tr(", and the cell was embedded again. ");
  }
  text += tr("Embeddings were taken from the %1 layer of the model in %2 (weights SHA-256 %3…). ")
              .arg(text_of(options, "layer"), QFileInfo(text_of(member(run, "model"), "path")).fileName(),
                   short_sum(text_of(member(run, "model"), "weights_sha256")));
  const QString column = text_of(options, "state_column");
  if (!column.isEmpty()) {
    const Json centroids = member(run, "centroids");
    const QString start = text_of(options, "start");
    const QString goal = text_of(options, "goal");
    const auto cells = [&](const QString& state) {
      return count_text(count_of(member(centroids, state.toStdString().c_str()), "cells"));
    };
    text += tr("The effect of a perturbation is the shift of the cosine similarity towards the centroid of %1 (%2 "
               "cells) for cells of %3 (%4 cells; column %5). ")
                .arg(goal, cells(goal), start, cells(start), column);
  } else {
    text += tr("The effect of a perturbation is 1 minus the cosine similarity to the unperturbed cell. ");
  }
  if (count_of(options, "max_cells") > 0) {
    text += tr("A random sample of %1 cells was perturbed. ").arg(count_text(count_of(options, "max_cells")));
  }
  if (text_of(options, "method") == QLatin1String("screen")) {
    text += tr("Genes were screened by gradients; the strongest were computed exactly on other cells. ");
  }
  return text;
}

QString stats_sentence(const Json& provenance) {
  if (text_of(provenance, "kind") != QLatin1String("stats")) return {};
  const Json summary = member(provenance, "summary");
  QString text = tr("%1 perturbations in %2 cells were ranked by their excess over the null, the effects of genes of "
                    "the same rank. ")
                     .arg(count_text(count_of(summary, "perturbations")), count_text(count_of(summary, "cells")));
  if (count_of(summary, "donors") > 0) {
    text += tr("Donors (n = %1) were the replicates of the tests. ").arg(count_of(summary, "donors"));
  } else {
    text += tr("Donors were not known: cells were the replicates, so that p values do not speak about other donors. ");
  }
  text += tr("P values were adjusted by the Benjamini–Hochberg procedure. ");
  if (is_set(member(provenance, "baseline"), "computed")) {
    const Json rho = member(summary, "spearman_effect_baseline");
    text += tr("The rank correlation with a linear baseline without the model was %1. ")
                .arg(number_text(rho.value("value", 0.0), 2));
  }
  return text;
}

}  // namespace

QString methods_text(const Json& provenance) {
  const Json run = run_of(provenance);
  const Json options = member(run, "options");
  QString text = data_sentence(run) + run_sentence(run) + stats_sentence(provenance);
  text +=
      tr("Computed with Cellwright %1, seed %2.").arg(text_of(provenance, "version")).arg(count_of(options, "seed"));
  if (is_set(run, "seen_in_pretraining")) {
    text += tr(" The data were part of the corpus that the model was pretrained on.");
  }
  text +=
      tr("\n\nReferences\n"
         "Theodoris CV et al. Transfer learning enables predictions in network biology. Nature 618, 616–624 "
         "(2023). doi:10.1038/s41586-023-06139-9\n"
         "Benjamini Y, Hochberg Y. Controlling the false discovery rate. J R Stat Soc B 57, 289–300 (1995).\n");
  return text;
}

QList<ProvenanceFact> provenance_facts(const Json& provenance) {
  const Json run = run_of(provenance);
  const Json options = member(run, "options");
  const Json file = file_of(run);
  QList<ProvenanceFact> facts;
  const auto add = [&facts](const QString& name, const QString& value, bool caution = false) {
    if (!value.isEmpty()) facts.append({name, value, caution});
  };
  const QString data = text_of(file, "path").isEmpty() ? text_of(options, "input") : text_of(file, "path");
  add(tr("Data"), data);
  add(tr("Checksum of the data"), text_of(file, "sha256"));
  add(tr("Model"), text_of(options, "model"));
  add(tr("Checksum of the model"), text_of(member(run, "model"), "weights_sha256"));
  add(tr("Dictionary"), text_of(member(run, "dictionary"), "name"));
  if (!text_of(options, "state_column").isEmpty()) {
    add(tr("From, to"),
        QStringLiteral("%1 → %2  (%3)")
            .arg(text_of(options, "start"), text_of(options, "goal"), text_of(options, "state_column")));
  }
  for (const Json& request : member(options, "requests")) {
    add(tr("Genes"), QStringLiteral("%1: %2").arg(text_of(request, "kind"), genes_of(request)));
  }
  add(tr("Donors"), text_of(options, "donor_column"));
  const auto cells = count_of(options, "max_cells");
  add(tr("Cells"), cells > 0 ? tr("a sample of %1").arg(count_text(cells)) : tr("all that are chosen"));
  add(tr("Computed"), text_of(options, "method") == QLatin1String("screen") ? tr("screen, then exact") : tr("exactly"));
  add(tr("Layer"), text_of(options, "layer"));
  add(tr("Seed"), QString::number(count_of(options, "seed")));
  add(tr("Version"), text_of(provenance, "version"));
  if (is_set(run, "seen_in_pretraining")) {
    add(tr("Known to the model"), tr("these data were part of its pretraining corpus"), true);
  }
  add(tr("In one line"), text_of(provenance, "line"));
  return facts;
}

}  // namespace cw::ui
