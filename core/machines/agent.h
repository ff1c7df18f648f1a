// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/machines/machine.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// The far end: what `cellwright agent` does on the machine that runs a job, called through ssh by the near end
/// (remote_job.h). Each job has a place of its own, ROOT/jobs/ID, with the job folder and its outputs in it.

/// What the near end orders.
struct StartOrder {
  std::filesystem::path place;  ///< ROOT/jobs/ID
  std::string name;             ///< of the job folder in it
  Json spec;                    ///< spec.json with the paths of that machine
  int attempt = 1;              ///< counted by the near end: an attempt is started once, however often it is ordered
  bool is_slurm = false;
  SlurmRequest slurm;
  std::string setup;
};

[[nodiscard]] Json to_json(const StartOrder& order);
/// Errors: kParse E-MCH-001.
[[nodiscard]] Result<StartOrder> start_order_from_json(const Json& json);

/// Makes the job folder where it is not there yet, and starts the engine on it, or gives it to Slurm, detached from
/// whoever calls. An attempt that was started is left alone: that is how an answer lost on the way is asked for again.
/// Returns {"started": 1, or 0 for one that was}. Errors: those of JobFolder::create, LocalEngine::start and
/// submit_to_slurm.
[[nodiscard]] Result<Json> start_here(const StartOrder& order);

/// The same for several jobs of a cluster at once: one array, a task each. All ask for what the first asks for. Returns
/// {"started": jobs that were not started before}. Errors: as start_here.
[[nodiscard]] Result<Json> start_array_here(const std::vector<StartOrder>& orders);

/// Asks the engine to stop, and takes a waiting job out of the queue. Errors: kNotFound E-JOB-004, kIo.
[[nodiscard]] Result<> cancel_here(const std::filesystem::path& place, const std::string& name);

/// What the near end has of a job, so that only the rest is sent.
struct FollowOrder {
  std::filesystem::path place;
  std::string name;
  Json have;          ///< {"events.jsonl": bytes, "log/rank-0.txt": bytes, ...}
  bool once = false;  ///< what is new now, and no more
  int poll_s = 30;    ///< between questions to the scheduler
};

[[nodiscard]] Json to_json(const FollowOrder& order);
/// Errors: kParse E-MCH-001.
[[nodiscard]] Result<FollowOrder> follow_order_from_json(const Json& json);

/// Writes frames until the job has ended or `write` gives false (nobody listens any more). A frame is a line of JSON:
/// {"file", "offset", "size"} and then so many bytes of that file; {"state": state.json}; {"beat": UTC} every few
/// seconds; at the end {"end": state, "results": [{"path", "size", "sha256"}]} with paths below `place`.
/// Errors: kNotFound E-JOB-004 (the job folder is gone), kIo.
[[nodiscard]] Result<> follow_here(const FollowOrder& order, const std::function<bool(std::string_view)>& write);

}  // namespace cw
