// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's end of worker_group.h.
#include "core/exchange/worker_group.h"
#include "core/exchange/worker_process.h"

#include <unistd.h>

#include <atomic>
#include <iostream>
#include <new>
#include <thread>

namespace cw {
namespace {

constexpr int kListener = 3;
constexpr int kStarterGone = 1;

// The only writer of what was standard output; whatever else prints there goes to the log.
class StarterLink : public JobSink {
 public:
  StarterLink() : output_(::dup(STDOUT_FILENO)) { ::dup2(STDERR_FILENO, STDOUT_FILENO); }
  StarterLink(const StarterLink&) = delete;
  StarterLink& operator=(const StarterLink&) = delete;
  ~StarterLink() override { ::close(output_); }

  void progress(double /*fraction*/, std::int64_t done, std::int64_t total, std::string_view phase) override {
    say({{"progress", {done, total, phase}}});
  }
  void event(std::string_view type, const Json& fields) override { say({{"event", type}, {"fields", fields}}); }

  void say(const Json& message) const {
    const std::string line = message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t written = ::write(output_, line.data() + done, line.size() - done);
      if (written <= 0) return;  // the starter is gone; the watch ends this process
      done += static_cast<std::size_t>(written);
    }
  }

 private:
  int output_;
};

GroupPlace place_from(const Json& json) {
  GroupPlace place;
  place.rank = json.at("rank").get<int>();
  place.size = json.at("size").get<int>();
  place.port = json.at("port").get<std::uint16_t>();
  place.secret = json.at("secret").get<std::string>();
  place.timeout_s = json.at("timeout_s").get<double>();
  place.listener = place.rank == 0 ? kListener : -1;
  return place;
}

Result<Json> work_in_group(const Json& order, const WorkerJob& work, JobContext& context) {
  try {
    CW_ASSIGN(const auto communicator, join_group(place_from(order.at("place"))));
    return work(order.at("job"), order.at("threads").get<int>(), *communicator, context);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kOutOfMemory, "E-JOB-006",
                 "memory ran out; close other programs, or use fewer --processes"};
  } catch (const std::exception& bug) {
    return Error{ErrorCode::kInternal, "E-JOB-007", std::string("internal error (a bug): ") + bug.what()};
  }
}

}  // namespace

int work_for_starter(const WorkerJob& work) {
  StarterLink link;
  std::string line;
  if (!std::getline(std::cin, line)) return kStarterGone;
  const Json order = Json::parse(line, nullptr, false);
  auto cancel = std::make_shared<std::atomic<bool>>(false);
  // Without its starter nobody would end this process, and the next run of the job would meet it at the checkpoints.
  std::thread([cancel] {
    for (std::string word; std::getline(std::cin, word);) cancel->store(true);
    ::_exit(kStarterGone);
  }).detach();
  JobContext context(&link, cancel);
  const Result<Json> result = work_in_group(order, work, context);
  if (result.ok()) {
    link.say({{"result", *result}});
    std::_Exit(0);  // the watch still reads
  }
  link.say({{"error", to_json(result.error())}});
  std::_Exit(exit_code(result.error().code));
}

}  // namespace cw
