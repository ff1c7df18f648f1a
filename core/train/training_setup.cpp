// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_setup.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::int64_t kValidationsPerRun = 10;
constexpr std::int64_t kWidthGrain = 16;   // one vector of the widest kernel
constexpr std::int64_t kShortestCell = 2;  // one gene to see, one to predict

Result<ModelConfig> choose_config(const PretrainOptions& options, const Preset& preset,
                                  const std::optional<ModelFolder>& init, const Dictionary& dictionary) {
  ModelConfig config = preset.config;
  config.vocab_size = dictionary.num_tokens();
  config.pad_token = dictionary.pad();
  std::string where = "preset " + options.preset;
  if (init) {
    config = init->config;
    where = options.init;
  } else if (!options.config.empty()) {
    CW_ASSIGN(config, read_model_config(options.config));
    where = options.config;
  }
  if (config.vocab_size != dictionary.num_tokens()) {
    return Error{ErrorCode::kShape, "E-TRN-005",
                 where + ": a vocabulary of " + std::to_string(config.vocab_size) + " tokens, but dictionary '" +
                     dictionary.name() + "' of the cells has " + std::to_string(dictionary.num_tokens())};
  }
  config.architecture = kMaskedLm;
  config.num_labels = 0;
  config.label_names.clear();
  if (options.hidden_dropout >= 0.0) config.hidden_dropout = options.hidden_dropout;
  if (options.attention_dropout >= 0.0) config.attention_dropout = options.attention_dropout;
  CW_TRY(validate(config, where));
  CW_TRY(require_trainable(config, where));
  return config;
}

Result<> check_init(const ModelFolder& init, const Dictionary& dictionary, const std::string& where,
                    const std::string& tokens) {
  if (init.config.architecture != kMaskedLm || !init.has_head) {
    return Error{ErrorCode::kShape, "E-TRN-005",
                 where + ": holds " + init.config.architecture + (init.has_head ? "" : " without its head") +
                     "; pretraining goes on from a complete BertForMaskedLM"};
  }
  if (!init.cellwright.is_object() || !init.cellwright.contains("dictionary")) return {};
  const Json& known = init.cellwright["dictionary"];
  if (!known.is_object()) return {};
  return require_same_vocabulary(tokens, dictionary.name(), dictionary.sha256(), "the model " + where,
                                 known.value("name", std::string("unnamed")), known.value("sha256", std::string()));
}

// Every cell fits the model and its vocabulary; cells without anything to learn from are left out.
Result<std::vector<std::int64_t>> usable_cells(const TokenCorpus& cells, const ModelConfig& config,
                                               const JobContext& context) {
  std::vector<std::int64_t> usable;
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
    if (context.cancelled()) return cancelled_error("training");
    cells.copy_tokens(cell, tokens);
    if (cells.length(cell) > config.max_positions) {
      return Error{ErrorCode::kRefused, "E-TRN-010",
                   cells.place(cell) + " has " + std::to_string(cells.length(cell)) + " tokens, the model takes " +
                       std::to_string(config.max_positions) + "; tokenize with --max-length " +
                       std::to_string(config.max_positions) + " or choose a preset for longer cells"};
    }
    for (const std::int32_t token : tokens) {
      if (token < 0 || token >= config.vocab_size) {
        return Error{ErrorCode::kRefused, "E-TRN-011",
                     cells.place(cell) + " has token " + std::to_string(token) + ", the vocabulary ends at " +
                         std::to_string(config.vocab_size - 1) +
                         "; name the dictionary these cells were tokenized with by --dictionary"};
      }
    }
    if (cells.length(cell) >= kShortestCell) usable.push_back(cell);
  }
  return usable;
}

Result<CellSplit> choose_split(const PretrainOptions& options, std::vector<std::int64_t> usable) {
  CellSplit split = split_cells(static_cast<std::int64_t>(usable.size()), options.validation, options.seed);
  for (std::vector<std::int64_t>* part : {&split.training, &split.validation}) {
    for (std::int64_t& cell : *part) cell = usable[static_cast<std::size_t>(cell)];
  }
  if (!split.training.empty()) return split;
  return Error{ErrorCode::kRefused, "E-TRN-013",
               options.tokens + ": " + std::to_string(usable.size()) + " cells with two genes or more, " +
                   std::to_string(split.validation.size()) + " of them for validation: none is left to train on"};
}

MaskingRule masking_of(const PretrainOptions& options, const ModelConfig& config, const Dictionary& dictionary) {
  MaskingRule rule;
  rule.probability = options.mask_probability;
  rule.vocab_size = config.vocab_size;
  rule.pad_token = dictionary.pad();
  rule.mask_token = dictionary.mask();
  rule.leave_out = options.leave_out;
  for (const auto token : {dictionary.cls(), dictionary.eos()}) {
    if (token) rule.special.push_back(*token);
  }
  rule.mask_special = options.mask_special;
  return rule;
}

