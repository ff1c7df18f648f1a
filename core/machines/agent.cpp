// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/agent.h"

#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/jobs/local_launch.h"
#include "core/machines/slurm.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <thread>

namespace cw {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{500};
constexpr std::chrono::seconds kBeat{5};
constexpr std::size_t kMostBytes = 1U << 20;  // of one frame

/// A lock on a file, kept as long as the object lives, or, inherited, as a program that was started meanwhile.
class FileLock {
 public:
  FileLock(const fs::path& path, bool inherited)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | (inherited ? 0 : O_CLOEXEC), 0600)) {}
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  void wait() const { static_cast<void>(::flock(descriptor_, LOCK_EX)); }
  [[nodiscard]] bool try_now() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

 private:
  int descriptor_;
};

fs::path launch_file(const fs::path& place) { return place / "launch.json"; }
fs::path engine_lock(const fs::path& place) { return place / ".engine"; }

// How the job was started last: {"attempt", "process" or "queue"}; empty before.
Json launch_of(const fs::path& place) {
  const auto launch = read_json(launch_file(place));
  return launch.ok() && launch->is_object() ? *launch : Json::object();
}

Result<JobFolder> folder_for(const StartOrder& order) {
  std::error_code status;
  const fs::path path = order.place / order.name;
  CW_ASSIGN(const JobSpec spec, job_spec_from_json(order.spec, path.string()));
  if (!fs::exists(path / "spec.json", status)) return JobFolder::create(path, spec, false);
  CW_ASSIGN(JobFolder folder, JobFolder::open(path));
  if (folder.spec().id == spec.id) return folder;
  return Error{ErrorCode::kInvalidArgument, "E-IO-005", path.string() + ": holds another job, " + folder.spec().id};
}

// Gives the jobs to Slurm, one task each, and notes in each place which one it is.
Result<> start_in_queue(const std::vector<const StartOrder*>& orders, const std::vector<JobFolder>& folders) {
  const StartOrder& first = *orders.front();
  SlurmScript script;
  CW_ASSIGN(script.engine, engine_program());
  script.name = "cw-" + folders.front().spec().id + "-" + std::to_string(first.attempt);
  script.setup = first.setup;
  script.request = first.slurm;
  for (const auto& folder : folders) {
    folder.clear_cancel();
    CW_TRY(folder.write_state(JobState{}));
    script.folders.push_back(folder.path());
  }
  CW_ASSIGN(const std::string number, submit_to_slurm(script, first.place / "job.sh"));
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const std::string task = orders.size() == 1 ? number : number + "_" + std::to_string(i);
    CW_TRY(write_json(launch_file(orders[i]->place), {{"attempt", orders[i]->attempt}, {"queue", task}}));
  }
  return {};
}

/// What a job is at, told by its folder, its engine and its scheduler.
class JobWatch {
 public:
  JobWatch(JobFolder folder, fs::path place, int poll_s)
      : folder_(std::move(folder)), place_(std::move(place)), poll_(std::chrono::seconds(poll_s)) {}

  /// The content of state.json with the phase that holds.
  Result<Json> look() {
    const Json launch = launch_of(place_);
    if (launch.contains("queue")) return look_in_queue(launch["queue"].get<std::string>());
    CW_ASSIGN(JobState state, folder_.state());
    if (state.phase == JobPhase::kQueued && launch.contains("process") && engine_is_gone()) {
      CW_ASSIGN(state, folder_.state());  // it may have got as far as that meanwhile
      if (state.phase == JobPhase::kQueued) {
        CW_TRY(record_dead_engine(folder_, 1));
        CW_ASSIGN(state, folder_.state());
      }
    }
    return shown(state);
  }

  [[nodiscard]] static bool is_end(const Json& state) {
    const std::string phase = state.value("state", "");
    return phase != "queued" && phase != "running";
  }
  [[nodiscard]] const JobFolder& folder() const { return folder_; }

 private:
  // The engine holds this lock from before its start to its end.
  [[nodiscard]] bool engine_is_gone() const { return FileLock(engine_lock(place_), false).try_now(); }

