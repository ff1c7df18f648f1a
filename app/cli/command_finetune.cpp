// SPDX-License-Identifier: GPL-3.0-or-later
// finetune cells|genes|multitask INPUT: a classifier of cells or genes from a pretrained model
#include "app/cli/finetune_use.h"
#include "app/cli/option_texts.h"
#include "app/cli/options_file.h"
#include "app/cli/training_options.h"
#include "core/api/finetune_options.h"
#include "core/api/job_kinds.h"
#include "core/api/published_settings.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace cw {
namespace {

std::string comparison_text(const Json& test) {
  std::string text = "\n  model                 features              accuracy  macro-F1";
  for (const Json& row : test["comparison"]) {
    char line[160];
    std::snprintf(line, sizeof line, "\n  %-21s %-21s %8.3f  %8.3f", row.value("model", "").c_str(),
                  row.value("features", "").c_str(), row.value("accuracy", 0.0), row.value("macro_f1", 0.0));
    text += line;
  }
  return text + "\n" + test.value("verdict", "");
}

std::string numbers_text(const Json& test) {
  char line[160];
  std::snprintf(line, sizeof line, "\ntest cells: R2 %.3f, RMSE %.3f, MAE %.3f, Spearman %.3f", test.value("r2", 0.0),
                test.value("rmse", 0.0), test.value("mae", 0.0), test.value("spearman", 0.0));
  std::string text = line;
  if (!test.contains("comparison")) return text;
  text += "\n  model                 features                    R2      RMSE       MAE";
  for (const Json& row : test["comparison"]) {
    std::snprintf(line, sizeof line, "\n  %-21s %-21s %8.3f %9.3f %9.3f", row.value("model", "").c_str(),
                  row.value("features", "").c_str(), row.value("r2", 0.0), row.value("rmse", 0.0),
                  row.value("mae", 0.0));
    text += line;
  }
  return text + "\n" + test.value("verdict", "");
}

std::string cells_text(const Json& result) {
  char line[256];
  std::snprintf(line, sizeof line,
                "%lld steps, %.2f cells/s; split by %s: %lld cells to train, %lld to validate, %lld to test",
                static_cast<long long>(result.value("steps", 0LL)), result.value("cells_per_second", 0.0),
                result.value("split_by", "cell").c_str(), static_cast<long long>(result.value("training_cells", 0LL)),
                static_cast<long long>(result.value("validation_cells", 0LL)),
                static_cast<long long>(result.value("test_cells", 0LL)));
  std::string text = line;
  if (result.contains("test") && result.contains("target")) {
    text += numbers_text(result["test"]);
  } else if (result.contains("test")) {
    const Json& test = result["test"];
    std::snprintf(line, sizeof line, "\ntest cells: accuracy %.3f, macro-F1 %.3f", test.value("accuracy", 0.0),
                  test.value("macro_f1", 0.0));
    text += line;
    if (test.contains("comparison")) text += comparison_text(test);
  }
  return text + "\nmodel: " + result.value("model", "");
}

std::string multitask_text(const Json& result) {
  char line[256];
  std::snprintf(line, sizeof line, "%lld steps, %.2f cells/s; %lld cells to train, %lld to test",
                static_cast<long long>(result.value("steps", 0LL)), result.value("cells_per_second", 0.0),
                static_cast<long long>(result.value("training_cells", 0LL)),
                static_cast<long long>(result.value("test_cells", 0LL)));
  std::string text = line;
  for (const Json& task : result["tasks"]) {
    text += "\n" + task.value("label", "") + ": model " + task.value("model", "");
    if (!task.contains("test")) continue;
    std::snprintf(line, sizeof line, "\n  accuracy %.3f, macro-F1 %.3f", task["test"].value("accuracy", 0.0),
                  task["test"].value("macro_f1", 0.0));
    text += line;
    if (task["test"].contains("comparison")) text += comparison_text(task["test"]);
  }
  return text;
}

std::string genes_text(const Json& result) {
  const Json test = result.value("test", Json::object());
  const Json each = test.value("per_occurrence", Json::object());
  char line[256];
  std::snprintf(line, sizeof line,
                "%lld genes of %zu classes, %lld folds\nper occurrence (%lld): accuracy %.3f, AUROC %.3f\nper gene:",
                static_cast<long long>(result.value("genes", 0LL)), result["classes"].size(),
                static_cast<long long>(result.value("folds", 0LL)),
                static_cast<long long>(each.value("occurrences", 0LL)), each.value("accuracy", 0.0),
                each.value("auroc", 0.0));
  std::string text = line;
  for (const Json& row : test["comparison"]) {
    std::snprintf(line, sizeof line, "\n  %-21s %-21s AUROC %.3f (%.3f to %.3f), macro-F1 %.3f",
                  row.value("model", "").c_str(), row.value("features", "").c_str(), row.value("auroc", 0.0),
                  row.value("auroc_low", 0.0), row.value("auroc_high", 0.0), row.value("macro_f1", 0.0));
    text += line;
  }
  text += "\n" + test.value("verdict", "");
  return result.contains("model") ? text + "\nmodel: " + result.value("model", "") : text;
}

// What all kinds of fine-tuning take from the command line.
struct SharedTexts {
  std::vector<std::string> filters;
  RenewableOptions renewable;
  std::string options_file;
};

Result<> complete(const CliContext& context, const SharedTexts& texts, FinetuneOptions& options) {
  CW_ASSIGN(options.filter, parse_filters(texts.filters));
  for (std::string* path : {&options.input, &options.model, &options.output}) make_absolute(*path);
  if (std::filesystem::exists(options.dictionary)) make_absolute(options.dictionary);
  options.seed = context.global.seed;
  options.num_threads = context.global.threads;
  options.overwrite = context.global.overwrite;
  return {};
}

// What a command writes into while it is read; its callback keeps it alive.
template <class Options>
struct Form {
  Options options;
  SharedTexts texts;
  bool without_baselines = false;
};

// A command that was typed, and what its options are for.
struct Typed {
  const CLI::App& command;
  const FinetuneUse& use;
};

// What is typed goes before what --options says, and that before the published settings where they are asked for.
Result<Json> complete_options(const std::string& kind, const Json& typed, const SharedTexts& texts,
                              const CLI::App& command) {
  CW_ASSIGN(Json options, with_options_file(command, texts.options_file, typed));
  if (!options["match_upstream"].get<bool>()) return options;
  CW_ASSIGN(options, with_values(command, published_settings(kind), "the published settings", typed));
  return with_options_file(command, texts.options_file, std::move(options));
}

template <class Options>
int submit(const CliContext& context, const std::string& kind, const Options& options, const SharedTexts& texts,
           const Typed& typed, std::string (*text)(const Json&)) {
  const auto complete = complete_options(kind, to_json(options), texts, typed.command);
  if (!complete.ok()) return context.fail(complete.error());
  if (const auto valid = check_job(kind, *complete); !valid.ok()) return context.fail(valid.error());
  if (typed.use.act) return typed.use.act(kind, *complete);
  if (options.resume) return resume_training(context, options.output, *complete, texts.renewable, text);
  return context.run_job(new_job(kind, *complete), options.output, true, text);
}

void add_inputs(CLI::App& command, FinetuneOptions& o, SharedTexts& texts) {
  command.add_option("INPUT", o.input, "Tokens, or a data file, which is tokenized on the way")->required();
  command.add_option("--model", o.model, "Model to start from")->required()->type_name("DIR");
  command.add_option("--out", o.output, "Run folder: checkpoints, evaluation and, in model/, the result")
      ->required()
      ->type_name("RUN");
  command.add_option("--dictionary", o.dictionary, "v1, v2 or a folder [the model's own]")->type_name("NAME");
  command
      .add_option("--options", texts.options_file,
                  "JSON file with values of options, such as best.json of a search; those typed go before")
      ->type_name("FILE");
  command.add_option("--filter", texts.filters, "Only cells with COLUMN=V[,V..]; may be repeated");
  command.add_option("--max-cells", o.max_cells, "At most so many cells, a random sample by --seed; 0 = all")
      ->capture_default_str();
}

void add_training(CLI::App& command, FinetuneOptions& o) {
  const std::string group = "Training";
  const auto number = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->capture_default_str()->group(group);
  };
  number("--freeze-layers", o.freeze_layers, "First layers, and the embeddings below, that keep their weights");
  command
      .add_flag("--train-embeddings", o.train_embeddings,
                "Train the embeddings below frozen layers too, as the published code")
      ->group(group);
  number("--lora-rank", o.lora_rank, "Above 0: the encoder is frozen and learns low-rank changes (LoRA)");
  number("--epochs", o.epochs, "Passes over the training cells; fractions allowed");
  number("--batch-size", o.batch_size, "Cells per step");
  number("--tokens-per-batch", o.tokens_per_batch, "Most tokens per step; fewer need less memory");
  number("--learning-rate", o.learning_rate, "Highest rate");
  number("--schedule", o.schedule, "linear, cosine, constant or polynomial");
  command
      .add_option("--warmup-steps", o.warmup_steps,
                  "Steps to the highest rate [500 for six layers, else 0; at most a tenth]")
      ->group(group);
  command
      .add_option("--warmup-share", o.warmup_share,
                  "Instead of --warmup-steps: this share of the run's steps [by --warmup-steps]")
      ->group(group);
  number("--weight-decay", o.weight_decay, "Not of biases and LayerNorm");
  number("--clip", o.clip, "Largest norm of the gradient, 0 = none");
  command.add_option("--hidden-dropout", o.hidden_dropout, "Share of hidden values set to 0 [of the model]")
      ->group(group);
  command.add_option("--attention-dropout", o.attention_dropout, "The same for attention [of the model]")->group(group);
  number("--class-weights", o.class_weights, "none, or balanced: every class counts the same");
  number("--focal-gamma", o.focal_gamma, "Above 0: easy examples count less (focal loss)");
  command
      .add_flag("--match-upstream", o.match_upstream,
                "Repeat the published package, defects included: its settings where none are given, and its parts")
      ->group(group);
}

