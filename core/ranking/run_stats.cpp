// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/run_stats.h"

#include "core/base/files.h"
#include "core/base/output_check.h"
#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/effects/effects_file.h"
#include "core/effects/upstream_pickles.h"
#include "core/io/table_writers.h"
#include "core/ranking/baseline_source.h"
#include "core/ranking/detail_tables.h"
#include "core/ranking/merge_runs.h"
#include "core/ranking/summary.h"
#include "core/ranking/upstream_tables.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dictionary.h"

#include <algorithm>
#include <optional>

namespace cw {
namespace {

/// The outcome of one call before it is written.
struct StatsTable {
  Table table;
  bool with_index = false;  // upstream's unnamed first column
  Json details = Json::object();
};

/// What the statistics are made from.
struct StatsInput {
  Effects run;
  std::optional<Effects> control;
  Json sources = Json::array();  // path, checksum and provenance of each run
};

std::filesystem::path effects_file_of(const std::filesystem::path& run) {
  return std::filesystem::is_directory(run) ? run / kEffectsFileName : run;
}

Result<Effects> effects_of(const std::string& path, const std::string& dictionary_name) {
  if (!holds_upstream_pickles(path)) return read_effects(path);
  if (dictionary_name.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-RNK-006",
                 path +
                     ": holds raw results of the published package, which do not say which vocabulary their tokens "
                     "are of; name it: --dictionary v1 or v2"};
  }
  CW_ASSIGN(const auto dictionary, Dictionary::load(dictionary_name));
  return import_upstream_pickles(path, *dictionary);
}

Result<NamedRun> read_run(const std::string& path, const StatsOptions& options, const std::string& use, Json& sources) {
  CW_ASSIGN(Effects effects, effects_of(path, options.dictionary));
  Json source{{"path", path}, {"use", use}, {"complete", effects.complete}};
  if (const auto sum = sha256_of_path(effects_file_of(path)); sum.ok()) source["sha256"] = *sum;
  source["provenance"] = effects.provenance;
  sources.push_back(std::move(source));
  return NamedRun{path, std::move(effects)};
}

Result<StatsInput> read_input(const StatsOptions& options, JobContext& context) {
  StatsInput input;
  std::vector<NamedRun> runs;
  for (const std::string& path : options.runs) {
    CW_ASSIGN(auto run, read_run(path, options, "test", input.sources));
    runs.push_back(std::move(run));
    if (context.cancelled()) return cancelled_error("statistics");
  }
  if (!options.null_run.empty()) {
    CW_ASSIGN(auto control, read_run(options.null_run, options, "null", input.sources));
    CW_TRY(require_comparable(runs.front(), control));
    input.control = std::move(control.effects);
  }
  CW_ASSIGN(input.run, merge_runs(std::move(runs), context));
  return input;
}

std::string resolved_test(const StatsOptions& options, const Effects& run) {
  if (options.test != "auto") return options.test;
  if (!options.null_run.empty()) return "null";
  if (!run.states.empty()) return "goal";
  const bool has_pairs = std::any_of(run.perturbations.begin(), run.perturbations.end(),
                                     [](const Perturbation& p) { return p.role == "pair"; });
  if (has_pairs) return "pairs";
  return options.columns == "upstream" && !is_all_gene_run(run) ? "aggregate" : "mixture";
}

Result<StatsTable> upstream_table(const StatsOptions& options, const std::string& test, const StatsInput& input,
                                  JobContext& context) {
  const auto made = [&]() -> Result<Table> {
    if (test == "goal") return upstream_goal_table(input.run, options.num_threads, context);
    if (test == "null") return upstream_null_table(input.run, *input.control, options.num_threads, context);
    if (test == "mixture") return upstream_mixture_table(input.run);
    if (test == "pairs") return upstream_pairs_table(input.run);
    if (test == "aggregate") return upstream_aggregate_table(input.run);
    return upstream_gene_effects_table(input.run);
  };
  CW_ASSIGN(Table table, made());
  return StatsTable{std::move(table), true, Json::object()};
}

// The baseline, or nothing and a warning that says why; only a cancel is an error.
Result<std::optional<LinearBaseline>> baseline_of(const StatsOptions& options, const Effects& run, JobContext& context,
                                                  Json& details) {
  if (!options.baseline) {
    details["baseline"] = {{"computed", false}, {"reason", "not asked for"}};
    return std::optional<LinearBaseline>();
  }
  const auto compute = [&]() -> Result<LinearBaseline> {
    CW_ASSIGN(const BaselineCounts counts, read_baseline_counts(run, data_formats(), options.data, context));
    return linear_baseline(run, RunRows(run), counts, options.seed, options.num_threads, context);
  };
  auto baseline = compute();
  if (baseline.ok()) {
    details["baseline"] = {{"computed", true}, {"components", baseline->num_components}};
    return std::optional<LinearBaseline>(std::move(baseline).value());
  }
  if (baseline.error().code == ErrorCode::kCancelled) return baseline.error();
  details["baseline"] = {{"computed", false}, {"reason", baseline.error().message}};
  context.warn("W-RNK-001", "no baseline, the columns baseline and de_log2fc stay empty: " + baseline.error().message);
  return std::optional<LinearBaseline>();
}

void warn_about(const RankingSummary& summary, JobContext& context) {
  if (!summary.has_null) {
    context.warn("W-RNK-004",
                 "there is no null, so p and fdr stay empty: any perturbation moves any cell. Run all genes, or give "
                 "`cellwright perturb --null N` to compare with random genes of the same rank");
  }
  if (summary.num_by_donor < summary.num_perturbations) {
    context.warn("W-RNK-005", std::to_string(summary.num_perturbations - summary.num_by_donor) + " of " +
                                  std::to_string(summary.num_perturbations) +
                                  " perturbations have cells, not donors, as replicates (fewer than 3 donors with 10 "
                                  "cells each); their p-values do not speak about other donors");
  }
}

Result<RankedRun> ranked_run(const StatsOptions& options, const std::string& test, const Effects& run,
                             const Effects* control, JobContext& context) {
  RankedRun result;
  result.test = test;
  // Reading the counts takes longer than all statistics together.
  JobContext reading = context.slice(0.0, 0.7);
  JobContext ranking_share = context.slice(0.7, 1.0);
  CW_ASSIGN(const auto baseline, baseline_of(options, run, reading, result.details));
  RankingOptions ranking_options;
  ranking_options.bootstrap_samples = options.bootstrap_samples;
  ranking_options.seed = options.seed;
  ranking_options.num_threads = options.num_threads;
  ranking_options.pairs_only = test == "pairs";
  ranking_options.impact_components = test == "mixture";
  ranking_options.control = control;
  CW_ASSIGN(result.ranking,
            rank_perturbations(run, baseline.has_value() ? &*baseline : nullptr, ranking_options, ranking_share));
  warn_about(result.ranking.summary, context);
  result.details["summary"] = to_json(result.ranking.summary);
  result.details["line"] = summary_line(result.ranking.summary);
  result.details["text"] = describe_ranking(result.ranking);
  return result;
}

Result<StatsTable> cellwright_table(const StatsOptions& options, const std::string& test, const StatsInput& input,
                                    JobContext& context) {
  if (test == "aggregate") {
    CW_ASSIGN(Table table, cell_effects_table(input.run));
    return StatsTable{std::move(table), false, Json::object()};
  }
  if (test == "gene-effects") {
    CW_ASSIGN(Table table, gene_effects_table(input.run));
    return StatsTable{std::move(table), false, Json::object()};
  }
  if (test == "goal" && input.run.states.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-RNK-001",
                 "--test goal needs a run with --state, --start and --goal; this one has none"};
  }
  const Effects* control = test == "null" ? &*input.control : nullptr;
  CW_ASSIGN(RankedRun ranked, ranked_run(options, test, input.run, control, context));
  return StatsTable{std::move(ranked.ranking.table), false, std::move(ranked.details)};
}

