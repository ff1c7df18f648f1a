// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/effects.h"

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>

namespace cw::test {

/// Mixes integers into [0, 1); the same arithmetic as tests/golden/ranking/make.py.
inline double uniform(std::initializer_list<std::uint32_t> keys) {
  std::uint32_t h = 2166136261U;
  for (const std::uint32_t key : keys) {
    h = (h ^ key) * 16777619U;
    h ^= h >> 15;
    h *= 2246822519U;
    h ^= h >> 13;
  }
  return h / 4294967296.0;
}

/// A perturbation of the genes named by token, with symbols "SYM10" and ids "ENSG00000000010".
inline Perturbation perturbation_of(std::vector<std::int32_t> tokens, const std::string& role = "single",
                                    const std::string& kind = "delete") {
  Perturbation perturbation;
  perturbation.kind = kind;
  perturbation.role = role;
  for (const std::int32_t token : tokens) {
    char id[32];
    std::snprintf(id, sizeof id, "ENSG%011d", token);
    perturbation.ensembl_ids.emplace_back(id);
    perturbation.symbols.push_back("SYM" + std::to_string(token));
  }
  perturbation.tokens = std::move(tokens);
  return perturbation;
}

/// Cells "cell0", ... of 1,000 genes each, without donors.
inline void add_cells(Effects& run, int num_cells) {
  for (int c = 0; c < num_cells; ++c) run.cells.push_back({"cell" + std::to_string(c), c, 1000, "", ""});
}

/// Marks the run as one of every gene.
inline void mark_all_genes(Effects& run) {
  run.provenance = {{"options", {{"requests", {{{"kind", "delete"}, {"genes", {"all"}}}}}}}};
}

inline void add_row(Effects& run, std::int32_t cell, std::int32_t perturbation, std::vector<float> cosine,
                    std::int32_t rank = -1, float progress = 0.0F) {
  run.cell.push_back(cell);
  run.perturbation.push_back(perturbation);
  run.cosine.insert(run.cosine.end(), cosine.begin(), cosine.end());
  run.rank.push_back(rank);
  if (!run.states.empty()) run.progress.push_back(progress);
}

/// The run that make.py's `run` describes. Rows are cell by cell, as runs are written.
inline Effects formula_run(std::uint32_t genes, std::uint32_t cells, std::vector<std::string> states,
                           std::uint32_t salt, bool every) {
  Effects run;
  run.states = std::move(states);
  mark_all_genes(run);
  add_cells(run, static_cast<int>(cells));
  for (std::uint32_t g = 0; g < genes; ++g) {
    run.perturbations.push_back(perturbation_of({static_cast<std::int32_t>(10 + 3 * g)}));
  }
  const auto num_states = static_cast<std::uint32_t>(run.states.size());
  for (std::uint32_t c = 0; c < cells; ++c) {
    for (std::uint32_t g = 0; g < genes; ++g) {
      if (!every && uniform({salt, g, c, 99}) > 0.15 + 0.8 * uniform({salt, g, 98})) continue;
      std::vector<float> values;
      for (std::uint32_t s = 0; s < std::max(1U, num_states); ++s) {
        const double strength = uniform({salt, g, s, 97});
        const double noise = uniform({salt, g, c, s}) - 0.5;
        const double value = num_states > 0 ? 0.002 * noise + (g % 3 == 0 ? 0.0008 * (strength - 0.5) : 0.0)
                                            : 1.0 - (g % 5 == 0 ? 0.01 * strength : 0.0008 * strength) * (1.0 + noise);
        values.push_back(static_cast<float>(value));
      }
      add_row(run, static_cast<std::int32_t>(c), static_cast<std::int32_t>(g), std::move(values));
    }
  }
  return run;
}

}  // namespace cw::test
