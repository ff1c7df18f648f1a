// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/upstream_tables.h"

#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/ranking/pairs.h"
#include "core/ranking/run_rows.h"
#include "core/stats/descriptive.h"
#include "core/stats/fdr.h"
#include "core/stats/gaussian_mixture.h"
#include "core/stats/rank_sum.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSignificant = 0.05;
constexpr std::int64_t kLargestPool = 100'000;
constexpr std::uint32_t kPublishedSeed = 42;

using Order = std::vector<std::int32_t>;

Error not_in_run(const std::string& message) { return {ErrorCode::kInvalidArgument, "E-RNK-001", message}; }

// Perturbations with a result, in the order of their tokens.
Order tested(const Effects& run, const RunRows& rows, const std::function<bool(const Perturbation&)>& wanted) {
  Order order;
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    if (rows.count(p) > 0 && wanted(run.perturbations[static_cast<std::size_t>(p)])) order.push_back(p);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return run.perturbations[static_cast<std::size_t>(a)].tokens <
           run.perturbations[static_cast<std::size_t>(b)].tokens;
  });
  return order;
}

Result<Order> single_genes(const Effects& run, const RunRows& rows) {
  Order order = tested(run, rows, [](const Perturbation& p) { return p.tokens.size() == 1 && p.role != "null"; });
  if (order.empty()) return not_in_run("the run holds no perturbation of a single gene; choose another --test");
  const std::string& kind = run.perturbations[static_cast<std::size_t>(order[0])].kind;
  for (const std::int32_t p : order) {
    const std::string& other = run.perturbations[static_cast<std::size_t>(p)].kind;
    if (other == kind) continue;
    std::string both = "the run holds both '";
    both.append(kind).append("' and '").append(other);
    return not_in_run(both.append("', which the published columns cannot tell apart; use --columns cellwright"));
  }
  return order;
}

template <class Text>
std::string tuple_of(std::size_t count, Text text) {
  if (count == 1) return text(0, false);
  std::string result = "(";
  for (std::size_t i = 0; i < count; ++i) result += (i == 0 ? "" : ", ") + text(i, true);
  return result + ")";
}

std::string quoted(const std::string& text, bool in_tuple) { return in_tuple ? "'" + text + "'" : text; }

/// The columns Gene, Gene_name, Ensembl_ID under the names given.
void set_genes(Table& table, const Effects& run, const Order& order, const std::string& token_column,
               const std::string& name_column, const std::string& id_column) {
  std::vector<std::string> tokens;
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (const std::int32_t index : order) {
    const Perturbation& p = run.perturbations[static_cast<std::size_t>(index)];
    tokens.push_back(tuple_of(p.tokens.size(), [&](std::size_t i, bool) { return std::to_string(p.tokens[i]); }));
    names.push_back(tuple_of(p.tokens.size(), [&](std::size_t i, bool in) { return quoted(p.symbols[i], in); }));
    ids.push_back(tuple_of(p.tokens.size(), [&](std::size_t i, bool in) { return quoted(p.ensembl_ids[i], in); }));
  }
  table.set(Column::of_strings(token_column, std::move(tokens)));
  table.set(Column::of_strings(name_column, std::move(names)));
  table.set(Column::of_strings(id_column, std::move(ids)));
}

Table table_of(const Effects& run, const Order& order) {
  Table table;
  for (std::size_t i = 0; i < order.size(); ++i) table.index.push_back(std::to_string(i));
  set_genes(table, run, order, "Gene", "Gene_name", "Ensembl_ID");
  return table;
}

/// One key of a sort as pandas' sort_values takes it; NaN goes last.
struct SortKey {
  const std::vector<double>& values;
  bool descending;
};

Table sorted(const Table& table, const std::vector<SortKey>& keys) {
  std::vector<std::int64_t> order(table.index.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    for (const SortKey& key : keys) {
      const double x = key.values[static_cast<std::size_t>(a)];
      const double y = key.values[static_cast<std::size_t>(b)];
      if (std::isnan(x) != std::isnan(y)) return std::isnan(y);
      if (x != y && !std::isnan(x)) return key.descending ? x > y : x < y;
    }
    return false;
  });
  return table.take(order);
}

