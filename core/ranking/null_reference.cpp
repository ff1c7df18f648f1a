// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/null_reference.h"

#include "core/base/parallel.h"
#include "core/stats/descriptive.h"
#include "core/stats/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Perturbations that may stand for each other: same kind, same number of genes, same role (an anchor is a single
/// gene).
using PeerKey = std::tuple<std::string, std::size_t, std::string>;

PeerKey key_of(const Perturbation& perturbation) {
  const std::string& role = perturbation.role;
  return {perturbation.kind, perturbation.tokens.size(), role == "anchor" ? "single" : role};
}

std::vector<double> values_at(const std::vector<OutcomeSummary>& outcome, const std::vector<std::int32_t>& places) {
  std::vector<double> values;
  for (const std::int32_t place : places) {
    const double effect = outcome[static_cast<std::size_t>(place)].effect;
    if (!std::isnan(effect)) values.push_back(effect);
  }
  return values;
}

// Rank of the effect's distance from the controls' median among the controls' own distances (beyond 4).
double rank_p(const std::vector<double>& controls, double center, double effect) {
  const double distance = std::abs(effect - center);
  const auto as_extreme = std::count_if(controls.begin(), controls.end(),
                                        [&](double control) { return std::abs(control - center) >= distance; });
  return (1.0 + static_cast<double>(as_extreme)) / (1.0 + static_cast<double>(controls.size()));
}

}  // namespace

std::vector<double> median_relative_ranks(const Effects& run, const RunRows& rows) {
  std::vector<double> medians;
  std::map<std::pair<std::string, std::int32_t>, double> rank_of_gene;  // kind, token
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    std::vector<double> relative;
    for (const std::uint32_t row : rows.rows_of(p)) {
      const std::int32_t length = run.cells[static_cast<std::size_t>(run.cell[row])].length;
      if (run.rank[row] >= 0 && length > 0) relative.push_back(static_cast<double>(run.rank[row]) / length);
    }
    medians.push_back(median_in_place(relative));
    const Perturbation& perturbation = run.perturbations[static_cast<std::size_t>(p)];
    if (perturbation.tokens.size() == 1) rank_of_gene[{perturbation.kind, perturbation.tokens[0]}] = medians.back();
  }
  // Rows carry the position of one gene only; where each gene of a group was run alone too, its own median is known.
  for (std::size_t p = 0; p < medians.size(); ++p) {
    const Perturbation& perturbation = run.perturbations[p];
    if (perturbation.tokens.size() < 2) continue;
    std::vector<double> singles;
    for (const std::int32_t token : perturbation.tokens) {
      const auto found = rank_of_gene.find({perturbation.kind, token});
      if (found != rank_of_gene.end()) singles.push_back(found->second);
    }
    if (singles.size() == perturbation.tokens.size()) medians[p] = mean(singles);
  }
  return medians;
}

NullReference::NullReference(const Effects& run, const RunRows& rows, const std::vector<double>& relative_ranks)
    : random_(run.perturbations.size()), windows_(run.perturbations.size()) {
  for (std::size_t p = 0; p < run.perturbations.size(); ++p) {
    const std::int32_t partner = run.perturbations[p].partner;
    if (run.perturbations[p].role == "null" && partner >= 0) {
      random_[static_cast<std::size_t>(partner)].push_back(static_cast<std::int32_t>(p));
    }
  }
  // the genes that a screen let through are no fair sample of their ranks
  if (!is_all_gene_run(run) || was_screened(run)) return;

  std::map<PeerKey, std::vector<std::int32_t>> peers;
  for (std::size_t p = 0; p < run.perturbations.size(); ++p) {
    if (run.perturbations[p].role == "null" || std::isnan(relative_ranks[p])) continue;
    peers[key_of(run.perturbations[p])].push_back(static_cast<std::int32_t>(p));
  }
  for (auto& [key, members] : peers) {
    std::stable_sort(members.begin(), members.end(), [&](std::int32_t a, std::int32_t b) {
      return relative_ranks[static_cast<std::size_t>(a)] < relative_ranks[static_cast<std::size_t>(b)];
    });
    const auto base = static_cast<std::int64_t>(order_.size());
    for (const std::int32_t p : members) {
      if (rows.count(p) >= kFewestCellsOfGene) order_.push_back(p);
    }
    const auto end = static_cast<std::int64_t>(order_.size());
    std::int64_t place = base;  // of the next candidate at or behind the present gene
    for (const std::int32_t p : members) {
      const bool candidate = rows.count(p) >= kFewestCellsOfGene;
      const std::int64_t width = kNullGenes + (candidate ? 1 : 0);
      const std::int64_t begin = std::clamp(place - kNullGenes / 2, base, std::max(base, end - width));
      windows_[static_cast<std::size_t>(p)] = {begin, std::min(end, begin + width)};
      if (candidate) ++place;
    }
  }
}

bool NullReference::is_random(std::int32_t perturbation) const noexcept {
  return !random_[static_cast<std::size_t>(perturbation)].empty();
}

std::vector<std::int32_t> NullReference::controls_of(std::int32_t perturbation) const {
  if (is_random(perturbation)) return random_[static_cast<std::size_t>(perturbation)];
  const Window& window = windows_[static_cast<std::size_t>(perturbation)];
  std::vector<std::int32_t> controls;
  for (std::int64_t i = window.begin; i < window.end; ++i) {
    const std::int32_t other = order_[static_cast<std::size_t>(i)];
    if (other != perturbation) controls.push_back(other);
  }
  if (static_cast<std::int64_t>(controls.size()) < kFewestControls) controls.clear();
  return controls;
}

std::vector<NullSummary> NullReference::compare(const std::vector<OutcomeSummary>& outcome, int num_threads) const {
  std::vector<NullSummary> summaries(outcome.size(), {kNaN, kNaN, kNaN, kNaN, false});
  parallel_for(
      0, static_cast<std::int64_t>(outcome.size()), 64, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          const auto p = static_cast<std::int32_t>(i);
          const std::vector<double> controls = values_at(outcome, controls_of(p));
          if (controls.empty() || outcome[i].num_cells < kFewestCellsOfGene) continue;
          NullSummary& summary = summaries[i];
          std::vector<double> scratch = controls;
          summary.sd = mad_sd_in_place(scratch, summary.mean);
          const double spread = std::hypot(summary.sd, outcome[i].se);
          const double excess = outcome[i].effect - summary.mean;
          summary.z = excess == 0.0 ? 0.0 : excess / spread;
          summary.p = is_random(p) ? rank_p(controls, summary.mean, outcome[i].effect) : normal_two_sided_p(summary.z);
          summary.smallest_p = is_random(p) && summary.p <= 1.0 / (1.0 + static_cast<double>(controls.size()));
        }
      });
  return summaries;
}

std::vector<double> NullReference::donor_excess(const DonorMeans& means, std::int32_t perturbation) const {
  const auto controls = controls_of(perturbation);
  std::vector<double> excess;
  if (controls.empty()) return excess;
  for (const std::int64_t donor : means.replicates(perturbation)) {
    std::vector<double> values;
    for (const std::int32_t control : controls) {
      if (means.count(control, donor) > 0) values.push_back(means.mean(control, donor));
    }
    const double expected = median_in_place(values);
    if (!std::isnan(expected)) excess.push_back(means.mean(perturbation, donor) - expected);
  }
  return excess;
}

}  // namespace cw
