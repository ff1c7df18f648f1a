// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli_context.h"

#include "app/cli/progress_line.h"
#include "core/base/files.h"
#include "core/jobs/job_history.h"
#include "core/jobs/local_launch.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>

namespace cw {
namespace {

std::atomic<int> interrupts{0};
extern "C" void count_interrupt(int) { interrupts.fetch_add(1, std::memory_order_relaxed); }

// Signals that arrive within half a second are one request: some senders deliver theirs twice, to the process and to
// its group. A later one means that the user does not want to wait.
class StopRequests {
 public:
  [[nodiscard]] bool asked() {
    if (interrupts > 0 && !first_) first_ = std::chrono::steady_clock::now();
    return first_.has_value();
  }
  [[nodiscard]] bool insists() {
    if (!asked()) return false;
    const bool settled = std::chrono::steady_clock::now() - *first_ > std::chrono::milliseconds(500);
    if (!settled) interrupts = 0;
    return settled && interrupts > 0;
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> first_;
};

// Shows a job's events on standard error: progress on a line, warnings and what it will take as lines of their own.
std::function<void(const Json&)> event_printer(ProgressLine& line, const GlobalOptions& global) {
  return [&line, verbose = global.verbose, quiet = global.quiet, notice = EstimateNotice()](const Json& event) mutable {
    const auto type = event.value("type", std::string());
    if (type == "progress") {
      line.show(event);
    } else if (type == "warning") {
      line.clear();
      std::fprintf(stderr, "warning [%s] %s\n", event.value("code", std::string()).c_str(),
                   event.value("text", std::string()).c_str());
    } else if (type == "estimate" && !verbose) {
      if (const auto text = notice.take(event); text && !quiet) {
        line.clear();
        std::fprintf(stderr, "%s\n", text->c_str());
      }
    } else if (verbose && type != "finished" && type != "error") {
      line.clear();
      std::fprintf(stderr, "%s\n", event.dump().c_str());
    }
  };
}

// A run that failed before it had anything to keep: its command may be corrected and given again.
bool holds_only_a_log(const std::filesystem::path& folder) {
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator(folder, status)) {
    const std::string name = entry.path().filename().string();
    if (name != "spec.json" && name != "events.jsonl" && name != "state.json" && name != "control" && name != "log") {
      return false;
    }
  }
  return !status;
}

// The summary of a job that is done, or the error that ended it.
Result<Json> outcome_of(const JobFolder& folder, const JobState& state) {
  if (state.phase == JobPhase::kDone) return state.result;
  if (state.phase == JobPhase::kLost) {
    return Error{ErrorCode::kInternal, "E-JOB-009",
                 folder.path().string() + ": the engine is gone without a last word; go on with: cellwright resume " +
                     folder.path().string()};
  }
  return Error{error_code_of(state.error_code), state.error_id, state.error_message};
}

}  // namespace

int CliContext::fail(const Error& error) const {
  std::fprintf(stderr, "error [%s] %s\n", error.id.c_str(), error.message.c_str());
  if (global.json) {
    const Json json = {{"error", {{"code", error.id}, {"kind", name_of(error.code)}, {"text", error.message}}},
                       {"exit_code", exit_code(error.code)}};
    std::printf("%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  }
  return exit_code(error.code);
}

int CliContext::print(const Json& json, const std::string& text) const {
  std::printf("%s\n", global.json ? json.dump(2, ' ', false, Json::error_handler_t::replace).c_str() : text.c_str());
  return 0;
}

Result<JobFolder> CliContext::submit(const JobSpec& spec, const std::filesystem::path& out, bool out_is_folder) const {
  std::error_code status;
  std::filesystem::path place = out;
  if (!out_is_folder) {
    if (!global.overwrite && std::filesystem::exists(out, status)) {
      return Error{ErrorCode::kInvalidArgument, "E-IO-005",
                   out.string() + ": exists already; choose another name or give --overwrite"};
    }
    place += ".run";
  }
  bool ended_early = false;
  if (std::filesystem::exists(place / "state.json", status)) {
    const auto earlier = JobFolder::open(place);
    const auto state = earlier.ok() ? earlier->state() : Result<JobState>(earlier.error());
    if (state.ok() && state->phase == JobPhase::kRunning) {
      return Error{
          ErrorCode::kInvalidArgument, "E-JOB-012",
          place.string() + ": its job is still running; stop it first: cellwright jobs cancel " + place.string()};
    }
    const bool ended = state.ok() && state->phase != JobPhase::kQueued;
    ended_early = ended && holds_only_a_log(place);
  }
  // the log of an earlier run that left no result, or has it beside the folder, is replaced by that of the new run
  CW_ASSIGN(JobFolder folder, JobFolder::create(place, spec, global.overwrite || !out_is_folder || ended_early));
  remember_job(folder);
  return folder;
}

Result<Json> CliContext::work_on(const JobFolder& folder) const {
  CW_ASSIGN(LocalEngine engine, LocalEngine::start(folder, false));
  interrupts = 0;
  std::signal(SIGINT, count_interrupt);
  std::signal(SIGTERM, count_interrupt);
  ProgressLine line(!global.quiet && !global.json);
  StopRequests requests;
  const auto state = follow_job(folder, &engine, event_printer(line, global), [&] {
    if (requests.insists()) engine.kill();
    return requests.asked();
  });
  line.clear();
  if (!state.ok()) return state.error();
  return outcome_of(folder, *state);
}

Result<Json> CliContext::compute(const JobSpec& spec, const std::filesystem::path& out, bool out_is_folder) const {
  CW_ASSIGN(const JobFolder folder, submit(spec, out, out_is_folder));
  return work_on(folder);
}

Result<Json> CliContext::compute_in_passing(const JobSpec& spec) const {
  CW_ASSIGN(const std::filesystem::path place, make_scratch_folder(std::filesystem::temp_directory_path()));
  auto outcome = [&]() -> Result<Json> {
    CW_ASSIGN(const JobFolder folder, JobFolder::create(place, spec, false));
    return work_on(folder);
  }();
  std::error_code status;
  // the log of an engine that crashed is needed, and the message names it
  if (outcome.ok() || outcome.error().id != "E-JOB-009") std::filesystem::remove_all(place, status);
  return outcome;
}

int CliContext::run_job(const JobSpec& spec, const std::filesystem::path& out, bool out_is_folder,
                        const SummaryText& text) const {
  const auto folder = submit(spec, out, out_is_folder);
  if (!folder.ok()) return fail(folder.error());
  return continue_job(*folder, text);
}

int CliContext::continue_job(const JobFolder& folder, const SummaryText& text) const {
  return global.detach ? detach(folder) : print_outcome(work_on(folder), text);
}

int CliContext::run_in_passing(const JobSpec& spec, const SummaryText& text) const {
  return print_outcome(compute_in_passing(spec), text);
}

int CliContext::detach(const JobFolder& folder) const {
  const auto engine = LocalEngine::start(folder, true);
  if (!engine.ok()) return fail(engine.error());
  return print(
      {{"job", folder.spec().id}, {"folder", folder.path().string()}},
      "started job " + folder.spec().id + "; follow it: cellwright jobs follow " + folder.spec().id.substr(0, 6));
}

int CliContext::follow(const JobFolder& folder, const SummaryText& text) const {
  ProgressLine line(!global.quiet && !global.json);
  const auto state = follow_job(folder, nullptr, event_printer(line, global), [] { return false; });
  line.clear();
  if (!state.ok()) return fail(state.error());
  return print_outcome(outcome_of(folder, *state), text);
}

int CliContext::print_outcome(const Result<Json>& outcome, const SummaryText& text) const {
  return outcome.ok() ? print(*outcome, text(*outcome)) : fail(outcome.error());
}

std::string plain_summary(const Json& result) {
  std::string text;
  for (const auto& [key, value] : result.items()) {
    if (value.is_structured()) continue;
    if (!text.empty()) text += "\n";
    text += key + ": " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

}  // namespace cw
