// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/splits.h"

#include "core/base/random.h"
#include "core/base/words.h"
#include "core/evaluate/group_dealing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

namespace cw {
namespace {

constexpr std::int32_t kRegressionClasses = 5;

// The surest name first, in lower case, without what separates words and an "id" or "name" at the end.
constexpr std::array<std::string_view, 8> kDonorNames{"donor",       "patient", "individual", "subject",
                                                      "participant", "mouse",   "animal",     "sample"};
constexpr std::size_t kSample = 7;  // of a donor, who may have given several

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::size_t donor_rank(std::string_view column) {
  std::string name = lower(std::string(column));
  std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0; });
  for (const std::string_view end : {"id", "name", "label"}) {
    if (name.size() > end.size() && name.ends_with(end)) name = name.substr(0, name.size() - end.size());
  }
  return static_cast<std::size_t>(std::find(kDonorNames.begin(), kDonorNames.end(), name) - kDonorNames.begin());
}

std::size_t count_values(const Column& column, std::size_t enough) {
  std::set<std::string> values;
  for (std::int64_t i = 0; i < column.size() && values.size() < enough; ++i) {
    if (!column.is_missing(i)) values.insert(column.text(i));
  }
  return values.size();
}

/// Codes of a column with its categories sorted and those without a cell left out.
void sorted_codes(const Column& column, std::vector<std::int32_t>& codes, std::vector<std::string>& names) {
  const Column categorical = as_categorical(column);
  std::vector<std::uint8_t> present(categorical.categories.size(), 0);
  for (const auto code : categorical.codes) {
    if (code >= 0) present[static_cast<std::size_t>(code)] = 1;
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (present[i] != 0 && !categorical.categories[i].empty()) order.push_back(i);
  }
  // numbers were sorted by value already
  if (column.kind == ColumnKind::kString || column.kind == ColumnKind::kCategorical) {
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return categorical.categories[a] < categorical.categories[b]; });
  }
  std::vector<std::int32_t> place(present.size(), -1);
  names.clear();
  for (const auto i : order) {
    place[i] = static_cast<std::int32_t>(names.size());
    names.push_back(categorical.categories[i]);
  }
  codes.clear();
  for (const auto code : categorical.codes) codes.push_back(code < 0 ? -1 : place[static_cast<std::size_t>(code)]);
}

/// Classes of about equal size along a numeric label.
Result<> cut_numeric_label(const Column& column, SplitDesign& design) {
  CW_ASSIGN(const std::vector<double> values, numbers_of(column));
  std::vector<double> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted), [](double v) { return std::isfinite(v); });
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges;
  for (std::int32_t i = 1; i < kRegressionClasses && !sorted.empty(); ++i) {
    const double edge = sorted[sorted.size() * static_cast<std::size_t>(i) / kRegressionClasses];
    if (edge > sorted.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
  }
  for (std::size_t i = 0; i <= edges.size(); ++i) design.classes.push_back("range " + std::to_string(i + 1));
  for (const double value : values) {
    design.labels.push_back(
        std::isfinite(value)
            ? static_cast<std::int32_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin())
            : -1);
  }
  return {};
}

Result<> check_shares(double validation, double test) {
  if (validation >= 0.0 && test >= 0.0 && validation + test > 0.0 && validation + test < 1.0) return {};
  return Error{ErrorCode::kInvalidArgument, "E-EVA-004",
               "validation share " + std::to_string(validation) + " and test share " + std::to_string(test) +
                   " leave nothing to train on or nothing to test; give shares from 0 to below 1 whose sum is below 1"};
}

/// Cells of each class in a seeded order.
std::vector<std::vector<std::int64_t>> shuffled_classes(const SplitDesign& design,
                                                        const std::vector<std::int64_t>& cells, std::uint64_t seed) {
  std::vector<std::vector<std::int64_t>> classes(design.classes.size());
  for (const auto place : random_permutation(seed, static_cast<std::int64_t>(cells.size()))) {
    const auto cell = cells[static_cast<std::size_t>(place)];
    classes[static_cast<std::size_t>(design.labels[static_cast<std::size_t>(cell)])].push_back(cell);
  }
  return classes;
}

std::vector<std::int64_t> usable_cells(const SplitDesign& design) {
  std::vector<std::int64_t> cells;
  for (std::int64_t i = 0; i < design.num_cells(); ++i) {
    if (design.usable(i)) cells.push_back(i);
  }
  return cells;
}

/// Deals the cells of every class to the parts one by one.
void hold_out_cells(const SplitDesign& design, const std::vector<std::int64_t>& cells, const HoldoutOptions& options,
                    std::vector<Part>& parts) {
  for (const auto& members : shuffled_classes(design, cells, options.seed)) {
    const auto size = static_cast<double>(members.size());
    const auto count = [&](double share) {
      const auto wanted = static_cast<std::size_t>(std::nearbyint(size * share));
      return share > 0.0 && members.size() >= 3 ? std::max<std::size_t>(wanted, 1) : wanted;
    };
    const std::size_t test = count(options.test);
    const std::size_t validation = std::min(count(options.validation), members.size() - test);
    for (std::size_t i = 0; i < members.size(); ++i) {
      parts[static_cast<std::size_t>(members[i])] = i < test                ? Part::kTest
                                                    : i < test + validation ? Part::kValidation
                                                                            : Part::kTrain;
    }
  }
}

