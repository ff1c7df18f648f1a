// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/finetune_setup.h"

#include "core/embed/cell_selection.h"
#include "core/train/class_loss.h"
#include "core/train/training_setup.h"
#include "core/weights/lora_adapter.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr const char* kLoraMark = ".lora_";
constexpr std::int64_t kFewestValidations = 5;
constexpr std::int64_t kPublishedWarmup = 500;          // spec 8.4: only for models of
constexpr std::int64_t kLayersWithPublishedWarmup = 6;  // exactly so many layers

std::int64_t warmup_of(const FinetuneOptions& options, const ModelConfig& config, std::int64_t steps) {
  if (options.warmup_share >= 0.0) {
    const double share = options.warmup_share * static_cast<double>(steps);
    return options.match_upstream ? static_cast<std::int64_t>(share) : std::llround(share);
  }
  if (options.warmup_steps >= 0) return options.warmup_steps;
  if (config.layers != kLayersWithPublishedWarmup) return 0;
  // The published 500 steps are a third of a run on a few thousand cells, and more than all of a small one.
  return options.match_upstream ? kPublishedWarmup : std::min(kPublishedWarmup, steps / 10);
}

std::int64_t validate_every_of(const FinetuneOptions& options, std::int64_t steps) {
  if (options.validate_every > 0) return options.validate_every;
  const auto per_epoch =
      static_cast<std::int64_t>(std::ceil(static_cast<double>(steps) / std::max(1.0, std::ceil(options.epochs))));
  return std::max<std::int64_t>(1, std::min(per_epoch, steps / kFewestValidations));
}

// Batches of so many cells, however long they are; a begun pass counts whole.
void plan_as_published(const FinetuneOptions& options, std::span<const std::int64_t> lengths, TrainingPlan& plan) {
  plan.tokens_per_batch = std::numeric_limits<std::int64_t>::max();
  const auto batches = (std::ssize(lengths) + options.batch_size - 1) / options.batch_size;
  plan.steps =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(options.epochs * static_cast<double>(batches))));
  plan.validate_every = options.validate_every > 0 ? options.validate_every : std::max<std::int64_t>(1, batches);
}

}  // namespace

Result<FinetuneInputs> open_finetune_inputs(const FinetuneOptions& options, JobContext& ctx) {
  FinetuneInputs inputs;
  EncoderOptions encoder_options;
  encoder_options.device = "cpu";  // training has passes of its own; this one only tells what the model is
  encoder_options.num_threads = options.num_threads;
  CW_ASSIGN(inputs.model, open_model(options.model, options.dictionary, encoder_options));
  const ModelConfig& config = inputs.model.encoder->config();
  CW_TRY(require_trainable(config, options.model));
  if (options.freeze_layers > config.layers) {
    return Error{ErrorCode::kInvalidArgument, "E-FIN-001",
                 "--freeze-layers is " + std::to_string(options.freeze_layers) + ", but " + options.model + " has " +
                     std::to_string(config.layers) + " layers; freeze at most " + std::to_string(config.layers)};
  }
  CW_ASSIGN(inputs.cells, open_cells(options.input, inputs.model, options.num_threads, ctx));
  CW_ASSIGN(std::vector<std::int64_t> rows, filter_cells(inputs.cells, options.filter, ctx));
  inputs.rows.resize(static_cast<std::size_t>(inputs.cells.num_cells()));
  for (std::size_t i = 0; i < inputs.rows.size(); ++i) inputs.rows[i] = static_cast<std::int64_t>(i);
  keep_cells(inputs, sample_cells(inputs.cells, rows, options.max_cells, options.seed, false, ctx));
  return inputs;
}

void keep_cells(FinetuneInputs& inputs, std::span<const std::int64_t> rows) {
  if (static_cast<std::int64_t>(rows.size()) == inputs.cells.num_cells()) return;
  inputs.cells = inputs.cells.take(rows);
  std::vector<std::int64_t> kept;
  kept.reserve(rows.size());
  for (const std::int64_t row : rows) kept.push_back(inputs.rows[static_cast<std::size_t>(row)]);
  inputs.rows = std::move(kept);
}

ModelConfig classifier_config(const FinetuneOptions& options, const ModelConfig& base, const std::string& architecture,
                              std::vector<std::string> classes, const std::string& pooling) {
  ModelConfig config = base;
  config.architecture = architecture;
  config.num_labels = static_cast<std::int64_t>(classes.size());
  config.label_names = std::move(classes);
  config.pooling = pooling;
  if (options.hidden_dropout >= 0.0) config.hidden_dropout = options.hidden_dropout;
  if (options.attention_dropout >= 0.0) config.attention_dropout = options.attention_dropout;
  return config;
}