  // The process is of another node: whether it lives is for the scheduler to say.
  Result<Json> look_in_queue(const std::string& job) {
    CW_ASSIGN(JobState state, folder_.state());
    CW_ASSIGN(const Json raw, read_json(folder_.path() / "state.json"));
    if (state.phase == JobPhase::kLost && raw.value("state", "") == "running") state.phase = JobPhase::kRunning;
    const bool ended = state.phase != JobPhase::kQueued && state.phase != JobPhase::kRunning;
    const auto now = Clock::now();
    const auto pause = ended ? std::min<Clock::duration>(poll_, std::chrono::seconds(2)) : Clock::duration(poll_);
    if (state.phase != JobPhase::kDone && (!asked_ || now - *asked_ >= pause)) {
      asked_ = now;
      QueueState queue = ask_slurm(job);
      const bool gone = queue.phase == QueueState::Phase::kEnded || queue.phase == QueueState::Phase::kUnknown;
      // the file system of another node may tell us the last word a moment later
      if (gone && !ended && !gone_since_) gone_since_ = now;
      if (!gone) gone_since_.reset();
      if (gone && !ended && now - *gone_since_ < std::chrono::seconds(2)) {
        asked_ = now - poll_ + std::chrono::seconds(2);
      } else {
        queue_ = std::move(queue);
      }
    }
    CW_ASSIGN(Json json, shown(merge_states(state, queue_, job)));
    json["queue"] = {{"job", job}, {"state", queue_.word}, {"reason", queue_.reason}};
    return json;
  }

  Result<Json> shown(const JobState& state) const {
    CW_ASSIGN(Json json, read_json(folder_.path() / "state.json"));
    json["state"] = name_of(state.phase);
    json["process"] = 0;  // a number that means nothing on another machine
    json["process_started"] = "";
    json["exit_code"] = state.exit_code;
    json.erase("error");
    if (!state.error_id.empty()) {
      json["error"] = {{"code", state.error_id}, {"kind", state.error_code}, {"text", state.error_message}};
    }
    return json;
  }

  JobFolder folder_;
  fs::path place_;
  std::chrono::seconds poll_;
  std::optional<Clock::time_point> asked_;
  std::optional<Clock::time_point> gone_since_;
  QueueState queue_{QueueState::Phase::kPending, "", ""};  // until it was asked
};

/// Sends what files of the job folder have grown by.
class Growth {
 public:
  Growth(const fs::path& folder, const Json& have) : folder_(folder), have_(have.is_object() ? have : Json::object()) {}

  /// False once nobody listens.
  bool send(const std::function<bool(std::string_view)>& write) {
    std::error_code status;
    std::vector<std::string> names = {"events.jsonl"};
    for (const auto& entry : fs::directory_iterator(folder_ / "log", status)) {
      names.push_back("log/" + entry.path().filename().string());
    }
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return send_file(name, write); });
  }

 private:
  bool send_file(const std::string& name, const std::function<bool(std::string_view)>& write) {
    std::error_code status;
    std::uint64_t offset = have_.value(name, std::uint64_t{0});
    const auto size = fs::file_size(folder_ / name, status);
    if (status || size == offset) return true;
    if (size < offset) offset = 0;                           // begun anew
    std::ifstream stream(folder_ / name, std::ios::binary);  // anew each time: network file systems refresh only then
    stream.seekg(static_cast<std::streamoff>(offset));
    std::string bytes;
    while (stream && offset < size) {
      bytes.resize(std::min<std::uint64_t>(kMostBytes, size - offset));
      stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      bytes.resize(static_cast<std::size_t>(stream.gcount()));
      if (bytes.empty()) break;
      const Json head = {{"file", name}, {"offset", offset}, {"size", bytes.size()}};
      if (!write(head.dump() + "\n" + bytes)) return false;
      offset += bytes.size();
    }
    have_[name] = offset;
    return true;
  }

  fs::path folder_;
  Json have_;
};

// Everything but the plumbing of the job; checkpoints stay where a later attempt needs them.
Result<Json> results_of(const fs::path& place, const std::string& name) {
  static const std::set<std::string> kPlumbing = {"spec.json", "events.jsonl", "state.json",
                                                  "control",   "log",          "checkpoints"};
  Json results = Json::array();
  std::error_code status;
  for (auto entry = fs::recursive_directory_iterator(place, status); entry != fs::recursive_directory_iterator();
       ++entry) {
    const fs::path below = entry->path().lexically_relative(place);
    const bool is_plumbing = below.parent_path() == name && kPlumbing.count(below.filename().string()) > 0;
    const bool is_ours =
        entry.depth() == 0 && (below == "launch.json" || below == "job.sh" || below.string()[0] == '.');
    if (is_plumbing || is_ours) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file(status)) continue;
    CW_ASSIGN(const std::string hash, sha256_of_path(entry->path()));
    results.push_back({{"path", below.string()}, {"size", entry->file_size(status)}, {"sha256", hash}});
  }
  return results;
}

Error not_an_order(const std::exception& problem) {
  return {ErrorCode::kParse, "E-MCH-001", std::string("not an order for the agent: ") + problem.what()};
}

}  // namespace

Json to_json(const StartOrder& order) {
  return {{"place", order.place.string()},
          {"name", order.name},
          {"spec", order.spec},
          {"attempt", order.attempt},
          {"slurm", order.is_slurm ? to_json(order.slurm) : Json()},
          {"setup", order.setup}};
}

