// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/worker_group.h"

#include "core/base/parallel.h"
#include "core/exchange/handshake.h"
#include "core/exchange/worker_process.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

namespace cw {
namespace {

constexpr auto kLook = std::chrono::milliseconds(5);
constexpr double kPatienceAfterCancel = 30.0;
constexpr double kPatienceAfterFailure = 1.0;  // the others may know better what went wrong

// Which failure of several says most: what the work itself reports, then who died, then who waited for whom.
constexpr int kOfTheWork = 3;

int weight_of(const Error& error) {
  if (error.code == ErrorCode::kCancelled || error.id == "E-COM-005") return 0;
  if (error.id == "E-COM-004") return 1;
  if (error.id == kWorkerDied) return 2;
  return kOfTheWork;
}

bool worth_another_try(const Error& error) {
  return error.id == kWorkerDied || error.id == "E-COM-002" || error.id == "E-COM-004" || error.id == "E-COM-005";
}

// One life of the group, from its start to the end of all its processes.
class Generation {
 public:
  Generation(const WorkerPlan& plan, JobContext& context, std::optional<std::int64_t>& checkpoint)
      : plan_(plan), context_(context), checkpoint_(checkpoint) {}

  Result<Json> run(const Json& job) {
    CW_TRY(start(job));
    while (running() > 0 && !stopped_in_order()) {
      for (WorkerProcess& worker : workers_) read(worker);
      pass_on_cancel();
      if (failure_ && !dying_) dying_.emplace(kPatienceAfterFailure);
      if (dying_ && dying_->passed()) kill_all();
      std::this_thread::sleep_for(kLook);
    }
    for (WorkerProcess& worker : workers_) read(worker);
    if (result_) return *result_;
    if (context_.cancelled() && (!failure_ || weight_of(*failure_) < kOfTheWork)) return cancelled_error("training");
    if (failure_) return *failure_;
    return Error{ErrorCode::kInternal, kWorkerDied, "process 0 ended without a result"};
  }

 private:
  Result<> start(const Json& job) {
    CW_ASSIGN(const Socket listener, Socket::listen("127.0.0.1", 0));
    CW_ASSIGN(const std::string secret, random_secret());
    const int threads = effective_threads(plan_.num_threads);
    for (int rank = 0; rank < plan_.size; ++rank) {
      const Json place = {{"rank", rank},
                          {"size", plan_.size},
                          {"port", listener.local_port()},
                          {"secret", secret},
                          {"timeout_s", plan_.timeout_s}};
      // the first ones get one thread more where they cannot be divided
      const int share = std::max(1, threads / plan_.size + (rank < threads % plan_.size ? 1 : 0));
      const auto log = plan_.logs / ("process-" + std::to_string(rank) + ".txt");
      auto worker = WorkerProcess::start(plan_.program, log, rank == 0 ? listener.descriptor() : -1);
      if (!worker.ok()) {
        kill_all();
        return worker.error();
      }
      workers_.push_back(std::move(*worker));
      workers_.back().tell({{"place", place}, {"threads", share}, {"job", job}});
    }
    return {};
  }

  int running() {
    int count = 0;
    for (WorkerProcess& worker : workers_) count += worker.running() ? 1 : 0;
    return count;
  }

  // After a cancel nobody waits for the processes to give their memory back once each has said its last word.
  [[nodiscard]] bool stopped_in_order() const {
    return cancelled_ && std::all_of(workers_.begin(), workers_.end(), [](const auto& w) { return w.reported(); });
  }

  void read(WorkerProcess& worker) {
    const int rank = static_cast<int>(&worker - workers_.data());
    for (const Json& message : worker.messages()) {
      if (message.contains("error")) note(error_from(message["error"]));
      if (rank != 0) continue;
      if (message.contains("result")) result_ = message["result"];
      if (message.contains("progress")) {
        const Json& p = message["progress"];
        context_.report(p.at(0).get<std::int64_t>(), p.at(1).get<std::int64_t>(), p.at(2).get<std::string>());
      }
      if (message.contains("event")) {
        const std::string type = message["event"].get<std::string>();
        const Json& fields = message["fields"];
        if (type == "checkpoint") checkpoint_ = fields.value("step", std::int64_t{0});
        context_.event(type, fields);
      }
    }
    if (killed_) return;
    if (const auto words = worker.how_it_died()) {
      note(Error{ErrorCode::kIo, kWorkerDied,
                 "process " + std::to_string(rank) + " of " + std::to_string(plan_.size) + " " + *words});
    }
  }

  void note(const Error& error) {
    if (!failure_ || weight_of(error) > weight_of(*failure_)) failure_ = error;
  }

  void pass_on_cancel() {
    if (!context_.cancelled() || cancelled_) return;
    cancelled_ = true;
    dying_.emplace(kPatienceAfterCancel);
    for (WorkerProcess& worker : workers_) worker.tell({{"cancel", true}});
  }

  void kill_all() {
    killed_ = true;
    for (WorkerProcess& worker : workers_) worker.kill();
  }

  const WorkerPlan& plan_;
  JobContext& context_;
  std::optional<std::int64_t>& checkpoint_;
  std::vector<WorkerProcess> workers_;
  std::optional<Json> result_;
  std::optional<Error> failure_;
  std::optional<Deadline> dying_;
  bool cancelled_ = false;
  bool killed_ = false;
};

std::string where_from(const std::optional<std::int64_t>& checkpoint) {
  if (!checkpoint) return "from the newest checkpoint, or from the beginning";
  return "from the checkpoint after step " + std::to_string(*checkpoint);
}

}  // namespace

Result<Json> run_workers(const WorkerPlan& plan, JobContext& context) {
  std::optional<std::int64_t> checkpoint;
  std::optional<std::int64_t> last_checkpoint;
  int restarts = 0;
  for (bool again = false;; again = true) {
    Result<Json> result = Generation(plan, context, checkpoint).run(again ? plan.job_again : plan.job);
    if (result.ok() || !worth_another_try(result.error())) return result;
    if (context.cancelled()) return cancelled_error("training");
    if (checkpoint != last_checkpoint) restarts = 0;
    last_checkpoint = checkpoint;
    if (++restarts > plan.most_restarts) {
      return Error{ErrorCode::kIo, "E-COM-007",
                   "the group of " + std::to_string(plan.size) + " processes was started " + std::to_string(restarts) +
                       " times without reaching a new checkpoint; the last time " + result.error().message +
                       "; what the processes said is in " + plan.logs.string() +
                       "; fewer --processes need less memory"};
    }
    context.warn("W-COM-001", result.error().message + "; all " + std::to_string(plan.size) +
                                  " processes start again " + where_from(checkpoint) + " (attempt " +
                                  std::to_string(restarts) + " of " + std::to_string(plan.most_restarts) + ")");
  }
}

}  // namespace cw
