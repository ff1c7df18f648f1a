// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/screen.h"

#include "core/base/files.h"
#include "core/effects/effects_file.h"
#include "core/perturb/gradient_scores.h"
#include "core/perturb/run_perturb.h"
#include "core/stats/descriptive.h"
#include "core/stats/proportion.h"
#include "core/stats/rank_correlation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

namespace cw {
namespace {

constexpr double kFailedBelow = 0.5;
constexpr std::size_t kComparedCells = 64;  // in so many cells screened and exact effects are compared

/// A gene with what the screen and the exact check found.
struct ScreenedGene {
  std::int32_t token = 0;
  CellMean screened;
  double strength = 0.0;  ///< of `screened` among all genes
  std::string verified;   ///< "top", "sample" or ""
  CellMean exact;
  CellMean compared_screened;  ///< over the first cells of the exact check: screened there too
  CellMean compared_exact;     ///< and exact
};

void shuffle(std::vector<std::size_t>& items, std::mt19937_64& random) {
  for (std::size_t i = items.size(); i-- > 1;) std::swap(items[i], items[random() % (i + 1)]);
}

/// The strongest first. By strength and not by mean, or mostly genes of five cells went to the exact check, to fall
/// back there. Without states only a large impact is strong, for every deletion has one.
std::vector<ScreenedGene> screened_genes(const GradientScores& scores, std::int64_t num_cells, bool with_states) {
  const std::int64_t fewest = std::min(kFewestCellsOfGene, num_cells);
  std::vector<ScreenedGene> genes;
  std::vector<double> means;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i].n < fewest) continue;
    ScreenedGene gene;
    gene.token = static_cast<std::int32_t>(i);
    gene.screened = scores[i];
    means.push_back(scores[i].mean());
    genes.push_back(std::move(gene));
  }
  const Strength strength(std::move(means), !with_states);
  for (auto& gene : genes) gene.strength = strength.of(gene.screened);
  std::stable_sort(genes.begin(), genes.end(),
                   [](const ScreenedGene& a, const ScreenedGene& b) { return a.strength > b.strength; });
  return genes;
}

/// Marks the strongest, and others at random, among the genes that enough cells of part B have.
void choose_for_check(std::vector<ScreenedGene>& genes, const std::set<std::int32_t>& in_verified,
                      const PerturbOptions& options) {
  std::vector<std::size_t> rest;
  std::int64_t num_top = 0;
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (!in_verified.contains(genes[i].token)) continue;
    if (num_top < options.screen_top) {
      genes[i].verified = "top";
      ++num_top;
    } else {
      rest.push_back(i);
    }
  }
  std::mt19937_64 random(options.seed + 1);
  shuffle(rest, random);
  for (std::size_t i = 0; i < std::min(rest.size(), static_cast<std::size_t>(options.screen_sample)); ++i) {
    genes[rest[i]].verified = "sample";
  }
}

/// Genes of which an average over these cells says something.
std::set<std::int32_t> genes_of(const PreparedRun& run, const std::vector<std::int64_t>& rows) {
  std::map<std::int32_t, std::int64_t> num_cells;
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : rows) {
    run.cells.copy_tokens(row, tokens);
    for (const std::int32_t token : tokens) ++num_cells[token];
  }
  std::set<std::int32_t> genes;
  for (const auto& [token, n] : num_cells) {
    if (n >= std::min(kFewestCellsOfGene, std::ssize(rows))) genes.insert(token);
  }
  return genes;
}

std::vector<std::int64_t> rows_of(const PreparedRun& run, const std::vector<std::int64_t>& cells) {
  std::vector<std::int64_t> rows;
  for (const std::int64_t cell : cells) rows.push_back(run.plan.rows()[static_cast<std::size_t>(cell)]);
  return rows;
}

/// The run that computes the chosen genes exactly on part B.
Result<PreparedRun> verification_run(const PreparedRun& run, const PerturbOptions& options, const ScreenSplit& split,
                                     const std::vector<ScreenedGene>& genes) {
  ResolvedRequest request;
  request.groups.emplace_back();
  for (const auto& gene : genes) {
    if (!gene.verified.empty()) request.groups.front().push_back(gene.token);
  }
  std::sort(request.groups.front().begin(), request.groups.front().end());
  PreparedRun check = run;
  CW_ASSIGN(check.plan, RunPlan::make(options, {{request}, -1, {}}, *run.model.dictionary, run.cells,
                                      rows_of(run, split.verified), run.plan.limits()));
  check.header.perturbations = check.plan.perturbations();
  check.header.cells.clear();
  for (const std::int64_t cell : split.verified) {
    check.header.cells.push_back(run.header.cells[static_cast<std::size_t>(cell)]);
  }
  check.header.provenance["screen"] = Json{{"part", "verified"}, {"cells_screened", split.screened.size()}};
  return check;
}

