// SPDX-License-Identifier: GPL-3.0-or-later
// merge PART...: the parts of a run that was split by cells, as one
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "app/cli/sharded_run.h"
#include "core/api/merge_options.h"

namespace cw {
namespace {

int submit(const CliContext& context, MergeOptions options) {
  options.overwrite = context.global.overwrite;
  for (std::string& part : options.inputs) make_absolute(part);
  for (std::string* path : {&options.output, &options.csv}) make_absolute(*path);
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  std::error_code status;
  const bool is_run = std::filesystem::is_directory(options.inputs.front(), status);
  return context.run_job(new_job("merge", to_json(options)), options.output, is_run, merge_text);
}

}  // namespace

void add_merge_command(CLI::App& app, CliContext& context) {
  static MergeOptions options;
  auto* merge = app.add_subcommand("merge", "Put the parts of a run that was split by cells together");
  merge->footer("Example: cellwright merge part1 part2 part3 --out RUN");
  merge->add_option("PART", options.inputs, "All parts that --shard made of one run, in any order")->required();
  merge->add_option("--out", options.output, "Run folder of a perturbation, or h5ad file of embeddings")
      ->required()
      ->type_name("PATH");
  merge->add_option("--csv", options.csv, "Embeddings: also the CSV table")->type_name("FILE");
  merge->callback([&context] { context.action = [&context] { return submit(context, options); }; });
}

}  // namespace cw
