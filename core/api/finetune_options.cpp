// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/finetune_options.h"

#include "core/api/option_json.h"
#include "core/api/published_settings.h"
#include "core/base/words.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace cw {
namespace {

constexpr auto kShared = [](auto& o, auto&& field) {
  field("input", o.input);
  field("model", o.model);
  field("dictionary", o.dictionary);
  field("output", o.output);
  field("filter", o.filter);
  field("max_cells", o.max_cells);
  field("freeze_layers", o.freeze_layers);
  field("train_embeddings", o.train_embeddings);
  field("lora_rank", o.lora_rank);
  field("hidden_dropout", o.hidden_dropout);
  field("attention_dropout", o.attention_dropout);
  field("epochs", o.epochs);
  field("batch_size", o.batch_size);
  field("tokens_per_batch", o.tokens_per_batch);
  field("learning_rate", o.learning_rate);
  field("schedule", o.schedule);
  field("warmup_steps", o.warmup_steps);
  field("warmup_share", o.warmup_share);
  field("weight_decay", o.weight_decay);
  field("clip", o.clip);
  field("class_weights", o.class_weights);
  field("focal_gamma", o.focal_gamma);
  field("metric", o.metric);
  field("validate_every", o.validate_every);
  field("patience", o.patience);
  field("checkpoint_every", o.checkpoint_every);
  field("checkpoint_minutes", o.checkpoint_minutes);
  field("pause_after", o.pause_after);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("processes", o.processes);
  field("zero", o.zero);
  field("recompute", o.recompute);
  field("offload_optimiser", o.offload_optimiser);
  field("exchange_precision", o.exchange_precision);
  field("exchange_timeout", o.exchange_timeout);
  field("resume", o.resume);
  field("overwrite", o.overwrite);
  field("match_upstream", o.match_upstream);
};

constexpr auto kCellFields = [](auto& o, auto&& field) {
  kShared(o, field);
  field("label", o.label);
  field("target_type", o.target_type);
  field("number_loss", o.number_loss);
  field("pooling", o.pooling);
  field("group", o.group);
  field("split", o.split);
  field("validation", o.validation);
  field("test", o.test);
  field("rare_threshold", o.rare_threshold);
  field("max_cells_per_class", o.max_cells_per_class);
  field("baselines", o.baselines);
  field("counts", o.counts);
};

constexpr auto kMultitaskFields = [](auto& o, auto&& field) {
  kShared(o, field);
  field("labels", o.labels);
  field("task_weights", o.task_weights);
  field("pooling", o.pooling);
  field("group", o.group);
  field("split", o.split);
  field("validation", o.validation);
  field("test", o.test);
  field("baselines", o.baselines);
  field("counts", o.counts);
};

constexpr auto kGeneFields = [](auto& o, auto&& field) {
  kShared(o, field);
  field("classes", o.classes);
  field("class_column", o.class_column);
  field("folds", o.folds);
  field("fold", o.fold);
  field("validation", o.validation);
};

Result<> one_of(std::string_view option, const std::string& given, std::span<const std::string_view> words) {
  if (std::find(words.begin(), words.end(), given) != words.end()) return {};
  return option_error(option, given, listed(words));
}

constexpr double kMany = 1e15;

constexpr std::array<std::string_view, 10> kClassMetrics{"auto",        "macro_f1",    "accuracy", "balanced_accuracy",
                                                         "macro_auroc", "macro_auprc", "log_loss", "brier",
                                                         "ece",         "loss"};
constexpr std::array<std::string_view, 7> kNumberMetrics{"auto", "rmse", "mae", "r2", "pearson", "spearman", "loss"};

Result<> validate_shared(const FinetuneOptions& o, std::span<const std::string_view> metrics = kClassMetrics) {
  constexpr std::array<std::string_view, 4> kSchedules{"linear", "cosine", "constant", "polynomial"};
  constexpr std::array<std::string_view, 2> kWeights{"none", "balanced"};
  constexpr std::array<std::string_view, 2> kExchangePrecisions{"fp32", "bf16"};
  if (o.input.empty()) return option_error("INPUT", "empty", "a token or data file");
  if (o.model.empty()) return option_error("--model", "empty", "a model folder");
  if (o.output.empty()) return option_error("--out", "empty", "a run folder");
  CW_TRY(check_range("--max-cells", static_cast<double>(o.max_cells), 0, kMany));
  CW_TRY(check_range("--freeze-layers", static_cast<double>(o.freeze_layers), 0, 1000));
  CW_TRY(check_range("--lora-rank", static_cast<double>(o.lora_rank), 0, 4096));
  if (o.lora_rank > 0 && o.train_embeddings) {
    return option_error("--train-embeddings", "given with --lora-rank", "one of the two");
  }
  CW_TRY(check_range("--hidden-dropout", o.hidden_dropout, -1, 0.9));
  CW_TRY(check_range("--attention-dropout", o.attention_dropout, -1, 0.9));
  CW_TRY(check_range("--epochs", o.epochs, 0.001, 1e6));
  CW_TRY(check_range("--batch-size", static_cast<double>(o.batch_size), 1, 1e6));
  CW_TRY(check_range("--tokens-per-batch", static_cast<double>(o.tokens_per_batch), 16, 1e8));
  CW_TRY(check_range("--learning-rate", o.learning_rate, 1e-12, 10));
  CW_TRY(one_of("--schedule", o.schedule, kSchedules));
  CW_TRY(check_range("--warmup-steps", static_cast<double>(o.warmup_steps), -1, kMany));
  CW_TRY(check_range("--warmup-share", o.warmup_share, -1, 1));
  if (o.warmup_share >= 0.0 && o.warmup_steps >= 0) {
    return option_error("--warmup-share", "given with --warmup-steps", "one of the two");
  }
  CW_TRY(check_range("--weight-decay", o.weight_decay, 0, 10));
  CW_TRY(check_range("--clip", o.clip, 0, 1e9));
  CW_TRY(one_of("--class-weights", o.class_weights, kWeights));
  CW_TRY(check_range("--focal-gamma", o.focal_gamma, 0, 10));
  CW_TRY(one_of("--metric", o.metric, metrics));
  CW_TRY(check_range("--validate-every", static_cast<double>(o.validate_every), 0, kMany));
  CW_TRY(check_range("--patience", static_cast<double>(o.patience), 0, kMany));
  CW_TRY(check_range("--checkpoint-every", static_cast<double>(o.checkpoint_every), 0, kMany));
  CW_TRY(check_range("--checkpoint-minutes", o.checkpoint_minutes, 0.01, 1e6));
  CW_TRY(check_range("pause_after", o.pause_after, 0, 1));
  CW_TRY(check_range("--processes", o.processes, 1, 256));
  CW_TRY(one_of("--exchange-precision", o.exchange_precision, kExchangePrecisions));
  CW_TRY(check_range("--exchange-timeout", o.exchange_timeout, 0.1, 86400));
  if (o.resume && o.overwrite) return option_error("--resume", "given with --overwrite", "one of the two");
  if (o.match_upstream && o.lora_rank > 0) {
    return option_error("--lora-rank", "given with --match-upstream",
                        "one of the two: the published adapters learn beside weights of four bits, with dropout");
  }
  return {};
}

Result<> check_shares(double validation, double test) {
  CW_TRY(check_range("--validation", validation, 0, 0.9));
  CW_TRY(check_range("--test", test, 0, 0.9));
  return check_range("--validation plus --test", validation + test, 0, 0.9);
}

Result<> check_pooling(const std::string& pooling) {
  constexpr std::array<std::string_view, 4> kPoolings{"cls", "first", "mean", "attention"};
  return one_of("--pooling", pooling, kPoolings);
}

template <class Options, class Fields>
Result<Options> read_finetuning(const Json& json, std::string_view kind, const Fields& fields) {
  return read_fields<Options>(with_published_settings(kind, json), kind, fields);
}

// What means nothing for a number.
Result<> refuse_class_options(const FinetuneCellsOptions& o) {
  const FinetuneCellsOptions plain;
  const auto refuse = [](const char* option) {
    return option_error(option, "given with --target-type number", "classes, or without it");
  };
  if (o.rare_threshold != plain.rare_threshold) return refuse("--rare-threshold");
  if (o.max_cells_per_class != plain.max_cells_per_class) return refuse("--max-cells-per-class");
  if (o.class_weights != plain.class_weights) return refuse("--class-weights");
  if (o.focal_gamma != plain.focal_gamma) return refuse("--focal-gamma");
  if (o.match_upstream) return refuse("--match-upstream");
  return {};
}

}  // namespace