void add_watching(CLI::App& command, FinetuneOptions& o, SharedTexts& texts, const FinetuneUse& use) {
  if (use.add_options) use.add_options(command);
  texts.renewable = add_process_options(command, o);
  const std::string group = "Watching and going on";
  command
      .add_option("--metric", o.metric,
                  "Chooses the best weights: macro_f1, accuracy, balanced_accuracy, macro_auroc, macro_auprc, "
                  "log_loss, brier, ece, loss; of a number rmse, mae, r2, pearson, spearman, loss [macro_f1, rmse]")
      ->group(group);
  command.add_option("--validate-every", o.validate_every, "Steps between validations [every epoch, at least five]")
      ->group(group);
  command.add_option("--patience", o.patience, "Stop after so many validations without a better one, 0 = never")
      ->capture_default_str()
      ->group(group);
  command.add_option("--checkpoint-every", o.checkpoint_every, "Steps between checkpoints [by time]")->group(group);
  command.add_option("--checkpoint-minutes", o.checkpoint_minutes, "Minutes between checkpoints")
      ->capture_default_str()
      ->group(group);
  if (use.act) return;  // what is searched goes on with `cellwright resume RUN`
  command
      .add_flag("--resume", o.resume, "Go on from the newest checkpoint in RUN, with the settings it was started with")
      ->group(group);
}

