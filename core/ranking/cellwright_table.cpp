// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/cellwright_table.h"

#include "core/base/parallel.h"
#include "core/ranking/control_run.h"
#include "core/ranking/null_reference.h"
#include "core/ranking/pairs.h"
#include "core/stats/fdr.h"
#include "core/stats/gaussian_mixture.h"
#include "core/stats/t_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kHitRate = 0.05;
constexpr std::int64_t kFewCells = 20;

/// Everything about one outcome (impact, shift to one state) of all perturbations, with p over the ranked ones.
struct OutcomeColumns {
  std::vector<OutcomeSummary> outcome;
  std::vector<NullSummary> null;
  std::vector<double> p;
  std::vector<double> fdr;
  std::vector<double> vs_null_fdr;
  std::vector<double> donors_agree;
};

/// What the outcomes of one run share.
struct RunView {
  const Effects& run;
  const RunRows& rows;
  const DonorLayout& donors;
  const NullReference& reference;
  const CellBootstrap& bootstrap;
  const std::vector<std::int32_t>& ranked;  // perturbations that get a row
  const Effects* control;                   // run on control cells that takes the place of the null, or nullptr
  int num_threads;
};

// Rates over the ranked perturbations only, at their places in the list of all.
std::vector<double> rates_of_ranked(const RunView& view, const std::vector<double>& p) {
  std::vector<double> tested;
  for (const std::int32_t i : view.ranked) tested.push_back(p[static_cast<std::size_t>(i)]);
  const auto rates = benjamini_hochberg(tested);
  std::vector<double> result(p.size(), kNaN);
  for (std::size_t i = 0; i < rates.size(); ++i) result[static_cast<std::size_t>(view.ranked[i])] = rates[i];
  return result;
}

// Test over donors of the excess over the null, and how many of them have its sign.
void test_donors(const RunView& view, const DonorMeans& means, std::int32_t p, OutcomeColumns& columns) {
  const auto i = static_cast<std::size_t>(p);
  std::vector<double> excess;
  if (view.control == nullptr) {
    excess = view.reference.donor_excess(means, p);
  } else {
    for (const std::int64_t donor : means.replicates(p)) excess.push_back(means.mean(p, donor) - columns.null[i].mean);
  }
  const TTest test = one_sample_t_test(excess);
  if (std::isnan(test.mean)) return;
  if (view.control == nullptr) columns.p[i] = test.p;
  const auto agreeing =
      std::count_if(excess.begin(), excess.end(), [&](double value) { return value * test.mean > 0.0; });
  columns.donors_agree[i] = static_cast<double>(agreeing) / static_cast<double>(excess.size());
}

OutcomeColumns columns_of(const RunView& view, std::int64_t column, const std::vector<float>& gathered) {
  const DonorMeans means = donor_means(view.rows, gathered, view.donors);
  OutcomeColumns columns;
  columns.outcome = summarise_outcome(view.rows, gathered, means, &view.bootstrap, view.num_threads);
  columns.null = view.control == nullptr ? view.reference.compare(columns.outcome, view.num_threads)
                                         : compare_with_control(view.run, view.rows, gathered, columns.outcome,
                                                                *view.control, column, view.num_threads);
  const std::size_t size = columns.outcome.size();
  columns.p.assign(size, kNaN);
  columns.donors_agree.assign(size, kNaN);
  parallel_for(0, static_cast<std::int64_t>(size), 64, view.num_threads,
               [&](std::int64_t begin, std::int64_t end, int) {
                 for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
                   if (!columns.outcome[i].by_donor || view.control != nullptr) columns.p[i] = columns.null[i].p;
                   if (columns.outcome[i].by_donor) test_donors(view, means, static_cast<std::int32_t>(i), columns);
                 }
               });
  columns.fdr = rates_of_ranked(view, columns.p);
  std::vector<double> vs_null;
  for (const NullSummary& summary : columns.null) vs_null.push_back(summary.p);
  columns.vs_null_fdr = rates_of_ranked(view, vs_null);
  return columns;
}

std::int64_t donors_with_cells(const RunView& view, std::int32_t perturbation) {
  std::vector<bool> seen(view.donors.names.size(), false);
  for (const std::int32_t cell : view.rows.cells_of(perturbation)) {
    const std::int32_t donor = view.donors.of_cell[static_cast<std::size_t>(cell)];
    if (donor >= 0) seen[static_cast<std::size_t>(donor)] = true;
  }
  return std::count(seen.begin(), seen.end(), true);
}

