// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/control_run.h"

#include "core/base/parallel.h"
#include "core/stats/rank_sum.h"
#include "core/stats/t_test.h"

#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using PerturbationKey = std::pair<std::string, std::vector<std::int32_t>>;  // kind, tokens

std::vector<double> donor_values(const DonorMeans& means, std::int32_t perturbation) {
  std::vector<double> values;
  for (const std::int64_t donor : means.replicates(perturbation)) values.push_back(means.mean(perturbation, donor));
  return values;
}

}  // namespace

std::vector<float> gather_outcome(const Effects& run, const RunRows& rows, std::int64_t column) {
  std::vector<float> values = rows.gather_cosine(run, column);
  if (run.states.empty()) {
    for (float& value : values) value = 1.0F - value;
  }
  return values;
}

std::vector<NullSummary> compare_with_control(const Effects& run, const RunRows& rows,
                                              const std::vector<float>& gathered,
                                              const std::vector<OutcomeSummary>& outcome, const Effects& control,
                                              std::int64_t column, int num_threads) {
  const RunRows control_rows(control);
  const auto control_gathered = gather_outcome(control, control_rows, column);
  const DonorMeans means = donor_means(rows, gathered, DonorLayout(run.cells));
  const DonorMeans control_means = donor_means(control_rows, control_gathered, DonorLayout(control.cells));
  const auto control_outcome = summarise_outcome(control_rows, control_gathered, control_means, nullptr, num_threads);
  std::map<PerturbationKey, std::int32_t> control_of;
  for (std::int32_t p = 0; p < control_rows.num_perturbations(); ++p) {
    const Perturbation& perturbation = control.perturbations[static_cast<std::size_t>(p)];
    if (perturbation.role != "null" && control_rows.count(p) > 0) {
      control_of.emplace(PerturbationKey{perturbation.kind, perturbation.tokens}, p);
    }
  }

  std::vector<NullSummary> summaries(outcome.size(), {kNaN, kNaN, kNaN, kNaN, false});
  parallel_for(0, rows.num_perturbations(), 64, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (auto p = static_cast<std::int32_t>(begin); p < end; ++p) {
      const auto i = static_cast<std::size_t>(p);
      const auto found = control_of.find({run.perturbations[i].kind, run.perturbations[i].tokens});
      if (found == control_of.end() || rows.count(p) == 0) continue;
      const OutcomeSummary& other = control_outcome[static_cast<std::size_t>(found->second)];
      NullSummary& summary = summaries[i];
      summary.mean = other.effect;
      summary.sd = other.se;
      summary.z = (outcome[i].effect - other.effect) / std::hypot(outcome[i].se, other.se);
      summary.p =
          outcome[i].by_donor && other.by_donor
              ? welch_t_test(donor_values(means, p), donor_values(control_means, found->second)).p
              : rank_sum(as_doubles(rows.of(gathered, p)), as_doubles(control_rows.of(control_gathered, found->second)))
                    .p;
    }
  });
  return summaries;
}

}  // namespace cw
