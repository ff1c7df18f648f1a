// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/remote_line.h"

#include "core/machines/connection.h"
#include "core/machines/remote_job.h"

#include <algorithm>

namespace cw::ui {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{2'000};
constexpr milliseconds kLongestWait{60'000};
constexpr milliseconds kOthersTurn{1'000};  // while another program has the job started

JobLine line_of(JobLine::State state) {
  JobLine line;
  line.state = state;
  return line;
}

JobLine moving(JobLine::State state, std::string_view phase, std::int64_t done, std::int64_t total) {
  JobLine line = line_of(state);
  line.phase = QString::fromUtf8(phase.data(), static_cast<qsizetype>(phase.size()));
  line.done = done;
  line.total = total;
  return line;
}

JobLine cut(const Error& error) {
  JobLine line = line_of(JobLine::State::kCut);
  line.since = QDateTime::currentDateTime();
  line.error = error;
  return line;
}

class SendingSink : public JobSink {
 public:
  explicit SendingSink(const RemoteLine::Tell& tell) : tell_(tell) {}
  void progress(double, std::int64_t done, std::int64_t total, std::string_view phase) override {
    tell_(moving(JobLine::State::kSending, phase, done, total));
  }
  void event(std::string_view, const Json&) override {}

 private:
  const RemoteLine::Tell& tell_;
};

}  // namespace

RemoteLine::RemoteLine(const JobFolder& folder, Begin begin, Tell tell)
    : folder_(folder),
      tell_(std::move(tell)),
      quit_(std::make_shared<std::atomic<bool>>(false)),
      wait_(kFirstWait),
      thread_([this, begin] { work(begin); }) {}

RemoteLine::~RemoteLine() {
  leave();
  thread_.join();
}

void RemoteLine::stop() { quit_->store(true); }

void RemoteLine::leave() {
  leaving_.store(true);
  quit_->store(true);
}

void RemoteLine::work(Begin begin) {
  if (begin == Begin::kFollow || start()) {
    while (follow()) {
    }
  }
  tell_(line_of(JobLine::State::kNone));
}

// True once the job is there.
bool RemoteLine::start() {
  tell_(line_of(JobLine::State::kSending));
  SendingSink sink(tell_);
  JobContext context(&sink, quit_);
  for (;;) {
    // a window that closes is no reason to give the job up: the next one goes on, or another that is open now
    const auto started = start_remote_job(folder_, context, [this] { return leaving_.load(); });
    if (started) break;
    if (started.error().id != "E-MCH-035") return false;  // the reason is in the job's state
    if (!pause(kOthersTurn)) return false;
    const auto job = remote_job_of(folder_);
    if (job && *job && (*job)->started) break;
  }
  // asked to stop when it was too late for not starting it: told to the machine by whoever follows
  if (quit_->load() && !leaving_.load()) static_cast<void>(folder_.request_cancel());
  return !leaving_.load();
}

// True while the job is to be followed further.
bool RemoteLine::follow() {
  tell_(line_of(JobLine::State::kThere));
  RemoteFollow how;
  how.leave = [this] { return leaving_.load(); };
  how.notice = [this](const Error& notice) {
    tell_(notice.id == "W-MCH-002" ? cut(notice) : line_of(JobLine::State::kThere));
  };
  how.fetching = [this](std::int64_t done, std::int64_t total) {
    tell_(moving(JobLine::State::kFetching, {}, done, total));
  };
  const auto state = follow_remote_job(folder_, how);
  if (leaving_.load()) return false;
  if (state) return !has_ended(state->phase) && pause(kOthersTurn);
  if (is_lost_connection(state.error())) {
    tell_(cut(state.error()));
    if (!pause(wait_)) return false;
    wait_ = std::min(wait_ * 2, kLongestWait);
    return true;
  }
  const auto last = folder_.state();
  if (last && has_ended(last->phase)) return false;  // that is the reason why it cannot be followed
  JobLine line = line_of(JobLine::State::kApart);
  line.error = state.error();
  tell_(line);
  return false;
}

// False if it is time to leave.
bool RemoteLine::pause(milliseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (leaving_.load()) return false;
    std::this_thread::sleep_for(milliseconds(50));
  }
  return true;
}

}  // namespace cw::ui
