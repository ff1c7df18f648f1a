// SPDX-License-Identifier: GPL-3.0-or-later
// stats RUN [RUN..]: statistics and ranked lists of perturbation runs
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "core/api/stats_options.h"

namespace cw {
namespace {

std::string stats_text(const Json& result) {
  std::string text = result.value("output", "") + ": " + std::to_string(result.value("rows", 0)) + " rows (test " +
                     result.value("test", "") + ")";
  if (result.contains("line")) text += "\n" + result["line"].get<std::string>();
  if (result.contains("text")) text += "\n\n" + result["text"].get<std::string>();
  return text;
}

int submit(const CliContext& context, StatsOptions options) {
  options.num_threads = context.global.threads;
  options.seed = context.global.seed;
  options.overwrite = context.global.overwrite;
  for (std::string& run : options.runs) make_absolute(run);
  for (std::string* path : {&options.null_run, &options.output, &options.xlsx, &options.data}) make_absolute(*path);
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  return context.run_job(new_job("stats", to_json(options)), options.output, false, stats_text);
}

}  // namespace

void add_stats_command(CLI::App& app, CliContext& context) {
  static StatsOptions options;
  static bool no_baseline = false;
  auto* stats = app.add_subcommand("stats", "Ranked list with intervals, null and baseline from perturbation runs");
  stats->footer(
      "Example: cellwright stats RUN --out ranked.csv --xlsx ranked.xlsx\n"
      "Columns are explained in docs/files.md; 'effect' is the impact (1 - similarity), or the shift towards the goal "
      "state.");
  stats
      ->add_option("RUN", options.runs,
                   "Folders of `cellwright perturb` (or effects.h5 files) of one experiment; or folders with "
                   "*_raw.pickle of the "
                   "published package, with --dictionary")
      ->required();
  stats->add_option("--out", options.output, "The list, as CSV; its provenance lies beside it")
      ->required()
      ->type_name("FILE");
  stats
      ->add_option(
          "--test", options.test,
          "goal (shift to the goal state), null (against --null-run), mixture (impact or none), aggregate (one "
          "row per cell), gene-effects, pairs (synergy); auto chooses by the run")
      ->capture_default_str();
  stats->add_option("--null-run", options.null_run, "The same perturbations in control cells")->type_name("RUN");
  stats->add_option("--columns", options.columns, "cellwright, or upstream: the published names, order and sorting")
      ->capture_default_str();
  stats->add_option("--xlsx", options.xlsx, "The same table for Excel, gene names kept as text")->type_name("FILE");
  stats->add_option("--data", options.data, "Data file with the counts of the run, where it is no longer at its place")
      ->type_name("FILE");
  stats->add_option("--dictionary", options.dictionary,
                    "Vocabulary of *_raw.pickle: v1, v2 or a folder; runs of Cellwright name their own");
  stats->add_flag("--no-baseline", no_baseline, "Leave out the baseline without a model and the fold changes");
  stats
      ->add_option("--bootstrap-samples", options.bootstrap_samples,
                   "Resamples of the intervals over cells, 100 to 100000")
      ->capture_default_str();
  stats->callback([&context] {
    options.baseline = !no_baseline;
    context.action = [&context] { return submit(context, options); };
  });
}

}  // namespace cw
