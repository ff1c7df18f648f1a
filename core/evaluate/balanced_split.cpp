// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/balanced_split.h"

#include "core/base/random.h"
#include "core/evaluate/group_dealing.h"
#include "core/stats/distributions.h"
#include "core/stats/rank_sum.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace cw {
namespace {

/// One attribute, a value per group.
struct Attribute {
  std::string name;
  bool numeric = false;
  std::vector<double> numbers;     // NaN = missing
  std::vector<std::string> words;  // "" = missing
};

Result<Attribute> attribute_of_groups(const Column& column, const SplitDesign& design) {
  Attribute attribute;
  attribute.name = column.name;
  attribute.numeric = column.kind == ColumnKind::kReal || column.kind == ColumnKind::kInteger;
  attribute.words.resize(design.group_names.size());
  attribute.numbers.assign(design.group_names.size(), std::nan(""));
  std::vector<std::uint8_t> seen(design.group_names.size(), 0);
  for (std::int64_t i = 0; i < column.size(); ++i) {
    const auto group = design.groups[static_cast<std::size_t>(i)];
    if (group < 0) continue;
    const auto g = static_cast<std::size_t>(group);
    const std::string text = column.text(i);
    if (seen[g] != 0 && text != attribute.words[g]) {
      return Error{ErrorCode::kRefused, "E-EVA-006",
                   "'" + column.name + "' is both '" + attribute.words[g] + "' and '" + text + "' in '" +
                       design.group_names[g] +
                       "'; only what is the same in all cells of a donor can be balanced between donors: choose "
                       "another column"};
    }
    seen[g] = 1;
    attribute.words[g] = text;
    if (attribute.numeric && !text.empty()) attribute.numbers[g] = std::strtod(text.c_str(), nullptr);
  }
  return attribute;
}

/// Chi-squared test of homogeneity of two rows of counts.
double homogeneity_p(const std::map<std::string, std::array<double, 2>>& counts) {
  std::array<double, 2> totals{};
  for (const auto& [word, pair] : counts) {
    for (std::size_t side = 0; side < 2; ++side) totals[side] += pair[side];
  }
  if (counts.size() < 2 || totals[0] <= 0.0 || totals[1] <= 0.0) return 1.0;
  double statistic = 0.0;
  for (const auto& [word, pair] : counts) {
    for (std::size_t side = 0; side < 2; ++side) {
      const double expected = totals[side] * (pair[0] + pair[1]) / (totals[0] + totals[1]);
      statistic += (pair[side] - expected) * (pair[side] - expected) / expected;
    }
  }
  return chi_squared_upper_p(statistic, static_cast<double>(counts.size()) - 1.0);
}

double alike_p(const Attribute& attribute, const std::vector<std::int32_t>& candidates,
               const std::set<std::int32_t>& held_out) {
  if (attribute.numeric) {
    std::array<std::vector<double>, 2> sides;
    for (const auto group : candidates) {
      const double value = attribute.numbers[static_cast<std::size_t>(group)];
      if (!std::isnan(value)) sides[held_out.contains(group) ? 1 : 0].push_back(value);
    }
    const double p = rank_sum(sides[0], sides[1]).p;
    return std::isnan(p) ? 1.0 : p;
  }
  std::map<std::string, std::array<double, 2>> counts;
  for (const auto group : candidates) {
    const auto& word = attribute.words[static_cast<std::size_t>(group)];
    if (!word.empty()) counts[word][held_out.contains(group) ? 1 : 0] += 1.0;
  }
  return homogeneity_p(counts);
}

/// The class of every group, or -1 where a group has several.
std::vector<std::int32_t> class_of_groups(const GroupCounts& counts) {
  std::vector<std::int32_t> result(counts.num_group_names, -1);
  for (std::size_t g = 0; g < counts.size(); ++g) {
    const double* row = counts.row(g);
    const auto present = std::count_if(row, row + counts.num_classes, [](double n) { return n > 0.0; });
    if (present == 1) {
      result[static_cast<std::size_t>(counts.groups[g])] =
          static_cast<std::int32_t>(std::max_element(row, row + counts.num_classes) - row);
    }
  }
  return result;
}

std::set<std::int32_t> draw_groups(const std::vector<std::int32_t>& candidates,
                                   const std::vector<std::int32_t>& class_of, std::size_t count, std::uint64_t seed) {
  std::map<std::int32_t, int> groups_of_class;
  for (const auto group : candidates) ++groups_of_class[class_of[static_cast<std::size_t>(group)]];
  std::set<std::int32_t> drawn;
  std::set<std::int32_t> classes;
  const auto order = random_permutation(seed, static_cast<std::int64_t>(candidates.size()));
  // first one of every class, then any; the only donor of a class is needed for training and is drawn last
  for (const int pass : {0, 1, 2}) {
    for (const auto place : order) {
      if (drawn.size() == count) return drawn;
      const auto group = candidates[static_cast<std::size_t>(place)];
      const auto of_class = class_of[static_cast<std::size_t>(group)];
      if (pass < 2 && of_class >= 0 && groups_of_class[of_class] == 1) continue;
      if (pass == 0 && (of_class < 0 || !classes.insert(of_class).second)) continue;
      drawn.insert(group);
    }
  }
  return drawn;
}

struct Chosen {
  std::vector<BalanceTrial> trials;
  std::int64_t used = -1;
};

Chosen choose_groups(const std::vector<std::int32_t>& candidates, const std::vector<std::int32_t>& class_of,
                     const std::vector<Attribute>& attributes, std::size_t count, std::uint64_t seed,
                     const BalanceOptions& options) {
  Chosen chosen;
  for (int trial = 0; trial < options.max_trials; ++trial) {
    const auto drawn = draw_groups(candidates, class_of, count, scramble(seed) + static_cast<std::uint64_t>(trial));
    BalanceTrial result{{drawn.begin(), drawn.end()}, {}, 0.0};
    double least = 1.0;
    for (const auto& attribute : attributes) {
      result.p.push_back(alike_p(attribute, candidates, drawn));
      least = std::min(least, result.p.back());
      result.mean_p += result.p.back() / static_cast<double>(attributes.size());
    }
    const bool best = chosen.used < 0 || result.mean_p > chosen.trials[static_cast<std::size_t>(chosen.used)].mean_p;
    if (best || least >= options.threshold) chosen.used = trial;
    chosen.trials.push_back(std::move(result));
    if (least >= options.threshold) break;
  }
  return chosen;
}

}  // namespace

