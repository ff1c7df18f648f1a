// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/summary.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace cw {
namespace {

constexpr double kHitRate = 0.05;
constexpr double kAlmostTheSame = 0.9;
constexpr double kHardlyRelated = 0.3;
constexpr double kWideInterval = 0.5;  // wider than this, the figure does not tell "the same" from "something else"

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string significant(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return text;
}

/// "0.62 (0.57 to 0.66)"; with a handful of genes there is no interval.
std::string with_interval(const RankCorrelation& correlation) {
  const std::string value = number(correlation.value, 2);
  if (std::isnan(correlation.ci.low) || std::isnan(correlation.ci.high)) {
    return value + " (no interval with " + std::to_string(correlation.num_pairs) + " perturbations)";
  }
  return value + " (" + number(correlation.ci.low, 2) + " to " + number(correlation.ci.high, 2) + ")";
}

Json or_null(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

Json to_json(const RankCorrelation& correlation) {
  return {{"value", or_null(correlation.value)},
          {"ci_low", or_null(correlation.ci.low)},
          {"ci_high", or_null(correlation.ci.high)},
          {"pairs", correlation.num_pairs}};
}

std::string comparison(const RankingSummary& summary) {
  if (!summary.has_null) return " (there was no null to compare with): ";
  return summary.against_control ? ", compared with the same change in the control cells: "
                                 : ", compared with genes of the same rank: ";
}

/// What the genes on top are, in one paragraph.
std::string top_paragraph(const Ranking& ranking, std::int64_t num_named) {
  const Table& table = ranking.table;
  const RankingSummary& summary = ranking.summary;
  const auto& genes = table.find("gene")->strings;
  const auto& fdr = table.find("fdr")->reals;
  const auto& effect = table.find("effect")->reals;
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < std::min(num_named, table.num_rows()); ++i)
    names.push_back(genes[static_cast<std::size_t>(i)]);
  const bool states = !summary.states.empty();
  const std::string direction =
      states ? "moved the cells furthest from '" + summary.states[0] + "' towards '" + summary.states[1] + "'"
             : std::string("changed the cells most");
  std::string text = "**On top.** Of " + std::to_string(summary.num_perturbations) + " perturbations, these " +
                     direction + comparison(summary) + joined(names) + ".";
  const std::string unit = states ? " in the cosine with the goal state" : " (1 − similarity to the unchanged cell)";
  text += " The first one's effect is " + significant(effect[0]) + unit;
  if (states) text += ", " + number(100.0 * table.find("progress")->reals[0], 1) + " % of the way from start to goal";
  text += ".";
  if (summary.has_null) {
    const auto hits_on_top = std::count_if(fdr.begin(), fdr.begin() + static_cast<std::ptrdiff_t>(names.size()),
                                           [](double rate) { return rate < kHitRate; });
    text += " At a false discovery rate of 5 %, " + std::to_string(summary.num_hits) + " of the " +
            std::to_string(summary.num_perturbations) + " stood out from the others, " + std::to_string(hits_on_top) +
            " of them named here.";
  }
  return text;
}

std::string replicates_sentence(const RankingSummary& summary) {
  if (summary.num_by_donor == summary.num_perturbations) {
    return "- Donors are the replicates (" + std::to_string(summary.num_donors) +
           " of them), so the p-values speak about new donors, not only about these cells.";
  }
  if (summary.num_by_donor > 0) {
    return "- Donors are the replicates for " + std::to_string(summary.num_by_donor) +
           " of the perturbations. For the rest, "
           "flagged `cells-not-donors`, too few donors have enough cells; their p-values speak about these cells only.";
  }
  return "- **Cells, not donors, are the replicates** (`cells-not-donors`): the p-values say how sure the effect is in "
         "these "
         "cells. They do not say that it would be seen in other donors.";
}

std::string baseline_sentence(const RankingSummary& summary) {
  const double rho = summary.baseline.value;
  if (std::isnan(rho)) {
    return "- There is no baseline: the counts of the run could not be used, so it is not known how much of this list "
           "a "
           "simple fold change would have said.";
  }
  const std::string figure =
      "- Agreement with a baseline that uses no model (the gene's count changed in a linear space): "
      "Spearman " +
      with_interval(summary.baseline) + ". ";
  // not <=: without an interval nothing can be said either
  if (!(summary.baseline.ci.high - summary.baseline.ci.low <= kWideInterval)) {
    return figure + "There are too few perturbations to say how far the model and the fold change agree.";
  }
  if (rho <= -kHardlyRelated) {
    return figure +
           "The model puts on top what the fold change puts at the bottom. Be wary: find out why before you follow "
           "either.";
  }
  if (rho > kAlmostTheSame) return figure + "The model says almost only what the fold change says already.";
  if (rho < kHardlyRelated) {
    return figure +
           "The model says something else than the fold change. That can be insight or noise; experiments decide.";
  }
  return figure + "The model says partly what the fold change says, and partly something else.";
}

std::string null_sentence(const RankingSummary& summary) {
  if (!summary.has_null) {
    return "- There is no null, so there are no p-values: any perturbation changes any cell. Run all genes, or give "
           "`--null N` to compare with random genes of the same rank.";
  }
  if (summary.against_control) {
    return "- Each perturbation is compared with the same one in the control cells, not with zero: any perturbation "
           "changes "
           "any cell. What differs between the two sets of cells otherwise differs here too.";
  }
  return "- Genes near the top of a cell's list change it more, whatever they are; each gene is therefore compared "
         "with "
         "others of its own rank (or random ones, where the run has them), not with zero.";
}

std::string stability_sentence(const Stability& stability) {
  if (std::isnan(stability.tau.value)) return "- There are too few cells to say whether the top is stable.";
  const std::string figure =
      "Kendall's tau of the top 50 against half of the cells is " + number(stability.tau.value, 2) +
      (std::isnan(stability.tau_before.value)
           ? ", and with three quarters of the cells it cannot be told"
           : ", and was " + number(stability.tau_before.value, 2) + " with three quarters of the cells");
  return stability.stable ? "- The top of the list is stable: " + figure + "."
                          : "- **The top of the list is not yet stable with these cells**: " + figure +
                                " (stable means at least 0.95 twice in a row).";
}

std::string pretraining_sentence(const RankingSummary& summary) {
  std::string sentence = summary.pretraining;
  if (sentence.empty()) return "- It is not known whether the model was trained on these cells.";
  sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
  return "- " + sentence + ".";
}

}  // namespace

