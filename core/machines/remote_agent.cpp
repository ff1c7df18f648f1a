// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/remote_agent.h"

#include <chrono>
#include <thread>

namespace cw {
namespace {

constexpr int kGone = 77;  // our own exit code for an engine that is not there
constexpr int kMostTries = 10;

Error translated(const Connection& connection, const Error& error, const std::string& engine) {
  const std::string who = title_of(connection.machine());
  if (error.message.find("code " + std::to_string(kGone)) != std::string::npos) {
    return {ErrorCode::kNotFound, "E-MCH-025",
            who + ": the engine " + engine + " is not there any more; send it again: cellwright machines install " +
                connection.machine().name};
  }
  if (error.id == "E-JOB-004") {
    return {ErrorCode::kNotFound, "E-MCH-034",
            who +
                ": the folder of the job is gone there (removed by hand, or by the site's clearing of old files); "
                "start it anew: cellwright jobs resume"};
  }
  return error;
}

Result<CommandOutcome> ask(const Connection& connection, const RemoteJob& job, const std::string& arguments,
                           const CommandOptions& options) {
  const std::string program = "\"$root\"/engines/" + shell_quoted(job.engine) + "/bin/cellwright";
  auto outcome = connection.run(
      "[ -x " + program + " ] || exit " + std::to_string(kGone) + "; exec " + program + " agent " + arguments, options);
  if (!outcome.ok()) return translated(connection, outcome.error(), job.engine);
  return outcome;
}

}  // namespace

Result<> order_start(const Connection& connection, const RemoteJob& job, const Json& order, JobContext& context) {
  CommandOptions options;
  options.input = order.dump();
  options.timeout = std::chrono::minutes(5);
  options.stop = [&context] { return context.cancelled(); };
  auto pause = std::chrono::milliseconds(200);
  for (int tries = 1;; ++tries) {
    const auto answer = ask(connection, job, "start", options);
    if (answer.ok()) return {};
    if (!is_lost_connection(answer.error()) || tries == kMostTries) return answer.error();
    connection.drop();
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

Result<> order_cancel(const Connection& connection, const RemoteJob& job, const std::string& name) {
  CommandOptions options;
  options.timeout = std::chrono::minutes(2);
  CW_TRY(ask(connection, job, "cancel " + shell_quoted(job.place) + " " + shell_quoted(name), options));
  return {};
}

Result<> order_follow(const Connection& connection, const RemoteJob& job, const FollowOrder& order,
                      const CommandOptions& options) {
  CW_TRY(ask(connection, job, "follow " + shell_quoted(to_json(order).dump()), options));
  return {};
}

}  // namespace cw