/// Parts of the given cells only; others keep what they have.
Result<> hold_out(const SplitDesign& design, const std::vector<std::int64_t>& cells, const HoldoutOptions& options,
                  std::vector<Part>& parts) {
  CW_TRY(check_shares(options.validation, options.test));
  if (!design.by_group()) {
    hold_out_cells(design, cells, options, parts);
    return {};
  }
  const GroupCounts counts = count_groups(design, cells);
  CW_ASSIGN(const auto dealt, deal_groups_to_parts(counts, options, design));
  for (const auto cell : cells) {
    const auto i = static_cast<std::size_t>(cell);
    parts[i] = dealt[static_cast<std::size_t>(design.groups[i])];
  }
  return {};
}

}  // namespace

std::string_view name_of(Part part) noexcept {
  switch (part) {
    case Part::kTrain:
      return "train";
    case Part::kValidation:
      return "validation";
    case Part::kTest:
      return "test";
    case Part::kUnused:
      break;
  }
  return "unused";
}

Result<Part> part_of(std::string_view name) {
  const std::string word = lower(std::string(name));
  if (word == "train" || word == "training") return Part::kTrain;
  if (word == "validation" || word == "valid" || word == "val" || word == "eval") return Part::kValidation;
  if (word == "test") return Part::kTest;
  if (word.empty() || word == "unused") return Part::kUnused;
  return Error{ErrorCode::kParse, "E-EVA-009",
               "'" + std::string(name) + "' is no part of a split; use train, validation, test or unused"};
}

Result<std::vector<double>> numbers_of(const Column& column) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < column.size(); ++i) {
    const std::string text = column.text(i);
    char* end = nullptr;
    const double value = text.empty() ? std::nan("") : std::strtod(text.c_str(), &end);
    if (!text.empty() && (end == nullptr || *end != '\0')) {
      return Error{ErrorCode::kRefused, "E-EVA-003",
                   "the column '" + column.name + "' holds '" + text +
                       "', which is no number; choose a numeric column, or treat the values as classes"};
    }
    values.push_back(std::isfinite(value) ? value : std::nan(""));
  }
  return values;
}

bool names_donors(std::string_view column) { return donor_rank(column) < kDonorNames.size(); }

std::string find_group_column(const Table& cells) {
  const Column* best = nullptr;
  bool one_donor = false;
  for (const Column& column : cells.columns) {
    const std::size_t rank = donor_rank(column.name);
    if (rank == kDonorNames.size()) continue;
    const std::size_t values = count_values(column, 2);
    one_donor = one_donor || (values == 1 && rank < kSample);
    if (values == 2 && (best == nullptr || rank < donor_rank(best->name))) best = &column;
  }
  // Samples stand for donors only where nothing says who the donors are: those of one donor differ in what was done to
  // them, which is the label more often than not.
  if (best == nullptr || (one_donor && donor_rank(best->name) == kSample)) return {};
  return best->name;
}

Result<SplitDesign> split_design(const Table& cells, const std::string& label, const std::string& group,
                                 bool numeric_label) {
  SplitDesign design;
  design.label_column = label;
  CW_ASSIGN(const Column* labels, cells.require(label));
  if (numeric_label) {
    CW_TRY(cut_numeric_label(*labels, design));
  } else {
    sorted_codes(*labels, design.labels, design.classes);
  }
  if (design.classes.size() < 2) {
    return Error{ErrorCode::kRefused, "E-EVA-001",
                 "the column '" + label + "' holds " +
                     (design.classes.empty() ? std::string("no value") : "the one value '" + design.classes[0] + "'") +
                     ", so there is nothing to tell apart; choose a column with two classes or more"};
  }
  design.group_column = group == "none" ? "" : group == "auto" ? find_group_column(cells) : group;
  if (design.group_column.empty()) return design;
  if (design.group_column == label) {
    if (group == "auto") {
      design.group_column.clear();
      return design;
    }
    return Error{ErrorCode::kInvalidArgument, "E-EVA-002",
                 "'" + label +
                     "' is both the label and the group; a donor that is held out would be a class that was "
                     "never seen. Name another column, or 'none'"};
  }
  CW_ASSIGN(const Column* groups, cells.require(design.group_column));
  sorted_codes(*groups, design.groups, design.group_names);
  if (design.group_names.size() < 2) {
    return Error{ErrorCode::kRefused, "E-EVA-002",
                 "the column '" + design.group_column +
                     "' holds fewer than two donors, so none can be held out; name "
                     "another column, or 'none' to split cell by cell"};
  }
  return design;
}

