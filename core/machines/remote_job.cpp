// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/remote_job.h"

#include "core/base/files.h"
#include "core/machines/agent.h"
#include "core/machines/engine_bundle.h"
#include "core/machines/job_lock.h"
#include "core/machines/machine_list.h"
#include "core/machines/remote_agent.h"

namespace cw {
namespace {

constexpr int kRecordVersion = 1;

std::filesystem::path record_file(const JobFolder& folder) { return folder.path() / "machine.json"; }

void note_failure(const JobFolder& folder, const Error& error) {
  JobState state;
  state.phase = error.code == ErrorCode::kCancelled ? JobPhase::kCancelled : JobPhase::kFailed;
  state.error_id = error.id;
  state.error_code = name_of(error.code);
  state.error_message = error.message;
  state.exit_code = exit_code(error.code);
  static_cast<void>(folder.write_state(state));
}

Result<std::string> root_of(const Connection& connection, const JobContext& context) {
  CommandOptions options;
  options.stop = [&context] { return context.cancelled(); };
  options.timeout = std::chrono::seconds(90);
  CW_ASSIGN(const CommandOutcome outcome, connection.run("mkdir -p \"$root\" && cd \"$root\" && pwd -P", options));
  return outcome.out.substr(0, outcome.out.find('\n'));
}

// Sends what the job needs, and gives the order that starts it.
Result<StartOrder> prepare(const JobFolder& folder, RemoteJob& job, const Connection& connection, JobContext& context) {
  const Machine& machine = connection.machine();
  CW_ASSIGN(const std::string root, root_of(connection, context));
  job.place = root + "/jobs/" + folder.spec().id;
  CW_ASSIGN(const StagedJob staged, stage(folder, root, job.place, context));
  job.paths = staged.paths;
  CW_ASSIGN(job.engine, install_engine(connection, context));
  CW_TRY(save_remote_job(folder, job));
  CW_TRY(send_files(connection, staged.files, context));
  StartOrder order;
  order.place = job.place;
  order.name = folder.path().filename().string();
  order.spec = to_json(JobSpec{folder.spec().kind, staged.options, folder.spec().id});
  order.attempt = job.attempt;
  order.is_slurm = machine.kind == MachineKind::kSlurm;
  order.slurm = job.slurm;
  order.setup = machine.setup;
  return order;
}

Result<RemoteJob> next_attempt(const JobFolder& folder) {
  CW_ASSIGN(std::optional<RemoteJob> job, remote_job_of(folder));
  if (!job) return Error{ErrorCode::kInternal, "E-JOB-007", folder.path().string() + ": not a job of another machine"};
  if (job->started || job->attempt == 0) ++job->attempt;  // else the answer to the last order was lost: order it again
  job->started = false;
  folder.clear_cancel();
  CW_TRY(folder.write_state(JobState{}));
  CW_TRY(save_remote_job(folder, *job));
  return std::move(*job);
}

Result<> start_all(const std::vector<JobFolder>& folders, JobContext& context) {
  std::vector<RemoteJob> jobs;
  Json orders = Json::array();
  std::optional<Connection> connection;
  for (const auto& folder : folders) {
    CW_ASSIGN(RemoteJob job, next_attempt(folder));
    if (!connection) {
      CW_ASSIGN(Machine machine, find_machine(job.machine));
      connection.emplace(std::move(machine));
    }
    CW_ASSIGN(const StartOrder order, prepare(folder, job, *connection, context));
    orders.push_back(to_json(order));
    jobs.push_back(std::move(job));
  }
  const bool is_cluster = connection && connection->machine().kind == MachineKind::kSlurm;
  if (is_cluster) CW_TRY(order_start(*connection, jobs.front(), orders, context));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!is_cluster) CW_TRY(order_start(*connection, jobs[i], orders[i], context));
    jobs[i].started = true;
    CW_TRY(save_remote_job(folders[i], jobs[i]));
  }
  return {};
}

}  // namespace

Result<> save_remote_job(const JobFolder& folder, const RemoteJob& job) {
  Json paths = Json::array();
  for (const auto& pair : job.paths) paths.push_back({{"here", pair.local}, {"there", pair.remote}});
  return write_json(record_file(folder), {{"cellwright_remote_job", kRecordVersion},
                                          {"machine", job.machine},
                                          {"slurm", to_json(job.slurm)},
                                          {"engine", job.engine},
                                          {"place", job.place},
                                          {"attempt", job.attempt},
                                          {"started", job.started},
                                          {"paths", paths}});
}

Result<> assign_machine(const JobFolder& folder, const Machine& machine, const SlurmRequest& request) {
  RemoteJob job;
  job.machine = machine.name;
  job.slurm = request;
  return save_remote_job(folder, job);
}

Result<std::optional<RemoteJob>> remote_job_of(const JobFolder& folder) {
  std::error_code status;
  if (!std::filesystem::exists(record_file(folder), status)) return std::optional<RemoteJob>();
  CW_ASSIGN(const Json json, read_json(record_file(folder)));
  RemoteJob job;
  try {
    job.machine = json.at("machine").get<std::string>();
    CW_ASSIGN(job.slurm, slurm_request_from_json(json.at("slurm"), record_file(folder).string()));
    job.engine = json.at("engine").get<std::string>();
    job.place = json.at("place").get<std::string>();
    job.attempt = json.at("attempt").get<int>();
    job.started = json.at("started").get<bool>();
    for (const Json& pair : json.at("paths")) {
      job.paths.push_back({pair.at("here").get<std::string>(), pair.at("there").get<std::string>()});
    }
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-MCH-001", record_file(folder).string() + ": damaged: " + problem.what()};
  }
  return std::optional<RemoteJob>(std::move(job));
}

Result<> start_remote_job(const JobFolder& folder, JobContext& context, const std::function<bool()>& leaving) {
  return start_remote_jobs({folder}, context, leaving);
}

Result<> start_remote_jobs(const std::vector<JobFolder>& folders, JobContext& context,
                           const std::function<bool()>& leaving) {
  std::vector<JobLock> locks;
  for (const auto& folder : folders) {
    if (locks.emplace_back(folder, "sender").try_now()) continue;
    return Error{
        ErrorCode::kRefused, "E-MCH-035",
        folder.path().string() + ": another window or command is starting this job at this moment; wait for it"};
  }
  auto started = start_all(folders, context);
  if (started.ok() || (leaving && leaving())) return started;
  for (const auto& folder : folders) {
    const auto job = remote_job_of(folder);
    if (!job.ok() || !job->has_value() || !(*job)->started) note_failure(folder, started.error());
  }
  return started;
}

Result<> cancel_remote_job(const JobFolder& folder) {
  CW_TRY(folder.request_cancel());
  CW_ASSIGN(const std::optional<RemoteJob> job, remote_job_of(folder));
  if (!job || !job->started) return {};
  CW_ASSIGN(const Machine machine, find_machine(job->machine));
  return order_cancel(Connection(machine), *job, folder.path().filename().string());
}

}  // namespace cw
