// SPDX-License-Identifier: GPL-3.0-or-later
// pretrain TOKENS --out RUN
#include "app/cli/option_texts.h"
#include "app/cli/training_options.h"
#include "core/api/pretrain_options.h"

#include <cstdio>
#include <filesystem>

namespace cw {
namespace {

std::string pretrain_text(const Json& result) {
  char line[256];
  std::snprintf(line, sizeof(line), "%lld steps, %lld tokens, %.0f tokens/s",
                static_cast<long long>(result.value("steps", 0LL)), static_cast<long long>(result.value("tokens", 0LL)),
                result.value("tokens_per_second", 0.0));
  std::string text = line;
  if (result.contains("validation_loss")) {
    std::snprintf(line, sizeof(line), "\nloss on %lld cells kept out: %.4f (gene frequencies alone: %.4f)",
                  static_cast<long long>(result.value("validation_cells", 0LL)), result.value("validation_loss", 0.0),
                  result.value("unigram_loss", 0.0));
    text += line;
  }
  return text + "\nmodel: " + result.value("model", "");
}

int run_pretrain_command(const CliContext& context, PretrainOptions options, const RenewableOptions& renewable) {
  for (std::string* path : {&options.tokens, &options.out, &options.config, &options.init}) make_absolute(*path);
  for (std::string& path : options.more_tokens) make_absolute(path);
  // a folder of one's own; "v1" and "v2" are names
  if (std::filesystem::exists(options.dictionary)) make_absolute(options.dictionary);
  options.seed = context.global.seed;
  options.num_threads = context.global.threads;
  options.overwrite = context.global.overwrite;
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  if (options.resume) {
    return resume_training(context, options.out, to_json(options), renewable, pretrain_text);
  }
  return context.run_job(new_job("pretrain", to_json(options)), options.out, true, pretrain_text);
}

}  // namespace

void add_pretrain_command(CLI::App& app, CliContext& context) {
  static PretrainOptions o;
  static std::vector<std::string> tokens;
  auto* command = app.add_subcommand("pretrain", "Train a masked gene model from tokens to a model folder");
  command->add_option("TOKENS", tokens, "Token files (.tokens.h5 or .dataset), or folders of .tokens.h5 files")
      ->required();
  command->add_option("--out", o.out, "Run folder: checkpoints, log and, in model/, the result")
      ->required()
      ->type_name("RUN");
  command->add_option("--dictionary", o.dictionary, "v1, v2 or a folder [the one the tokens name]")->type_name("NAME");

  const std::string model = "Model";
  command->add_option("--preset", o.preset, "demo, v1-10m, v1-40m, v2-104m, v2-316m: sizes and rates")
      ->capture_default_str()
      ->group(model);
  command->add_option("--config", o.config, "Sizes from a Hugging Face config.json")->type_name("FILE")->group(model);
  command->add_option("--init", o.init, "Go on from this model")->type_name("DIR")->group(model);
  command->add_option("--hidden-dropout", o.hidden_dropout, "Share of hidden values set to 0 [of the model]")
      ->type_name("P")
      ->group(model);
  command->add_option("--attention-dropout", o.attention_dropout, "The same for attention [of the model]")
      ->type_name("P")
      ->group(model);
  command
      ->add_flag("--start-from-frequencies", o.start_from_frequencies,
                 "Output bias starts at the log frequency of each gene; for short runs")
      ->group(model);

  const std::string length = "Length, exactly one";
  command->add_option("--epochs", o.epochs, "Passes over the training cells")->group(length);
  command->add_option("--steps", o.steps, "Optimiser steps")->group(length);
  command->add_option("--minutes", o.minutes, "Wall-clock time; not repeatable bit by bit")->group(length);

  const std::string training = "Training";
  command->add_option("--tokens-per-batch", o.tokens_per_batch, "Most tokens of a batch; more needs more memory")
      ->capture_default_str()
      ->group(training);
  command->add_option("--accumulate", o.accumulate, "Batches per optimiser step")
      ->capture_default_str()
      ->group(training);
  command->add_option("--order", o.order, "packed (random) or by-length")->capture_default_str()->group(training);
  command->add_option("--learning-rate", o.learning_rate, "Highest rate [of the preset]")->group(training);
  command->add_option("--schedule", o.schedule, "linear, cosine, constant or polynomial [of the preset]")
      ->group(training);
  command->add_option("--warmup-steps", o.warmup_steps, "Steps to the highest rate [of the preset, at most a tenth]")
      ->group(training);
  command->add_option("--weight-decay", o.weight_decay, "Not of biases and LayerNorm [of the preset]")->group(training);
  command->add_option("--clip", o.clip, "Largest norm of the gradient, 0 = none")
      ->capture_default_str()
      ->group(training);
  command->add_option("--mask-probability", o.mask_probability, "Share of genes to predict")
      ->capture_default_str()
      ->group(training);
  command->add_flag("--mask-special", o.mask_special, "Predict <cls> and <eos> too, as the published code")
      ->group(training);
  command->add_option("--leave-out", o.leave_out, "Most genes of a cell left out at random when it is seen")
      ->capture_default_str()
      ->group(training);
  command->add_option("--store", o.store, "Numbers of the model file: float32 or float16")
      ->capture_default_str()
      ->group(training);
  command->add_option("--precision", o.precision, "fp32")->capture_default_str()->group(training);

  const RenewableOptions renewable = add_process_options(*command, o);

  const std::string watching = "Watching and going on";
  command->add_option("--validation", o.validation, "Share of cells kept out of training")
      ->capture_default_str()
      ->group(watching);
  command->add_option("--validate-every", o.validate_every, "Steps between validations [10 per run]")->group(watching);
  command->add_option("--patience", o.patience, "Stop after so many validations without a better loss, 0 = never")
      ->capture_default_str()
      ->group(watching);
  command->add_option("--checkpoint-every", o.checkpoint_every, "Steps between checkpoints [by time]")->group(watching);
  command->add_option("--checkpoint-minutes", o.checkpoint_minutes, "Minutes between checkpoints")
      ->capture_default_str()
      ->group(watching);
  command
      ->add_flag("--resume", o.resume, "Go on from the newest checkpoint in RUN, with the settings it was started with")
      ->group(watching);
  command->footer("Example:\n  cellwright pretrain cells.tokens.h5 --preset v1-10m --epochs 3 --out run");
  command->callback([&context, renewable] {
    context.action = [&context, renewable] {
      o.tokens = tokens.front();
      o.more_tokens.assign(tokens.begin() + 1, tokens.end());
      return run_pretrain_command(context, o, renewable);
    };
  });
}

}  // namespace cw