bool seen_in_pretraining(const Json& provenance) {
  const Json::json_pointer place("/pretraining/seen");
  return provenance.is_object() && provenance.contains(place) && provenance.at(place) == Json(true);
}

std::string pretraining_sentence(const Json& provenance) {
  const Json::json_pointer place("/pretraining/because");
  if (provenance.is_object() && provenance.contains(place) && provenance.at(place).is_string()) {
    return provenance.at(place).get<std::string>();
  }
  return "it is not known whether the model was trained on these cells: the run does not say";
}

/// Results of the published package do not say where a gene stood in the cells.
bool has_ranks(const Effects& run) { return !run.provenance.is_object() || !run.provenance.contains("imported_from"); }

// What the published tools refuse or get wrong (spec/beyond.md).
bool is_extension(const Perturbation& perturbation) {
  return (perturbation.kind != "delete" && perturbation.kind != "overexpress") || perturbation.role == "pair" ||
         perturbation.role == "anchor";
}

std::string flags_of(const RunView& view, const OutcomeSummary& outcome, const NullSummary& null, std::int32_t p) {
  std::string flags;
  const auto add = [&](const char* flag) { flags += (flags.empty() ? "" : ";") + std::string(flag); };
  if (!outcome.by_donor) add("cells-not-donors");
  if (outcome.num_cells < kFewCells) add("few-cells");
  if (view.donors.num_donors() > 0 && donors_with_cells(view, p) < kDonorsForReplicates) add("few-donors");
  if (null.smallest_p) add("smallest-p");
  if (seen_in_pretraining(view.run.provenance)) add("seen-in-pretraining");
  if (is_extension(view.run.perturbations[static_cast<std::size_t>(p)])) add("extension");
  if (was_screened(view.run)) add("screened");
  return flags;
}

/// Synergy of pairs by perturbation: effect(ab) − effect(a) − effect(b) over the cells in which all three were run.
std::vector<double> synergies(const RunView& view, const std::vector<float>& gathered) {
  std::vector<double> result(view.run.perturbations.size(), kNaN);
  for (const PairEffects& pair : pairs_of(view.run, view.rows, gathered)) {
    result[static_cast<std::size_t>(pair.both)] =
        mean(pair.both_values) - mean(pair.first_values) - mean(pair.second_values);
  }
  return result;
}

/// Builds the table column by column, for the ranked perturbations in their final order.
class TableBuilder {
 public:
  explicit TableBuilder(std::vector<std::int32_t> order) : order_(std::move(order)) {
    for (std::size_t i = 0; i < order_.size(); ++i) table_.index.push_back(std::to_string(i + 1));
  }
  template <class Value>
  void reals(const std::string& name, Value value) {
    std::vector<double> values;
    for (const std::int32_t p : order_) values.push_back(value(static_cast<std::size_t>(p)));
    table_.set(Column::of_reals(name, std::move(values)));
  }
  template <class Value>
  void integers(const std::string& name, Value value) {
    std::vector<std::int64_t> values;
    for (const std::int32_t p : order_) values.push_back(value(static_cast<std::size_t>(p)));
    table_.set(Column::of_integers(name, std::move(values)));
  }
  template <class Value>
  void texts(const std::string& name, Value value) {
    std::vector<std::string> values;
    for (const std::int32_t p : order_) values.push_back(value(static_cast<std::size_t>(p)));
    table_.set(Column::of_strings(name, std::move(values)));
  }
  void ranks() {
    std::vector<std::int64_t> values(order_.size());
    std::iota(values.begin(), values.end(), std::int64_t{1});
    table_.set(Column::of_integers("rank", std::move(values)));
  }
  [[nodiscard]] Table take() { return std::move(table_); }

 private:
  std::vector<std::int32_t> order_;
  Table table_;
};

void sort_by(std::vector<std::int32_t>& order, const std::vector<double>& first, const std::vector<double>& then) {
  const auto larger = [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a > b; };
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t x, std::int32_t y) {
    const auto a = static_cast<std::size_t>(x);
    const auto b = static_cast<std::size_t>(y);
    if (larger(first[a], first[b]) || larger(first[b], first[a])) return larger(first[a], first[b]);
    return larger(then[a], then[b]);
  });
}