Result<StartOrder> start_order_from_json(const Json& json) {
  StartOrder order;
  try {
    order.place = json.at("place").get<std::string>();
    order.name = json.at("name").get<std::string>();
    order.spec = json.at("spec");
    order.attempt = json.at("attempt").get<int>();
    order.is_slurm = json.at("slurm").is_object();
    order.setup = json.value("setup", "");
    if (order.is_slurm) {
      CW_ASSIGN(order.slurm, slurm_request_from_json(json["slurm"], "order"));
    }
  } catch (const Json::exception& problem) {
    return not_an_order(problem);
  }
  return order;
}

Json to_json(const FollowOrder& order) {
  return {{"place", order.place.string()},
          {"name", order.name},
          {"have", order.have},
          {"once", order.once},
          {"poll_s", order.poll_s}};
}

Result<FollowOrder> follow_order_from_json(const Json& json) {
  FollowOrder order;
  try {
    order.place = json.at("place").get<std::string>();
    order.name = json.at("name").get<std::string>();
    order.have = json.at("have");
    order.once = json.at("once").get<bool>();
    order.poll_s = std::max(1, json.at("poll_s").get<int>());
  } catch (const Json::exception& problem) {
    return not_an_order(problem);
  }
  return order;
}

Result<Json> start_here(const StartOrder& order) {
  if (order.is_slurm) return start_array_here({order});
  std::error_code status;
  fs::create_directories(order.place, status);
  const FileLock lock(order.place / ".start", false);
  lock.wait();
  CW_ASSIGN(const JobFolder folder, folder_for(order));
  if (launch_of(order.place).value("attempt", 0) >= order.attempt) return Json{{"started", 0}};
  // an engine inherits the open file, and with it the lock: as long as it lives, no second one starts
  const FileLock engine(engine_lock(order.place), true);
  if (!engine.try_now()) return Json{{"started", 0}};
  CW_TRY(folder.write_state(JobState{}));
  CW_ASSIGN(const LocalEngine started, LocalEngine::start(folder, true));
  CW_TRY(write_json(launch_file(order.place), {{"attempt", order.attempt}, {"process", started.process()}}));
  return Json{{"started", 1}};
}

Result<Json> start_array_here(const std::vector<StartOrder>& orders) {
  std::error_code status;
  std::vector<std::unique_ptr<FileLock>> locks;
  std::vector<const StartOrder*> news;
  std::vector<JobFolder> folders;
  for (const auto& order : orders) {
    fs::create_directories(order.place, status);
    locks.push_back(std::make_unique<FileLock>(order.place / ".start", false));
    locks.back()->wait();
    CW_ASSIGN(JobFolder folder, folder_for(order));
    if (launch_of(order.place).value("attempt", 0) >= order.attempt) continue;
    news.push_back(&order);
    folders.push_back(std::move(folder));
  }
  if (!news.empty()) CW_TRY(start_in_queue(news, folders));
  return Json{{"started", news.size()}};
}

Result<> cancel_here(const fs::path& place, const std::string& name) {
  CW_ASSIGN(const JobFolder folder, JobFolder::open(place / name));
  CW_TRY(folder.request_cancel());
  const Json launch = launch_of(place);
  if (!launch.contains("queue")) return {};
  const auto job = launch["queue"].get<std::string>();
  if (ask_slurm(job).phase == QueueState::Phase::kPending) cancel_in_slurm(job);
  return {};
}

Result<> follow_here(const FollowOrder& order, const std::function<bool(std::string_view)>& write) {
  CW_ASSIGN(JobFolder folder, JobFolder::open(order.place / order.name));
  JobWatch watch(std::move(folder), order.place, order.poll_s);
  Growth growth(order.place / order.name, order.have);
  Json told;
  auto last_word = Clock::now();
  for (;;) {
    CW_ASSIGN(const Json state, watch.look());
    // after the state, so that every event before the end is sent before the end
    if (!growth.send(write)) return {};
    if (watch.is_end(state)) {
      Json last = {{"end", state}, {"results", Json::array()}};
      if (state.value("state", "") == "done") {
        CW_ASSIGN(last["results"], results_of(order.place, order.name));
      }
      write(last.dump() + "\n");
      return {};
    }
    const auto now = Clock::now();
    if (state != told) {
      if (!write(Json{{"state", state}}.dump() + "\n")) return {};
      told = state;
      last_word = now;
    } else if (now - last_word > kBeat) {
      if (!write(Json{{"beat", utc_now()}}.dump() + "\n")) return {};
      last_word = now;
    }
    if (order.once) return {};
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace cw
