// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/trial_job.h"

#include "core/jobs/change_options.h"

#include <chrono>
#include <csignal>
#include <thread>

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};  // for a checkpoint of a large model on a slow disk

bool has_ended(JobPhase phase) { return phase != JobPhase::kQueued && phase != JobPhase::kRunning; }

/// Starts the engine and says at once which process it is: a search that is killed while the engine loads finds it
/// again.
Result<LocalEngine> start_engine(const JobFolder& folder) {
  CW_ASSIGN(LocalEngine engine, LocalEngine::start(folder, false));
  JobState state;
  state.phase = JobPhase::kRunning;
  state.process = engine.process();
  state.process_started = process_start_time(state.process);
  CW_TRY(folder.write_state(state));
  return engine;
}

/// How far a job was told to go, whatever became of it.
Json told(const JobFolder& folder) { return folder.spec().options.value("pause_after", Json()); }

}  // namespace

Result<TrialJob> TrialJob::begin(const fs::path& folder, const std::string& kind, const Json& options) {
  std::error_code status;
  if (!fs::exists(folder / "spec.json", status)) {
    Json own = options;
    own["output"] = folder.string();
    CW_ASSIGN(JobFolder made, JobFolder::create(folder, new_job(kind, own), false));
    CW_ASSIGN(LocalEngine engine, start_engine(made));
    return TrialJob(std::move(made), std::move(engine));
  }
  CW_ASSIGN(JobFolder there, JobFolder::open(folder));
  const auto found = there.state();
  const JobState state = found.ok() ? *found : JobState{};  // killed while the folder was made
  const bool same = told(there) == options.at("pause_after");
  if (same && (state.phase == JobPhase::kRunning || state.phase == JobPhase::kDone)) {
    return TrialJob(std::move(there), std::nullopt);
  }
  CW_TRY(there.write_state(JobState{}));  // first: "done" must not stand for the next share if it is killed in between
  CW_TRY(
      change_options(there, {{"pause_after", options.at("pause_after")}, {"num_threads", options.at("num_threads")}}));
  CW_ASSIGN(JobFolder changed, JobFolder::open(folder));
  CW_ASSIGN(LocalEngine engine, start_engine(changed));
  return TrialJob(std::move(changed), std::move(engine));
}

Result<std::optional<JobState>> TrialJob::poll() {
  std::optional<int> ended;
  if (engine_) {
    ended = engine_->poll();
    if (!ended) return std::optional<JobState>();
  }
  CW_ASSIGN(JobState state, folder_.state());
  if (!engine_ && !has_ended(state.phase)) return std::optional<JobState>();
  const bool silent = state.phase == JobPhase::kLost || !has_ended(state.phase);
  if (silent && !again_) {
    again_ = true;
    CW_ASSIGN(LocalEngine engine, start_engine(folder_));
    engine_.emplace(std::move(engine));
    return std::optional<JobState>();
  }
  if (silent) {
    CW_TRY(record_dead_engine(folder_, ended.value_or(128 + SIGKILL)));
    CW_ASSIGN(state, folder_.state());
  }
  return std::optional(std::move(state));
}

double TrialJob::progress() const {
  const auto state = folder_.state();
  return state.ok() ? state->progress : 0.0;
}

void TrialJob::stop() {
  static_cast<void>(folder_.request_cancel());
  again_ = true;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const auto state = poll();
    if (!state.ok() || state->has_value()) return;
    std::this_thread::sleep_for(milliseconds(20));
  }
  if (engine_) engine_->kill();
}

void forget_checkpoints(const fs::path& folder) {
  std::error_code status;
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(folder, status); entry != fs::recursive_directory_iterator();
       entry.increment(status)) {
    if (entry->path().filename() != "checkpoints") continue;
    found.push_back(entry->path());
    entry.disable_recursion_pending();
  }
  for (const auto& path : found) fs::remove_all(path, status);
}

}  // namespace cw
