// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli_context.h"

#include "app/cli/progress_line.h"
#include "core/base/files.h"
#include "core/jobs/job_history.h"
#include "core/jobs/local_launch.h"
#include "core/machines/machine_list.h"
#include "core/machines/remote_job.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <optional>
#include <thread>

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
    if (name != "spec.json" && name != "events.jsonl" && name != "state.json" && name != "machine.json" &&
        name != "control" && name != "log") {
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

bool is_elsewhere(const JobFolder& folder) {
  const auto job = remote_job_of(folder);
  return !job.ok() || job->has_value();  // a damaged note is no reason to compute here
}

// The same kind of job with the same options: what it finished can be kept.
bool is_same_job(const JobSpec& one, const JobSpec& other) {
  return one.kind == other.kind && one.options == other.options;
}

bool is_done(const JobFolder& folder) {
  const auto state = folder.state();
  return state.ok() && state->phase == JobPhase::kDone;
}

// Says of which of several jobs a progress line is.
std::function<void(const Json&)> numbered(std::function<void(const Json&)> print, std::size_t number,
                                          std::size_t count) {
  return [print = std::move(print), label = std::to_string(number) + "/" + std::to_string(count) + " ",
          several = count > 1](const Json& event) {
    if (!several || event.value("type", "") != "progress") return print(event);
    Json labelled = event;
    labelled["phase"] = label + event.value("phase", "");
    print(labelled);
  };
}

// "time=12:00:00" over the defaults of the machine.
Result<SlurmRequest> request_for(const Machine& machine, const std::vector<std::string>& asked) {
  Json request = to_json(machine.slurm);
  for (const auto& entry : asked) {
    const auto split = entry.find('=');
    const std::string key = entry.substr(0, split);
    const bool is_known = request.contains(key) && key != "extra" && key != "poll_s";
    if (machine.kind != MachineKind::kSlurm || split == std::string::npos || !is_known) {
      return Error{ErrorCode::kInvalidArgument, "E-MCH-003",
                   "--ask is '" + entry +
                       "'; expected partition, account, time, memory, gpus or cpus, = and a value, " +
                       "for a machine with Slurm"};
    }
    const std::string value = entry.substr(split + 1);
    request[key] = key == "cpus" ? Json(std::atoi(value.c_str())) : Json(value);
  }
  Machine changed = machine;
  CW_ASSIGN(changed.slurm, slurm_request_from_json(request, "--ask"));
  CW_TRY(validate(changed));
  return changed.slurm;
}

// Shows on the progress line what happens before the job's own progress.
class LineSink : public JobSink {
 public:
  explicit LineSink(ProgressLine& line) : line_(line) {}
  void progress(double, std::int64_t done, std::int64_t total, std::string_view phase) override {
    line_.show({{"phase", phase}, {"done", done}, {"total", total}});
  }
  void event(std::string_view, const Json&) override {}

 private:
  ProgressLine& line_;
};

void watch_interrupts() {
  interrupts = 0;
  std::signal(SIGINT, count_interrupt);
  std::signal(SIGTERM, count_interrupt);
}

}  // namespace

std::filesystem::path job_folder_of(const Submission& submission) {
  std::filesystem::path folder = submission.out;
  if (!submission.out_is_folder) folder += ".run";
  return folder;
}

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
  Machine machine = this_pc();
  SlurmRequest request;
  if (!global.machine.empty()) {
    CW_ASSIGN(machine, find_machine(global.machine));
  }
  if (!global.asked.empty() || machine.kind == MachineKind::kSlurm) {
    CW_ASSIGN(request, request_for(machine, global.asked));
  }
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
  if (machine.kind != MachineKind::kThisPc) CW_TRY(assign_machine(folder, machine, request));
  remember_job(folder);
  return folder;
}

