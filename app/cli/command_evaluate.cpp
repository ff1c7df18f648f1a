// SPDX-License-Identifier: GPL-3.0-or-later
// split INPUT, evaluate PREDICTIONS
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "core/api/evaluate_options.h"
#include "core/api/split_options.h"

#include <algorithm>

namespace cw {
namespace {

std::string counted(std::int64_t cells, std::int64_t donors) {
  return std::to_string(cells) + (donors > 0 ? " (" + std::to_string(donors) + ")" : "");
}

/// Cells, and donors in brackets, of every class and part.
std::string parts_text(const Json& result) {
  std::string text;
  const bool folds = result.value("folds", 0) > 0;
  const std::string unit =
      result.value("group", "").empty() ? "cells" : "cells (of '" + result.value("group", "") + "')";
  for (const auto& row : result["classes"]) {
    const auto part = [&row](const std::string& name) {
      return name + " " +
             counted(row.value(name + "_cells", std::int64_t{0}), row.value(name + "_donors", std::int64_t{0}));
    };
    text += row.value("class", "") + ": " + unit + " ";
    text += folds ? "in " + std::to_string(result.value("folds", 0)) + " folds " +
                        counted(row.value("test_cells", std::int64_t{0}), row.value("test_donors", std::int64_t{0}))
                  : part("train") + ", " + part("validation") + ", " + part("test");
    if (row.value("unused_cells", 0) > 0) text += ", " + part("unused");
    text += "\n";
  }
  return text;
}

std::string split_text(const Json& result) {
  std::string text;
  if (result.contains("classes")) text += parts_text(result);
  for (const auto& leak : result.value("leaks", Json::array())) text += "leak: " + leak.value("text", "") + "\n";
  if (result.contains("outlook")) {
    const Json& outlook = result["outlook"];
    for (const auto& row : outlook["classes"]) {
      text += row.value("class", "") + ": " +
              counted(row.value("cells", std::int64_t{0}), row.value("donors", std::int64_t{0})) + "\n";
    }
    text += "Will this work: " + outlook.value("prospect", "") + ". " + outlook.value("verdict", "") + "\n";
  }
  if (!result.value("output", "").empty()) text += "written: " + result.value("output", "");
  return text;
}

std::string evaluation_text(const Json& result) {
  return result.value("text", "") + "\nwritten: " + result.value("output", "");
}

int run_split_command(const CliContext& context, SplitOptions options) {
  make_absolute(options.input);
  make_absolute(options.output);
  make_absolute(options.from);
  options.seed = context.global.seed;
  options.num_threads = context.global.threads;
  options.overwrite = context.global.overwrite;
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  const JobSpec spec = new_job("split", to_json(options));
  return options.output.empty() ? context.run_in_passing(spec, split_text)
                                : context.run_job(spec, options.output, false, split_text);
}

int run_evaluate_command(const CliContext& context, EvaluateOptions options) {
  make_absolute(options.input);
  make_absolute(options.output);
  for (auto& path : options.against) make_absolute(path);
  options.seed = context.global.seed;
  options.num_threads = context.global.threads;
  options.overwrite = context.global.overwrite;
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  return context.run_job(new_job("evaluate", to_json(options)), options.output, false, evaluation_text);
}

void add_split(CLI::App& app, CliContext& context) {
  static SplitOptions options;
  auto* split = app.add_subcommand("split", "Which cells to train on and which to test on; will this work at all");
  split->add_option("INPUT", options.input, "Data file or tokens")->required();
  split->add_option("--label", options.label, "Column to be predicted")->required()->type_name("COLUMN");
  split->add_flag("--regression", options.regression, "The label is a number");
  split->add_option("--group", options.group, "Column of donors, auto or none (cell by cell)")->capture_default_str();
  split->add_option("--folds", options.folds, "Folds that test every cell once, 0 = one split")->capture_default_str();
  split->add_option("--validation", options.validation, "Share of donors (or cells) for choosing")
      ->capture_default_str();
  split->add_option("--test", options.test, "Share of donors (or cells) for the final test")->capture_default_str();
  split->add_option("--balance", options.balance, "Columns of donors that are to be alike in the parts, e.g. age,sex")
      ->delimiter(',')
      ->type_name("COLUMN");
  split->add_option("--leave-out", options.leave_out, "Classes that are not asked about; may be repeated")
      ->type_name("CLASS");
  split
      ->add_option("--confounder", options.confounders,
                   "Columns that must not tell the label [those with technical names: batch, protocol, ...]")
      ->delimiter(',')
      ->type_name("COLUMN");
  split->add_option("--from", options.from, "Your own split (cell or donor, part or fold), checked and completed")
      ->type_name("FILE");
  split->add_flag("--drop-duplicates", options.drop_duplicates, "Leave out copies of cells on the other side");
  split->add_flag("--check", options.check, "Fit a quick baseline: can the question be answered?");
  split->add_option("--counts", options.counts, "auto, X, raw or layer:NAME")->capture_default_str();
  split->add_option("--out", options.output, "CSV to write (not needed with --check)")->type_name("FILE");
  split->footer(
      "Example: cellwright split pbmc.h5ad --label cell_type --group donor --folds 5 --check --out split.csv");
  split->callback([&context] { context.action = [&context] { return run_split_command(context, options); }; });
}

void add_evaluate(CLI::App& app, CliContext& context) {
  static EvaluateOptions options;
  auto* evaluate = app.add_subcommand("evaluate", "How good predictions are, with intervals and in plain words");
  evaluate->add_option("PREDICTIONS", options.input, "CSV: cell, true, p_CLASS columns (or predicted), donor, fold")
      ->required();
  evaluate->add_option("--true", options.truth, "Column of the true class [true, truth or label]")->type_name("COLUMN");
  evaluate->add_option("--group", options.group, "Column of donors, auto or none")->capture_default_str();
  evaluate->add_option("--genes", options.genes, "Column of genes: rows are occurrences of genes in cells")
      ->type_name("COLUMN");
  evaluate->add_option("--against", options.against, "Predictions of other models for the same cells")
      ->delimiter(',')
      ->type_name("FILE");
  evaluate->add_flag("--regression", options.regression, "The columns true and predicted are numbers");
  evaluate->add_flag("--leave-out-unknown", options.leave_out_unknown,
                     "Leave out cells of classes that the model does not know");
  evaluate->add_option("--level", options.level, "Of the intervals")->capture_default_str();
  evaluate->add_option("--resamples", options.num_resamples, "Of the bootstrap where no donors are known")
      ->capture_default_str();
  evaluate->add_option("--out", options.output, "Folder to write")->required()->type_name("DIR");
  evaluate->footer("Example: cellwright evaluate predictions.csv --group donor --out evaluation");
  evaluate->callback([&context] { context.action = [&context] { return run_evaluate_command(context, options); }; });
}

}  // namespace

void add_evaluate_commands(CLI::App& app, CliContext& context) {
  add_split(app, context);
  add_evaluate(app, context);
}

}  // namespace cw
