// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/group_dealing.h"

#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cw {
namespace {

constexpr int kPartTrials = 500;
constexpr int kFoldTrials = 200;
// A class that could have been in a part but is not costs more than any unevenness of shares, which is below 2.
constexpr double kNotTrained = 100.0;
constexpr double kNotTested = 10.0;
constexpr double kNotValidated = 3.0;

Error too_few_groups(const SplitDesign& design, std::size_t have, std::size_t need, std::string_view what) {
  return {ErrorCode::kRefused, "E-EVA-005",
          "'" + design.group_column + "' holds " + std::to_string(have) + " " + design.unit[1] + " with labelled " +
              design.unit[0] + ", and " + std::string(what) + " need " + std::to_string(need) +
              "; ask for fewer parts or folds, or split cell by cell (group 'none'), which is less honest"};
}

/// Cells of every class in `members` (places in counts.groups).
std::vector<double> class_sums(const GroupCounts& counts, std::span<const std::int64_t> members) {
  std::vector<double> sums(counts.num_classes, 0.0);
  for (const auto group : members) {
    for (std::size_t c = 0; c < counts.num_classes; ++c) sums[c] += counts.row(static_cast<std::size_t>(group))[c];
  }
  return sums;
}

double unevenness(const GroupCounts& counts, const std::vector<double>& sums, double share) {
  double classes = 0.0;
  double sum = 0.0;
  double total = 0.0;
  for (std::size_t c = 0; c < counts.num_classes; ++c) {
    const double off = counts.class_totals[c] > 0.0 ? sums[c] / counts.class_totals[c] - share : 0.0;
    classes += off * off;
    sum += sums[c];
    total += counts.class_totals[c];
  }
  const double size = sum / total - share;
  return classes / static_cast<double>(counts.num_classes) + size * size;
}

/// How far a choice of parts is from what was asked: 0 is perfect.
double cost_of_parts(const GroupCounts& counts, std::span<const std::int64_t> order, std::size_t num_test,
                     std::size_t num_validation, const HoldoutOptions& options) {
  const auto test = class_sums(counts, order.first(num_test));
  const auto validation = class_sums(counts, order.subspan(num_test, num_validation));
  const auto train = class_sums(counts, order.subspan(num_test + num_validation));
  double cost = 0.0;
  if (num_test > 0) cost += unevenness(counts, test, options.test);
  if (num_validation > 0) cost += unevenness(counts, validation, options.validation);
  for (std::size_t c = 0; c < counts.num_classes; ++c) {
    if (counts.class_groups[c] == 0) continue;
    if (train[c] <= 0.0) cost += kNotTrained;
    if (num_test > 0 && test[c] <= 0.0) cost += kNotTested;
    if (num_validation > 0 && validation[c] <= 0.0) cost += kNotValidated;
  }
  return cost;
}

/// Places of groups from the hardest to place (large, or of few classes) on. Every trial but the first blurs how hard
/// they are, so that the order differs.
std::vector<std::int64_t> hardest_first(const GroupCounts& counts, std::uint64_t seed, bool blurred) {
  const CounterRandom random(seed);
  std::vector<double> hardness(counts.size(), 0.0);
  for (std::size_t g = 0; g < counts.size(); ++g) {
    for (std::size_t c = 0; c < counts.num_classes; ++c) {
      const double share = counts.class_totals[c] > 0.0 ? counts.row(g)[c] / counts.class_totals[c] : 0.0;
      hardness[g] += share * share;
    }
    if (blurred) hardness[g] *= std::exp(2.0 * random.uniform(g) - 1.0);
  }
  auto order = random_permutation(seed, static_cast<std::int64_t>(counts.size()));
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return hardness[static_cast<std::size_t>(a)] > hardness[static_cast<std::size_t>(b)];
  });
  return order;
}

/// Folds while they are filled.
struct FoldSums {
  std::size_t num_classes;
  std::vector<double> shares;      // row-major [folds, classes]: share of the class that is in the fold
  std::vector<std::int32_t> size;  // groups per fold

  double squares_with(const GroupCounts& counts, std::size_t group, std::size_t fold) const {
    // only this fold changes: the growth of the sum of squares is what counts
    double growth = 0.0;
    for (std::size_t c = 0; c < num_classes; ++c) {
      if (counts.class_totals[c] <= 0.0) continue;
      const double more = counts.row(group)[c] / counts.class_totals[c];
      growth += more * (2.0 * shares[fold * num_classes + c] + more);
    }
    return growth;
  }
};

std::vector<std::int32_t> deal_once(const GroupCounts& counts, std::size_t num_folds, std::uint64_t seed,
                                    bool blurred) {
  FoldSums folds{counts.num_classes, std::vector<double>(num_folds * counts.num_classes, 0.0),
                 std::vector<std::int32_t>(num_folds, 0)};
  std::vector<std::int32_t> fold_of(counts.size(), -1);
  std::size_t left = counts.size();
  std::size_t empty = num_folds;
  for (const auto place : hardest_first(counts, seed, blurred)) {
    const auto group = static_cast<std::size_t>(place);
    std::size_t best = num_folds;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t f = 0; f < num_folds; ++f) {
      if (left == empty && folds.size[f] > 0) continue;  // the rest is needed to leave no fold empty
      const double growth = folds.squares_with(counts, group, f);
      if (growth < least || (growth == least && folds.size[f] < folds.size[best])) {
        least = growth;
        best = f;
      }
    }
    fold_of[group] = static_cast<std::int32_t>(best);
    if (folds.size[best]++ == 0) --empty;
    for (std::size_t c = 0; c < counts.num_classes; ++c) {
      if (counts.class_totals[c] > 0.0) {
        folds.shares[best * counts.num_classes + c] += counts.row(group)[c] / counts.class_totals[c];
      }
    }
    --left;
  }
  return fold_of;
}