void take_exact(const Effects& effects, std::vector<ScreenedGene>& genes) {
  std::map<std::int32_t, ScreenedGene*> gene_of;
  for (auto& gene : genes) gene_of[gene.token] = &gene;
  const auto columns = static_cast<std::size_t>(effects.num_columns());
  for (std::size_t i = 0; i < effects.cell.size(); ++i) {
    const auto& p = effects.perturbations[static_cast<std::size_t>(effects.perturbation[i])];
    if (p.role != "single") continue;
    ScreenedGene& gene = *gene_of.at(p.tokens[0]);
    const auto effect =
        static_cast<double>(effects.states.empty() ? 1.0F - effects.cosine[i] : effects.cosine[i * columns + 1]);
    gene.exact.add(effect);
    if (static_cast<std::size_t>(effects.cell[i]) < kComparedCells) gene.compared_exact.add(effect);
  }
}

/// What the check says about the screen: `rank_correlation` compares gradients and exact effects in the same cells, the
/// error of the approximation alone; `rank_correlation_other_cells` compares the two halves, so it also holds how far
/// the mean over one half of the cells says what the other half does.
Json quality_of(const std::vector<ScreenedGene>& genes, bool with_states, JobContext& ctx) {
  std::vector<double> screened;
  std::vector<double> compared;
  std::vector<double> other_cells;
  std::vector<double> exact;
  std::vector<CellMean> top;
  std::vector<CellMean> sample;
  std::int64_t num_unverified = 0;
  for (const auto& gene : genes) {
    if (gene.exact.n == 0) {
      ++num_unverified;
    } else if (gene.verified == "top") {
      top.push_back(gene.exact);
    } else {
      sample.push_back(gene.exact);
      other_cells.push_back(gene.screened.mean());
      exact.push_back(gene.exact.mean());
      if (gene.compared_exact.n == 0) continue;
      screened.push_back(gene.compared_screened.mean());
      compared.push_back(gene.compared_exact.mean());
    }
  }
  Json quality{{"genes", genes.size()}, {"exact_top", top.size()}, {"exact_sample", exact.size()}};
  if (top.empty() || screened.size() < 2) return quality;
  const Strength strength(exact, !with_states);
  std::vector<double> strengths_of_top;
  for (const CellMean& mean : top) strengths_of_top.push_back(strength.of(mean));
  const RankCorrelation rank = spearman(screened, compared);
  const double threshold = median(strengths_of_top);
  const auto hits =
      std::count_if(sample.begin(), sample.end(), [&](const CellMean& mean) { return strength.of(mean) >= threshold; });
  const double bound = clopper_pearson_upper(hits, std::ssize(exact));
  quality["rank_correlation"] = rank.value;
  quality["rank_correlation_low"] = rank.ci.low;
  quality["rank_correlation_high"] = rank.ci.high;
  quality["rank_correlation_other_cells"] = spearman(other_cells, exact).value;
  quality["hit_threshold"] = threshold;
  quality["hits_in_sample"] = hits;
  quality["missed_share_at_most"] = bound;
  quality["missed_at_most"] = static_cast<std::int64_t>(std::ceil(bound * static_cast<double>(num_unverified)));
  quality["failed"] = !(rank.value >= kFailedBelow);
  if (!(rank.value >= kFailedBelow)) {
    ctx.warn("W-PRT-010", "the screen failed for this model: its ranking agrees with the exact one by only " +
                              std::to_string(rank.value) + " (Spearman) on a sample of " +
                              std::to_string(exact.size()) + " genes; run again with --method exact");
  }
  return quality;
}

Json table_of(const std::vector<ScreenedGene>& genes, const Dictionary& dictionary) {
  Json table = Json::array();
  for (const auto& gene : genes) {
    Json row{{"ensembl_id", dictionary.ensembl_id(gene.token)},
             {"symbol", dictionary.symbol(gene.token)},
             {"token", gene.token},
             {"screened", gene.screened.mean()},
             {"strength", gene.strength},
             {"n_cells", gene.screened.n},
             {"verified", gene.verified}};
    if (gene.exact.n > 0) {
      row["exact"] = gene.exact.mean();
      row["n_exact"] = gene.exact.n;
    }
    table.push_back(std::move(row));
  }
  return table;
}

}  // namespace

