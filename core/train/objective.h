// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/train/encoder_pass.h"
#include "core/train/gradient_exchange.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cw {

/// Examples for one forward and backward pass, made ready. An objective derives its own from it.
struct TrainBatch {
  virtual ~TrainBatch() = default;
  std::int64_t tokens = 0;
  std::int64_t cells = 0;
  std::int64_t targets = 0;  ///< predictions that count; a batch without any has no loss and is passed over
  double weight = 0.0;       ///< their weights: the loss of a step is divided by the sum over its batches
};

/// What a validation found.
struct Validation {
  double loss = 0.0;                                    ///< mean, dropout off
  double figure = 0.0;                                  ///< what decides which weights are the best
  bool higher_is_better = false;                        ///< of the figure
  std::vector<std::pair<std::string, double>> metrics;  ///< what else is shown, by name
  std::vector<std::int32_t> calls;                      ///< class called of each example kept out, of a classifier
  std::vector<double> certainty;                        ///< its probability
};

/// What a training run learns: its examples, the loss of a batch of them and how the result is judged. The loop, the
/// optimiser, checkpoints and the exchange between processes are the same for all of them.
class Objective {
 public:
  virtual ~Objective() = default;
  /// Tokens of every training example; batches are planned by them.
  [[nodiscard]] virtual std::span<const std::int64_t> lengths() const = 0;
  /// The examples with these places in `lengths()`, as they are seen in pass `epoch`. Depends on the arguments and the
  /// run's seed only.
  [[nodiscard]] virtual std::unique_ptr<TrainBatch> batch(std::span<const std::int64_t> examples,
                                                          std::int64_t epoch) const = 0;
  /// `scale` times the weighted sum of the losses of a batch that this objective made: a scalar to call `backward` on.
  [[nodiscard]] virtual at::Tensor loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                                        const Workers& workers) const = 0;
  [[nodiscard]] virtual bool has_validation() const = 0;
  /// On a part of the examples kept out that is worth its time between steps, dropout off, always the same part.
  /// Errors: kCancelled, those of the exchange.
  [[nodiscard]] virtual Result<Validation> validate(GradientExchange& exchange, JobContext& context) const = 0;
  /// Of `Validation::figure`: "validation loss".
  [[nodiscard]] virtual std::string figure_name() const = 0;
};

}  // namespace cw
