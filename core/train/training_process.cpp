// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_process.h"

#include "core/exchange/worker_group.h"
#include "core/jobs/local_launch.h"
#include "core/model/torch_guard.h"
#include "core/train/training_run.h"

namespace cw {

TrainingProcess::TrainingProcess(std::filesystem::path offload_to)
    : offload_to_(std::move(offload_to)), exchange_(std::make_unique<SingleProcess>()) {}

TrainingProcess::TrainingProcess(Communicator& communicator, ExchangeRules rules, std::filesystem::path offload_to)
    : communicator_(&communicator),
      rules_(rules),
      offload_to_(std::move(offload_to)),
      exchange_(std::make_unique<ProcessGroup>(communicator, rules)) {}

Result<Parameters> TrainingProcess::allocate(const std::vector<PlannedParameter>& list) {
  Parameters parameters = communicator_ == nullptr ? Parameters::allocate(list) : allocate_shared(list);
  offloaded_.reset();
  if (!offload_to_.empty()) {
    CW_ASSIGN(offloaded_, OffloadedState::move(parameters, offload_to_));
  }
  return parameters;
}

Parameters TrainingProcess::allocate_shared(const std::vector<PlannedParameter>& list) {
  auto group = std::make_unique<ProcessGroup>(*communicator_, rules_);
  std::size_t taken = 0;
  const FlatMemory memory = [&](std::int64_t elements) {
    if (taken == memory_.size() || memory_[taken].numel() != elements) {
      memory_.insert(memory_.begin() + static_cast<std::ptrdiff_t>(taken), group->memory()(elements));
    }
    return memory_[taken++].zero_().detach();
  };
  Parameters parameters = Parameters::allocate(list, memory);
  group->attach(parameters, memory);
  exchange_ = std::move(group);
  return parameters;
}

Result<Json> run_in_processes(const ProcessesPlan& plan, JobContext& context) {
  WorkerPlan workers;
  CW_ASSIGN(workers.program, engine_program());
  workers.size = plan.processes;
  workers.num_threads = plan.num_threads;
  workers.timeout_s = plan.timeout_s;
  workers.logs = plan.run / "log";
  Json restarted = plan.options;
  restarted["resume"] = false;  // a run that had no checkpoint yet begins again
  workers.job = {{"kind", plan.kind}, {"options", plan.options}};
  workers.job_again = {{"kind", plan.kind}, {"options", std::move(restarted)}};
  return run_workers(workers, context);
}

Result<Json> guarded_training(const std::string& what, std::int64_t tokens_per_batch,
                              const std::function<Result<Json>()>& work) {
  const OneTorchThread one_torch_thread;
  return guard_torch(what + " on batches of " + std::to_string(tokens_per_batch) + " tokens (--tokens-per-batch)",
                     work);
}

}  // namespace cw