Result<ScreenSplit> split_cells(const std::vector<EffectCell>& cells, std::uint64_t seed) {
  if (cells.size() < 2) {
    return Error{ErrorCode::kRefused, "E-PRT-020",
                 "a screen needs at least 2 cells, one half for the gradients and one for the exact check; there is " +
                     std::to_string(cells.size()) + "; use --method exact"};
  }
  std::map<std::string, std::vector<std::int64_t>> members;
  for (std::size_t i = 0; i < cells.size(); ++i) members[cells[i].donor].push_back(static_cast<std::int64_t>(i));
  ScreenSplit split;
  split.by_donor = members.size() > 1;
  std::vector<std::vector<std::int64_t>> units;
  if (split.by_donor) {
    for (auto& [donor, list] : members) units.push_back(std::move(list));
  } else {
    for (std::size_t i = 0; i < cells.size(); ++i) units.push_back({static_cast<std::int64_t>(i)});
  }
  std::mt19937_64 random(seed);
  std::vector<std::size_t> order(units.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  shuffle(order, random);
  // large donors first, each to the smaller half
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return units[a].size() > units[b].size(); });
  for (const std::size_t i : order) {
    auto& half = split.screened.size() <= split.verified.size() ? split.screened : split.verified;
    half.insert(half.end(), units[i].begin(), units[i].end());
  }
  std::sort(split.screened.begin(), split.screened.end());
  std::sort(split.verified.begin(), split.verified.end());
  return split;
}

Result<Json> run_screen(const PreparedRun& run, const PerturbOptions& options, const std::filesystem::path& folder,
                        JobContext& ctx) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  CW_ASSIGN(const ScreenSplit split, split_cells(run.header.cells, options.seed));
  CW_ASSIGN(const ModelFolder opened, open_model_folder(run.model.path));
  CW_ASSIGN(const ModelWeights weights, load_weights(opened));
  JobContext screening = ctx.slice(0.0, 0.15);
  JobContext screening_there = ctx.slice(0.15, 0.3);
  const GradientScreen screen(weights, opened.config, run, static_cast<int>(options.screen_probes), options.seed);
  CW_ASSIGN(const GradientScores scores, screen.over(rows_of(run, split.screened), screening));
  std::vector<std::int64_t> compared = rows_of(run, split.verified);
  compared.resize(std::min(compared.size(), kComparedCells));
  CW_ASSIGN(const GradientScores scores_there, screen.over(compared, screening_there));
  const double screen_seconds = seconds();
  const bool with_states = !run.header.states.empty();
  std::vector<ScreenedGene> genes = screened_genes(scores, std::ssize(split.screened), with_states);
  choose_for_check(genes, genes_of(run, rows_of(run, split.verified)), options);
  PerturbOptions exact_options = options;
  exact_options.how = "each";
  exact_options.method = "exact";
  CW_ASSIGN(const PreparedRun check, verification_run(run, exact_options, split, genes));
  JobContext verifying = ctx.slice(0.3, 1.0);
  CW_ASSIGN(const Json exact, run_exact(check, exact_options, folder, verifying));
  CW_ASSIGN(const Effects effects, read_effects(folder));
  take_exact(effects, genes);
  for (auto& gene : genes) gene.compared_screened = scores_there[static_cast<std::size_t>(gene.token)];
  const auto passes_screened = std::accumulate(scores.begin(), scores.end(), std::int64_t{0},
                                               [](std::int64_t sum, const CellMean& mean) { return sum + mean.n; });
  Json summary{{"cells_screened", split.screened.size()},
               {"cells_verified", split.verified.size()},
               {"split_by_donor", split.by_donor},
               {"seed", options.seed},
               {"passes_screened", passes_screened},
               {"passes_exact", exact.at("passes")},
               {"seconds_screen", screen_seconds},
               {"seconds", seconds()},
               {"quality", quality_of(genes, with_states, ctx)}};
  Json file = summary;
  file["provenance"] = run.header.provenance;
  file["genes"] = table_of(genes, *run.model.dictionary);
  CW_TRY(write_json(folder / "screen.json", file));
  summary["screen"] = (folder / "screen.json").string();
  summary["effects"] = exact.at("effects");
  return summary;
}

}  // namespace cw
