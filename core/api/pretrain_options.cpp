// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/pretrain_options.h"

#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("tokens", o.tokens);
  field("more_tokens", o.more_tokens);
  field("dictionary", o.dictionary);
  field("out", o.out);
  field("preset", o.preset);
  field("config", o.config);
  field("init", o.init);
  field("epochs", o.epochs);
  field("steps", o.steps);
  field("minutes", o.minutes);
  field("tokens_per_batch", o.tokens_per_batch);
  field("accumulate", o.accumulate);
  field("order", o.order);
  field("learning_rate", o.learning_rate);
  field("schedule", o.schedule);
  field("warmup_steps", o.warmup_steps);
  field("weight_decay", o.weight_decay);
  field("beta1", o.beta1);
  field("beta2", o.beta2);
  field("epsilon", o.epsilon);
  field("clip", o.clip);
  field("mask_probability", o.mask_probability);
  field("mask_special", o.mask_special);
  field("hidden_dropout", o.hidden_dropout);
  field("attention_dropout", o.attention_dropout);
  field("leave_out", o.leave_out);
  field("start_from_frequencies", o.start_from_frequencies);
  field("validation", o.validation);
  field("validate_every", o.validate_every);
  field("patience", o.patience);
  field("checkpoint_every", o.checkpoint_every);
  field("checkpoint_minutes", o.checkpoint_minutes);
  field("store", o.store);
  field("precision", o.precision);
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
};

constexpr double kMany = 1e15;

}  // namespace

Result<> PretrainOptions::validate() const {
  if (tokens.empty()) return option_error("TOKENS", "empty", "a token file");
  if (out.empty()) return option_error("--out", "empty", "a run folder");
  const int lengths = (epochs > 0 ? 1 : 0) + (steps > 0 ? 1 : 0) + (minutes > 0 ? 1 : 0);
  if (lengths != 1 || epochs < 0 || steps < 0 || minutes < 0) {
    return Error{ErrorCode::kInvalidArgument, "E-TRN-001",
                 "the length of the run is given by " + std::to_string(lengths) +
                     " options; give exactly one of --epochs, --steps and --minutes, above 0"};
  }
  CW_TRY(check_range("--epochs", epochs, 0, 1e6));
  CW_TRY(check_range("--minutes", minutes, 0, 1e7));
  CW_TRY(check_range("--tokens-per-batch", static_cast<double>(tokens_per_batch), 16, 1e8));
  CW_TRY(check_range("--accumulate", static_cast<double>(accumulate), 1, 1e6));
  if (order != "packed" && order != "by-length") return option_error("--order", order, "packed or by-length");
  CW_TRY(check_range("--learning-rate", learning_rate, 0, 10));
  if (!schedule.empty() && schedule != "linear" && schedule != "cosine" && schedule != "constant" &&
      schedule != "polynomial") {
    return option_error("--schedule", schedule, "linear, cosine, constant or polynomial");
  }
  CW_TRY(check_range("--warmup-steps", static_cast<double>(warmup_steps), -1, kMany));
  CW_TRY(check_range("--weight-decay", weight_decay, -1, 10));
  CW_TRY(check_range("--beta1", beta1, 0, 0.999999));
  CW_TRY(check_range("--beta2", beta2, 0, 0.9999999));
  CW_TRY(check_range("--epsilon", epsilon, 1e-15, 1));
  CW_TRY(check_range("--clip", clip, 0, 1e9));
  CW_TRY(check_range("--mask-probability", mask_probability, 0.001, 0.9));
  CW_TRY(check_range("--hidden-dropout", hidden_dropout, -1, 0.9));
  CW_TRY(check_range("--attention-dropout", attention_dropout, -1, 0.9));
  CW_TRY(check_range("--leave-out", leave_out, 0, 0.9));
  CW_TRY(check_range("--validation", validation, 0, 0.9));
  CW_TRY(check_range("--validate-every", static_cast<double>(validate_every), 0, kMany));
  CW_TRY(check_range("--patience", static_cast<double>(patience), 0, kMany));
  CW_TRY(check_range("--checkpoint-every", static_cast<double>(checkpoint_every), 0, kMany));
  CW_TRY(check_range("--checkpoint-minutes", checkpoint_minutes, 0.01, 1e6));
  if (store != "float32" && store != "float16") return option_error("--store", store, "float32 or float16");
  if (precision != "fp32")
    return option_error("--precision", precision, "fp32 (the only arithmetic of training so far)");
  CW_TRY(check_range("--processes", processes, 1, 256));
  if (exchange_precision != "fp32" && exchange_precision != "bf16") {
    return option_error("--exchange-precision", exchange_precision, "fp32 or bf16");
  }
  CW_TRY(check_range("--exchange-timeout", exchange_timeout, 0.1, 86400));
  if (!config.empty() && !init.empty()) {
    return option_error("--config", config, "nothing together with --init, which keeps its own architecture");
  }
  if (start_from_frequencies && !init.empty()) {
    return option_error("--start-from-frequencies", "given with --init", "one of the two");
  }
  if (resume && overwrite) return option_error("--resume", "given with --overwrite", "one of the two");
  return {};
}

Json to_json(const PretrainOptions& options) { return write_fields(options, kFields); }

Result<PretrainOptions> pretrain_options_from_json(const Json& json) {
  return read_fields<PretrainOptions>(json, "pretrain", kFields);
}

}  // namespace cw