double cost_of_folds(const GroupCounts& counts, const std::vector<std::int32_t>& fold_of, std::size_t num_folds) {
  double cost = 0.0;
  for (std::size_t f = 0; f < num_folds; ++f) {
    std::vector<std::int64_t> members;
    for (std::size_t g = 0; g < fold_of.size(); ++g) {
      if (fold_of[g] == static_cast<std::int32_t>(f)) members.push_back(static_cast<std::int64_t>(g));
    }
    const auto sums = class_sums(counts, members);
    cost += unevenness(counts, sums, 1.0 / static_cast<double>(num_folds));
    for (std::size_t c = 0; c < counts.num_classes; ++c) {
      // the fold holds every cell of a class that more than one group has: its training part would lack the class
      if (counts.class_groups[c] > 1 && sums[c] >= counts.class_totals[c]) cost += kNotTrained;
    }
  }
  return cost;
}

}  // namespace

GroupCounts count_groups(const SplitDesign& design, std::span<const std::int64_t> cells) {
  GroupCounts counts;
  counts.num_classes = design.classes.size();
  counts.num_group_names = design.group_names.size();
  std::vector<double> all(counts.num_group_names * counts.num_classes, 0.0);
  for (const auto cell : cells) {
    const auto i = static_cast<std::size_t>(cell);
    all[static_cast<std::size_t>(design.groups[i]) * counts.num_classes + static_cast<std::size_t>(design.labels[i])] +=
        1.0;
  }
  counts.class_totals.assign(counts.num_classes, 0.0);
  counts.class_groups.assign(counts.num_classes, 0);
  for (std::size_t g = 0; g < counts.num_group_names; ++g) {
    const auto row = std::span(all).subspan(g * counts.num_classes, counts.num_classes);
    if (std::accumulate(row.begin(), row.end(), 0.0) <= 0.0) continue;
    counts.groups.push_back(static_cast<std::int32_t>(g));
    counts.cells.insert(counts.cells.end(), row.begin(), row.end());
    for (std::size_t c = 0; c < counts.num_classes; ++c) {
      counts.class_totals[c] += row[c];
      if (row[c] > 0.0) ++counts.class_groups[c];
    }
  }
  return counts;
}

std::size_t groups_of_share(std::size_t num_groups, double share) {
  if (share <= 0.0) return 0;
  const auto wanted = static_cast<std::size_t>(std::nearbyint(static_cast<double>(num_groups) * share));
  return std::max<std::size_t>(wanted, 1);
}

Result<std::vector<Part>> deal_groups_to_parts(const GroupCounts& counts, const HoldoutOptions& options,
                                               const SplitDesign& design) {
  const std::size_t num_test = groups_of_share(counts.size(), options.test);
  const std::size_t num_validation = groups_of_share(counts.size(), options.validation);
  if (num_test + num_validation + 1 > counts.size()) {
    return too_few_groups(design, counts.size(), num_test + num_validation + 1, "these parts");
  }
  std::vector<std::int64_t> best;
  double least = std::numeric_limits<double>::infinity();
  for (int trial = 0; trial < kPartTrials; ++trial) {
    auto order = random_permutation(scramble(options.seed) + static_cast<std::uint64_t>(trial),
                                    static_cast<std::int64_t>(counts.size()));
    const double cost = cost_of_parts(counts, order, num_test, num_validation, options);
    if (cost < least) {
      least = cost;
      best = std::move(order);
    }
  }
  std::vector<Part> parts(counts.num_group_names, Part::kUnused);
  for (std::size_t i = 0; i < best.size(); ++i) {
    const auto group = static_cast<std::size_t>(counts.groups[static_cast<std::size_t>(best[i])]);
    parts[group] = i < num_test ? Part::kTest : i < num_test + num_validation ? Part::kValidation : Part::kTrain;
  }
  return parts;
}

Result<std::vector<std::int32_t>> deal_groups_to_folds(const GroupCounts& counts, int num_folds, std::uint64_t seed,
                                                       const SplitDesign& design) {
  const auto folds = static_cast<std::size_t>(num_folds);
  if (counts.size() < folds) return too_few_groups(design, counts.size(), folds, "these folds");
  std::vector<std::int32_t> best;
  double least = std::numeric_limits<double>::infinity();
  for (int trial = 0; trial < kFoldTrials; ++trial) {
    auto fold_of = deal_once(counts, folds, scramble(seed) + static_cast<std::uint64_t>(trial), trial > 0);
    const double cost = cost_of_folds(counts, fold_of, folds);
    if (cost < least) {
      least = cost;
      best = std::move(fold_of);
    }
  }
  std::vector<std::int32_t> fold_of_name(counts.num_group_names, -1);
  for (std::size_t g = 0; g < best.size(); ++g) fold_of_name[static_cast<std::size_t>(counts.groups[g])] = best[g];
  return fold_of_name;
}

}  // namespace cw
