// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_follower.h"

#include "ui/jobs/job_record.h"

#include <chrono>

namespace cw::ui {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(60);

}  // namespace

JobFollower::JobFollower(Tell tell) : tell_(std::move(tell)), thread_([this] { loop(); }) {}

JobFollower::~JobFollower() {
  stop_.store(true);
  thread_.join();
}

void JobFollower::watch(const QString& id, const JobFolder& folder, std::optional<LocalEngine> engine,
                        EventReader events) {
  const std::lock_guard<std::mutex> lock(mutex_);
  coming_.insert_or_assign(id, Watched{folder, std::move(engine), std::move(events)});
}

void JobFollower::loop() {
  while (!stop_.load()) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (auto& [id, job] : coming_) watched_.insert_or_assign(id, std::move(job));
      coming_.clear();
    }
    for (auto it = watched_.begin(); it != watched_.end() && !stop_.load();)
      it = look(it->first, it->second) ? watched_.erase(it) : std::next(it);
    std::this_thread::sleep_for(kLookEvery);
  }
}

// True when the job has ended.
bool JobFollower::look(const QString& id, Watched& job) {
  const auto code = job.engine ? job.engine->poll() : std::nullopt;
  auto state = job.folder.state();
  if (code && state && (!has_ended(state->phase) || state->phase == JobPhase::kLost)) {
    if (record_dead_engine(job.folder, *code)) state = job.folder.state();
  }
  auto events = job.events.poll();
  News news{id, {}, std::nullopt, state && has_ended(state->phase) && (!job.engine || code)};
  if (state) news.state = *state;
  if (events) news.events = std::move(*events);
  const bool changed = state && job.phase != state->phase;
  if (state) job.phase = state->phase;
  const bool ended = news.ended;
  if (changed || ended || !news.events.empty()) tell_(std::move(news));
  return ended;
}

}  // namespace cw::ui
