// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/outcome.h"

#include "core/base/parallel.h"
#include "core/stats/descriptive.h"
#include "core/stats/t_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kGrain = 16;  // perturbations per piece of work

std::vector<double> replicate_means(const DonorMeans& means, std::int32_t perturbation,
                                    const std::vector<std::int64_t>& replicates) {
  std::vector<double> values;
  for (const std::int64_t donor : replicates) values.push_back(means.mean(perturbation, donor));
  return values;
}

OutcomeSummary over_donors(const DonorMeans& means, std::int32_t perturbation,
                           const std::vector<std::int64_t>& replicates) {
  const TTest test = one_sample_t_test(replicate_means(means, perturbation, replicates));
  std::int64_t num_cells = 0;
  for (const std::int64_t donor : replicates) num_cells += means.count(perturbation, donor);
  return {test.mean, test.ci_low, test.ci_high, test.se, num_cells, true};
}

OutcomeSummary over_cells(std::span<const std::int32_t> all_cells, std::span<const float> all_values,
                          const CellBootstrap* bootstrap) {
  std::vector<std::int32_t> cells;
  std::vector<float> values;
  for (std::size_t i = 0; i < all_values.size(); ++i) {
    if (std::isnan(all_values[i])) continue;
    cells.push_back(all_cells[i]);
    values.push_back(all_values[i]);
  }
  const auto doubles = as_doubles(values);
  const auto num_cells = std::ssize(values);
  const bool has_interval = bootstrap != nullptr && num_cells > 1;  // one cell does not say how much cells differ
  const Interval interval = has_interval ? bootstrap->mean_interval(cells, values) : Interval{kNaN, kNaN};
  const double se = sample_sd(doubles) / std::sqrt(static_cast<double>(num_cells));
  return {mean(doubles), interval.low, interval.high, se, num_cells, false};
}

}  // namespace

DonorLayout::DonorLayout(const std::vector<EffectCell>& cells) {
  std::map<std::string, std::int32_t> index;
  for (const EffectCell& cell : cells) {
    if (!cell.donor.empty()) index.emplace(cell.donor, 0);
  }
  for (auto& [name, place] : index) {
    place = static_cast<std::int32_t>(names.size());
    names.push_back(name);
  }
  for (const EffectCell& cell : cells) of_cell.push_back(cell.donor.empty() ? -1 : index[cell.donor]);
}

std::vector<std::int64_t> DonorMeans::replicates(std::int32_t perturbation) const {
  std::vector<std::int64_t> result;
  for (std::int64_t donor = 0; donor < num_donors; ++donor) {
    if (count(perturbation, donor) >= kCellsPerDonor) result.push_back(donor);
  }
  if (static_cast<std::int32_t>(result.size()) < kDonorsForReplicates) result.clear();
  return result;
}

DonorMeans donor_means(const RunRows& rows, const std::vector<float>& gathered, const DonorLayout& donors) {
  DonorMeans result;
  result.num_donors = donors.num_donors();
  const auto size = static_cast<std::size_t>(rows.num_perturbations() * result.num_donors);
  result.means.assign(size, 0.0);
  result.counts.assign(size, 0);
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    const auto cells = rows.cells_of(p);
    const auto values = rows.of(gathered, p);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::int32_t donor = donors.of_cell[static_cast<std::size_t>(cells[i])];
      if (donor < 0 || std::isnan(values[i])) continue;
      const auto place = static_cast<std::size_t>(p * result.num_donors + donor);
      result.means[place] += values[i];
      ++result.counts[place];
    }
  }
  for (std::size_t i = 0; i < size; ++i) result.means[i] /= result.counts[i];  // 0/0 = NaN: no cells
  return result;
}

std::vector<OutcomeSummary> summarise_outcome(const RunRows& rows, const std::vector<float>& gathered,
                                              const DonorMeans& means, const CellBootstrap* bootstrap,
                                              int num_threads) {
  std::vector<OutcomeSummary> summaries(static_cast<std::size_t>(rows.num_perturbations()));
  parallel_for(0, rows.num_perturbations(), kGrain, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (auto p = static_cast<std::int32_t>(begin); p < end; ++p) {
      const auto replicates = means.replicates(p);
      summaries[static_cast<std::size_t>(p)] = replicates.empty()
                                                   ? over_cells(rows.cells_of(p), rows.of(gathered, p), bootstrap)
                                                   : over_donors(means, p, replicates);
    }
  });
  return summaries;
}

std::vector<double> effects_of(const RunRows& rows, const std::vector<float>& gathered, const DonorMeans& replicates,
                               const DonorLayout& donors) {
  const DonorMeans means = donor_means(rows, gathered, donors);
  std::vector<double> effects;
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    std::vector<double> values = replicate_means(means, p, replicates.replicates(p));
    if (values.empty()) values = as_doubles(rows.of(gathered, p));
    std::erase_if(values, [](double value) { return std::isnan(value); });
    effects.push_back(mean(values));
  }
  return effects;
}

}  // namespace cw
