// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/pairs.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace cw {
namespace {

using SingleKey = std::pair<std::string, std::int32_t>;  // kind, token

std::map<SingleKey, std::int32_t> singles_of(const Effects& run) {
  std::map<SingleKey, std::int32_t> singles;
  for (std::size_t p = 0; p < run.perturbations.size(); ++p) {
    const Perturbation& perturbation = run.perturbations[p];
    if (perturbation.tokens.size() != 1 || perturbation.role == "null") continue;
    singles.emplace(SingleKey{perturbation.kind, perturbation.tokens[0]}, static_cast<std::int32_t>(p));
  }
  return singles;
}

// Fills `place_of` with the position of each cell among the perturbation's rows, -1 elsewhere.
void locate(const RunRows& rows, std::int32_t perturbation, std::vector<std::int64_t>& place_of) {
  place_of.assign(place_of.size(), -1);
  const auto cells = rows.cells_of(perturbation);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    place_of[static_cast<std::size_t>(cells[i])] = static_cast<std::int64_t>(i);
  }
}

}  // namespace

std::vector<PairEffects> pairs_of(const Effects& run, const RunRows& rows, const std::vector<float>& gathered) {
  const auto singles = singles_of(run);
  std::vector<std::int64_t> first_place(run.cells.size(), -1);
  std::vector<std::int64_t> second_place(run.cells.size(), -1);
  std::vector<PairEffects> pairs;
  for (std::size_t p = 0; p < run.perturbations.size(); ++p) {
    const Perturbation& perturbation = run.perturbations[p];
    if (perturbation.role != "pair" || perturbation.tokens.size() != 2) continue;
    const auto first = singles.find({perturbation.kind, perturbation.tokens[0]});
    const auto second = singles.find({perturbation.kind, perturbation.tokens[1]});
    if (first == singles.end() || second == singles.end()) continue;

    PairEffects pair;
    pair.both = static_cast<std::int32_t>(p);
    pair.first = first->second;
    pair.second = second->second;
    // The anchor stands first, as published.
    if (run.perturbations[static_cast<std::size_t>(pair.second)].role == "anchor") std::swap(pair.first, pair.second);
    locate(rows, pair.first, first_place);
    locate(rows, pair.second, second_place);
    const auto cells = rows.cells_of(pair.both);
    const auto both = rows.of(gathered, pair.both);
    const auto first_all = rows.of(gathered, pair.first);
    const auto second_all = rows.of(gathered, pair.second);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::int64_t a = first_place[static_cast<std::size_t>(cells[i])];
      const std::int64_t b = second_place[static_cast<std::size_t>(cells[i])];
      if (a < 0 || b < 0) continue;
      pair.both_values.push_back(both[i]);
      pair.first_values.push_back(first_all[static_cast<std::size_t>(a)]);
      pair.second_values.push_back(second_all[static_cast<std::size_t>(b)]);
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

std::string too_few_pairs_text(const Effects& run, std::int64_t usable) {
  const auto pairs = std::count_if(run.perturbations.begin(), run.perturbations.end(),
                                   [](const Perturbation& p) { return p.role == "pair"; });
  if (pairs == 0) return "--test pairs needs a run with --how pairs or --how anchor; this run perturbed no pairs";
  std::string text = "--test pairs: " + std::to_string(usable) + " of the run's " + std::to_string(pairs) +
                     (pairs == 1 ? " pair" : " pairs") + (usable == 1 || pairs == 1 ? " has" : " have") +
                     " cells in which the pair and both genes alone were run; ";
  if (!run.complete) return text + "the run was stopped before its end: finish it with `cellwright resume` first";
  return text + "genes that are detected together in more cells, or more cells, are needed";
}

}  // namespace cw
