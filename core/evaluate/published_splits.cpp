// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/published_splits.h"

#include "core/base/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

namespace cw {
namespace {

using Rows = std::vector<std::int64_t>;

constexpr std::uint32_t kSeed = 42;               // of everything about cells
constexpr std::uint32_t kGeneSeed = 0;            // of everything about genes
constexpr std::size_t kCellsPerEvaluation = 100;  // forward_batch_size
constexpr double kValidationShare = 0.1 / (0.8 + 0.1);
constexpr double kTestOfHeldOut = 0.1 / (kValidationShare + 0.1);

// Dataset.shuffle(seed=42)
Rows shuffled(std::span<const std::int64_t> rows) {
  Rows out;
  out.reserve(rows.size());
  for (const std::int64_t place : numpy_permutation(kSeed, std::ssize(rows))) {
    out.push_back(rows[static_cast<std::size_t>(place)]);
  }
  return out;
}

// Dataset.train_test_split(test_size=share, seed=42): what is held out comes first.
std::size_t held_out(const Rows& rows, double share) {
  return static_cast<std::size_t>(std::ceil(share * static_cast<double>(rows.size())));
}

// random.sample of every class with more than `most` cells; classes follow each other as they appear.
Rows limited_per_class(const Rows& rows, const SplitDesign& design, std::int64_t most) {
  std::vector<Rows> classes;
  std::map<std::int32_t, std::size_t> place_of;
  for (const std::int64_t row : rows) {
    const auto [place, added] = place_of.emplace(design.labels[static_cast<std::size_t>(row)], classes.size());
    if (added) classes.emplace_back();
    classes[place->second].push_back(row);
  }
  std::vector<std::array<std::int64_t, 2>> sizes;
  for (const Rows& one : classes) {
    if (std::ssize(one) > most) sizes.push_back({std::ssize(one), most});
  }
  const std::vector<Rows> samples = python_samples(kSeed, sizes);
  Rows kept;
  std::size_t next = 0;
  for (const Rows& one : classes) {
    if (std::ssize(one) <= most) {
      kept.insert(kept.end(), one.begin(), one.end());
      continue;
    }
    for (const std::int64_t place : samples[next++]) kept.push_back(one[static_cast<std::size_t>(place)]);
  }
  return kept;
}

void mark(Split& split, std::span<const std::int64_t> rows, Part part) {
  for (const std::int64_t row : rows) split.parts[static_cast<std::size_t>(row)] = part;
}

// How many of `draws` each class gives: by its share, the largest remainders rounded up, ties drawn.
std::vector<std::int64_t> apportioned(const std::vector<std::int64_t>& counts, std::int64_t draws,
                                      LegacyNumpyRandom& random) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<std::int64_t> given;
  std::map<double, Rows, std::greater<>> by_remainder;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double exact = static_cast<double>(counts[c]) / total * static_cast<double>(draws);
    given.push_back(static_cast<std::int64_t>(std::floor(exact)));
    by_remainder[exact - std::floor(exact)].push_back(static_cast<std::int64_t>(c));
  }
  std::int64_t missing = draws - std::accumulate(given.begin(), given.end(), std::int64_t{0});
  for (const auto& [remainder, classes] : by_remainder) {
    if (missing <= 0) break;
    const std::int64_t added = std::min(missing, std::ssize(classes));
    const Rows order = random.permutation(std::ssize(classes));
    for (std::int64_t i = 0; i < added; ++i) {
      ++given[static_cast<std::size_t>(classes[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])])];
    }
    missing -= added;
  }
  return given;
}

// train_test_split(stratify, random_state=0): the rows that stay in the first part.
Rows stratified_first_part(const Rows& rows, const SplitDesign& design, double second_share) {
  LegacyNumpyRandom random(kGeneSeed);
  const auto num_second = static_cast<std::int64_t>(held_out(rows, second_share));
  const std::int64_t num_first = std::ssize(rows) - num_second;
  std::vector<Rows> classes(design.classes.size());
  for (const std::int64_t row : rows) {
    classes[static_cast<std::size_t>(design.labels[static_cast<std::size_t>(row)])].push_back(row);
  }
  std::erase_if(classes, [](const Rows& one) { return one.empty(); });
  std::vector<std::int64_t> counts;
  for (const Rows& one : classes) counts.push_back(std::ssize(one));
  const std::vector<std::int64_t> first = apportioned(counts, num_first, random);
  std::vector<std::int64_t> left;
  for (std::size_t c = 0; c < counts.size(); ++c) left.push_back(counts[c] - first[c]);
  // what the second part takes decides nothing here, but its ties draw numbers
  static_cast<void>(apportioned(left, num_second, random));
  Rows kept;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const Rows order = random.permutation(counts[c]);
    for (std::int64_t i = 0; i < first[c]; ++i) {
      kept.push_back(classes[c][static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
    }
  }
  return kept;
}

}  // namespace