void set_length(const PretrainOptions& options, const Preset& preset, const TokenCorpus& cells, const CellSplit& split,
                TrainingPlan& plan) {
  plan.steps = options.steps;
  plan.seconds = options.minutes * 60.0;
  if (options.epochs > 0.0) {
    std::vector<std::int64_t> lengths;
    for (const std::int64_t cell : split.training) lengths.push_back(cells.length(cell));
    plan.steps = steps_of_epochs(lengths, options.epochs, plan);
  }
  const double total = plan.steps > 0 ? static_cast<double>(plan.steps) : plan.seconds;
  plan.warmup = preset.warmup_share * total;
  if (options.warmup_steps >= 0 && plan.steps > 0) {
    plan.warmup = static_cast<double>(options.warmup_steps);
  } else if (preset.warmup_steps > 0) {
    // The published 10,000 steps belong to a run of millions; a short one would never leave its warm-up.
    plan.warmup = plan.steps > 0 ? std::min(static_cast<double>(preset.warmup_steps), 0.1 * total) : 0.1 * total;
  }
  plan.validate_every =
      options.validate_every > 0 ? options.validate_every : std::max<std::int64_t>(1, plan.steps / kValidationsPerRun);
  plan.validate_seconds = plan.seconds / static_cast<double>(kValidationsPerRun);
}

TrainingPlan plan_of(const PretrainOptions& options, const Preset& preset) {
  TrainingPlan plan;
  plan.order = options.order == "by-length" ? CellOrder::kByLength : CellOrder::kPacked;
  plan.tokens_per_batch = options.tokens_per_batch;
  plan.accumulate = options.accumulate;
  plan.learning_rate = options.learning_rate > 0.0 ? options.learning_rate : preset.learning_rate;
  plan.schedule = schedule_of(options.schedule.empty() ? preset.schedule : options.schedule);
  plan.adam = {options.beta1, options.beta2, options.epsilon,
               options.weight_decay >= 0.0 ? options.weight_decay : preset.weight_decay};
  plan.clip = options.clip;
  plan.patience = options.patience;
  plan.checkpoint_every = options.checkpoint_every;
  plan.checkpoint_seconds = options.checkpoint_minutes * 60.0;
  plan.seed = options.seed;
  plan.num_threads = options.num_threads;
  plan.recompute = options.recompute;
  return plan;
}

// What may change between the parts of a run without changing its result is left out.
Json fingerprint_of(const PretrainOptions& options, const TrainingSetup& setup) {
  Json print = to_json(options);
  for (const char* key : {"tokens", "more_tokens", "out", "dictionary", "config", "init", "num_threads", "resume",
                          "overwrite", "store", "processes", "zero", "recompute", "offload_optimiser",
                          "exchange_precision", "exchange_timeout", "checkpoint_every", "checkpoint_minutes"}) {
    print.erase(key);
  }
  print["architecture"] = to_json(setup.genes.config);
  print["vocabulary_sha256"] = setup.dictionary->sha256();
  print["cells"] = setup.cells.num_cells();
  print["cell_tokens"] = setup.cells.num_tokens();
  print["corpus"] = setup.cells.source();
  print["init_sha256"] = setup.init ? Json(setup.init->weights_sha256) : Json();
  return print;
}

}  // namespace

Result<> require_trainable(const ModelConfig& config, const std::string& where) {
  if (config.hidden % kWidthGrain == 0) return {};
  return Error{ErrorCode::kShape, "E-TRN-012",
               where + ": hidden size " + std::to_string(config.hidden) + " cannot be trained; choose a multiple of " +
                   std::to_string(kWidthGrain)};
}

Result<TrainingSetup> prepare_training(const PretrainOptions& options, const JobContext& context) {
  TrainingSetup setup;
  CW_ASSIGN(const Preset preset, preset_of(options.preset));
  std::vector<std::filesystem::path> files = {options.tokens};
  files.insert(files.end(), options.more_tokens.begin(), options.more_tokens.end());
  CW_ASSIGN(setup.cells, TokenCorpus::open(files));
  const std::string name = options.dictionary.empty() ? setup.cells.dictionary_name() : options.dictionary;
  CW_ASSIGN(setup.dictionary, Dictionary::load(name));
  if (!setup.cells.dictionary_sha256().empty()) {
    CW_TRY(require_same_vocabulary("the cells of " + options.tokens, setup.cells.dictionary_name(),
                                   setup.cells.dictionary_sha256(), "the dictionary", setup.dictionary->name(),
                                   setup.dictionary->sha256()));
  }
  if (!options.init.empty()) {
    CW_ASSIGN(setup.init, open_model_folder(options.init));
    CW_TRY(check_init(*setup.init, *setup.dictionary, options.init, options.tokens));
  }
  CW_ASSIGN(const ModelConfig config, choose_config(options, preset, setup.init, *setup.dictionary));
  CW_ASSIGN(std::vector<std::int64_t> usable, usable_cells(setup.cells, config, context));
  CW_ASSIGN(setup.split, choose_split(options, std::move(usable)));
  CW_ASSIGN(setup.frequencies, UnigramModel::count(setup.cells, setup.split.training, config.vocab_size, context));
  setup.genes = {config, masking_of(options, config, *setup.dictionary), options.tokens_per_batch, options.seed,
                 options.num_threads};
  setup.plan = plan_of(options, preset);
  set_length(options, preset, setup.cells, setup.split, setup.plan);
  setup.fingerprint = fingerprint_of(options, setup);
  return setup;
}

}  // namespace cw