std::vector<std::int64_t> counts_of(const RunRows& rows, const Order& order) {
  std::vector<std::int64_t> counts;
  for (const std::int32_t p : order) counts.push_back(rows.count(p));
  return counts;
}

std::vector<double> means_of(const RunRows& rows, const Order& order, const std::vector<float>& gathered) {
  std::vector<double> means;
  for (const std::int32_t p : order) means.push_back(mean(as_doubles(rows.of(gathered, p))));
  return means;
}

std::vector<double> significance(const std::vector<double>& fdr) {
  std::vector<double> flags;
  for (const double rate : fdr) flags.push_back(rate < kSignificant ? 1.0 : 0.0);
  return flags;
}

void set_integers(Table& table, const std::string& name, const std::vector<double>& values) {
  std::vector<std::int64_t> integers;
  for (const double value : values) integers.push_back(static_cast<std::int64_t>(value));
  table.set(Column::of_integers(name, std::move(integers)));
}

/// p of every gene against the pool of all of them.
Result<std::vector<double>> p_against_all(const RunRows& rows, const Order& order, const std::vector<float>& gathered,
                                          int num_threads, JobContext& context) {
  std::vector<double> all;
  for (const std::int32_t p : order) {
    const auto values = rows.of(gathered, p);
    all.insert(all.end(), values.begin(), values.end());
  }
  std::vector<double> pool;
  if (static_cast<std::int64_t>(all.size()) > kLargestPool) {
    for (const std::int64_t place :
         python_sample(kPublishedSeed, static_cast<std::int64_t>(all.size()), kLargestPool)) {
      pool.push_back(all[static_cast<std::size_t>(place)]);
    }
  } else {
    pool = std::move(all);
  }
  const RankSumPool sorted_pool(std::move(pool));
  std::vector<double> p_values(order.size());
  parallel_for(0, static_cast<std::int64_t>(order.size()), 64, num_threads,
               [&](std::int64_t begin, std::int64_t end, int) {
                 if (context.cancelled()) return;
                 for (std::int64_t i = begin; i < end; ++i) {
                   auto values = as_doubles(rows.of(gathered, order[static_cast<std::size_t>(i)]));
                   p_values[static_cast<std::size_t>(i)] = sorted_pool.test_in_place(values).p;
                 }
               });
  if (context.cancelled()) return cancelled_error("statistics");
  return p_values;
}

/// Share of the two components that published code decides by: 1 = impact.
int impact_of(double value, const TwoNormals& model) {
  if (value > model.mean[1]) return 0;
  if (value < model.mean[0]) return 1;
  return model.component_of(value) == 0 ? 1 : 0;
}

/// Appends Impact_component and Impact_component_percent; returns the former.
std::vector<double> set_impact(Table& table, const std::vector<double>& means,
                               const std::vector<std::vector<double>>& values) {
  const TwoNormals model = fit_two_normals_like_sklearn(means);
  std::vector<double> impact;
  std::vector<double> percent;
  for (std::size_t i = 0; i < means.size(); ++i) {
    impact.push_back(impact_of(means[i], model));
    double inside = 0.0;
    for (const double value : values[i]) inside += impact_of(value, model);
    percent.push_back(100.0 * inside / static_cast<double>(values[i].size()));
  }
  set_integers(table, "Impact_component", impact);
  table.set(Column::of_reals("Impact_component_percent", std::move(percent)));
  return impact;
}

Result<> require_no_states(const Effects& run, const std::string& test) {
  if (run.states.empty()) return {};
  return not_in_run("--test " + test + " is about similarities, but the run has states (start '" + run.states[0] +
                    "', goal '" + run.states[1] + "'); use --test goal" +
                    (test == "pairs" ? " or --columns cellwright" : ""));
}

std::string state_column_name(const Effects& run, std::int64_t state, const std::string& goal, const std::string& alt) {
  return state == 1 ? goal : alt + "_" + run.states[static_cast<std::size_t>(state)];
}

