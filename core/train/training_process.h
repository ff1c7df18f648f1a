// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/train/offloaded_state.h"
#include "core/train/process_group.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cw {

/// One of the processes that train a model, as it sees itself: alone, or together with others.
class TrainingProcess {
 public:
  /// `offload_to`: folder on whose disk the optimiser state is kept, "" = in memory.
  explicit TrainingProcess(std::filesystem::path offload_to = {});
  /// The communicator outlives it.
  TrainingProcess(Communicator& communicator, ExchangeRules rules, std::filesystem::path offload_to = {});

  /// The parameters of a model to train. Those allocated before must be gone; their memory is taken again. Errors:
  /// those of OffloadedState.
  [[nodiscard]] Result<Parameters> allocate(const std::vector<PlannedParameter>& list);
  /// Where the optimiser state of the parameters allocated last is, if not in memory.
  [[nodiscard]] const OffloadedState* offloaded() const noexcept { return offloaded_.get(); }
  /// Of the parameters allocated last.
  [[nodiscard]] GradientExchange& exchange() noexcept { return *exchange_; }
  /// Whether this is the one that writes files and judges the result.
  [[nodiscard]] bool writes() const noexcept { return exchange_->rank() == 0; }

 private:
  [[nodiscard]] Parameters allocate_shared(const std::vector<PlannedParameter>& list);

  Communicator* communicator_ = nullptr;
  ExchangeRules rules_;
  std::filesystem::path offload_to_;
  std::unique_ptr<OffloadedState> offloaded_;
  std::unique_ptr<GradientExchange> exchange_;
  std::vector<at::Tensor> memory_;  ///< of the communicator, which never takes any back
};

/// What the options of a training job say of its exchange.
template <class Options>
[[nodiscard]] ExchangeRules exchange_rules(const Options& options) {
  return {options.zero, options.exchange_precision == "bf16"};
}

/// The folder in which a training job with these options keeps its optimiser state: that of its checkpoints.
template <class Options>
[[nodiscard]] std::filesystem::path offload_folder(const Options& options, const std::filesystem::path& run) {
  return options.offload_optimiser ? run / "checkpoints" : std::filesystem::path();
}

/// Engine processes on this machine that do a training job together.
struct ProcessesPlan {
  std::string kind;           ///< of the job
  Json options;               ///< of the job
  std::filesystem::path run;  ///< its folder: what the processes say is in `log`
  int processes = 2;
  int num_threads = 0;  ///< of all together
  double timeout_s = 600.0;
};

/// Starts the processes and follows them; they do the work. When one fails, all start again from the newest checkpoint.
/// Errors: those of run_workers.
[[nodiscard]] Result<Json> run_in_processes(const ProcessesPlan& plan, JobContext& context);

/// `work` with LibTorch's own threads out of the way and its exceptions as errors. `what`: "training", for the error
/// that says there is not enough memory.
[[nodiscard]] Result<Json> guarded_training(const std::string& what, std::int64_t tokens_per_batch,
                                            const std::function<Result<Json>()>& work);

}  // namespace cw
