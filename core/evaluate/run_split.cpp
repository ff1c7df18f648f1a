// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run_split.h"

#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/evaluate/balanced_split.h"
#include "core/evaluate/outlook.h"
#include "core/evaluate/split_file.h"
#include "core/evaluate/split_report.h"
#include "core/io/table_writers.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/token_file.h"
#include "core/tokenize/tokenized_cells.h"

#include <memory>
#include <optional>

namespace cw {
namespace {

/// The cells of a file, with whatever a baseline can be made from.
struct Input {
  Table cells;
  std::optional<TokenizedCells> tokens;
  std::unique_ptr<DatasetReader> reader;  // of counts, which are read when the cells are known that they are needed of
  std::optional<CountMatrix> counts;

  [[nodiscard]] std::vector<std::uint64_t> content() const {
    if (tokens) return content_of(*tokens);
    if (counts) return content_of(counts->offsets, counts->columns, counts->counts);
    return {};
  }
};

Result<Input> read_input(const SplitOptions& options) {
  Input input;
  if (data_formats().token_reader_for(options.input) != nullptr || is_token_file(options.input)) {
    CW_ASSIGN(input.tokens, TokenizedCells::open(options.input));
    input.cells = input.tokens->cells();
    return input;
  }
  CW_ASSIGN(input.reader, data_formats().open_dataset(options.input));
  CW_ASSIGN(input.cells, read_cells(*input.reader));
  return input;
}

// A split needs columns only; counts are for copies of cells and for the baseline, which is content with a sample.
Result<> read_counts(Input& input, const SplitOptions& options, const SplitDesign& design,
                     const OutlookOptions& checking, JobContext& ctx) {
  if (!input.reader || input.reader->info().matrices.empty()) return {};
  std::vector<bool> wanted;
  if (options.output.empty()) {
    const SplitDesign sample = question_sample(design, checking);
    for (std::int64_t i = 0; i < sample.num_cells(); ++i) wanted.push_back(sample.usable(i));
  }
  CW_ASSIGN(input.counts, read_count_matrix(*input.reader, options.counts, ctx, wanted));
  return {};
}

/// The split that was asked for; `balance` receives the trials of a balanced one.
Result<Split> make_split(const SplitOptions& options, const SplitDesign& design, const Table& cells,
                         std::optional<BalancedSplit>& balance) {
  if (!options.from.empty()) return read_split(options.from, cells, design);
  if (options.folds > 0) return kfold_split(design, options.folds, options.seed);
  const HoldoutOptions shares{options.validation, options.test, options.seed};
  if (options.balance.empty()) return holdout_split(design, shares);
  BalanceOptions settings;
  settings.shares = shares;
  CW_ASSIGN(balance, balanced_split(design, cells, options.balance, settings));
  return balance->split;
}

Json to_json(const std::vector<Leak>& leaks) {
  Json rows = Json::array();
  for (const auto& leak : leaks) {
    rows.push_back({{"id", leak.id}, {"count", leak.count}, {"examples", leak.examples}, {"text", leak.text}});
  }
  return rows;
}

/// Classes that the split cannot treat honestly, as warnings.
void warn_of_classes(const SplitDesign& design, const std::vector<ClassParts>& classes, const Split& split,
                     JobContext& ctx) {
  for (std::size_t c = 0; c + 1 < classes.size(); ++c) {
    const auto& entry = classes[c];
    if (design.by_group() && entry.total_donors == 1) {
      ctx.warn("W-EVA-004", "'" + entry.name + "' has cells of one of '" + design.group_column +
                                "' only, so it can be trained or tested, not both; leave it out or add donors");
    } else if (split.folds.empty() && (entry.cells[static_cast<std::size_t>(Part::kTrain)] == 0 ||
                                       entry.cells[static_cast<std::size_t>(Part::kTest)] == 0)) {
      ctx.warn("W-EVA-004", "'" + entry.name +
                                "' has no cell in training or none in test; hold out another share, or "
                                "use folds");
    }
  }
}

FeatureMaker feature_maker(const Input& input, const SplitOptions& options) {
  ExpressionOptions settings;
  settings.num_components = 30;
  settings.num_threads = options.num_threads;
  if (input.counts) {
    return [&counts = *input.counts, settings](std::span<const std::int64_t> train, JobContext& ctx) {
      return expression_features(counts, train, settings, ctx);
    };
  }
  return [&tokens = *input.tokens, settings](std::span<const std::int64_t> train, JobContext& ctx) {
    return rank_features(tokens, train, settings, ctx);
  };
}

Result<> write_outputs(const SplitOptions& options, const Split& split, const Table& cells, const SplitDesign& design,
                       const std::optional<BalancedSplit>& balance, Json& summary) {
  CW_TRY(write_csv(options.output, split_table(split, cells, design), options.overwrite));
  if (balance) {
    const std::string file = options.output + ".balance.csv";
    CW_TRY(write_csv(file, balance_table(*balance, design), options.overwrite));
    summary["balance"] = file;
  }
  CW_ASSIGN(const std::string checksum, sha256_of_path(options.input));
  Json provenance{{"program", "cellwright " + std::string(version())},
                  {"kind", "split"},
                  {"input", options.input},
                  {"input_sha256", checksum},
                  {"options", to_json(options)},
                  {"classes", summary["classes"]},
                  {"leaks", summary["leaks"]}};
  return write_json(options.output + ".provenance.json", provenance);
}

}  // namespace

Result<Json> run_split(const SplitOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_ASSIGN(Input input, read_input(options));
  auto made = split_design(input.cells, options.label, options.group, options.regression);
  if (!made.ok()) return made.error().in(options.input);
  if (!options.leave_out.empty()) {
    CW_ASSIGN(made, without_classes(*made, options.leave_out));
  }
  const SplitDesign& design = *made;
  OutlookOptions settings;
  settings.seed = options.seed;
  settings.num_threads = options.num_threads;
  JobContext reading = ctx.slice(0.0, 0.4);
  CW_TRY(read_counts(input, options, design, settings, reading));
  CW_ASSIGN(auto associations, label_associations(design, input.cells, options.confounders));
  Json summary{{"output", options.output}, {"label", options.label}, {"group", design.group_column}};
  if (!design.by_group()) {
    ctx.warn("W-EVA-005",
             "no column of donors: cells are split one by one, so the figures say nothing of new donors; "
             "name the column of donors with --group if there is one");
  }
  for (const auto& association : associations) {
    if (!association.confounded) continue;
    ctx.warn("W-EVA-006", "'" + association.column + "' goes along with '" + options.label +
                              "', so a model may learn it instead of the label; balance the experiment, or test on a "
                              "value of '" +
                              association.column + "' that was not trained on: --group " + association.column);
  }
  if (!options.output.empty()) {
    std::optional<BalancedSplit> balance;
    auto split = make_split(options, design, input.cells, balance);
    if (!split.ok()) return split.error().in(options.from.empty() ? options.input : options.from);
    const auto content = input.content();
    if (options.drop_duplicates && !content.empty()) {
      summary["left_out_copies"] = leave_out_duplicates(*split, content);
    }
    auto leaks = find_group_leaks(design, *split);
    const auto copies = find_duplicate_cells(*split, content, input.cells.index);
    leaks.insert(leaks.end(), copies.begin(), copies.end());
    for (const auto& leak : leaks) ctx.warn(leak.id, leak.text);
    const auto classes = class_parts(design, *split);
    warn_of_classes(design, classes, *split, ctx);
    summary["cells"] = design.num_cells();
    summary["folds"] = split->num_folds;
    summary["classes"] = cw::to_json(classes);
    summary["leaks"] = to_json(leaks);
    CW_TRY(write_outputs(options, *split, input.cells, design, balance, summary));
  }
  if (options.check) {
    if (!input.counts && !input.tokens) {
      return Error{ErrorCode::kRefused, "E-EVA-015",
                   options.input +
                       ": holds neither counts nor tokens, which the quick baseline of --check needs; give "
                       "the count file"};
    }
    JobContext checking = ctx.slice(0.4, 1.0);
    CW_ASSIGN(const Outlook outlook,
              assess_question(design, std::move(associations), feature_maker(input, options), settings, checking));
    summary["outlook"] = cw::to_json(outlook);
  }
  ctx.report(1, 1, "Split");
  return summary;
}

}  // namespace cw