Table goal_list_table(const Effects& run, const RunRows& rows, const Order& order) {
  Table table;
  table.index.emplace_back("0");
  for (std::int64_t state = 1; state < run.num_columns(); ++state) {
    table.set(Column::of_reals(state_column_name(run, state, "Shift_to_goal_end", "Shift_to_alt_end"),
                               means_of(rows, {order.front()}, rows.gather_cosine(run, state))));
  }
  return table;
}

}  // namespace

Result<Table> upstream_goal_table(const Effects& run, int num_threads, JobContext& context) {
  if (run.states.empty())
    return not_in_run("--test goal needs a run with --state, --start and --goal; this one has none");
  const RunRows rows(run);
  const Order all = tested(run, rows, [](const Perturbation& p) { return p.role != "null"; });
  if (all.empty()) return not_in_run("the run holds no perturbation");
  if (all.size() == 1 && !is_all_gene_run(run)) return goal_list_table(run, rows, all);
  CW_ASSIGN(const Order order, single_genes(run, rows));

  Table table = table_of(run, order);
  std::vector<std::vector<double>> p_values;
  std::vector<std::vector<double>> rates;
  for (std::int64_t state = 1; state < run.num_columns(); ++state) {
    const auto gathered = rows.gather_cosine(run, state);
    CW_ASSIGN(auto p, p_against_all(rows, order, gathered, num_threads, context));
    rates.push_back(benjamini_hochberg(p));
    p_values.push_back(std::move(p));
    table.set(Column::of_reals(state_column_name(run, state, "Shift_to_goal_end", "Shift_to_alt_end"),
                               means_of(rows, order, gathered)));
  }
  for (std::int64_t state = 1; state < run.num_columns(); ++state) {
    table.set(Column::of_reals(state_column_name(run, state, "Goal_end_vs_random_pval", "Alt_end_vs_random_pval"),
                               p_values[static_cast<std::size_t>(state - 1)]));
  }
  for (std::int64_t state = 1; state < run.num_columns(); ++state) {
    table.set(Column::of_reals(state_column_name(run, state, "Goal_end_FDR", "Alt_end_FDR"),
                               rates[static_cast<std::size_t>(state - 1)]));
  }
  table.set(Column::of_integers("N_Detections", counts_of(rows, order)));
  const auto sig = significance(rates[0]);
  set_integers(table, "Sig", sig);
  return sorted(table, {{sig, true}, {table.find("Shift_to_goal_end")->reals, true}, {rates[0], false}});
}

Result<Table> upstream_null_table(const Effects& run, const Effects& null_run, int num_threads, JobContext& context) {
  CW_TRY(require_no_states(run, "null"));
  CW_TRY(require_no_states(null_run, "null"));
  const RunRows rows(run);
  const RunRows null_rows(null_run);
  CW_ASSIGN(const Order order, single_genes(run, rows));
  CW_ASSIGN(const Order null_order, single_genes(null_run, null_rows));
  std::map<std::int32_t, std::int32_t> null_of_token;
  for (const std::int32_t p : null_order) {
    null_of_token.emplace(null_run.perturbations[static_cast<std::size_t>(p)].tokens[0], p);
  }
  const auto gathered = rows.gather_cosine(run, 0);
  const auto null_gathered = null_rows.gather_cosine(null_run, 0);
  const std::vector<double> test_means = means_of(rows, order, gathered);
  std::vector<double> null_means(order.size(), kNaN);
  std::vector<double> differences(order.size(), kNaN);
  std::vector<double> p_values(order.size(), 1.0);  // published: an undefined test counts as p = 1
  std::vector<std::int64_t> null_counts(order.size(), 0);
  parallel_for(
      0, static_cast<std::int64_t>(order.size()), 64, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
        if (context.cancelled()) return;
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          const auto found = null_of_token.find(run.perturbations[static_cast<std::size_t>(order[i])].tokens[0]);
          if (found == null_of_token.end()) continue;
          const auto null_values = as_doubles(null_rows.of(null_gathered, found->second));
          null_counts[i] = static_cast<std::int64_t>(null_values.size());
          null_means[i] = mean(null_values);
          differences[i] = test_means[i] - null_means[i];
          p_values[i] = rank_sum(as_doubles(rows.of(gathered, order[i])), null_values).p;
        }
      });
  if (context.cancelled()) return cancelled_error("statistics");

  Table table = table_of(run, order);
  const auto rates = benjamini_hochberg(p_values);
  table.set(Column::of_reals("Test_avg_shift", test_means));
  table.set(Column::of_reals("Null_avg_shift", null_means));
  table.set(Column::of_reals("Test_vs_null_avg_shift", differences));
  table.set(Column::of_reals("Test_vs_null_pval", p_values));
  table.set(Column::of_reals("Test_vs_null_FDR", rates));
  table.set(Column::of_integers("N_Detections_test", counts_of(rows, order)));
  table.set(Column::of_integers("N_Detections_null", null_counts));
  const auto sig = significance(rates);
  set_integers(table, "Sig", sig);
  return sorted(table, {{sig, true}, {differences, true}, {rates, false}});
}