std::vector<std::int64_t> Split::rows(Part part) const {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == part) result.push_back(static_cast<std::int64_t>(i));
  }
  return result;
}

Result<SplitDesign> without_classes(const SplitDesign& design, const std::vector<std::string>& left_out) {
  SplitDesign kept = design;
  kept.classes.clear();
  std::vector<std::int32_t> place(design.classes.size(), -1);
  for (const auto& name : left_out) {
    if (std::find(design.classes.begin(), design.classes.end(), name) != design.classes.end()) continue;
    return Error{ErrorCode::kNotFound, "E-EVA-022",
                 "the column '" + design.label_column + "' has no class '" + name + "' to leave out; it has " +
                     listed(design.classes, 10)};
  }
  for (std::size_t c = 0; c < design.classes.size(); ++c) {
    if (std::find(left_out.begin(), left_out.end(), design.classes[c]) != left_out.end()) continue;
    place[c] = static_cast<std::int32_t>(kept.classes.size());
    kept.classes.push_back(design.classes[c]);
  }
  if (kept.classes.size() < 2) {
    return Error{ErrorCode::kRefused, "E-EVA-001",
                 "without the classes left out the column '" + design.label_column +
                     "' has fewer than two, so there is nothing to tell apart; leave out fewer"};
  }
  for (auto& label : kept.labels) label = label < 0 ? -1 : place[static_cast<std::size_t>(label)];
  return kept;
}

Split whole_split(const SplitDesign& design, Part part) {
  Split split;
  split.parts.reserve(design.labels.size());
  for (std::int64_t cell = 0; cell < design.num_cells(); ++cell) {
    split.parts.push_back(design.usable(cell) ? part : Part::kUnused);
  }
  return split;
}

Result<Split> holdout_split(const SplitDesign& design, const HoldoutOptions& options) {
  Split split;
  split.parts.assign(design.labels.size(), Part::kUnused);
  CW_TRY(hold_out(design, usable_cells(design), options, split.parts));
  return split;
}

Result<Split> kfold_split(const SplitDesign& design, int num_folds, std::uint64_t seed) {
  const auto cells = usable_cells(design);
  if (num_folds < 2) {
    return Error{ErrorCode::kInvalidArgument, "E-EVA-004",
                 std::to_string(num_folds) + " folds cannot be trained and tested; give 2 or more"};
  }
  Split split;
  split.num_folds = num_folds;
  split.parts.assign(design.labels.size(), Part::kUnused);
  split.folds.assign(design.labels.size(), -1);
  if (design.by_group()) {
    CW_ASSIGN(const auto fold_of_group, deal_groups_to_folds(count_groups(design, cells), num_folds, seed, design));
    for (const auto cell : cells) {
      const auto i = static_cast<std::size_t>(cell);
      split.folds[i] = fold_of_group[static_cast<std::size_t>(design.groups[i])];
    }
  } else {
    if (static_cast<std::int64_t>(cells.size()) < num_folds) {
      return Error{ErrorCode::kRefused, "E-EVA-005",
                   std::to_string(cells.size()) + " " + design.unit[0] + " with a label are fewer than " +
                       std::to_string(num_folds) + " folds; ask for fewer folds"};
    }
    // going on round the folds from class to class keeps their sizes within one of each other
    int next = 0;
    for (const auto& members : shuffled_classes(design, cells, seed)) {
      for (const auto cell : members) {
        split.folds[static_cast<std::size_t>(cell)] = next;
        next = (next + 1) % num_folds;
      }
    }
  }
  for (const auto cell : cells) split.parts[static_cast<std::size_t>(cell)] = Part::kTest;
  return split;
}

Result<Split> fold_parts(const SplitDesign& design, const Split& folds, int fold, double validation,
                         std::uint64_t seed) {
  if (fold < 0 || fold >= folds.num_folds) {
    return Error{ErrorCode::kInvalidArgument, "E-EVA-004",
                 "there is no fold " + std::to_string(fold) + " of " + std::to_string(folds.num_folds)};
  }
  Split split;
  split.parts.assign(folds.folds.size(), Part::kUnused);
  std::vector<std::int64_t> rest;
  for (std::size_t i = 0; i < folds.folds.size(); ++i) {
    if (folds.folds[i] == fold) split.parts[i] = Part::kTest;
    if (folds.folds[i] < 0 || folds.folds[i] == fold) continue;
    split.parts[i] = Part::kTrain;
    rest.push_back(static_cast<std::int64_t>(i));
  }
  if (validation <= 0.0) return split;
  // the held-out share of what is left becomes the validation part
  std::vector<Part> inner(folds.folds.size(), Part::kUnused);
  CW_TRY(hold_out(design, rest, {0.0, validation, scramble(seed + static_cast<std::uint64_t>(fold))}, inner));
  for (const auto cell : rest) {
    const auto i = static_cast<std::size_t>(cell);
    if (inner[i] == Part::kTest) split.parts[i] = Part::kValidation;
  }
  return split;
}

}  // namespace cw
