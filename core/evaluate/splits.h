// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/table.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// What a cell (or gene) is used for.
enum class Part : std::uint8_t {
  kUnused,      ///< no label, no donor, or left out to remove a leak
  kTrain,       ///< parameters are fitted on it
  kValidation,  ///< chooses when to stop and which settings are best
  kTest         ///< looked at once, at the end
};

/// "unused", "train", "validation", "test": the words of split.csv.
[[nodiscard]] std::string_view name_of(Part part) noexcept;
/// The opposite; also "valid", "val" and "eval". kUnused for "" and "unused". Errors: kParse E-EVA-009.
[[nodiscard]] Result<Part> part_of(std::string_view name);

/// The facts that a split is made from, one entry per cell (or gene).
struct SplitDesign {
  std::string label_column;
  std::vector<std::int32_t> labels;  ///< [cells] index into `classes`, -1 = missing: never used
  std::vector<std::string> classes;
  std::string group_column;              ///< "" where cells are split one by one
  std::vector<std::int32_t> groups;      ///< [cells] index into `group_names`, -1 = missing; empty = by cell
  std::vector<std::string> group_names;  ///< donors
  std::vector<std::string> unit = {"cells", "donors"};  ///< what rows and groups are called in messages

  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(labels.size()); }
  [[nodiscard]] bool by_group() const noexcept { return !groups.empty(); }
  /// A cell that has what it needs to be in a part.
  [[nodiscard]] bool usable(std::int64_t cell) const noexcept {
    const auto i = static_cast<std::size_t>(cell);
    return labels[i] >= 0 && (groups.empty() || groups[i] >= 0);
  }
};

/// Whether a column of this name usually holds donors: donor, patient_id, Subject, sample, ... in any case.
[[nodiscard]] bool names_donors(std::string_view column);

/// The column of donors (or patients, subjects, ...) that `cells` has by its usual names, "" if it has none with two
/// values or more. Samples count as donors only where no column says that all are of one donor.
[[nodiscard]] std::string find_group_column(const Table& cells);

/// Numbers of a column, NaN where it has none. Errors: kRefused E-EVA-003 (a text that is no number).
[[nodiscard]] Result<std::vector<double>> numbers_of(const Column& column);

/// Labels and groups out of a cell table. `group`: a column, "auto" (find_group_column) or "none". Classes and groups
/// are sorted by name; those without a cell are left out. `numeric_label`: a column of numbers, cut into up to five
/// classes of equal size, so that a regression is split evenly over its range.
/// Errors: kNotFound (column), kRefused E-EVA-001 (fewer than two classes), E-EVA-002 (fewer than two groups),
/// E-EVA-003 (a numeric label that is no number).
[[nodiscard]] Result<SplitDesign> split_design(const Table& cells, const std::string& label, const std::string& group,
                                               bool numeric_label = false);

/// The same question without some classes: their cells have no label any more. Errors: kNotFound E-EVA-022 (no such
/// class), kRefused E-EVA-001 (fewer than two are left).
[[nodiscard]] Result<SplitDesign> without_classes(const SplitDesign& design, const std::vector<std::string>& left_out);

/// Which part every cell is in, or which fold tests it.
struct Split {
  std::vector<Part> parts;          ///< [cells]; with folds: kTest where the cell has a fold, else kUnused
  std::vector<std::int32_t> folds;  ///< [cells] the fold that tests the cell, -1 = unused; empty = no folds
  int num_folds = 0;

  /// Rows of a part, rising.
  [[nodiscard]] std::vector<std::int64_t> rows(Part part) const;
};

/// Every usable cell in `part`, the others unused: nothing is held out, or everything is counted under one part.
[[nodiscard]] Split whole_split(const SplitDesign& design, Part part);

struct HoldoutOptions {
  double validation = 0.1;  ///< share, 0 (no such part) to below 1; of the donors where the design has groups
  double test = 0.1;        ///< the same; validation + test < 1. Defaults as in the published classifier (0.8/0.1/0.1)
  std::uint64_t seed = 42;
};

/// Training, validation and test part; whole groups stay together.
///
/// Groups   of many seeded random draws of round(groups * share) groups, the one that keeps the share of every class in
///          every part nearest to what was asked, and every class that allows it in training and test.
/// Cells    stratified by class: each class is shuffled and dealt by its share, at least one cell per part from three
///          cells of the class on.
/// Errors   kInvalidArgument E-EVA-004 (shares), kRefused E-EVA-005 (fewer groups than parts).
/// Repeat   equal for equal seed and order of cells; groups are drawn by name order.
[[nodiscard]] Result<Split> holdout_split(const SplitDesign& design, const HoldoutOptions& options);

/// `num_folds` folds that cover every usable cell exactly once; whole groups stay together, classes are spread as
/// evenly as the groups allow (the best of several seeded greedy assignments). Errors   kInvalidArgument E-EVA-004
/// (fewer than two folds), kRefused E-EVA-005 (fewer groups, or cells, than folds).
[[nodiscard]] Result<Split> kfold_split(const SplitDesign& design, int num_folds, std::uint64_t seed);

/// The parts of one fold: its cells are the test part, the others are trained on, of which a share `validation` is
/// taken for validation as holdout_split does. Errors: kInvalidArgument E-EVA-004, kRefused E-EVA-005.
[[nodiscard]] Result<Split> fold_parts(const SplitDesign& design, const Split& folds, int fold, double validation,
                                       std::uint64_t seed);

}  // namespace cw
