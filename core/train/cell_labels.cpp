// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/cell_labels.h"

#include "core/base/words.h"
#include "core/evaluate/published_splits.h"
#include "core/evaluate/split_file.h"
#include "core/evaluate/split_report.h"
#include "core/io/table_writers.h"
#include "core/tokenize/cell_selection.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

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

// Its own way of taking and dividing cells, one by one; not where the user says how.
bool draws_as_published(const FinetuneCellsOptions& options) {
  return options.match_upstream && options.split.empty() && options.group == "none";
}

// The user's split, or one drawn. `Options` say split, validation, test and seed.
template <class Options>
Result<Split> choose_split(const Options& options, const SplitDesign& design, const Table& table) {
  if (!options.split.empty()) return read_split(options.split, table, design);
  // nothing is held out, and nothing judged
  if (options.validation == 0.0 && options.test == 0.0) return whole_split(design, Part::kTrain);
  HoldoutOptions holdout;
  holdout.validation = options.validation;
  holdout.test = options.test;
  holdout.seed = options.seed;
  return holdout_split(design, holdout);
}

Result<> require_training_cells(const LabelledSplit& labelled) {
  const std::vector<std::int64_t> training = labelled.training_counts();
  const SplitDesign& design = labelled.design;
  std::vector<std::string> untrained;
  for (std::size_t c = 0; c < training.size(); ++c) {
    if (training[c] == 0) untrained.push_back(design.classes[c]);
  }
  if (untrained.empty()) return {};
  return Error{ErrorCode::kRefused, "E-FIN-003",
               "no training cell of " + listed(untrained) + " (column '" + design.label_column +
                   "'): all its cells are in other parts, as those of a class with one " +
                   (design.by_group() ? design.group_column : "cell") +
                   " must be; leave the class out with --filter, or split by cell with --group none"};
}

void warn_of_unlabelled(const std::string& label, std::int64_t labelled, const FinetuneInputs& inputs,
                        JobContext& ctx) {
  if (labelled == inputs.cells.num_cells()) return;
  ctx.warn("W-FIN-001", std::to_string(inputs.cells.num_cells() - labelled) + " of " +
                            std::to_string(inputs.cells.num_cells()) + " cells have no value in column '" + label +
                            "' and are left out; 'cellwright predict' can label them afterwards");
}

void warn_of_leaks(const LabelledSplit& labelled, const FinetuneInputs& inputs, JobContext& ctx) {
  for (const Leak& leak : find_group_leaks(labelled.design, labelled.split)) ctx.warn(leak.id, leak.text);
  for (const Leak& leak : find_duplicate_cells(labelled.split, content_of(inputs.cells), inputs.cells.cells().index)) {
    ctx.warn(leak.id, leak.text);
  }
}

}  // namespace

Result<FinetuneInputs> open_cell_inputs(const FinetuneCellsOptions& options, JobContext& ctx) {
  auto opened = static_cast<const FinetuneOptions&>(options);
  if (draws_as_published(options)) opened.max_cells = 0;  // the split takes them
  return open_finetune_inputs(opened, ctx);
}

Result<> keep_labelled_cells(const FinetuneCellsOptions& options, FinetuneInputs& inputs, JobContext& ctx) {
  CW_ASSIGN(const Column* column, inputs.cells.cells().require(options.label));
  const Column labels = as_categorical(*column);
  const auto by_class = rows_of_classes(labels);
  std::int64_t labelled = 0;
  for (const auto& rows : by_class) labelled += static_cast<std::int64_t>(rows.size());
  warn_of_unlabelled(options.label, labelled, inputs, ctx);
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
    const std::int64_t most = draws_as_published(options) ? 0 : options.max_cells_per_class;
    const auto sample = limit_cells(by_class[c], most, options.seed, CellSampling::kOurs, {});
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

Result<> keep_numbered_cells(const FinetuneCellsOptions& options, FinetuneInputs& inputs, JobContext& ctx) {
  CW_ASSIGN(const Column* column, inputs.cells.cells().require(options.label));
  CW_ASSIGN(const std::vector<double> values, numbers_of(*column));
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) kept.push_back(static_cast<std::int64_t>(i));
  }
  warn_of_unlabelled(options.label, std::ssize(kept), inputs, ctx);
  keep_cells(inputs, kept);
  return {};
}

Result<> write_split(const LabelledSplit& labelled, const FinetuneInputs& inputs, const std::filesystem::path& folder) {
  return write_csv(folder / "split.csv", split_table(labelled.split, inputs.cells.cells(), labelled.design), true);
}

std::vector<std::int64_t> LabelledSplit::training_counts() const {
  std::vector<std::int64_t> counts(design.classes.size());
  for (const std::int64_t row : split.rows(Part::kTrain)) {
    ++counts[static_cast<std::size_t>(design.labels[static_cast<std::size_t>(row)])];
  }
  return counts;
}

Result<LabelledSplit> split_labelled_cells(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                                           JobContext& ctx) {
  LabelledSplit found;
  const bool number = options.target_type == "number";
  CW_ASSIGN(found.design, split_design(inputs.cells.cells(), options.label, options.group, number));
  if (draws_as_published(options)) {
    found.split = published_cell_split(
        found.design, {options.max_cells, options.max_cells_per_class, options.validation, options.test});
  } else {
    CW_ASSIGN(found.split, choose_split(options, found.design, inputs.cells.cells()));
  }
  if (!number) CW_TRY(require_training_cells(found));
  warn_of_leaks(found, inputs, ctx);
  return found;
}

Result<std::vector<LabelledSplit>> split_multitask_cells(const FinetuneMultitaskOptions& options,
                                                         FinetuneInputs& inputs, JobContext& ctx) {
  std::vector<std::int64_t> kept;
  std::vector<std::string> together;  // "B cells | stim": what the split is stratified by
  for (std::int64_t row = 0; row < inputs.cells.num_cells(); ++row) {
    std::string text;
    bool any = false;
    for (const std::string& label : options.labels) {
      CW_ASSIGN(const Column* column, inputs.cells.cells().require(label));
      const std::string value = column->text(row);
      any = any || !value.empty();
      text += (text.empty() ? "" : " | ") + (value.empty() ? std::string("-") : value);
    }
    if (!any) continue;
    kept.push_back(row);
    together.push_back(std::move(text));
  }
  if (static_cast<std::int64_t>(kept.size()) < inputs.cells.num_cells()) {
    ctx.warn("W-FIN-001", std::to_string(inputs.cells.num_cells() - static_cast<std::int64_t>(kept.size())) + " of " +
                              std::to_string(inputs.cells.num_cells()) +
                              " cells have a value in none of the label columns and are left out");
  }
  keep_cells(inputs, kept);
  Table table = inputs.cells.cells();
  const std::string name = "all labels";
  table.set(Column::of_strings(name, std::move(together)));
  LabelledSplit all;
  CW_ASSIGN(all.design, split_design(table, name, options.group));
  CW_ASSIGN(all.split, choose_split(options, all.design, table));
  warn_of_leaks(all, inputs, ctx);
  std::vector<LabelledSplit> tasks;
  for (const std::string& label : options.labels) {
    LabelledSplit task;
    CW_ASSIGN(task.design, split_design(table, label, options.group));
    task.split = all.split;
    for (std::size_t i = 0; i < task.split.parts.size(); ++i) {
      if (task.design.labels[i] < 0) task.split.parts[i] = Part::kUnused;
    }
    CW_TRY(require_training_cells(task));
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace cw
