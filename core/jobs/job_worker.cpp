// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/job_worker.h"

#include "core/base/version.h"
#include "core/jobs/event_log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler may touch it");

extern "C" void note_stop_signal(int signal) { stop_signal.store(signal, std::memory_order_relaxed); }

// Clusters send these before they take a machine away; Ctrl-C is the user's.
bool preempted() {
  const int signal = stop_signal.load(std::memory_order_relaxed);
  return signal == SIGTERM || signal == SIGUSR1;
}

// The last lower-case word of a phase is its unit: "Embedding cells" counts cells.
std::string unit_of(std::string_view phase) {
  const auto space = phase.rfind(' ');
  if (space == std::string_view::npos) return "steps";
  return std::string(phase.substr(space + 1));
}

// Turns a job's reports into events, log lines and the state file. A log that cannot be written any more (disk full)
// cancels the job: going on would lose results unseen.
class FolderSink : public JobSink {
 public:
  FolderSink(const JobFolder& folder, EventWriter& events, JobState& state, std::shared_ptr<std::atomic<bool>> cancel)
      : folder_(folder), events_(events), state_(state), cancel_(std::move(cancel)) {}

  void progress(double fraction, std::int64_t done, std::int64_t total, std::string_view phase) override {
    const auto now = Clock::now();
    if (phase != phase_) {
      phase_ = phase;
      phase_began_ = now;
      phase_first_ = done;
      estimated_end_.reset();
      append("phase", {{"phase", phase}, {"total", total}, {"unit", unit_of(phase)}});
      spdlog::info("{} ({} {})", phase, total, unit_of(phase));
    } else if (done != total && now - last_progress_ < std::chrono::milliseconds(200)) {
      return;
    }
    last_progress_ = now;
    const double seconds = std::chrono::duration<double>(now - phase_began_).count();
    const auto worked = static_cast<double>(done - phase_first_);
    const double rate = seconds > 0 ? worked / seconds : 0.0;
    Json fields = {
        {"phase", phase}, {"done", done}, {"total", total}, {"unit", unit_of(phase)}, {"fraction", fraction}};
    if (rate > 0) {
      fields["rate"] = rate;
      fields["eta_s"] = seconds_left(now, static_cast<double>(total - done) / rate);
    }
    append("progress", fields);
    state_.progress = fraction;
    if (now - last_state_ > std::chrono::seconds(1)) {
      last_state_ = now;
      keep(folder_.write_state(state_));
    }
  }

  void event(std::string_view type, const Json& fields) override {
    append(type, fields);
    if (type == "estimate" && fields.value("measured", false)) {
      const std::chrono::duration<double> left(fields.value("seconds_left", 0.0));
      estimated_end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(left);
    }
    if (type == "warning") spdlog::warn("[{}] {}", fields.value("code", ""), fields.value("text", ""));
  }

  void append(std::string_view type, const Json& fields) { keep(events_.append(type, fields)); }

  /// The first failure to write, if any.
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

 private:
  // A job that knows what its units cost tells the end better than their number does: long cells take longer.
  [[nodiscard]] double seconds_left(Clock::time_point now, double by_units) const {
    if (!estimated_end_ || *estimated_end_ <= now) return by_units;
    return std::chrono::duration<double>(*estimated_end_ - now).count();
  }

  void keep(const Result<>& result) {
    if (result.ok() || failure_) return;
    failure_ = result.error();
    cancel_->store(true);
  }

  const JobFolder& folder_;
  EventWriter& events_;
  JobState& state_;
  std::shared_ptr<std::atomic<bool>> cancel_;
  std::string phase_;
  Clock::time_point phase_began_;
  Clock::time_point last_progress_;
  Clock::time_point last_state_;
  std::int64_t phase_first_ = 0;
  std::optional<Clock::time_point> estimated_end_;
  std::optional<Error> failure_;
};

// Passes signals and the cancel file of the folder on to the job, as long as it lives.
class CancelWatch {
 public:
  CancelWatch(const JobFolder& folder, std::atomic<bool>& cancel)
      : thread_([this, &folder, &cancel] { watch(folder, cancel); }) {}
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;
  ~CancelWatch() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      finished_ = true;
    }
    wake_.notify_one();  // a short job must not wait for the next look
    thread_.join();
  }

 private:
  void watch(const JobFolder& folder, std::atomic<bool>& cancel) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!finished_) {
      try {
        if (stop_signal != 0 || folder.cancel_requested()) cancel.store(true);
      } catch (const std::bad_alloc&) {  // the job itself finds out soon enough that memory ran out
      }
      wake_.wait_for(lock, std::chrono::milliseconds(20), [this] { return finished_; });
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool finished_ = false;
  std::thread thread_;  // last: it uses the others
};

