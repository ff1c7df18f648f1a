// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/jobs/event_log.h"
#include "core/machines/engine_bundle.h"
#include "core/machines/job_lock.h"
#include "core/machines/machine_list.h"
#include "core/machines/remote_agent.h"
#include "core/machines/transfer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLongestPause{15'000};
constexpr milliseconds kSilence{20'000};  // four beats of the agent

bool has_ended(JobPhase phase) { return phase != JobPhase::kQueued && phase != JobPhase::kRunning; }

/// Puts the agent's frames together again out of what comes over the line.
class Frames {
 public:
  /// Takes a piece; `use(head, bytes)` is called for every complete frame. False: not what an agent says.
  template <class Use>
  bool take(std::string_view piece, const Use& use) {
    buffer_ += piece;
    for (;;) {
      if (!head_.is_object()) {
        const auto end = buffer_.find('\n');
        if (end == std::string::npos) return true;
        head_ = Json::parse(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
        buffer_.erase(0, end + 1);
        if (!head_.is_object()) return false;
      }
      const auto size = head_.value("size", std::size_t{0});
      if (buffer_.size() < size) return true;
      use(head_, std::string_view(buffer_).substr(0, size));
      buffer_.erase(0, size);
      head_ = Json();
    }
  }
  void clear() {
    buffer_.clear();
    head_ = Json();
  }

 private:
  std::string buffer_;
  Json head_;
};

/// The copy of the job folder that grows here.
class Copy {
 public:
  explicit Copy(const JobFolder& folder) : folder_(folder) {}

  /// Bytes here of every file that grows.
  [[nodiscard]] Json have() const {
    Json have = Json::object();
    std::error_code status;
    const auto note = [&](const std::string& name) {
      const auto size = fs::file_size(folder_.path() / name, status);
      if (!status) have[name] = size;
    };
    note("events.jsonl");
    for (const auto& entry : fs::directory_iterator(folder_.path() / "log", status)) {
      note("log/" + entry.path().filename().string());
    }
    return have;
  }

  /// Writes at the place it has there: a byte that comes twice does no harm.
  Result<> put(const std::string& name, std::int64_t offset, std::string_view bytes) const {
    const bool is_ours = name == "events.jsonl" || (name.rfind("log/", 0) == 0 && name.find("..") == std::string::npos);
    if (!is_ours) return Error{ErrorCode::kParse, "E-MCH-019", "the machine sends a file nobody asked for: " + name};
    const fs::path path = folder_.path() / name;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return error_from_errno("writing", path.string());
    if (offset == 0 && name != "events.jsonl") static_cast<void>(::ftruncate(descriptor, 0));
    const auto written = ::pwrite(descriptor, bytes.data(), bytes.size(), offset);
    const int saved = written < 0 ? errno : ENOSPC;
    ::close(descriptor);
    if (written == static_cast<ssize_t>(bytes.size())) return {};
    errno = saved;
    return error_from_errno("writing", path.string());
  }

  Result<> put_state(const Json& state, const std::vector<PathPair>& paths) const {
    return write_json(folder_.path() / "state.json", with_local_paths(state, paths));
  }

 private:
  const JobFolder& folder_;
};

class Follower {
 public:
  /// `events` reads the copy here and goes on where the caller has read it up to.
  Follower(const JobFolder& folder, RemoteJob job, Machine machine, const RemoteFollow& follow, EventReader& events,
           bool once)
      : folder_(folder),
        job_(std::move(job)),
        connection_(std::move(machine)),
        follow_(follow),
        once_(once),
        copy_(folder),
        events_(events) {}

  Result<JobState> work() {
    CW_TRY(deliver());
    milliseconds pause = kFirstPause;
    for (;;) {
      heard_ = false;
      const auto outcome = listen();
      if (heard_) pause = kFirstPause;
      if (trouble_) return *trouble_;
      if (end_) return finish();
      if (left_) return cancelled_error("following the job");
      if (outcome.ok() && once_) return folder_.state();
      if (!outcome.ok() && outcome.error().id == "E-MCH-025") {
        CW_TRY(send_engine());
        continue;
      }
      if (!outcome.ok() && (once_ || !is_lost_connection(outcome.error()))) return gone(outcome.error());
      if (!cut_told_) {
        tell({ErrorCode::kIo, "W-MCH-002",
              (outcome.ok() ? title_of(connection_.machine()) + ": the connection ended" : outcome.error().message) +
                  "; the job goes on there, and so will this as soon as the line is back"});
        cut_told_ = true;
      }
      connection_.drop();
      if (!sleep(pause)) return cancelled_error("following the job");
      pause = std::min(pause * 2, kLongestPause);
    }
  }

 private:
  void tell(const Error& notice) const {
    if (follow_.notice) follow_.notice(notice);
  }

  Result<> deliver() {
    if (!follow_.on_event) return {};
    CW_ASSIGN(const std::vector<Json> events, events_.poll());
    for (const auto& event : events) follow_.on_event(event);
    return {};
  }

  // Also while the line is silent or cut: a request to stop goes out as soon as it can.
  bool looks_away() {
    const bool wanted = (follow_.stop && follow_.stop()) || folder_.cancel_requested();
    if (wanted && !stop_ordered_ && heard_) {
      stop_ordered_ = true;
      static_cast<void>(folder_.request_cancel());
      const auto ordered = order_cancel(connection_, job_, folder_.path().filename().string());
      if (!ordered.ok() && is_lost_connection(ordered.error())) stop_ordered_ = false;
    }
    left_ = follow_.leave && follow_.leave();
    return left_ || trouble_.has_value();
  }

  bool sleep(milliseconds pause) {
    const auto end = std::chrono::steady_clock::now() + pause;
    while (std::chrono::steady_clock::now() < end) {
      if (follow_.leave && follow_.leave()) return false;
      std::this_thread::sleep_for(milliseconds(50));
    }
    return true;
  }

  Result<> listen() {
    frames_.clear();
    FollowOrder order;
    order.place = job_.place;
    order.name = folder_.path().filename().string();
    order.have = copy_.have();
    order.once = once_;
    order.poll_s = job_.slurm.poll_s;
    CommandOptions options;
    options.silence = kSilence;
    options.on_output = [this](std::string_view piece) {
      if (trouble_) return;
      if (!frames_.take(piece, [this](const Json& head, std::string_view bytes) { use(head, bytes); })) {
        keep(Error{ErrorCode::kParse, "E-MCH-019", title_of(connection_.machine()) + ": its answer is not understood"});
      }
    };
    options.stop = [this] { return looks_away(); };
    return order_follow(connection_, job_, order, options);
  }

  void keep(const Result<>& result) {
    if (!result.ok() && !trouble_) trouble_ = result.error();
  }

  void hear() {
    heard_ = true;
    if (!cut_told_) return;
    tell({ErrorCode::kIo, "W-MCH-003", title_of(connection_.machine()) + ": the connection is there again"});
    cut_told_ = false;
  }

  void use(const Json& head, std::string_view bytes) {
    hear();
    if (head.contains("file")) {
      keep(copy_.put(head["file"].get<std::string>(), head.value("offset", std::int64_t{0}), bytes));
      keep(deliver());
    } else if (head.contains("state")) {
      keep(copy_.put_state(head["state"], job_.paths));
    } else if (head.contains("end")) {
      end_ = head;
    }
  }

  Result<> send_engine() {
    JobContext context;
    CW_ASSIGN(job_.engine, install_engine(connection_, context));
    return save_remote_job(folder_, job_);
  }

  Error gone(const Error& error) const {
    if (error.id == "E-MCH-034") {
      static_cast<void>(
          copy_.put_state({{"state", "failed"},
                           {"updated", utc_now()},
                           {"progress", 0.0},
                           {"exit_code", exit_code(error.code)},
                           {"error", {{"code", error.id}, {"kind", name_of(error.code)}, {"text", error.message}}}},
                          {}));
    }
    return error;
  }

  /// Passes on how much of the results is here, and gives up where the follower is to leave.
  class FetchSink : public JobSink {
   public:
    FetchSink(const RemoteFollow& follow, std::int64_t before, std::int64_t total, std::atomic<bool>& cancel)
        : follow_(follow), before_(before), total_(total), cancel_(cancel) {}
    void progress(double, std::int64_t done, std::int64_t, std::string_view) override {
      if (follow_.fetching) follow_.fetching(before_ + done, total_);
      if (follow_.leave && follow_.leave()) cancel_.store(true);
    }
    void event(std::string_view, const Json&) override {}

   private:
    const RemoteFollow& follow_;
    std::int64_t before_;
    std::int64_t total_;
    std::atomic<bool>& cancel_;
  };

  // The job is done here only when its results are: a follower that dies before finds it running, and goes on.
  Result<JobState> finish() {
    const Json& results = (*end_)["results"];
    std::int64_t total = 0;
    for (const Json& result : results) total += result.at("size").get<std::int64_t>();
    std::int64_t done = 0;
    for (const Json& result : results) {
      TransferFile file;
      file.remote = job_.place + "/" + result.at("path").get<std::string>();
      file.local = local_path_of(file.remote, job_.paths);
      file.size = result.at("size").get<std::int64_t>();
      file.sha256 = result.at("sha256").get<std::string>();
      if (file.local.empty() || file.local.string().find("/../") != std::string::npos) continue;
      const auto cancel = std::make_shared<std::atomic<bool>>(false);
      FetchSink sink(follow_, done, total, *cancel);
      JobContext context(&sink, cancel);
      CW_TRY(fetch_file(connection_, file, context));
      done += file.size;
    }
    CW_TRY(copy_.put_state((*end_)["end"], job_.paths));
    CW_TRY(deliver());
    return folder_.state();
  }

  const JobFolder& folder_;
  RemoteJob job_;
  Connection connection_;
  const RemoteFollow& follow_;
  bool once_;
  Copy copy_;
  EventReader& events_;
  Frames frames_;
  bool heard_ = false;
  bool cut_told_ = false;
  bool left_ = false;
  bool stop_ordered_ = false;
  std::optional<Json> end_;
  std::optional<Error> trouble_;
};

Result<JobState> follow_as_only_one(const JobFolder& folder, const RemoteFollow& follow, EventReader& events,
                                    bool once) {
  CW_ASSIGN(std::optional<RemoteJob> job, remote_job_of(folder));
  if (!job || !job->started) return folder.state();
  CW_ASSIGN(Machine machine, find_machine(job->machine));
  Follower follower(folder, std::move(*job), std::move(machine), follow, events, once);
  return follower.work();
}

}  // namespace

Result<JobState> follow_remote_job(const JobFolder& folder, const RemoteFollow& follow) {
  EventReader events(folder.events_path());
  for (;;) {
    CW_ASSIGN(const JobState state, folder.state());
    const bool ended = has_ended(state.phase);
    const JobLock lock(folder, "follower");
    if (!ended && lock.try_now()) return follow_as_only_one(folder, follow, events, false);
    CW_ASSIGN(const std::vector<Json> news, events.poll());
    for (const auto& event : news) {
      if (follow.on_event) follow.on_event(event);
    }
    if (ended) return state;
    if (follow.stop && follow.stop()) CW_TRY(folder.request_cancel());
    if (follow.leave && follow.leave()) return cancelled_error("following the job");
    std::this_thread::sleep_for(milliseconds(200));
  }
}

Result<JobState> refresh_remote_job(const JobFolder& folder) {
  CW_ASSIGN(const JobState state, folder.state());
  const JobLock lock(folder, "follower");
  if (has_ended(state.phase) || !lock.try_now()) return state;
  EventReader events(folder.events_path());
  return follow_as_only_one(folder, {}, events, true);
}

}  // namespace cw