Result<> FinetuneCellsOptions::validate() const {
  constexpr std::array<std::string_view, 2> kTargets{"class", "number"};
  constexpr std::array<std::string_view, 2> kLosses{"mse", "huber"};
  CW_TRY(one_of("--target-type", target_type, kTargets));
  CW_TRY(one_of("--number-loss", number_loss, kLosses));
  CW_TRY(check_pooling(pooling));
  if (target_type == "number") {
    CW_TRY(validate_shared(*this, kNumberMetrics));
    CW_TRY(refuse_class_options(*this));
  } else {
    CW_TRY(validate_shared(*this));
    if (number_loss != "mse") return option_error("--number-loss", "given of classes", "--target-type number with it");
  }
  if (label.empty()) return option_error("--label", "empty", "a column of the cells");
  CW_TRY(check_shares(validation, test));
  CW_TRY(check_range("--rare-threshold", rare_threshold, 0, 0.9));
  CW_TRY(check_range("--max-cells-per-class", static_cast<double>(max_cells_per_class), 0, kMany));
  return {};
}

Result<> FinetuneMultitaskOptions::validate() const {
  CW_TRY(validate_shared(*this));
  const std::set<std::string> distinct(labels.begin(), labels.end());
  if (labels.size() < 2 || distinct.size() < labels.size()) {
    return option_error("--label", std::to_string(distinct.size()) + " different columns", "two or more, each once");
  }
  if (!task_weights.empty() && task_weights.size() != labels.size()) {
    return option_error("--task-weights", std::to_string(task_weights.size()) + " numbers",
                        std::to_string(labels.size()) + ", one per --label");
  }
  CW_TRY(check_pooling(pooling));
  if (match_upstream && pooling == "attention") {
    return option_error(
        "--pooling", "attention with --match-upstream",
        "first: the published attention pooling takes in the padding of a batch, which is not repeated");
  }
  for (const double weight : task_weights) CW_TRY(check_range("--task-weights", weight, 0, 1e6));
  return check_shares(validation, test);
}