Error out_of_memory() {
  return {ErrorCode::kOutOfMemory, "E-JOB-006",
          "memory ran out; close other programs, or give fewer cells (--max-cells)"};
}

Result<Json> guarded(const std::function<Result<Json>()>& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::system_error& problem) {
    // a thread needs memory too, and says so in its own way
    const bool memory =
        problem.code() == std::errc::resource_unavailable_try_again || problem.code() == std::errc::not_enough_memory;
    if (memory) return out_of_memory();
    return Error{ErrorCode::kInternal, "E-JOB-007", std::string("internal error (a bug): ") + problem.what()};
  } catch (const std::exception& bug) {
    return Error{ErrorCode::kInternal, "E-JOB-007", std::string("internal error (a bug): ") + bug.what()};
  }
}

void start_log(const JobFolder& folder) {
  try {
    auto logger = spdlog::basic_logger_mt("job-" + folder.spec().id, folder.log_path().string());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
  } catch (const spdlog::spdlog_ex& problem) {
    std::fprintf(stderr, "cellwright-engine: no log file: %s\n", problem.what());
  }
}

}  // namespace

int work_on_job(const JobFolder& folder, const JobExecutor& executor) {
  auto opened = EventWriter::open(folder.events_path());
  if (!opened.ok()) {
    std::fprintf(stderr, "error [%s] %s\n", opened.error().id.c_str(), opened.error().message.c_str());
    return exit_code(opened.error().code);
  }
  EventWriter& events = *opened;
  start_log(folder);
  spdlog::info("Cellwright {} runs {} job {}", version(), folder.spec().kind, folder.spec().id);

  JobState state;
  state.phase = JobPhase::kRunning;
  state.process = ::getpid();
  state.process_started = process_start_time(state.process);
  auto cancel = std::make_shared<std::atomic<bool>>(false);
  FolderSink sink(folder, events, state, cancel);
  sink.append(
      events.had_events() ? "resumed" : "started",
      {{"kind", folder.spec().kind}, {"id", folder.spec().id}, {"process", state.process}, {"version", version()}});
  if (const auto written = folder.write_state(state); !written.ok()) {
    std::fprintf(stderr, "error [%s] %s\n", written.error().id.c_str(), written.error().message.c_str());
    return exit_code(written.error().code);
  }

  stop_signal = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal, note_stop_signal);
  JobContext context(&sink, cancel);
  Result<Json> result = guarded([&] {
    const CancelWatch watch(folder, *cancel);
    return executor(folder.spec(), context);
  });
  if (sink.failure()) result = *sink.failure();

  state.process = 0;
  state.process_started.clear();
  if (result.ok()) {
    state.phase = JobPhase::kDone;
    state.progress = 1.0;
    state.result = *result;
    sink.append("finished", {{"result", *result}});
    spdlog::info("finished");
  } else {
    const Error& error = result.error();
    const bool cancelled = error.code == ErrorCode::kCancelled;
    state.phase = cancelled ? JobPhase::kCancelled : JobPhase::kFailed;
    state.error_id = error.id;
    state.error_code = name_of(error.code);
    state.error_message = error.message;
    state.exit_code = exit_code(error.code);
    if (cancelled && preempted()) {
      state.exit_code = kExitPreempted;
      state.error_message += "; the machine asked for it (signal " + std::to_string(stop_signal) +
                             "); go on later with: cellwright resume " + folder.path().string();
    }
    sink.append(cancelled ? "cancelled" : "error", {{"code", error.id},
                                                    {"kind", name_of(error.code)},
                                                    {"text", state.error_message},
                                                    {"exit_code", state.exit_code}});
    spdlog::log(cancelled ? spdlog::level::info : spdlog::level::err, "[{}] {}", error.id, error.message);
  }
  if (const auto written = folder.write_state(state); !written.ok()) {
    std::fprintf(stderr, "error [%s] %s\n", written.error().id.c_str(), written.error().message.c_str());
    return exit_code(written.error().code);
  }
  return state.exit_code;
}

}  // namespace cw