Result<Table> upstream_mixture_table(const Effects& run) {
  CW_TRY(require_no_states(run, "mixture"));
  const RunRows rows(run);
  CW_ASSIGN(const Order order, single_genes(run, rows));
  if (order.size() < 2) return not_in_run("a mixture model needs two genes or more; the run holds one");
  const auto gathered = rows.gather_cosine(run, 0);
  const std::vector<double> means = means_of(rows, order, gathered);
  std::vector<std::vector<double>> values;
  for (const std::int32_t p : order) values.push_back(as_doubles(rows.of(gathered, p)));
  Table table = table_of(run, order);
  table.set(Column::of_reals("Test_avg_shift", means));
  const auto impact = set_impact(table, means, values);
  table.set(Column::of_integers("N_Detections", counts_of(rows, order)));
  return sorted(table, {{impact, true}, {means, false}});
}

Result<Table> upstream_pairs_table(const Effects& run) {
  CW_TRY(require_no_states(run, "pairs"));
  const RunRows rows(run);
  std::vector<PairEffects> pairs = pairs_of(run, rows, rows.gather_cosine(run, 0));
  std::erase_if(pairs, [](const PairEffects& pair) { return pair.both_values.empty(); });
  if (pairs.size() < 2) {
    return not_in_run(too_few_pairs_text(run, static_cast<std::int64_t>(pairs.size())) +
                      " (the published table needs two pairs)");
  }
  std::stable_sort(pairs.begin(), pairs.end(), [&](const PairEffects& a, const PairEffects& b) {
    return run.perturbations[static_cast<std::size_t>(a.second)].tokens <
           run.perturbations[static_cast<std::size_t>(b.second)].tokens;
  });
  Order others;
  Order firsts;
  std::vector<double> anchor;
  std::vector<double> single;
  std::vector<double> sum;
  std::vector<double> combined;
  std::vector<double> excess;
  std::vector<std::vector<double>> values;
  std::vector<std::int64_t> counts;
  for (PairEffects& pair : pairs) {
    others.push_back(pair.second);
    firsts.push_back(pair.first);
    anchor.push_back(mean(pair.first_values));
    single.push_back(mean(pair.second_values));
    sum.push_back(1.0 - ((1.0 - anchor.back()) + (1.0 - single.back())));
    combined.push_back(mean(pair.both_values));
    excess.push_back(combined.back() - sum.back());
    counts.push_back(static_cast<std::int64_t>(pair.both_values.size()));
    values.push_back(std::move(pair.both_values));
  }
  Table table = table_of(run, others);
  table.set(Column::of_reals("Anchor_shift", anchor));
  table.set(Column::of_reals("Test_token_shift", single));
  table.set(Column::of_reals("Sum_of_indiv_shifts", sum));
  table.set(Column::of_reals("Combo_shift", combined));
  table.set(Column::of_reals("Combo_minus_sum_shift", excess));
  const auto impact = set_impact(table, combined, values);
  table.set(Column::of_integers("N_Detections", counts));
  // The published table has one anchor, which the user knows; pairs of a list need both genes.
  const bool anchored = std::all_of(firsts.begin(), firsts.end(), [&](std::int32_t p) {
    return run.perturbations[static_cast<std::size_t>(p)].role == "anchor";
  });
  if (!anchored) set_genes(table, run, firsts, "Anchor", "Anchor_gene_name", "Anchor_Ensembl_ID");
  return sorted(table, {{impact, true}, {excess, false}});
}

