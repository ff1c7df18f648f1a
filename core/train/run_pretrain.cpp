// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_pretrain.h"

#include "core/base/files.h"
#include "core/base/version.h"
#include "core/train/training_process.h"
#include "core/train/training_run.h"
#include "core/train/training_setup.h"

#include <algorithm>
#include <filesystem>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFinalValidationCells = 4096;

void start_from_frequencies(const TrainingSetup& setup, Parameters& parameters) {
  float* bias = static_cast<float*>(parameters.at("cls.predictions.bias").data_ptr());
  for (std::int64_t token = 0; token < setup.genes.config.vocab_size; ++token) {
    bias[token] = static_cast<float>(-setup.frequencies.loss(token));
  }
}

Result<> initialise(const PretrainOptions& options, const TrainingSetup& setup, Parameters& parameters) {
  if (!setup.init) {
    parameters.initialise(setup.genes.config, setup.plan.seed);
    if (options.start_from_frequencies) start_from_frequencies(setup, parameters);
    return {};
  }
  return parameters.load([&](const std::string& name) { return setup.init->weights->find(name); },
                         setup.init->path.string());
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// The cells that no training step has seen, for whoever wants to judge the model.
Result<> write_validation_cells(const TrainingSetup& setup, const fs::path& path) {
  std::string text = "row,cell\n";
  for (const std::int64_t cell : setup.split.validation) {
    text += std::to_string(cell) + "," + csv_text(setup.cells.name(cell)) + "\n";
  }
  return write_file_atomically(path, text);
}

Json summary_of(const PretrainOptions& options, const TrainingSetup& setup, const TrainingState& state,
                const MaskedLosses& loss, const Parameters& parameters) {
  Json summary = {{"model", (fs::path(options.out) / "model").string()},
                  {"parameters", parameters.num_elements()},
                  {"training_cells", setup.split.training.size()},
                  {"validation_cells", setup.split.validation.size()},
                  {"steps", state.step},
                  {"epochs_begun", state.epoch + 1},
                  {"tokens", state.tokens},
                  {"seconds", state.seconds},
                  {"tokens_per_second", static_cast<double>(state.tokens) / std::max(state.seconds, 1e-9)}};
  if (!setup.split.validation.empty()) {
    summary["best_step"] = state.best_step;
    summary["validation_loss"] = loss.model;
    summary["unigram_loss"] = loss.unigram;
    summary["validation_tokens"] = loss.masked;
  }
  return summary;
}

Json provenance_of(const PretrainOptions& options, const TrainingSetup& setup, const Json& summary) {
  Json training = summary;
  training.erase("model");
  return {{"format", "cellwright-model"},
          {"version", version()},
          {"dictionary", {{"name", setup.dictionary->name()}, {"sha256", setup.dictionary->sha256()}}},
          {"objective", "masked genes"},
          {"corpus",
           {{"cells", setup.cells.num_cells()}, {"files", setup.cells.num_files()}, {"source", setup.cells.source()}}},
          {"initial_model", setup.init ? Json(setup.init->weights_sha256) : Json()},
          {"options", to_json(options)},
          {"training", std::move(training)}};
}

// The tensors as they will lie in the model's file. Where that rounds them, the parameters are rounded too, so that the
// loss reported is that of the file.
class StoredValues {
 public:
  StoredValues(Parameters& parameters, bool half) : tensors_(parameters.tensors()) {
    if (!half) return;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const at::Tensor value = parameters.all()[i].value.detach();
      rounded_.push_back(value.to(at::kHalf).contiguous());
      value.copy_(rounded_.back());
      tensors_[i].dtype = DType::kFloat16;
      tensors_[i].bytes = {static_cast<const std::byte*>(rounded_.back().const_data_ptr()),
                           static_cast<std::size_t>(rounded_.back().nbytes())};
    }
  }
  [[nodiscard]] const std::vector<TensorRef>& tensors() const noexcept { return tensors_; }

 private:
  std::vector<TensorRef> tensors_;
  std::vector<at::Tensor> rounded_;
};

Result<Json> train(const PretrainOptions& options, TrainingProcess& process, JobContext& context) {
  CW_ASSIGN(TrainingSetup setup, prepare_training(options, context));
  const fs::path out = options.out;
  const CheckpointStore checkpoints(out / "checkpoints");
  CW_ASSIGN(Parameters parameters, process.allocate(planned_parameters(setup.genes.config)));
  GradientExchange& exchange = process.exchange();
  CW_ASSIGN(TrainingState state,
            begin_together(
                {options.out, options.resume, options.overwrite}, setup.fingerprint, checkpoints, parameters,
                [&] { return initialise(options, setup, parameters); }, exchange, context));
  if (process.writes()) CW_TRY(write_validation_cells(setup, out / "validation_cells.csv"));

  const MaskedGenes objective(setup.genes, setup.cells, setup.split, setup.frequencies, parameters);
  Trainer trainer(setup.plan, objective, parameters, exchange, process.offloaded());
  CW_TRY(trainer.run(state, checkpoints, setup.fingerprint, context));

  MaskedLosses loss;
  if (!setup.split.validation.empty()) CW_TRY(load_best_together(checkpoints, parameters, exchange));
  StoredValues stored(parameters, options.store == "float16");
  if (!setup.split.validation.empty()) {
    CW_ASSIGN(loss, objective.losses(kFinalValidationCells, exchange, context));
  }
  const Json summary = summary_of(options, setup, state, loss, parameters);
  if (!process.writes()) return summary;
  CW_TRY(write_model_folder(out / "model", setup.genes.config, stored.tensors(), provenance_of(options, setup, summary),
                            true));
  CW_TRY(write_json(out / "training.json", {{"summary", summary}, {"history", to_json(state)["history"]}}));
  return summary;
}

Result<Json> guarded(const PretrainOptions& options, TrainingProcess& process, JobContext& context) {
  return guarded_training("training", options.tokens_per_batch, [&] { return train(options, process, context); });
}

}  // namespace

Result<Json> run_pretrain(const PretrainOptions& options, JobContext& context) {
  CW_TRY(options.validate());
  if (options.processes > 1) {
    return run_in_processes(
        {"pretrain", to_json(options), options.out, options.processes, options.num_threads, options.exchange_timeout},
        context);
  }
  TrainingProcess alone(offload_folder(options, options.out));
  return guarded(options, alone, context);
}

Result<Json> pretrain_in_group(const PretrainOptions& options, Communicator& communicator, JobContext& context) {
  CW_TRY(options.validate());
  TrainingProcess member(communicator, exchange_rules(options), offload_folder(options, options.out));
  return guarded(options, member, context);
}

}  // namespace cw
