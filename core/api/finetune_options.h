// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// What every kind of fine-tuning shares. Defaults are those of the published classifier (spec 8.4) unless another
/// reason is given.
struct FinetuneOptions {
  std::string input;       ///< tokens (.tokens.h5, .dataset) or a data file, tokenized on the way
  std::string model;       ///< model folder to start from: its encoder is taken, the head is new
  std::string dictionary;  ///< "v1", "v2" or a folder; "" = the model's own
  std::string output;      ///< run folder: checkpoints, predictions, evaluation and, in `model`, the result

  std::map<std::string, std::vector<std::string>> filter;  ///< cells kept: column -> allowed values
  std::int64_t max_cells = 0;                              ///< at most so many, a seeded sample; 0 = all

  std::int64_t freeze_layers = 0;  ///< first encoder layers that keep their weights
  bool train_embeddings = false;   ///< also below frozen layers, as the published classifier does; costs the whole
                                   ///< backward pass. Without frozen layers embeddings are always trained
  std::int64_t lora_rank = 0;      ///< above 0: the encoder keeps its weights, queries and values learn changes of this
                                   ///< rank beside them; 0 = none. The published one has 64
  double hidden_dropout = -1.0;    ///< negative = of the model
  double attention_dropout = -1.0;

  double epochs = 1.0;                    ///< passes over the training cells; fractions allowed
  std::int64_t batch_size = 12;           ///< cells per optimiser step
  std::int64_t tokens_per_batch = 24576;  ///< most tokens of a step: long cells make smaller batches instead of no room
  double learning_rate = 5e-5;
  std::string schedule = "linear";  ///< after the warm-up: "linear", "cosine", "constant", "polynomial" (spec 4.3)
  std::int64_t warmup_steps = -1;   ///< -1 = 500 for models of six layers, else 0, at most a tenth of the run
  double warmup_share = -1.0;       ///< of the run's steps, instead of a number of them; negative = `warmup_steps`
  double weight_decay = 0.001;      ///< not of biases and LayerNorm
  double clip = 1.0;                ///< largest norm of the gradient; 0 = none

  std::string class_weights = "none";  ///< "none", or "balanced": every class counts the same
  double focal_gamma = 0.0;            ///< 0 = cross-entropy; 1 to 3: easy examples count less
  /// Figure of the validation part that chooses the best weights: macro_f1, accuracy, balanced_accuracy, macro_auroc,
  /// macro_auprc, log_loss, brier, ece, loss; of a number rmse, mae, r2, pearson, spearman, loss. "auto": macro_f1,
  /// rmse.
  std::string metric = "auto";
  std::int64_t validate_every = 0;    ///< steps between validations; 0 = once per epoch, at least five times
  std::int64_t patience = 0;          ///< stop after so many validations that are not better; 0 = never
  std::int64_t checkpoint_every = 0;  ///< steps; 0 = after `checkpoint_minutes`
  double checkpoint_minutes = 10.0;
  double pause_after = 0.0;  ///< share of the run after which it stops, to go on later: nothing is written but the
                             ///< checkpoint, and the test part is not looked at. 1 = trained, but not judged; 0 = never

  std::uint64_t seed = 42;
  int num_threads = 0;             ///< 0 = all; changes the time, not the result
  int processes = 1;               ///< engine processes on this machine that divide every batch among them
  bool zero = false;               ///< each process keeps only its share of the optimiser state (ZeRO stage 1)
  bool recompute = false;          ///< less memory for a third more work: layers keep their input only
  bool offload_optimiser = false;  ///< the optimiser state lies in a file of the run folder's disk, not in memory
  std::string exchange_precision = "fp32";  ///< of gradients between processes: "fp32", or "bf16": half of the bytes
  double exchange_timeout = 600.0;          ///< seconds after which a process that does not answer counts as stuck
  bool resume = false;                      ///< go on from the newest checkpoint in `output`
  bool overwrite = false;
  /// As the published package does it, defects included (docs/fine-tuning.md): parts, length, warm-up, what is trained.
  /// Read from JSON, options that are not given are those of published_settings.
  bool match_upstream = false;
};