std::string summary_line(const RankingSummary& summary) {
  std::string line;
  if (summary.has_null) {
    line = std::to_string(summary.num_hits) + " of " + std::to_string(summary.num_perturbations) +
           " perturbations at FDR 0.05";
  } else {
    line = std::to_string(summary.num_perturbations) + " perturbations, no null (no p-values)";
  }
  line += " · " + std::to_string(summary.num_cells) + " cells";
  line += summary.num_by_donor > 0 ? " · " + std::to_string(summary.num_donors) + " donors" : " · cells, not donors";
  if (std::isnan(summary.baseline.value)) {
    line += " · no baseline";
  } else {
    line += " · Spearman with the baseline " + with_interval(summary.baseline);
  }
  return line + (summary.stability.stable ? " · stable" : " · not yet stable");
}

Json to_json(const RankingSummary& summary) {
  return {{"perturbations", summary.num_perturbations},
          {"hits_at_fdr_0.05", summary.has_null ? Json(summary.num_hits) : Json(nullptr)},
          {"cells", summary.num_cells},
          {"donors", summary.num_donors},
          {"perturbations_with_donors_as_replicates", summary.num_by_donor},
          {"has_null", summary.has_null},
          {"against_control", summary.against_control},
          {"spearman_effect_baseline", to_json(summary.baseline)},
          {"kendall_top50_half", to_json(summary.stability.tau)},
          {"kendall_top50_before", to_json(summary.stability.tau_before)},
          {"stable", summary.stability.stable},
          {"pretraining", summary.pretraining}};
}

std::string describe_ranking(const Ranking& ranking, std::int64_t num_named) {
  const RankingSummary& summary = ranking.summary;
  std::string text = top_paragraph(ranking, num_named) + "\n\n**How far to trust it.**\n\n";
  text += "- It rests on " + std::to_string(summary.num_cells) + " cells" +
          (summary.num_donors > 0 ? " of " + std::to_string(summary.num_donors) + " donors.\n"
                                  : "; donors are not known.\n");
  text += replicates_sentence(summary) + "\n" + null_sentence(summary) + "\n" + baseline_sentence(summary) + "\n" +
          stability_sentence(summary.stability) + "\n" + pretraining_sentence(summary) + "\n\n";
  text +=
      "**What it is not.** These are predictions of a model about changed gene lists, not measurements. A gene on top "
      "is "
      "a candidate for an experiment; it is not shown to cause anything, and a gene further down is not shown to be "
      "without effect. Deleting a gene from a list is not the same as knocking it out in a cell.\n";
  return text;
}

}  // namespace cw
