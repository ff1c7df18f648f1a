// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/run_result.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cw::ui {

/// One row of an invented ranked list.
struct InventedGene {
  double effect;
  double fdr;
  double half_interval;  ///< of the 95 % interval
};

/// A result of a run from ctrl to stim with these genes, GENE0, GENE1, ..., without the cost of ranking.
inline RunResultPtr result_of(const std::vector<InventedGene>& genes) {
  auto result = std::make_shared<RunResult>();
  auto effects = std::make_shared<Effects>();
  effects->states = {"ctrl", "stim"};
  result->effects = effects;
  std::vector<std::string> names;
  std::vector<double> effect, fdr, low, high;
  for (const InventedGene& gene : genes) {
    names.push_back("GENE" + std::to_string(names.size()));
    effect.push_back(gene.effect);
    fdr.push_back(gene.fdr);
    low.push_back(gene.effect - gene.half_interval);
    high.push_back(gene.effect + gene.half_interval);
  }
  Table& table = result->ranking.table;
  table.index = names;
  table.set(Column::of_strings("gene", names));
  table.set(Column::of_strings("ensembl_id", names));
  table.set(Column::of_reals("effect", effect));
  table.set(Column::of_reals("ci_low", low));
  table.set(Column::of_reals("ci_high", high));
  table.set(Column::of_reals("fdr", fdr));
  result->perturbationOfRow.assign(names.size(), -1);
  return result;
}

/// As many genes as a genome has, a few of them far out.
inline RunResultPtr invented_genome(std::int64_t genes) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0.0, 0.01);
  std::vector<InventedGene> rows;
  for (std::int64_t i = 0; i < genes; ++i) {
    const double effect = normal(random);
    rows.push_back({effect, std::pow(10.0, -std::abs(effect) * 150.0), 0.005});
  }
  return result_of(rows);
}

}  // namespace cw::ui
