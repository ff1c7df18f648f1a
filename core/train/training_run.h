// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/checkpoint.h"
#include "core/train/gradient_exchange.h"

#include <functional>
#include <string>

namespace cw {

/// Our kernels have their own threads. LibTorch's would spin between its small operations and take the processors from
/// them: a quarter of the time of a small model. While an object lives, LibTorch has one.
class OneTorchThread {
 public:
  OneTorchThread();
  ~OneTorchThread();
  OneTorchThread(const OneTorchThread&) = delete;
  OneTorchThread& operator=(const OneTorchThread&) = delete;

 private:
  int before_;
};

/// What the user said about a run that may be there already.
struct RunStart {
  std::string out;  ///< run folder
  bool resume = false;
  bool overwrite = false;
};

/// Where to begin: the newest checkpoint of this run, or the first step after `initialise`. Errors: kNotFound E-TRN-004
/// (nothing to resume), those of CheckpointStore::load and of `initialise`.
[[nodiscard]] Result<TrainingState> begin_or_resume(const RunStart& start, const Json& fingerprint,
                                                    const CheckpointStore& checkpoints, Parameters& parameters,
                                                    const std::function<Result<>()>& initialise, JobContext& context);

/// The same for several processes: the first one looks into the run folder, the others get its weights, optimiser state
/// and counters. Errors: also those of the exchange.
[[nodiscard]] Result<TrainingState> begin_together(const RunStart& start, const Json& fingerprint,
                                                   const CheckpointStore& checkpoints, Parameters& parameters,
                                                   const std::function<Result<>()>& initialise,
                                                   GradientExchange& exchange, JobContext& context);

/// The weights of the best validation, which the first process reads. Errors: kNotFound, kParse, kShape, those of the
/// exchange.
Result<> load_best_together(const CheckpointStore& checkpoints, Parameters& parameters, GradientExchange& exchange);

}  // namespace cw