void add_outcome(TableBuilder& table, const RunView& view, const OutcomeColumns& main) {
  table.reals("effect", [&](std::size_t p) { return main.outcome[p].effect; });
  table.reals("ci_low", [&](std::size_t p) { return main.outcome[p].ci_low; });
  table.reals("ci_high", [&](std::size_t p) { return main.outcome[p].ci_high; });
  table.reals("p", [&](std::size_t p) { return main.p[p]; });
  table.reals("fdr", [&](std::size_t p) { return main.fdr[p]; });
  table.integers("n_cells", [&](std::size_t p) { return main.outcome[p].num_cells; });
  table.integers("n_donors", [&](std::size_t p) { return donors_with_cells(view, static_cast<std::int32_t>(p)); });
  table.reals("donors_agree", [&](std::size_t p) { return main.donors_agree[p]; });
  table.reals("null_mean", [&](std::size_t p) { return main.null[p].mean; });
  table.reals("null_sd", [&](std::size_t p) { return main.null[p].sd; });
  table.reals("vs_null_p", [&](std::size_t p) { return main.null[p].p; });
  table.reals("vs_null_fdr", [&](std::size_t p) { return main.vs_null_fdr[p]; });
}

void add_alternatives(TableBuilder& table, const RunView& view) {
  for (std::int64_t state = 2; state < view.run.num_columns(); ++state) {
    const std::string& name = view.run.states[static_cast<std::size_t>(state)];
    const OutcomeColumns columns = columns_of(view, state, view.rows.gather_cosine(view.run, state));
    table.reals("effect_" + name, [&](std::size_t p) { return columns.outcome[p].effect; });
    table.reals("p_" + name, [&](std::size_t p) { return columns.p[p]; });
    table.reals("fdr_" + name, [&](std::size_t p) { return columns.fdr[p]; });
  }
}

void add_impact_components(TableBuilder& table, const RunView& view, const OutcomeColumns& main,
                           const std::vector<float>& impact) {
  std::vector<double> means;
  for (const std::int32_t p : view.ranked) means.push_back(main.outcome[static_cast<std::size_t>(p)].effect);
  if (means.size() < 2) return;
  const TwoNormals model = fit_two_normals(means);
  // The upper component is the impact; beyond both means the nearer one decides, so that a wide component cannot claim
  // the other's far side.
  const auto component = [&](double value) {
    if (value > model.mean[1]) return 1;
    return value < model.mean[0] ? 0 : model.component_of(value);
  };
  table.integers("impact_component", [&](std::size_t p) { return component(main.outcome[p].effect); });
  table.reals("impact_percent", [&](std::size_t p) {
    const auto values = view.rows.of(impact, static_cast<std::int32_t>(p));
    const auto inside = std::count_if(values.begin(), values.end(), [&](float value) { return component(value) == 1; });
    return 100.0 * static_cast<double>(inside) / static_cast<double>(values.size());
  });
}

std::vector<std::int32_t> ranked_perturbations(const Effects& run, const RunRows& rows, bool pairs_only) {
  std::vector<std::int32_t> ranked;
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    const std::string& role = run.perturbations[static_cast<std::size_t>(p)].role;
    if (rows.count(p) > 0 && role != "null" && (!pairs_only || role == "pair")) ranked.push_back(p);
  }
  return ranked;
}

std::int64_t cells_with_rows(const Effects& run) {
  std::vector<bool> seen(run.cells.size(), false);
  for (const std::int32_t cell : run.cell) seen[static_cast<std::size_t>(cell)] = true;
  return std::count(seen.begin(), seen.end(), true);
}

double detected_fraction(const RunView& view, std::size_t p, std::int64_t num_cells) {
  if (!has_ranks(view.run)) return kNaN;
  const auto rows = view.rows.rows_of(static_cast<std::int32_t>(p));
  const auto present =
      std::count_if(rows.begin(), rows.end(), [&](std::uint32_t row) { return view.run.rank[row] >= 0; });
  return static_cast<double>(present) / static_cast<double>(num_cells);
}

RankCorrelation agreement(const std::vector<std::int32_t>& ranked, const OutcomeColumns& main,
                          const std::vector<double>& baseline) {
  std::vector<double> x;
  std::vector<double> y;
  for (const std::int32_t p : ranked) {
    x.push_back(main.outcome[static_cast<std::size_t>(p)].effect);
    y.push_back(baseline[static_cast<std::size_t>(p)]);
  }
  return spearman(x, y);
}

}  // namespace

