// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
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
  TrainingProcess();
  /// `share_state` as in ProcessGroup. The communicator outlives it.
  TrainingProcess(Communicator& communicator, bool share_state);

  /// The parameters of a model to train. Those allocated before must be gone; their memory is taken again.
  [[nodiscard]] Parameters allocate(const std::vector<PlannedParameter>& list);
  /// Of the parameters allocated last.
  [[nodiscard]] GradientExchange& exchange() noexcept { return *exchange_; }
  /// Whether this is the one that writes files and judges the result.
  [[nodiscard]] bool writes() const noexcept { return exchange_->rank() == 0; }

 private:
  Communicator* communicator_ = nullptr;
  bool share_state_ = false;
  std::unique_ptr<GradientExchange> exchange_;
  std::vector<at::Tensor> memory_;  ///< of the communicator, which never takes any back
};

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
