// SPDX-License-Identifier: GPL-3.0-or-later
// tokenize, medians: jobs. inspect: answers at once, without the engine.
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "app/cli/read_apart.h"
#include "core/api/inspect_options.h"
#include "core/api/medians_options.h"
#include "core/api/tokenize_options.h"
#include "core/tokenize/inspect.h"

#include <filesystem>
#include <string>

namespace cw {
namespace {

std::string tokenize_text(const Json& result) {
  std::string text = plain_summary(result);
  for (const auto& file : result["files"]) {
    const auto& report = file["report"];
    const auto share = static_cast<int>(1000.0 * report["genes"]["fraction_of_counts"].get<double>());
    text += "\n" + file["path"].get<std::string>() + ": " + report["cells"].dump() + " of " +
            report["cells_in"].dump() + " cells; " + report["genes"]["in_vocabulary"].dump() + " of " +
            report["genes"]["genes"].dump() + " genes with " + std::to_string(share / 10) + "." +
            std::to_string(share % 10) + " % of the counts";
  }
  return text;
}

/// Options that say where counts and genes are; the same in every command that reads a data file.
template <class Options>
void add_source_options(CLI::App* command, Options& options) {
  command
      ->add_option("--counts", options.counts,
                   "Matrix with the raw counts: auto, X, raw or layer:NAME, e.g. layer:counts")
      ->capture_default_str();
  command
      ->add_option("--gene-ids", options.gene_ids,
                   "Where gene names are: auto, index or a column of the gene table, e.g. ensembl_id")
      ->capture_default_str();
  command
      ->add_option("--species", options.species,
                   "Species of the genes: auto, human or mouse (refused: models are human)")
      ->capture_default_str();
}

void add_tokenize(CLI::App& app, CliContext& context) {
  static TokenizeOptions options;
  static bool no_cell_filter = false;
  auto* command = app.add_subcommand("tokenize", "Turn counts into ranked gene tokens");
  command->footer("Example: cellwright tokenize cells.h5ad --dictionary v2 --keep cell_type --out cells.tokens.h5");
  command->add_option("FILE", options.inputs, "Data files, or folders of them")->required();
  command->add_option("--dictionary", options.dictionary, "v1, v2 or a folder: the one of the model")->required();
  command->add_option("--out", options.output, "Token file to write, NAME.tokens.h5")->required()->type_name("FILE");
  add_source_options(command, options);
  command->add_option("--keep", options.keep,
                      "Column of the cells to keep, COLUMN or COLUMN=NEW, e.g. cell_type; may be repeated");
  command->add_flag("--keep-all", options.keep_all, "Keep all columns of the cells");
  command->add_option("--filter", options.filter,
                      "Only cells with COLUMN=VALUE[,VALUE..], e.g. cell_type=B,NK; may be repeated");
  command->add_flag("--no-cell-filter", no_cell_filter, "Do not leave out cells whose filter_pass is not 1");
  command->add_option("--max-length", options.max_length, "Tokens per cell at most; 0 = as the model takes")
      ->capture_default_str();
  command->add_flag("--recursive", options.recursive, "Look into folders of folders");
  command->add_option("--format", options.format, "h5, or hf for a Hugging Face .dataset folder")
      ->capture_default_str();
  command->add_flag("--match-upstream", options.match_upstream,
                    "Exactly as the published code: its rounding, its rules for ids, repeated genes not summed");
  command->add_flag("--force", options.force, "Go on although under half of the counts are of known genes");
  command->callback([&context] {
    context.action = [&context] {
      options.num_threads = context.global.threads;
      options.overwrite = context.global.overwrite;
      options.cell_filter = !no_cell_filter;
      make_absolute(options.output);
      if (std::filesystem::is_directory(options.dictionary)) make_absolute(options.dictionary);
      for (std::string& input : options.inputs) make_absolute(input);
      if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
      return context.run_job(new_job("tokenize", to_json(options)), options.output, false, tokenize_text);
    };
  });
}

void add_medians(CLI::App& app, CliContext& context) {
  static MediansOptions options;
  static bool no_cell_filter = false;
  auto* command = app.add_subcommand("medians", "Non-zero medians and a token dictionary of a new corpus");
  command->footer("Example: cellwright medians corpus/ --recursive --special-tokens --out my-dictionary");
  command->add_option("FILE", options.inputs, "Data files, or folders of them")->required();
  command->add_option("--out", options.output, "New dictionary folder")->required()->type_name("DIR");
  add_source_options(command, options);
  command->add_option("--genes", options.genes, "coding (protein-coding and miRNA genes) or all")
      ->capture_default_str();
  command->add_option("--min-cells", options.min_cells, "Number of cells that must express a gene; others get no token")
      ->capture_default_str();
  command->add_flag("--special-tokens", options.special_tokens, "With <cls> and <eos>, as v2");
  command
      ->add_option("--model-input-size", options.model_input_size,
                   "Tokens of the longest cell; 0 = 2048, or 4096 with --special-tokens")
      ->capture_default_str();
  command->add_flag("--no-cell-filter", no_cell_filter, "Do not leave out cells whose filter_pass is not 1");
  command->add_flag("--recursive", options.recursive, "Look into folders of folders");
  command->add_flag("--force", options.force, "Go on although under half of the counts are of known genes");
  command->callback([&context] {
    context.action = [&context] {
      options.num_threads = context.global.threads;
      options.overwrite = context.global.overwrite;
      options.cell_filter = !no_cell_filter;
      make_absolute(options.output);
      for (std::string& input : options.inputs) make_absolute(input);
      if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
      return context.run_job(new_job("medians", to_json(options)), options.output, false, plain_summary);
    };
  });
}

void add_inspect(CLI::App& app, CliContext& context) {
  static InspectOptions options;
  static std::string file;
  auto* command = app.add_subcommand("inspect", "What is in a file, and will it work");
  command->footer("Example: cellwright inspect cells.h5ad");
  command->add_option("FILE", file, "Data file, token file or model folder")->required();
  add_source_options(command, options);
  command->add_option("--dictionary", options.dictionaries, "Dictionaries to judge the genes by")
      ->capture_default_str();
  command
      ->add_option("--sample-cells", options.sample_cells, "Number of cells to look at, spread over the file; 0 = all")
      ->capture_default_str();
  command->callback([&context] {
    context.action = [&context] {
      const auto report = read_apart(file, [&] {
        JobContext job;
        return inspect(file, options, job);
      });
      if (!report.ok()) return context.fail(report.error());
      return context.print(*report, inspect_text(*report));
    };
  });
}

}  // namespace

void add_tokenize_commands(CLI::App& app, CliContext& context) {
  add_inspect(app, context);
  add_tokenize(app, context);
  add_medians(app, context);
}

}  // namespace cw