Result<Ranking> rank_perturbations(const Effects& run, const LinearBaseline* baseline, const RankingOptions& options,
                                   JobContext& context) {
  const RunRows rows(run);
  const auto ranked = ranked_perturbations(run, rows, options.pairs_only);
  if (ranked.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-RNK-001",
                 options.pairs_only ? too_few_pairs_text(run, 0) : "the run holds no result of any perturbation yet"};
  }
  const DonorLayout donors(run.cells);
  const auto relative_ranks = median_relative_ranks(run, rows);
  const NullReference reference(run, rows, relative_ranks);
  const CellBootstrap bootstrap(static_cast<std::int64_t>(run.cells.size()), options.bootstrap_samples, options.seed);
  const RunView view{run, rows, donors, reference, bootstrap, ranked, options.control, options.num_threads};
  context.report(0, 3, "Statistics");

  const bool states = !run.states.empty();
  const std::int64_t column = states ? 1 : 0;
  const std::vector<float> outcome = gather_outcome(run, rows, column);
  const OutcomeColumns main = columns_of(view, column, outcome);
  if (context.cancelled()) return cancelled_error("statistics");
  context.report(1, 3, "Statistics");

  const DonorMeans replicates = donor_means(rows, outcome, donors);
  const std::vector<double> missing(run.perturbations.size(), kNaN);
  const auto progress = states ? effects_of(rows, rows.gather(run.progress), replicates, donors) : missing;
  const auto baseline_effects = baseline != nullptr ? effects_of(rows, baseline->values, replicates, donors) : missing;
  const auto synergy = synergies(view, outcome);

  std::vector<double> z;
  std::vector<double> effect;
  for (std::size_t p = 0; p < main.outcome.size(); ++p) {
    z.push_back(main.null[p].z);
    effect.push_back(main.outcome[p].effect);
  }
  std::vector<std::int32_t> order = ranked;
  sort_by(order, options.pairs_only ? synergy : z, effect);

  const std::int64_t num_cells = cells_with_rows(run);
  TableBuilder table(order);
  table.ranks();
  table.texts("gene", [&](std::size_t p) { return gene_names(run.perturbations[p]); });
  table.texts("ensembl_id", [&](std::size_t p) { return gene_ids(run.perturbations[p]); });
  table.texts("perturbation", [&](std::size_t p) { return run.perturbations[p].kind; });
  add_outcome(table, view, main);
  table.reals("progress", [&](std::size_t p) { return progress[p]; });
  table.reals("baseline", [&](std::size_t p) { return baseline_effects[p]; });
  table.reals("de_log2fc", [&](std::size_t p) { return baseline != nullptr ? baseline->de_log2fc[p] : kNaN; });
  table.reals("median_rank", [&](std::size_t p) { return relative_ranks[p]; });
  table.reals("detected_fraction", [&](std::size_t p) { return detected_fraction(view, p, num_cells); });
  table.texts("flags", [&](std::size_t p) {
    return flags_of(view, main.outcome[p], main.null[p], static_cast<std::int32_t>(p));
  });
  add_alternatives(table, view);
  if (context.cancelled()) return cancelled_error("statistics");
  context.report(2, 3, "Statistics");
  const bool has_pairs = std::any_of(run.perturbations.begin(), run.perturbations.end(),
                                     [](const Perturbation& p) { return p.role == "pair"; });
  if (has_pairs) table.reals("synergy", [&](std::size_t p) { return synergy[p]; });
  if (options.impact_components && !states) add_impact_components(table, view, main, outcome);

  Ranking ranking;
  ranking.table = table.take();
  RankingSummary& summary = ranking.summary;
  summary.num_perturbations = static_cast<std::int64_t>(ranked.size());
  summary.num_cells = num_cells;
  summary.states = run.states;
  summary.against_control = options.control != nullptr;
  summary.num_donors = donors.num_donors();
  for (const std::int32_t p : ranked) {
    const auto i = static_cast<std::size_t>(p);
    summary.num_hits += main.fdr[i] < kHitRate ? 1 : 0;
    summary.num_by_donor += main.outcome[i].by_donor ? 1 : 0;
    summary.has_null = summary.has_null || !std::isnan(main.null[i].mean);
  }
  summary.baseline = agreement(ranked, main, baseline_effects);
  summary.pretraining = pretraining_sentence(run.provenance);
  summary.stability = ranking_stability(run, rows, outcome);
  context.report(3, 3, "Statistics");
  return ranking;
}

}  // namespace cw