Result<> FinetuneGenesOptions::validate() const {
  CW_TRY(validate_shared(*this));
  if (classes.empty()) return option_error("--classes", "empty", "a file of gene class lists");
  CW_TRY(check_range("--folds", static_cast<double>(folds), 2, 100));
  CW_TRY(check_range("--fold", static_cast<double>(fold), 0, static_cast<double>(folds)));
  CW_TRY(check_range("--validation", validation, 0, 0.9));
  if (pause_after > 0.0 && fold == 0) return option_error("--fold", "0, of a run that pauses", "1 or more");
  return {};
}

Json to_json(const FinetuneCellsOptions& options) { return write_fields(options, kCellFields); }
Json to_json(const FinetuneMultitaskOptions& options) { return write_fields(options, kMultitaskFields); }
Json to_json(const FinetuneGenesOptions& options) { return write_fields(options, kGeneFields); }

std::string metric_of(const Json& options) {
  std::string metric = options.value("metric", "auto");
  if (metric != "auto") return metric;
  return options.value("target_type", "class") == "number" ? "rmse" : "macro_f1";
}

Result<FinetuneCellsOptions> finetune_cells_options_from_json(const Json& json) {
  return read_finetuning<FinetuneCellsOptions>(json, "finetune-cells", kCellFields);
}

Result<FinetuneMultitaskOptions> finetune_multitask_options_from_json(const Json& json) {
  return read_finetuning<FinetuneMultitaskOptions>(json, "finetune-multitask", kMultitaskFields);
}

Result<FinetuneGenesOptions> finetune_genes_options_from_json(const Json& json) {
  return read_finetuning<FinetuneGenesOptions>(json, "finetune-genes", kGeneFields);
}

}  // namespace cw
