// SPDX-License-Identifier: GPL-3.0-or-later
// embed INPUT: embeddings of cells or genes
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "app/cli/sharded_run.h"
#include "core/api/embed_options.h"

namespace cw {
namespace {

std::string embed_text(const Json& result) {
  return result.value("output", result.value("csv", "")) + ": " + std::to_string(result.value("rows", 0)) +
         " rows of " + std::to_string(result.value("width", 0)) + " values (mode " + result.value("mode", "") +
         ", hidden state " + std::to_string(result.value("layer", 0)) + ", " +
         std::to_string(result.value("cells", 0)) + " cells)";
}

int submit_in_parts(const CliContext& context, const EmbedOptions& whole, std::int64_t shards) {
  auto job = job_in_parts("embed", whole, shards);
  if (!job.ok()) return context.fail(job.error());
  job->csv = whole.csv;
  return run_sharded(context, *job, embed_text);
}

int submit(const CliContext& context, EmbedOptions options, const std::vector<std::string>& filters,
           const ShardTexts& parts) {
  if (!parts.shard.empty()) {
    const auto shard = parse_shard(parts.shard);
    if (!shard.ok()) return context.fail(shard.error());
    options.shard = shard->first;
    options.shards = shard->second;
  }
  auto filter = parse_filters(filters);
  if (!filter.ok()) return context.fail(filter.error());
  options.filter = std::move(filter).value();
  options.num_threads = context.global.threads;
  options.device = context.global.device;
  options.seed = context.global.seed;
  options.overwrite = context.global.overwrite;
  for (std::string* path : {&options.input, &options.model, &options.output, &options.csv}) make_absolute(*path);
  if (parts.shards != 1) return submit_in_parts(context, options, parts.shards);
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  return context.run_job(new_job("embed", to_json(options)), options.output, false, embed_text);
}

}  // namespace

void add_embed_command(CLI::App& app, CliContext& context) {
  static EmbedOptions options;
  static std::vector<std::string> filters;
  static ShardTexts parts;
  auto* embed = app.add_subcommand("embed", "Embeddings of cells or genes");
  embed->footer("Example: cellwright embed cells.tokens.h5 --model MODEL --out cells.h5ad");
  embed->add_option("INPUT", options.input, "Tokens, or a data file, which is tokenized on the way")->required();
  embed->add_option("--model", options.model, "Model folder, Hugging Face layout")->required()->type_name("DIR");
  embed->add_option("--out", options.output, "h5ad to write; embeddings in obsm/X_cellwright")
      ->required()
      ->type_name("FILE");
  embed->add_option("--csv", options.csv, "Also a CSV table in the layout of the published package")->type_name("FILE");
  embed->add_option("--layer", options.layer, "second-to-last (general use), last, or an index; 0 = embedding layer")
      ->capture_default_str();
  embed->add_option("--mode", options.mode, "cell (mean over genes), cls, gene; auto = cls where the model has it")
      ->capture_default_str();
  embed->add_flag("--all-occurrences", options.all_occurrences,
                  "With --mode gene: every gene of every cell in the CSV");
  embed->add_option("--summary", options.summary, "Also one row over all cells: none, mean or median, both exact")
      ->capture_default_str();
  embed->add_option("--filter", filters, "Only cells with COLUMN=V[,V..], e.g. cell_type=B,NK; may be repeated");
  embed->add_option("--labels", options.labels, "Columns to write behind the values of the CSV, e.g. cell_type,donor")
      ->delimiter(',');
  embed->add_option("--max-cells", options.max_cells, "At most so many cells, a random sample by --seed; 0 = all")
      ->capture_default_str();
  embed
      ->add_option("--precision", options.precision, "fp32, bf16 (faster) or int8 (less memory); see docs/precision.md")
      ->capture_default_str();
  embed->add_option("--dictionary", options.dictionary, "v1, v2 or a folder; default: the model's own");
  embed
      ->add_option("--tokens-per-batch", options.tokens_per_batch,
                   "Tokens computed together, 512 to 1048576; more needs more memory")
      ->capture_default_str();
  embed->add_flag("--match-upstream", options.match_upstream, "Repeat the published package, selection and order too");
  add_shard_options(*embed, parts);
  embed->callback([&context] { context.action = [&context] { return submit(context, options, filters, parts); }; });
}

}  // namespace cw
