// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/finetune_options.h"
#include "core/embed/open_inputs.h"
#include "core/train/trainer.h"

#include <span>
#include <string>
#include <vector>

namespace cw {

/// Model and cells of a fine-tuning, opened and checked against each other.
struct FinetuneInputs {
  OpenModel model;
  TokenizedCells cells;            ///< those that the options keep
  std::vector<std::int64_t> rows;  ///< where they are in the input
};

/// Errors: those of open_model, open_cells, filter_cells; kInvalidArgument E-FIN-001 (more frozen layers than there
/// are), kShape E-TRN-012.
[[nodiscard]] Result<FinetuneInputs> open_finetune_inputs(const FinetuneOptions& options, JobContext& ctx);

/// Keeps some of the cells: `rows` of `inputs.cells`, rising.
void keep_cells(FinetuneInputs& inputs, std::span<const std::int64_t> rows);

/// The model's configuration with a head for these classes; `pooling` of cells.
[[nodiscard]] ModelConfig classifier_config(const FinetuneOptions& options, const ModelConfig& base,
                                            const std::string& architecture, std::vector<std::string> classes,
                                            const std::string& pooling = kPoolFirst);

/// Rates, length and batches of a run on training examples of these lengths.
[[nodiscard]] TrainingPlan finetune_plan(const FinetuneOptions& options, const ModelConfig& config,
                                         std::span<const std::int64_t> lengths);

/// Weights before the first step: encoder of the model, head at random by the seed (spec 3.4, 3.5). A pooler is taken
/// over where the model has one. Errors: kShape E-TRN-005.
Result<> start_from_model(const OpenModel& model, const ModelConfig& config, std::uint64_t seed,
                          Parameters& parameters);

/// What a checkpoint must have been made with: every option that changes the result, model and cells.
[[nodiscard]] Json finetune_fingerprint(Json options, const FinetuneInputs& inputs, const ModelConfig& config);

/// cellwright.json of the model written: where it comes from, what it was told, how it did.
[[nodiscard]] Json finetuned_record(const std::string& kind, const FinetuneInputs& inputs, const Json& options,
                                    const Json& summary);

/// Writes `folder`/model. With LoRA: `folder`/adapter first, in the layout of peft, and the model merged from it and
/// the model that training started from. Errors: those of write_model_folder, write_adapter and merge_adapter.
Result<> write_finetuned(const FinetuneOptions& options, const std::filesystem::path& folder, const ModelConfig& config,
                         const std::vector<TensorRef>& tensors, const Json& record);

/// Class weights of the options for a training part with these numbers of examples.
[[nodiscard]] std::vector<double> class_weights(const FinetuneOptions& options,
                                                const std::vector<std::int64_t>& counts);

}  // namespace cw