Result<> CliContext::start_there(const std::vector<JobFolder>& folders) const {
  watch_interrupts();
  ProgressLine line(!global.quiet && !global.json);
  LineSink sink(line);
  // sending watches only the flag: a thread turns signals into it
  auto cancel = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> finished{false};
  std::thread watch([&] {
    while (!finished) {
      if (interrupts > 0) cancel->store(true);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  JobContext context(&sink, cancel);
  auto started = start_remote_jobs(folders, context);
  finished = true;
  watch.join();
  return started;
}

Result<Json> CliContext::follow_there(const JobFolder& folder) const {
  watch_interrupts();
  ProgressLine line(!global.quiet && !global.json);
  StopRequests requests;
  RemoteFollow follow;
  follow.on_event = event_printer(line, global);
  follow.stop = [&] { return requests.asked(); };
  follow.leave = [&] { return requests.insists(); };
  follow.notice = [&](const Error& notice) {
    line.clear();
    std::fprintf(stderr, "warning [%s] %s\n", notice.id.c_str(), notice.message.c_str());
  };
  follow.fetching = [&](std::int64_t done, std::int64_t total) {
    line.show({{"phase", "Fetching bytes"}, {"done", done}, {"total", total}});
  };
  const auto state = follow_remote_job(folder, follow);
  line.clear();
  if (!state.ok()) return state.error();
  return outcome_of(folder, *state);
}

Result<Json> CliContext::work_on(const JobFolder& folder) const {
  if (is_elsewhere(folder)) {
    CW_TRY(start_there({folder}));
    return follow_there(folder);
  }
  CW_ASSIGN(LocalEngine engine, LocalEngine::start(folder, false));
  watch_interrupts();
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

Result<Json> CliContext::compute_or_go_on(const JobSpec& spec, const std::filesystem::path& out,
                                          bool out_is_folder) const {
  std::filesystem::path place = out;
  if (!out_is_folder) place += ".run";
  const auto folder = JobFolder::open(place);
  const auto same = [&] {
    Json before = folder->spec().options;
    Json now = spec.options;
    for (Json* options : {&before, &now}) {
      options->erase("num_threads");
      options->erase("device");
    }
    return folder->spec().kind == spec.kind && before == now;
  };
  if (global.overwrite || !folder.ok() || !same()) return compute(spec, out, out_is_folder);
  const auto state = folder->state();
  std::error_code status;
  if (state.ok() && state->phase == JobPhase::kDone && std::filesystem::exists(out, status)) return state->result;
  return work_on(*folder);
}

Result<Json> CliContext::compute_in_passing(const JobSpec& spec) const {
  if (!global.machine.empty() && global.machine != kThisPcName) {
    return Error{ErrorCode::kInvalidArgument, "E-MCH-005",
                 "a preview is computed on this PC only; leave out --machine, or give --out RUN for the whole run"};
  }
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

int CliContext::run_jobs(const std::vector<Submission>& submissions, const SummaryText& text) const {
  std::vector<JobFolder> folders;
  for (const auto& submission : submissions) {
    auto folder = submit(submission.spec, submission.out, submission.out_is_folder);
    if (!folder.ok()) return fail(folder.error());
    folders.push_back(std::move(*folder));
  }
  const bool elsewhere = is_elsewhere(folders.front());
  if (elsewhere) {
    if (const auto started = start_there(folders); !started.ok()) return fail(started.error());
  }
  Json results = Json::array();
  std::string lines;
  for (const auto& folder : folders) {
    if (global.detach) {
      if (!elsewhere) {
        if (const auto engine = LocalEngine::start(folder, true); !engine.ok()) return fail(engine.error());
      }
      results.push_back({{"job", folder.spec().id}, {"folder", folder.path().string()}});
      lines += "started job " + folder.spec().id + ": " + folder.path().string() + "\n";
      continue;
    }
    const auto outcome = elsewhere ? follow_there(folder) : work_on(folder);
    if (!outcome.ok()) return fail(outcome.error().in(folder.path().string()));
    results.push_back(*outcome);
    lines += folder.path().string() + "\n" + text(*outcome) + "\n";
  }
  return print(results, lines.substr(0, lines.size() - 1));
}

bool CliContext::runs_here() const { return global.machine.empty() || global.machine == kThisPcName; }

Result<std::vector<JobFolder>> CliContext::submit_or_find(const std::vector<Submission>& submissions) const {
  std::vector<JobFolder> folders;
  for (const auto& submission : submissions) {
    auto earlier = JobFolder::open(job_folder_of(submission));
    if (earlier.ok() && is_same_job(earlier->spec(), submission.spec) && !global.overwrite) {
      CW_ASSIGN(const JobState state, earlier->state());
      if (state.phase == JobPhase::kRunning && !is_elsewhere(*earlier)) {
        return Error{ErrorCode::kInvalidArgument, "E-JOB-012",
                     earlier->path().string() + ": its job is still running; follow it: cellwright jobs follow " +
                         earlier->path().string()};
      }
      folders.push_back(std::move(*earlier));
      continue;
    }
    CW_ASSIGN(JobFolder folder, submit(submission.spec, submission.out, submission.out_is_folder));
    folders.push_back(std::move(folder));
  }
  return folders;
}

// At most as many engines at a time as there are processors.
std::vector<Result<Json>> CliContext::work_here(const std::vector<JobFolder>& folders) const {
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  watch_interrupts();
  ProgressLine line(!global.quiet && !global.json);
  StopRequests requests;
  std::vector<Result<LocalEngine>> engines;
  std::vector<Result<Json>> outcomes;
  const auto stop_all = [&] {
    for (std::size_t i = 0; i < engines.size(); ++i) {
      if (requests.insists() && engines[i].ok()) engines[i]->kill();
      static_cast<void>(folders[i].request_cancel());
    }
  };
  bool stopped = false;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    while (!stopped && engines.size() < std::min(folders.size(), i + most)) {
      engines.push_back(LocalEngine::start(folders[engines.size()], false));
    }
    if (i >= engines.size()) {
      outcomes.emplace_back(cancelled_error(folders[i].path().string()));
      continue;
    }
    if (!engines[i].ok()) {
      outcomes.emplace_back(engines[i].error());
      continue;
    }
    const auto state =
        follow_job(folders[i], &*engines[i], numbered(event_printer(line, global), i + 1, folders.size()), [&] {
          if (requests.asked() && !stopped) stop_all();
          stopped = requests.asked();
          if (requests.insists()) stop_all();
          return stopped;
        });
    line.clear();
    outcomes.push_back(state.ok() ? outcome_of(folders[i], *state) : Result<Json>(state.error()));
  }
  return outcomes;
}

Result<std::vector<Json>> CliContext::compute_all(const std::vector<Submission>& submissions) const {
  CW_ASSIGN(const std::vector<JobFolder> all, submit_or_find(submissions));
  std::vector<JobFolder> open;
  std::copy_if(all.begin(), all.end(), std::back_inserter(open), [](const auto& folder) { return !is_done(folder); });
  std::optional<Error> first;
  const auto note = [&](const JobFolder& folder, const Result<Json>& outcome) {
    if (!outcome.ok() && !first) first = outcome.error().in(folder.path().string());
  };
  if (!open.empty() && is_elsewhere(open.front())) {
    CW_TRY(start_there(open));
    for (const auto& folder : open) note(folder, follow_there(folder));
  } else {
    const auto outcomes = work_here(open);
    for (std::size_t i = 0; i < open.size(); ++i) note(open[i], outcomes[i]);
  }
  if (first) return *first;
  std::vector<Json> results;
  for (const auto& folder : all) {
    CW_ASSIGN(const JobState state, folder.state());
    results.push_back(state.result);
  }
  return results;
}

Result<> CliContext::start_all(const std::vector<Submission>& submissions) const {
  CW_ASSIGN(std::vector<JobFolder> open, submit_or_find(submissions));
  std::erase_if(open, is_done);
  if (open.empty()) return {};
  if (is_elsewhere(open.front())) return start_there(open);
  for (const auto& folder : open) {
    CW_ASSIGN([[maybe_unused]] const LocalEngine engine, LocalEngine::start(folder, true));
  }
  return {};
}

int CliContext::continue_job(const JobFolder& folder, const SummaryText& text) const {
  return global.detach ? detach(folder) : print_outcome(work_on(folder), text);
}

int CliContext::run_in_passing(const JobSpec& spec, const SummaryText& text) const {
  return print_outcome(compute_in_passing(spec), text);
}

int CliContext::detach(const JobFolder& folder) const {
  if (is_elsewhere(folder)) {
    if (const auto started = start_there({folder}); !started.ok()) return fail(started.error());
  } else if (const auto engine = LocalEngine::start(folder, true); !engine.ok()) {
    return fail(engine.error());
  }
  return print(
      {{"job", folder.spec().id}, {"folder", folder.path().string()}},
      "started job " + folder.spec().id + "; follow it: cellwright jobs follow " + folder.spec().id.substr(0, 6));
}

int CliContext::follow(const JobFolder& folder, const SummaryText& text) const {
  if (is_elsewhere(folder)) return print_outcome(follow_there(folder), text);
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