// How cells are divided, and what they are compared with: the same for one label column and for several.
template <class Options>
void add_split(CLI::App& command, Options& o, bool& without_baselines) {
  const std::string split = "Split";
  command
      .add_option("--group", o.group,
                  "Column whose cells stay in one part; auto = donor, patient, ... where there is one; none = by cell")
      ->capture_default_str()
      ->group(split);
  command.add_option("--split", o.split, "CSV with the part of every cell or group: train, validation, test")
      ->type_name("FILE")
      ->group(split);
  command.add_option("--validation", o.validation, "Share that chooses the best weights")
      ->capture_default_str()
      ->group(split);
  command.add_option("--test", o.test, "Share that is looked at once, at the end")->capture_default_str()->group(split);
  command.add_flag("--no-baselines", without_baselines, "Do not compare with simple models");
  command.add_option("--counts", o.counts, "Data file of the same cells, for baselines on expression")
      ->type_name("FILE");
}

template <class Options>
int submit_cells(const CliContext& context, const std::string& kind, Form<Options>& form, const Typed& typed,
                 std::string (*text)(const Json&)) {
  Options& o = form.options;
  if (const auto done = complete(context, form.texts, o); !done.ok()) return context.fail(done.error());
  for (std::string* path : {&o.split, &o.counts}) make_absolute(*path);
  o.baselines = !form.without_baselines;
  return submit(context, kind, o, form.texts, typed, text);
}

void add_pooling(CLI::App& command, std::string& pooling) {
  command
      .add_option(
          "--pooling", pooling,
          "What the classifier sees of a cell: cls (first position by BERT's pooler), first (as it is), mean of all, "
          "attention (a learned mean)")
      ->capture_default_str()
      ->group("Training");
}