Result<Table> upstream_aggregate_table(const Effects& run) {
  CW_TRY(require_no_states(run, "aggregate"));
  const RunRows rows(run);
  const Order order = tested(run, rows, [](const Perturbation& p) { return p.role != "null"; });
  if (order.empty()) return not_in_run("the run holds no perturbation");
  const auto gathered = rows.gather_cosine(run, 0);
  Table table;
  std::vector<double> similarities;
  std::vector<std::string> names;
  for (const std::int32_t p : order) {
    const Perturbation& perturbation = run.perturbations[static_cast<std::size_t>(p)];
    const std::string name = tuple_of(perturbation.tokens.size(), [&](std::size_t i, bool in_tuple) {
      return quoted(perturbation.symbols[i], in_tuple);
    });
    const auto values = rows.of(gathered, p);
    for (std::size_t i = 0; i < values.size(); ++i) {
      table.index.push_back(std::to_string(i));
      similarities.push_back(values[i]);
      names.push_back(name);
    }
  }
  table.set(Column::of_reals("Cosine_sim", std::move(similarities)));
  table.set(Column::of_strings("Gene", std::move(names)));
  return table;
}

Result<Table> upstream_gene_effects_table(const Effects& run) {
  if (run.gene_effects.size() == 0) return not_in_run("the run holds no effects on genes; it needs --gene-effects");
  const RunRows rows(run);
  std::map<std::int32_t, const EffectGene*> gene_of_token;
  for (const EffectGene& gene : run.genes) gene_of_token.emplace(gene.token, &gene);
  Order perturbed;
  std::vector<std::string> affected;
  std::vector<std::string> names;
  std::vector<std::string> ids;
  std::vector<double> means;
  std::vector<double> sds;
  std::vector<double> is_gene;
  std::vector<std::int64_t> counts;
  const auto add = [&](std::int32_t p, std::string text, std::string name, std::string id, double row_mean, double sd,
                       std::int64_t n) {
    perturbed.push_back(p);
    is_gene.push_back(text == "cell_emb" ? 0.0 : 1.0);
    affected.push_back(std::move(text));
    names.push_back(std::move(name));
    ids.push_back(std::move(id));
    means.push_back(row_mean);
    sds.push_back(sd);
    counts.push_back(n);
  };
  if (run.states.empty()) {
    const auto gathered = rows.gather_cosine(run, 0);
    for (const std::int32_t p : tested(run, rows, [](const Perturbation& q) { return q.role != "null"; })) {
      const auto values = as_doubles(rows.of(gathered, p));
      add(p, "cell_emb", "", "", mean(values), population_sd(values), rows.count(p));
    }
  }
  const GeneEffects& genes = run.gene_effects;
  for (std::size_t i = 0; i < genes.n.size(); ++i) {
    const auto gene = gene_of_token.find(genes.affected[i]);
    const bool known = gene != gene_of_token.end();
    add(genes.perturbation[i], std::to_string(genes.affected[i]), known ? gene->second->symbol : "",
        known ? gene->second->ensembl_id : "", genes.mean[i], genes.sd[i], genes.n[i]);
  }
  Table table;
  for (std::size_t i = 0; i < perturbed.size(); ++i) table.index.push_back(std::to_string(i));
  set_genes(table, run, perturbed, "Perturbed", "Gene_name", "Ensembl_ID");
  table.set(Column::of_strings("Affected", std::move(affected)));
  table.set(Column::of_strings("Affected_gene_name", std::move(names)));
  table.set(Column::of_strings("Affected_Ensembl_ID", std::move(ids)));
  table.set(Column::of_reals("Cosine_sim_mean", means));
  table.set(Column::of_reals("Cosine_sim_stdev", std::move(sds)));
  table.set(Column::of_integers("N_Detections", std::move(counts)));
  return sorted(table, {{is_gene, false}, {means, false}});
}

}  // namespace cw
