// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/detail_tables.h"

#include "core/ranking/run_rows.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace cw {
namespace {

/// The columns that say what was perturbed, filled row by row.
struct PerturbationColumns {
  std::vector<std::string> gene;
  std::vector<std::string> id;
  std::vector<std::string> kind;

  void add(const Perturbation& perturbation) {
    gene.push_back(gene_names(perturbation));
    id.push_back(gene_ids(perturbation));
    kind.push_back(perturbation.kind);
  }
  void set_in(Table& table) {
    table.set(Column::of_strings("gene", std::move(gene)));
    table.set(Column::of_strings("ensembl_id", std::move(id)));
    table.set(Column::of_strings("perturbation", std::move(kind)));
  }
};

void number_rows(Table& table, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) table.index.push_back(std::to_string(i + 1));
}

}  // namespace

Result<Table> cell_effects_table(const Effects& run) {
  if (run.cell.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-RNK-001", "the run holds no result of any perturbation yet"};
  }
  const bool states = !run.states.empty();
  const auto width = static_cast<std::size_t>(run.num_columns());
  PerturbationColumns perturbed;
  std::vector<std::string> cells;
  std::vector<std::string> state;
  std::vector<std::string> donors;
  std::vector<double> effects;
  std::vector<double> progress;
  std::vector<double> ranks;
  for (std::size_t row = 0; row < run.cell.size(); ++row) {
    const EffectCell& cell = run.cells[static_cast<std::size_t>(run.cell[row])];
    perturbed.add(run.perturbations[static_cast<std::size_t>(run.perturbation[row])]);
    cells.push_back(cell.name);
    state.push_back(cell.state);
    donors.push_back(cell.donor);
    effects.push_back(states ? run.cosine[row * width + 1] : 1.0 - static_cast<double>(run.cosine[row]));
    if (states) progress.push_back(run.progress[row]);
    ranks.push_back(run.rank[row] < 0 || cell.length <= 0 ? std::numeric_limits<double>::quiet_NaN()
                                                          : static_cast<double>(run.rank[row]) / cell.length);
  }
  Table table;
  number_rows(table, cells.size());
  perturbed.set_in(table);
  table.set(Column::of_strings("cell", std::move(cells)));
  table.set(Column::of_strings("state", std::move(state)));
  table.set(Column::of_strings("donor", std::move(donors)));
  table.set(Column::of_reals("effect", std::move(effects)));
  if (states) table.set(Column::of_reals("progress", std::move(progress)));
  table.set(Column::of_reals("relative_rank", std::move(ranks)));
  return table;
}

Result<Table> gene_effects_table(const Effects& run) {
  const GeneEffects& genes = run.gene_effects;
  if (genes.size() == 0) {
    return Error{ErrorCode::kInvalidArgument, "E-RNK-001",
                 "the run holds no effects on genes; it needs --gene-effects"};
  }
  std::vector<std::size_t> order(genes.n.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return genes.mean[a] < genes.mean[b]; });
  std::map<std::int32_t, const EffectGene*> gene_of_token;
  for (const EffectGene& gene : run.genes) gene_of_token.emplace(gene.token, &gene);
  PerturbationColumns perturbed;
  std::vector<std::string> names;
  std::vector<std::string> ids;
  std::vector<double> effects;
  std::vector<double> sds;
  std::vector<std::int64_t> counts;
  for (const std::size_t i : order) {
    perturbed.add(run.perturbations[static_cast<std::size_t>(genes.perturbation[i])]);
    const auto gene = gene_of_token.find(genes.affected[i]);
    const bool known = gene != gene_of_token.end();
    names.push_back(known ? gene->second->symbol : "");
    ids.push_back(known ? gene->second->ensembl_id : std::to_string(genes.affected[i]));
    effects.push_back(1.0 - static_cast<double>(genes.mean[i]));
    sds.push_back(genes.sd[i]);
    counts.push_back(genes.n[i]);
  }
  Table table;
  number_rows(table, order.size());
  perturbed.set_in(table);
  table.set(Column::of_strings("affected_gene", std::move(names)));
  table.set(Column::of_strings("affected_ensembl_id", std::move(ids)));
  table.set(Column::of_reals("effect", std::move(effects)));
  table.set(Column::of_reals("sd", std::move(sds)));
  table.set(Column::of_integers("n_cells", std::move(counts)));
  return table;
}

}  // namespace cw
