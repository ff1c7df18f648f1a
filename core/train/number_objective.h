// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/tokenized_cells.h"
#include "core/train/objective.h"

#include <span>
#include <string>
#include <vector>

namespace cw {

/// A number in the units of the user and as it is learned: with mean 0 and standard deviation 1 over the training
/// cells.
struct NumberScale {
  double mean = 0.0;
  double sd = 1.0;

  [[nodiscard]] double learned(double value) const noexcept { return (value - mean) / sd; }
  [[nodiscard]] double shown(double value) const noexcept { return mean + sd * value; }
};

/// How wrong predicted numbers are counted, in standard deviations.
enum class NumberLoss : std::uint8_t {
  kSquared,  ///< d^2: the mean squared error of BertForSequenceClassification
  kHuber     ///< d^2 / 2 up to a deviation of 1, |d| - 1/2 beyond: a few cells far off count less (Huber 1964)
};

/// Sum over rows of the loss of `predicted` [n, 1] against `targets`, times `scale`: a float64 scalar.
[[nodiscard]] at::Tensor number_loss(const at::Tensor& predicted, const std::vector<double>& targets, NumberLoss loss,
                                     double scale);

/// What the fine-tuning to a number is decided by, beside its examples.
struct NumberPlan {
  ModelConfig config;  ///< kCellClassifier with one label
  NumberLoss loss = NumberLoss::kSquared;
  NumberScale scale;
  std::string metric = "rmse";            ///< one of kNumberFigures, or "loss"
  std::int64_t tokens_per_batch = 24576;  ///< of a batch of predictions
  int num_threads = 0;
};

/// Whether `metric` may be named in a NumberPlan.
[[nodiscard]] bool is_number_metric(const std::string& metric);

/// One number per cell.
class CellNumbers final : public Objective {
 public:
  /// Rows of `cells` to learn from and to validate on; `targets` [cells], in the user's units, is read at those only.
  /// `cells` and `parameters` outlive it.
  CellNumbers(NumberPlan plan, const TokenizedCells& cells, std::vector<double> targets,
              std::vector<std::int64_t> training, std::vector<std::int64_t> validation, const Parameters& parameters);

  [[nodiscard]] std::span<const std::int64_t> lengths() const override { return lengths_; }
  [[nodiscard]] std::unique_ptr<TrainBatch> batch(std::span<const std::int64_t> examples,
                                                  std::int64_t epoch) const override;
  [[nodiscard]] at::Tensor loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                                const Workers& workers) const override;
  [[nodiscard]] bool has_validation() const override { return !validation_.empty(); }
  [[nodiscard]] Result<Validation> validate(GradientExchange& exchange, JobContext& context) const override;
  [[nodiscard]] std::string figure_name() const override { return plan_.metric; }

  /// [rows] in the user's units, dropout off. Errors: kCancelled, those of the exchange.
  [[nodiscard]] Result<std::vector<double>> numbers(std::span<const std::int64_t> rows, GradientExchange& exchange,
                                                    JobContext& context) const;

 private:
  NumberPlan plan_;
  const TokenizedCells& cells_;
  std::vector<double> targets_;
  std::vector<std::int64_t> training_, validation_, lengths_;
  const Parameters& parameters_;
};

/// Turns a model of learned numbers into one of the user's: the last layer is scaled and shifted.
void scale_classifier(const NumberScale& scale, Parameters& parameters);

}  // namespace cw