/// Where the numbers come from, for people: one line per fact.
std::vector<Column> readme_of(const Json& provenance) {
  std::vector<std::string> what;
  std::vector<std::string> value;
  const auto add = [&](std::string name, const Json& json) {
    if (json.is_null()) return;
    what.push_back(std::move(name));
    value.push_back(json.is_string() ? json.get<std::string>() : json.dump());
  };
  add("What this is",
      "Ranked list of an in silico perturbation. Columns are explained in docs/files.md of Cellwright, "
      "the statistics in docs/science.md. Predictions of a model, not measurements.");
  add("Cellwright version", provenance.value("version", Json()));
  add("Summary", provenance.value("line", Json()));
  add("Test", provenance.value("test", Json()));
  for (const Json& run : provenance.value("runs", Json::array())) {
    add("Run", run.value("path", Json()));
    add("Run: checksum", run.value("sha256", Json()));
    const Json& made = run.value("provenance", Json::object());
    if (!made.is_object()) continue;
    for (const char* key : {"model", "dictionary", "tokens", "options", "centroids"}) {
      add(std::string("Run: ") + key, made.value(key, Json()));
    }
  }
  add("Options of the statistics", provenance.value("options", Json()));
  return {Column::of_strings("what", std::move(what)), Column::of_strings("value", std::move(value))};
}

Result<> write_outputs(const StatsOptions& options, const StatsTable& result, const Json& provenance) {
  if (result.with_index) {
    CW_TRY(write_csv(options.output, result.table, options.overwrite));
  } else {
    CW_TRY(write_csv(options.output, result.table.columns, options.overwrite));
  }
  CW_TRY(write_json(options.output + ".provenance.json", provenance));
  if (options.xlsx.empty()) return {};
  const auto readme = readme_of(provenance);
  return write_xlsx(options.xlsx, result.table.columns, "ranked", options.overwrite, readme);
}

}  // namespace

Result<RankedRun> rank_run(const Effects& run, const StatsOptions& options, JobContext& context) {
  std::string test = resolved_test(options, run);
  if (test == "aggregate") test = "mixture";
  return ranked_run(options, test, run, nullptr, context);
}

Result<Json> run_stats(const StatsOptions& options, JobContext& context) {
  CW_TRY(options.validate());
  CW_TRY(require_writable(options.output, options.overwrite));
  CW_TRY(require_writable(options.xlsx, options.overwrite));
  CW_ASSIGN(const StatsInput input, read_input(options, context));
  const std::string test = resolved_test(options, input.run);
  CW_ASSIGN(StatsTable result, options.columns == "upstream" ? upstream_table(options, test, input, context)
                                                             : cellwright_table(options, test, input, context));
  if (context.cancelled()) return cancelled_error("statistics");

  Json provenance{{"kind", "stats"},
                  {"version", std::string(version())},
                  {"test", test},
                  {"columns", options.columns},
                  {"options", to_json(options)},
                  {"runs", input.sources}};
  for (const char* key : {"baseline", "summary", "line"}) {
    if (result.details.contains(key)) provenance[key] = result.details[key];
  }
  CW_TRY(write_outputs(options, result, provenance));

  Json summary{{"output", options.output},
               {"provenance", options.output + ".provenance.json"},
               {"test", test},
               {"columns", options.columns},
               {"rows", result.table.num_rows()}};
  if (!options.xlsx.empty()) summary["xlsx"] = options.xlsx;
  summary.update(result.details);
  return summary;
}

}  // namespace cw
