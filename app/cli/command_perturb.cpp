// SPDX-License-Identifier: GPL-3.0-or-later
// perturb INPUT: in silico perturbation
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "app/cli/sharded_run.h"
#include "core/api/perturb_options.h"

#include <array>
#include <cstdio>

namespace cw {
namespace {

constexpr std::array<const char*, 5> kKinds = {"delete", "inhibit", "activate", "overexpress", "rank"};

/// What is typed in a form of its own.
struct Typed {
  std::array<std::vector<std::string>, kKinds.size()> genes;
  std::vector<std::string> filters;
  std::string cells;
  ShardTexts parts;
};

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string preview_text(const Json& result) {
  std::string text =
      std::to_string(result.value("cells", 0)) + " cells in " + number(result.value("seconds", 0.0)) + " s";
  for (const Json& p : result["perturbations"]) {
    text += "\n  " + p.value("kind", "");
    for (const Json& gene : p["genes"]) text += " " + gene.get<std::string>();
    text += ": effect " + number(p.value("effect", 0.0)) + ", sd " + number(p.value("sd", 0.0)) + ", " +
            std::to_string(p.value("n_cells", 0)) + " cells";
  }
  return text;
}

// The command that comes next, ready to be pasted into a shell.
std::string next_step(const Json& result) {
  std::string run = std::filesystem::path(result.value("effects", "")).parent_path().string();
  if (run.find_first_of(" \"'()&;$`*?!#<>|\\") != std::string::npos) {
    for (auto at = run.find('\''); at != std::string::npos; at = run.find('\'', at + 4)) run.replace(at, 1, "'\\''");
    run = "'" + run + "'";
  }
  return "\nNext: cellwright stats " + run + " --out ranked.csv";
}

std::string screen_text(const Json& result) {
  const Json& quality = result["quality"];
  std::string text = "Screened on " + std::to_string(result.value("cells_screened", 0)) +
                     " cells, checked exactly on " + std::to_string(result.value("cells_verified", 0)) + " others";
  if (!quality.contains("rank_correlation") || !quality["rank_correlation"].is_number()) return text;
  return text + "\nrank correlation with the exact effects " + number(quality.value("rank_correlation", 0.0)) + " (" +
         number(quality.value("rank_correlation_low", 0.0)) + " to " +
         number(quality.value("rank_correlation_high", 0.0)) +
         ") on a random sample of genes in the same cells; at most about " +
         std::to_string(quality.value("missed_at_most", 0)) + " strong genes may have been missed (95 %)";
}

std::string perturb_text(const Json& result) {
  if (result.contains("quality")) return screen_text(result);
  if (!result.contains("passes")) return preview_text(result);
  return result.value("effects", "") + ": " + std::to_string(result.value("passes", 0)) + " perturbed cells (" +
         std::to_string(result.value("perturbations", 0)) + " perturbations, " +
         std::to_string(result.value("cells", 0)) + " cells) in " + number(result.value("seconds", 0.0)) + " s" +
         next_step(result);
}

Result<> take(const Typed& typed, PerturbOptions& options) {
  CW_ASSIGN(options.filter, parse_filters(typed.filters));
  if (!typed.cells.empty()) {
    CW_ASSIGN(const auto range, parse_range(typed.cells));
    options.first_cell = range.first;
    options.end_cell = range.second;
  }
  if (!typed.parts.shard.empty()) {
    CW_ASSIGN(const auto shard, parse_shard(typed.parts.shard));
    options.shard = shard.first;
    options.shards = shard.second;
  }
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (typed.genes[i].empty()) continue;
    PerturbRequest request{kKinds[i], typed.genes[i]};
    for (std::string& gene : request.genes) {
      if (!gene.starts_with('@')) continue;
      std::string path = gene.substr(1);
      make_absolute(path);
      gene = "@" + path;
    }
    options.requests.push_back(std::move(request));
  }
  return {};
}

int submit_in_parts(const CliContext& context, const PerturbOptions& whole, std::int64_t shards) {
  auto job = job_in_parts("perturb", whole, shards);
  if (!job.ok()) return context.fail(job.error());
  job->out_is_folder = true;
  return run_sharded(context, *job, [](const Json& result) { return merge_text(result) + next_step(result); });
}

int submit(const CliContext& context, PerturbOptions options, const Typed& typed) {
  if (const auto taken = take(typed, options); !taken.ok()) return context.fail(taken.error());
  options.num_threads = context.global.threads;
  options.device = context.global.device;
  options.seed = context.global.seed;
  options.overwrite = context.global.overwrite;
  for (std::string* path : {&options.input, &options.model, &options.output, &options.labels}) make_absolute(*path);
  if (typed.parts.shards != 1) return submit_in_parts(context, options, typed.parts.shards);
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  const JobSpec spec = new_job("perturb", to_json(options));
  if (options.output.empty()) return context.run_in_passing(spec, perturb_text);
  return context.run_job(spec, options.output, true, perturb_text);
}

void add_what(CLI::App& perturb, PerturbOptions& options, Typed& typed) {
  const std::array<const char*, kKinds.size()> texts = {
      "Take genes out of the rank list", "Move them down by quartiles", "Move them up by quartiles",
      "Put them in front, also where a cell lacks them", "Put them at the place that --position gives"};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    perturb
        .add_option(std::string("--") + kKinds[i], typed.genes[i],
                    std::string(texts[i]) + ": all, GENE[,GENE..] or @FILE (text, CSV, GMT)")
        ->delimiter(',')
        ->type_name("GENES");
  }
  perturb.add_option("--how", options.how, "each, together, pairs, or anchor (--anchor with every other gene)")
      ->capture_default_str();
  perturb.add_option("--anchor", options.anchor, "Gene of --how anchor: symbol, alias or Ensembl id")
      ->type_name("GENE");
  perturb
      .add_option("--quartiles", options.quartiles,
                  "With --inhibit, --activate: by so many quarters of the list, 1 to 3")
      ->capture_default_str();
  perturb.add_option("--position", options.position, "With --rank: 0 = front of the list, 1 = its end")
      ->capture_default_str();
}