TrainingPlan finetune_plan(const FinetuneOptions& options, const ModelConfig& config,
                           std::span<const std::int64_t> lengths) {
  TrainingPlan plan;
  plan.tokens_per_batch = options.tokens_per_batch;
  plan.cells_per_batch = options.batch_size;
  plan.seed = options.seed;
  plan.num_threads = options.num_threads;
  plan.recompute = options.recompute;
  if (options.match_upstream) {
    plan_as_published(options, lengths, plan);
  } else {
    plan.steps = steps_of_epochs(lengths, options.epochs, plan);
    plan.validate_every = validate_every_of(options, plan.steps);
  }
  plan.learning_rate = options.learning_rate;
  plan.schedule = schedule_of(options.schedule);
  plan.warmup = static_cast<double>(warmup_of(options, config, plan.steps));
  plan.adam.weight_decay = options.weight_decay;
  plan.clip = options.clip;
  plan.patience = options.patience;
  if (options.pause_after > 0.0) {
    plan.pause_at = std::max<std::int64_t>(1, std::llround(options.pause_after * static_cast<double>(plan.steps)));
  }
  plan.checkpoint_every = options.checkpoint_every;
  plan.checkpoint_seconds = options.checkpoint_minutes * 60.0;
  return plan;
}

Result<> start_from_model(const OpenModel& model, const ModelConfig& config, std::uint64_t seed,
                          Parameters& parameters) {
  parameters.initialise(config, seed);
  const auto find = [&](const std::string& name) { return model.weights->find(name); };
  return parameters.load(find, model.path.string(), [&](const std::string& name) {
    if (name.find(kLoraMark) != std::string::npos) return false;
    if (name.rfind("bert.pooler.", 0) == 0) return find(name) != nullptr;
    return name.rfind("bert.", 0) == 0;
  });
}

Json finetune_fingerprint(Json options, const FinetuneInputs& inputs, const ModelConfig& config) {
  for (const char* key : {"input", "output", "model", "dictionary", "counts", "num_threads", "processes", "zero",
                          "recompute", "offload_optimiser", "exchange_precision", "exchange_timeout", "resume",
                          "overwrite", "baselines", "checkpoint_every", "checkpoint_minutes", "pause_after"}) {
    options.erase(key);
  }
  options["architecture"] = to_json(config);
  options["vocabulary_sha256"] = inputs.model.dictionary->sha256();
  options["model_sha256"] = inputs.model.weights_sha256;
  options["cells"] = inputs.cells.num_cells();
  options["cell_tokens"] = inputs.cells.num_tokens();
  options["corpus"] = inputs.cells.source();
  return options;
}

Json finetuned_record(const std::string& kind, const FinetuneInputs& inputs, const Json& options, const Json& summary) {
  Json record = provenance_of(kind, inputs.model, inputs.cells, options);
  record["format"] = "cellwright-model";
  record["objective"] = kind;
  record["dictionary"] = {{"name", inputs.model.dictionary->name()}, {"sha256", inputs.model.dictionary->sha256()}};
  record["corpus"] = {{"cells", inputs.cells.num_cells()}, {"source", inputs.cells.source()}};
  record["initial_model"] = inputs.model.weights_sha256;
  record["training"] = summary;
  return record;
}

Result<> write_finetuned(const FinetuneOptions& options, const std::filesystem::path& folder, const ModelConfig& config,
                         const std::vector<TensorRef>& tensors, const Json& record) {
  if (options.lora_rank == 0) return write_model_folder(folder / "model", config, tensors, record, true);
  std::vector<TensorRef> learned;
  for (const TensorRef& tensor : tensors) {
    const bool of_base = tensor.name.rfind("bert.", 0) == 0 && tensor.name.rfind("bert.pooler.", 0) != 0;
    if (!of_base || tensor.name.find(kLoraMark) != std::string::npos) learned.push_back(tensor);
  }
  CW_TRY(write_adapter(folder / "adapter", options.model, config, options.lora_rank, learned, true));
  return merge_adapter(options.model, folder / "adapter", folder / "model", record, true);
}

std::vector<double> class_weights(const FinetuneOptions& options, const std::vector<std::int64_t>& counts) {
  return options.class_weights == "balanced" ? balanced_weights(counts) : std::vector<double>();
}

}  // namespace cw