void add_multitask_command(CLI::App& parent, CliContext& context, const FinetuneUse& use) {
  const auto form = std::make_shared<Form<FinetuneMultitaskOptions>>();
  FinetuneMultitaskOptions& o = form->options;
  auto* command = parent.add_subcommand("multitask", "Learn several label columns of the cells at once");
  add_inputs(*command, o, form->texts);
  command->add_option("--label", o.labels, "Column of the cells to learn; give it for each, twice or more")
      ->required()
      ->type_name("COLUMN");
  command->add_option("--task-weights", o.task_weights, "Weight of each column's loss, in their order [1 each]")
      ->delimiter(',');
  add_split(*command, o, form->without_baselines);
  add_pooling(*command, o.pooling);
  add_training(*command, o);
  add_watching(*command, o, form->texts, use);
  command->footer("Example:\n  cellwright " + use.command +
                  " multitask cells.h5ad --model MODEL --label cell_type --label disease --out run");
  command->callback([&context, command, &use, form] {
    context.action = [&context, command, &use, form] {
      return submit_cells(context, "finetune-multitask", *form, {*command, use}, multitask_text);
    };
  });
}

void add_cells_command(CLI::App& parent, CliContext& context, const FinetuneUse& use) {
  const auto form = std::make_shared<Form<FinetuneCellsOptions>>();
  FinetuneCellsOptions& o = form->options;
  auto* command =
      parent.add_subcommand("cells", "Learn the classes of cells (types, states, treatments), or a number of each");
  add_inputs(*command, o, form->texts);
  command->add_option("--label", o.label, "Column of the cells to learn")->required()->type_name("COLUMN");
  command->add_option("--target-type", o.target_type, "What the column holds: class, or number (regression)")
      ->capture_default_str();
  command->add_option("--number-loss", o.number_loss, "Of a number: mse, or huber: cells far off count less")
      ->capture_default_str();
  const std::string split = "Split";
  add_split(*command, o, form->without_baselines);
  command->add_option("--rare-threshold", o.rare_threshold, "Leave out classes with at most this share of the cells")
      ->capture_default_str()
      ->group(split);
  command->add_option("--max-cells-per-class", o.max_cells_per_class, "At most so many of each, 0 = all")
      ->capture_default_str()
      ->group(split);
  add_pooling(*command, o.pooling);
  add_training(*command, o);
  add_watching(*command, o, form->texts, use);
  command->footer("Example:\n  cellwright " + use.command +
                  " cells cells.h5ad --model MODEL --label cell_type --out run");
  command->callback([&context, command, &use, form] {
    context.action = [&context, command, &use, form] {
      return submit_cells(context, "finetune-cells", *form, {*command, use}, cells_text);
    };
  });
}

void add_genes_command(CLI::App& parent, CliContext& context, const FinetuneUse& use) {
  const auto form = std::make_shared<Form<FinetuneGenesOptions>>();
  FinetuneGenesOptions& o = form->options;
  auto* command = parent.add_subcommand("genes", "Learn the classes of genes, in the context of cells");
  add_inputs(*command, o, form->texts);
  command->add_option("--classes", o.classes, "Gene class lists: CSV, JSON or GMT")->required()->type_name("FILE");
  command
      ->add_option("--class-column", o.class_column,
                   "Column of the CSV with the class [class, label, or yes/no columns]")
      ->type_name("COLUMN");
  const std::string split = "Split";
  command->add_option("--folds", o.folds, "Folds over genes; each gene is held out once")
      ->capture_default_str()
      ->group(split);
  command->add_option("--fold", o.fold, "Only this fold, 1 to --folds; 0 = all, then a model on all genes")
      ->capture_default_str()
      ->group(split);
  command->add_option("--validation", o.validation, "Share of a fold's training genes that chooses the best weights")
      ->capture_default_str()
      ->group(split);
  add_training(*command, o);
  add_watching(*command, o, form->texts, use);
  command->footer("Example:\n  cellwright " + use.command +
                  " genes cells.tokens.h5 --model MODEL --classes dosage.csv --freeze-layers 4 "
                  "--out run");
  command->callback([&context, command, &use, form] {
    context.action = [&context, command, &use, form] {
      if (const auto done = complete(context, form->texts, form->options); !done.ok())
        return context.fail(done.error());
      make_absolute(form->options.classes);
      return submit(context, "finetune-genes", form->options, form->texts, {*command, use}, genes_text);
    };
  });
}

}  // namespace

void add_finetune_kinds(CLI::App& parent, CliContext& context, const FinetuneUse& use) {
  parent.require_subcommand(1);
  add_cells_command(parent, context, use);
  add_genes_command(parent, context, use);
  add_multitask_command(parent, context, use);
}

void add_finetune_commands(CLI::App& app, CliContext& context) {
  static const FinetuneUse kFinetune{"finetune", {}, {}};
  auto* finetune = app.add_subcommand("finetune", "Teach a pretrained model the classes of cells or genes");
  add_finetune_kinds(*finetune, context, kFinetune);
}

}  // namespace cw
