// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/finetune_options.h"
#include "core/evaluate/predictions.h"
#include "core/tokenize/tokenized_cells.h"
#include "core/train/class_loss.h"
#include "core/train/objective.h"

#include <span>
#include <string>
#include <vector>

namespace cw {

/// What the fine-tuning of any classifier is decided by, beside its examples.
struct ClassPlan {
  ModelConfig config;                     ///< kCellClassifier or kGeneClassifier, with the names of the classes
  ClassLossRule loss;                     ///< of training; that of validation is plain cross-entropy
  std::string metric = "macro_f1";        ///< chooses the best weights: a Metric of core/evaluate, or "loss"
  std::int64_t tokens_per_batch = 24576;  ///< of a batch of predictions
  int num_threads = 0;
};

/// Whether `metric` may be named in a ClassPlan.
[[nodiscard]] bool is_class_metric(const std::string& metric);

/// Figures of predictions that were made without gradients: loss, the chosen figure, accuracy and macro-F1.
/// `logits` row-major [targets, C].
[[nodiscard]] Validation validation_of(const ClassPlan& plan, const std::vector<double>& logits,
                                       const std::vector<std::int64_t>& targets);

/// Cell classes: one label per cell.
class CellClasses final : public Objective {
 public:
  /// Rows of `cells` to learn from and to validate on; `labels` [cells] is read at those only. `cells` and `parameters`
  /// outlive it.
  CellClasses(ClassPlan plan, const TokenizedCells& cells, std::vector<std::int32_t> labels,
              std::vector<std::int64_t> training, std::vector<std::int64_t> validation, const Parameters& parameters);

  [[nodiscard]] std::span<const std::int64_t> lengths() const override { return lengths_; }
  [[nodiscard]] std::unique_ptr<TrainBatch> batch(std::span<const std::int64_t> examples,
                                                  std::int64_t epoch) const override;
  [[nodiscard]] at::Tensor loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                                const Workers& workers) const override;
  [[nodiscard]] bool has_validation() const override { return !validation_.empty(); }
  [[nodiscard]] Result<Validation> validate(GradientExchange& exchange, JobContext& context) const override;
  [[nodiscard]] std::string figure_name() const override { return plan_.metric; }

  /// Logits, row-major [rows, C], dropout off. Errors: kCancelled, those of the exchange.
  [[nodiscard]] Result<std::vector<double>> logits(std::span<const std::int64_t> rows, GradientExchange& exchange,
                                                   JobContext& context) const;

 private:
  ClassPlan plan_;
  const TokenizedCells& cells_;
  std::vector<std::int32_t> labels_;
  std::vector<std::int64_t> training_, validation_, lengths_;
  const Parameters& parameters_;
};

/// One label column of several that are learned together.
struct CellTask {
  std::string name;                  ///< the column
  std::vector<std::string> classes;  ///< sorted
  std::vector<std::int32_t> labels;  ///< [cells] -1 = missing: no loss
  ClassLossRule loss;                ///< of training
  double weight = 1.0;               ///< of its loss among the others'
};

/// The parameters of several classifiers on one encoder and pooler: "classifier.0.weight", ...; frozen as in
/// classifier_parameters.
[[nodiscard]] std::vector<PlannedParameter> task_parameters(const ModelConfig& config,
                                                            const std::vector<CellTask>& tasks,
                                                            const FinetuneOptions& options);

/// Several label columns of the cells at once (spec 9): the loss of a cell is the weighted sum over the columns where
/// it has a value; the figure is the mean over columns.
class CellTasks final : public Objective {
 public:
  /// Rows of `cells` to learn from and to validate on. References outlive it.
  CellTasks(ClassPlan plan, const TokenizedCells& cells, std::vector<CellTask> tasks,
            std::vector<std::int64_t> training, std::vector<std::int64_t> validation, const Parameters& parameters);

  [[nodiscard]] std::span<const std::int64_t> lengths() const override { return lengths_; }
  [[nodiscard]] std::unique_ptr<TrainBatch> batch(std::span<const std::int64_t> examples,
                                                  std::int64_t epoch) const override;
  [[nodiscard]] at::Tensor loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                                const Workers& workers) const override;
  [[nodiscard]] bool has_validation() const override { return !validation_.empty(); }
  [[nodiscard]] Result<Validation> validate(GradientExchange& exchange, JobContext& context) const override;
  [[nodiscard]] std::string figure_name() const override { return "mean " + plan_.metric; }

  /// Per task: logits, row-major [rows, classes of the task], dropout off. Errors: as CellClasses.
  [[nodiscard]] Result<std::vector<std::vector<double>>> logits(std::span<const std::int64_t> rows,
                                                                GradientExchange& exchange, JobContext& context) const;

 private:
  ClassPlan plan_;
  const TokenizedCells& cells_;
  std::vector<CellTask> tasks_;
  std::vector<std::int64_t> training_, validation_, lengths_;
  const Parameters& parameters_;
};

/// One place in a cell whose gene has a class.
struct GeneOccurrence {
  std::int64_t cell = 0;
  std::int32_t token = 0;
};

/// Logits at occurrences of genes.
struct OccurrenceLogits {
  std::vector<GeneOccurrence> occurrences;
  std::vector<double> logits;  ///< row-major [occurrences, C]
};

/// Those of `rows` with a token that has a class (0 or more) in `class_of_token`.
[[nodiscard]] std::vector<std::int64_t> cells_with_genes(const TokenizedCells& cells,
                                                         std::span<const std::int64_t> rows,
                                                         const std::vector<std::int32_t>& class_of_token);

/// Gene classes: every occurrence of a gene of a class list, in whatever cell (spec 8.7); all other positions are
/// context and have no loss (label -100).
class GeneClasses final : public Objective {
 public:
  /// `class_of_token` [vocabulary]: class of a gene to learn, -1 = none; `held_out` the same of the genes to validate
  /// on. Cells without a gene to learn are passed over. References outlive it.
  GeneClasses(ClassPlan plan, const TokenizedCells& cells, std::vector<std::int64_t> rows,
              std::vector<std::int32_t> class_of_token, std::vector<std::int32_t> held_out,
              const Parameters& parameters);

  [[nodiscard]] std::span<const std::int64_t> lengths() const override { return lengths_; }
  [[nodiscard]] std::unique_ptr<TrainBatch> batch(std::span<const std::int64_t> examples,
                                                  std::int64_t epoch) const override;
  [[nodiscard]] at::Tensor loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                                const Workers& workers) const override;
  [[nodiscard]] bool has_validation() const override;
  [[nodiscard]] Result<Validation> validate(GradientExchange& exchange, JobContext& context) const override;
  [[nodiscard]] std::string figure_name() const override { return plan_.metric; }

  [[nodiscard]] std::int64_t num_training_cells() const noexcept { return static_cast<std::int64_t>(training_.size()); }
  /// Of all genes with a class in `class_of_token`, in the cells of `rows`, dropout off. Errors: as CellClasses.
  [[nodiscard]] Result<OccurrenceLogits> logits(std::span<const std::int64_t> rows,
                                                const std::vector<std::int32_t>& class_of_token,
                                                GradientExchange& exchange, JobContext& context) const;

 private:
  ClassPlan plan_;
  const TokenizedCells& cells_;
  std::vector<std::int64_t> rows_, training_, lengths_;
  std::vector<std::int32_t> class_of_token_, held_out_;
  const Parameters& parameters_;
};

}  // namespace cw