Result<BalancedSplit> balanced_split(const SplitDesign& design, const Table& cells,
                                     const std::vector<std::string>& attributes, const BalanceOptions& options) {
  if (!design.by_group()) {
    return Error{ErrorCode::kRefused, "E-EVA-006",
                 "attributes can only be balanced between donors, and no column of donors was given; name one"};
  }
  if (const auto shares = options.shares.validation + options.shares.test;
      options.shares.validation < 0.0 || options.shares.test <= 0.0 || shares >= 1.0 || options.max_trials < 1) {
    return Error{ErrorCode::kInvalidArgument, "E-EVA-004",
                 "a balanced split needs a test share above 0, shares that sum to below 1 and one trial or more"};
  }
  std::vector<Attribute> values;
  BalancedSplit result;
  for (const auto& name : attributes) {
    CW_ASSIGN(const Column* column, cells.require(name));
    CW_ASSIGN(auto attribute, attribute_of_groups(*column, design));
    values.push_back(std::move(attribute));
    result.attributes.push_back(name);
  }
  std::vector<std::int64_t> usable;
  for (std::int64_t i = 0; i < design.num_cells(); ++i) {
    if (design.usable(i)) usable.push_back(i);
  }
  const GroupCounts counts = count_groups(design, usable);
  const auto class_of = class_of_groups(counts);
  const std::size_t num_test = groups_of_share(counts.size(), options.shares.test);
  const std::size_t num_validation = groups_of_share(counts.size(), options.shares.validation);
  if (num_test + num_validation + 1 > counts.size()) {
    return Error{ErrorCode::kRefused, "E-EVA-005",
                 "'" + design.group_column + "' holds " + std::to_string(counts.size()) +
                     " donors with labelled cells, and these parts need " +
                     std::to_string(num_test + num_validation + 1) + "; ask for smaller or fewer parts"};
  }
  std::vector<Part> part_of_group(design.group_names.size(), Part::kUnused);
  for (const auto group : counts.groups) part_of_group[static_cast<std::size_t>(group)] = Part::kTrain;
  std::vector<std::int32_t> candidates = counts.groups;
  const auto hold_out = [&](Part part, std::size_t count, std::uint64_t seed, std::vector<BalanceTrial>& trials,
                            std::int64_t& used) {
    if (count == 0) return;
    Chosen chosen = choose_groups(candidates, class_of, values, count, seed, options);
    for (const auto group : chosen.trials[static_cast<std::size_t>(chosen.used)].held_out) {
      part_of_group[static_cast<std::size_t>(group)] = part;
      std::erase(candidates, group);
    }
    trials = std::move(chosen.trials);
    used = chosen.used;
  };
  hold_out(Part::kTest, num_test, options.shares.seed, result.test_trials, result.test_trial);
  hold_out(Part::kValidation, num_validation, options.shares.seed + 1, result.validation_trials,
           result.validation_trial);
  result.split.parts.assign(design.labels.size(), Part::kUnused);
  for (const auto cell : usable) {
    const auto i = static_cast<std::size_t>(cell);
    result.split.parts[i] = part_of_group[static_cast<std::size_t>(design.groups[i])];
  }
  return result;
}

std::vector<Column> balance_table(const BalancedSplit& split, const SplitDesign& design) {
  std::vector<std::string> part, held_out, used;
  std::vector<std::int64_t> trial;
  std::vector<std::vector<double>> p(split.attributes.size());
  std::vector<double> mean_p;
  const auto append = [&](std::string_view name, const std::vector<BalanceTrial>& trials, std::int64_t chosen) {
    for (std::size_t t = 0; t < trials.size(); ++t) {
      part.emplace_back(name);
      trial.push_back(static_cast<std::int64_t>(t));
      std::string groups;
      for (const auto group : trials[t].held_out) {
        groups += (groups.empty() ? "" : ";") + design.group_names[static_cast<std::size_t>(group)];
      }
      held_out.push_back(groups);
      used.emplace_back(static_cast<std::int64_t>(t) == chosen ? "yes" : "");
      for (std::size_t a = 0; a < p.size(); ++a) p[a].push_back(trials[t].p[a]);
      mean_p.push_back(trials[t].mean_p);
    }
  };
  append("test", split.test_trials, split.test_trial);
  append("validation", split.validation_trials, split.validation_trial);
  std::vector<Column> columns{Column::of_strings("part", part), Column::of_integers("trial", trial),
                              Column::of_strings("held_out", held_out), Column::of_strings("used", used)};
  for (std::size_t a = 0; a < p.size(); ++a) {
    columns.push_back(Column::of_reals(split.attributes[a] + "_p", std::move(p[a])));
  }
  columns.push_back(Column::of_reals("mean_p", std::move(mean_p)));
  return columns;
}

}  // namespace cw