/// Cell classes (spec 8): `cellwright finetune cells`.
struct FinetuneCellsOptions : FinetuneOptions {
  FinetuneCellsOptions() { epochs = 10.0; }

  std::string label;                  ///< column of the cells to learn
  std::string target_type = "class";  ///< what the column holds: "class", or "number" for a regression
  std::string number_loss = "mse";    ///< of a number: "mse", or "huber": cells far off count less
  std::string pooling = "cls";        ///< what the classifier sees of a cell: "cls" (position 0 and BERT's pooler),
                                      ///< "first" (position 0), "mean" of all, "attention" (a learned mean, spec 9.1)
  std::string group = "auto";   ///< whole groups stay in one part: a column, "auto" (donor, patient, ... where there
                                ///< is one), "none" (cell by cell, stratified)
  std::string split;            ///< CSV with the part of every cell or group instead of a drawn split
  double validation = 0.1;      ///< share of the groups, or cells
  double test = 0.1;            ///< the same
  double rare_threshold = 0.0;  ///< classes with at most this share of the labelled cells are left out
  std::int64_t max_cells_per_class = 0;  ///< a seeded sample; 0 = all
  bool baselines = true;                 ///< compare with majority class, logistic regression, SVM and random forest
  std::string counts;  ///< data file with the counts of the same cells, for baselines on expression; "" = `input`
                       ///< where that is a data file

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

/// Several label columns of the cells at once (spec 9): `cellwright finetune multitask`. One encoder and pooler, one
/// classifier per column; each column gives a model of its own.
struct FinetuneMultitaskOptions : FinetuneOptions {
  FinetuneMultitaskOptions() { epochs = 10.0; }

  std::vector<std::string> labels;   ///< columns, two or more; a cell counts for those where it has a value
  std::vector<double> task_weights;  ///< of the columns, in their order; empty = 1 each
  std::string pooling = "cls";       ///< as FinetuneCellsOptions::pooling
  std::string group = "auto";        ///< as FinetuneCellsOptions::group
  std::string split;                 ///< as FinetuneCellsOptions::split
  double validation = 0.1;           ///< share of the groups, or cells
  double test = 0.1;                 ///< the same
  bool baselines = true;             ///< as FinetuneCellsOptions::baselines, for every column
  std::string counts;                ///< as FinetuneCellsOptions::counts

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

/// Gene classes (spec 8.7): `cellwright finetune genes`.
struct FinetuneGenesOptions : FinetuneOptions {
  std::string classes;       ///< file of gene class lists: CSV, JSON or GMT
  std::string class_column;  ///< of a CSV: the column with the class; "" = "class", "label" or columns of yes and no
  std::int64_t folds = 5;    ///< over genes; every gene is held out once
  std::int64_t fold = 0;     ///< train only this one, 1 .. folds; 0 = all, then a model on all genes
  double validation = 0.0;   ///< share of a fold's training genes that chooses the best weights; 0 = the last ones

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const FinetuneCellsOptions& options);
[[nodiscard]] Json to_json(const FinetuneMultitaskOptions& options);
[[nodiscard]] Json to_json(const FinetuneGenesOptions& options);
/// The figure that `metric` names in the options of a fine-tuning of any kind: where it is "auto" macro_f1, of a number
/// rmse.
[[nodiscard]] std::string metric_of(const Json& options);
/// Strict: an unknown key is refused by name. Errors: kInvalidArgument.
[[nodiscard]] Result<FinetuneCellsOptions> finetune_cells_options_from_json(const Json& json);
[[nodiscard]] Result<FinetuneMultitaskOptions> finetune_multitask_options_from_json(const Json& json);
[[nodiscard]] Result<FinetuneGenesOptions> finetune_genes_options_from_json(const Json& json);

}  // namespace cw
