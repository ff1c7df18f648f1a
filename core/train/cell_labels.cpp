// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/cell_labels.h"

#include "core/evaluate/split_file.h"
#include "core/evaluate/split_report.h"
#include "core/tokenize/cell_selection.h"

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Rows of every category of `labels`; an empty text is no class.
std::vector<std::vector<std::int64_t>> rows_of_classes(const Column& labels) {
  std::vector<std::vector<std::int64_t>> rows(labels.categories.size());
  for (std::size_t i = 0; i < labels.codes.size(); ++i) {
    if (labels.codes[i] < 0) continue;
    const auto c = static_cast<std::size_t>(labels.codes[i]);
    if (!labels.categories[c].empty()) rows[c].push_back(static_cast<std::int64_t>(i));
  }
  return rows;
}

}  // namespace

Result<> keep_labelled_cells(const FinetuneCellsOptions& options, FinetuneInputs& inputs, JobContext& ctx) {
  CW_ASSIGN(const Column* column, inputs.cells.cells().require(options.label));
  const Column labels = as_categorical(*column);
  const auto by_class = rows_of_classes(labels);
  std::int64_t labelled = 0;
  for (const auto& rows : by_class) labelled += static_cast<std::int64_t>(rows.size());
  if (labelled < inputs.cells.num_cells()) {
    ctx.warn("W-FIN-001", std::to_string(inputs.cells.num_cells() - labelled) + " of " +
                              std::to_string(inputs.cells.num_cells()) + " cells have no value in column '" +
                              options.label + "' and are left out; 'cellwright predict' can label them afterwards");
  }
  std::vector<std::int64_t> kept;
  std::vector<std::string> rare;
  std::vector<std::string> classes;
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    if (by_class[c].empty()) continue;
    const double share = static_cast<double>(by_class[c].size()) / static_cast<double>(labelled);
    if (options.rare_threshold > 0.0 && share <= options.rare_threshold) {
      rare.push_back(labels.categories[c] + " (" + std::to_string(by_class[c].size()) + ")");
      continue;
    }
    classes.push_back(labels.categories[c]);
    const auto sample = limit_cells(by_class[c], options.max_cells_per_class, options.seed, CellSampling::kOurs, {});
    kept.insert(kept.end(), sample.begin(), sample.end());
  }
  if (!rare.empty()) {
    ctx.warn("W-FIN-002", "classes with at most " + std::to_string(options.rare_threshold) +
                              " of the labelled cells are left out (cells): " + listed(rare));
  }
  if (classes.size() < 2) {
    return Error{ErrorCode::kRefused, "E-FIN-002",
                 "column '" + options.label + "': " + std::to_string(classes.size()) + " class" +
                     (classes.size() == 1 ? " (" + classes[0] + ")" : "es") + " with labelled cells, " +
                     (rare.empty() ? "" : std::to_string(rare.size()) + " left out by --rare-threshold, ") +
                     "but a classifier needs two; choose another --label or loosen --filter and --rare-threshold"};
  }
  std::sort(kept.begin(), kept.end());
  keep_cells(inputs, kept);
  return {};
}

Result<LabelledSplit> split_labelled_cells(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                                           JobContext& ctx) {
  LabelledSplit found;
  const Table& table = inputs.cells.cells();
  CW_ASSIGN(found.design, split_design(table, options.label, options.group));
  if (!options.split.empty()) {
    CW_ASSIGN(found.split, read_split(options.split, table, found.design));
  } else {
    HoldoutOptions holdout;
    holdout.validation = options.validation;
    holdout.test = options.test;
    holdout.seed = options.seed;
    CW_ASSIGN(found.split, holdout_split(found.design, holdout));
  }
  std::vector<std::int64_t> training(found.design.classes.size());
  for (const std::int64_t row : found.split.rows(Part::kTrain)) {
    ++training[static_cast<std::size_t>(found.design.labels[static_cast<std::size_t>(row)])];
  }
  std::vector<std::string> untrained;
  for (std::size_t c = 0; c < training.size(); ++c) {
    if (training[c] == 0) untrained.push_back(found.design.classes[c]);
  }
  if (!untrained.empty()) {
    return Error{ErrorCode::kRefused, "E-FIN-003",
                 "no training cell of " + listed(untrained) + " (column '" + options.label +
                     "'): all its cells are in other parts, as those of a class with one " +
                     (found.design.by_group() ? found.design.group_column : "cell") +
                     " must be; leave the class out with --filter, or split by cell with --group none"};
  }
  std::vector<Leak> leaks = find_group_leaks(found.design, found.split);
  for (Leak& leak : find_duplicate_cells(found.split, content_of(inputs.cells), table.index)) {
    leaks.push_back(std::move(leak));
  }
  for (const Leak& leak : leaks) ctx.warn(leak.id, leak.text);
  return found;
}

}  // namespace cw