std::vector<std::int64_t> published_first(std::span<const std::int64_t> rows, std::int64_t max_cells) {
  Rows first = shuffled(rows);
  if (max_cells > 0 && std::ssize(first) > max_cells) first.resize(static_cast<std::size_t>(max_cells));
  std::sort(first.begin(), first.end());
  return first;
}

Split published_cell_split(const SplitDesign& design, const PublishedHoldout& options) {
  Rows rows;
  for (std::int64_t row = 0; row < design.num_cells(); ++row) {
    if (design.usable(row)) rows.push_back(row);
  }
  rows = shuffled(rows);
  if (options.max_cells > 0 && std::ssize(rows) > options.max_cells) {
    rows.resize(static_cast<std::size_t>(options.max_cells));
  }
  if (options.max_cells_per_class > 0) rows = limited_per_class(rows, design, options.max_cells_per_class);
  Split split;
  split.parts.assign(design.labels.size(), Part::kUnused);
  Rows training = rows;
  if (options.test > 0.0) {
    const Rows order = shuffled(rows);
    const std::size_t count = held_out(rows, options.test);
    const std::size_t lost = count > 1 && count % kCellsPerEvaluation == 1 ? 1 : 0;
    mark(split, std::span(order).first(count - lost), Part::kTest);
    training.assign(order.begin() + static_cast<std::ptrdiff_t>(count), order.end());
  }
  mark(split, training, Part::kTrain);
  if (options.validation > 0.0) {
    const double train = 1.0 - options.validation - options.test;
    const Rows order = shuffled(shuffled(training));
    const std::size_t count = held_out(order, options.validation / (train + options.validation));
    mark(split, std::span(order).first(count), Part::kValidation);
  }
  return split;
}

Result<std::vector<Split>> published_gene_folds(const SplitDesign& design, int num_folds) {
  std::vector<Rows> classes(design.classes.size());
  for (std::int64_t row = 0; row < design.num_cells(); ++row) {
    classes[static_cast<std::size_t>(design.labels[static_cast<std::size_t>(row)])].push_back(row);
  }
  const auto folds = static_cast<std::size_t>(num_folds);
  // The sorted labels are dealt to the folds in turn: how many of each class a fold has.
  std::vector<std::vector<std::int64_t>> dealt(folds, std::vector<std::int64_t>(classes.size()));
  std::size_t turn = 0;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (classes[c].size() < folds) {
      return Error{ErrorCode::kRefused, "E-EVA-005",
                   "class '" + design.classes[c] + "' has " + std::to_string(classes[c].size()) +
                       " genes, too few for " + std::to_string(num_folds) +
                       " folds; use fewer --folds or a longer list"};
    }
    for (std::size_t i = 0; i < classes[c].size(); ++i) ++dealt[turn++ % folds][c];
  }
  LegacyNumpyRandom random(kGeneSeed);
  std::vector<std::size_t> fold_of(design.labels.size());
  for (std::size_t c = 0; c < classes.size(); ++c) {
    Rows order;
    for (std::size_t fold = 0; fold < folds; ++fold) {
      order.insert(order.end(), static_cast<std::size_t>(dealt[fold][c]), static_cast<std::int64_t>(fold));
    }
    random.shuffle(order);
    for (std::size_t i = 0; i < order.size(); ++i) {
      fold_of[static_cast<std::size_t>(classes[c][i])] = static_cast<std::size_t>(order[i]);
    }
  }
  std::vector<Split> splits(folds);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    splits[fold].parts.assign(design.labels.size(), Part::kTrain);
    Rows held;
    for (const Rows& one : classes) {
      std::copy_if(one.begin(), one.end(), std::back_inserter(held),
                   [&](std::int64_t row) { return fold_of[static_cast<std::size_t>(row)] == fold; });
    }
    mark(splits[fold], held, Part::kUnused);
    mark(splits[fold], stratified_first_part(held, design, kTestOfHeldOut), Part::kTest);
  }
  return splits;
}

}  // namespace cw