void add_cells(CLI::App& perturb, PerturbOptions& options, Typed& typed) {
  perturb
      .add_option("--state", options.state_column, "Column of the cell states; without it similarities are computed")
      ->type_name("COLUMN");
  perturb.add_option("--start", options.start, "State of the cells to perturb, e.g. 'CD14+ Mono'; needed with --state");
  perturb.add_option("--goal", options.goal, "State towards which a shift counts as positive; needed with --state");
  perturb.add_option("--alt", options.alternatives, "Further states to measure the shift to, e.g. NK,'CD8 T'")
      ->delimiter(',');
  perturb.add_option("--donor", options.donor_column, "Column of the donors: the replicates")->type_name("COLUMN");
  perturb
      .add_option("--labels", options.labels,
                  "CSV or TSV of cell names and labels; its columns can be used like those of the cells")
      ->type_name("FILE");
  perturb.add_option("--filter", typed.filters, "Only cells with COLUMN=V[,V..], e.g. cell_type=B,NK; may be repeated");
  perturb.add_option("--max-cells", options.max_cells, "At most so many cells, a random sample by --seed; 0 = all")
      ->capture_default_str();
  perturb
      .add_option("--cells", typed.cells,
                  "Only these of the selected cells, counted from 0, B not included, e.g. 0:500")
      ->type_name("A:B");
}

void add_computation(CLI::App& perturb, PerturbOptions& options) {
  perturb.add_option("--layer", options.layer, "second-to-last, last, or an index; 0 = embedding layer")
      ->capture_default_str();
  perturb.add_option("--mode", options.mode, "cell (all genes) or cls; auto = cls where the model has it")
      ->capture_default_str();
  perturb.add_flag("--gene-effects", options.gene_effects,
                   "Also the effect on every other gene's embedding (more disk)");
  perturb.add_option("--method", options.method, "exact, or screen: gradients, then an exact check on other cells")
      ->capture_default_str();
  perturb.add_option("--screen-top", options.screen_top, "Screen: compute so many of the strongest exactly")
      ->capture_default_str();
  perturb.add_option("--screen-sample", options.screen_sample, "Screen: and so many others, drawn evenly")
      ->capture_default_str();
  perturb
      .add_option("--null", options.null_count,
                  "Random genes of the same rank for each named one, as the null, e.g. 100")
      ->capture_default_str();
  perturb.add_option("--preview", options.preview, "Only so many cells, at once, without a result file; 0 = whole run")
      ->capture_default_str();
  perturb
      .add_option("--preview-seconds", options.preview_seconds,
                  "With --preview: stop after so many seconds with the cells seen; 0 = never")
      ->capture_default_str();
  perturb.add_option("--dictionary", options.dictionary, "v1, v2 or a folder; default: the model's own");
  perturb
      .add_option("--tokens-per-batch", options.tokens_per_batch,
                  "Tokens computed together, 512 to 1048576; more needs more memory")
      ->capture_default_str();
  perturb.add_flag("--match-upstream", options.match_upstream, "Repeat the published package where it is defective");
}

}  // namespace

void add_perturb_command(CLI::App& app, CliContext& context) {
  static PerturbOptions options;
  static Typed typed;
  auto* perturb = app.add_subcommand("perturb", "Delete, inhibit, activate or overexpress genes in silico");
  perturb->footer(
      "Example: cellwright perturb cells.tokens.h5 --model MODEL --delete all --state cell_type --start 'CD14+ "
      "Mono'\n"
      "         --goal B --donor donor --out RUN");
  perturb->add_option("INPUT", options.input, "Tokens, or a data file, which is tokenized on the way")->required();
  perturb->add_option("--model", options.model, "Model folder")->required()->type_name("DIR");
  perturb->add_option("--out", options.output, "Run folder to write; not needed with --preview")->type_name("RUN");
  add_what(*perturb, options, typed);
  add_cells(*perturb, options, typed);
  add_computation(*perturb, options);
  add_shard_options(*perturb, typed.parts);
  perturb->callback([&context] { context.action = [&context] { return submit(context, options, typed); }; });
}

}  // namespace cw
