// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/worker_process.h"

#include "core/base/program_start.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace cw {
namespace {

constexpr int kListener = 3;

}  // namespace

Result<WorkerProcess> WorkerProcess::start(const std::filesystem::path& program, const std::filesystem::path& log,
                                           int listener) {
  std::error_code ignored;
  std::filesystem::create_directories(log.parent_path(), ignored);
  // Sockets instead of pipes: writing to a worker that has ended is an error of the call, not a signal.
  std::array<int, 2> to{-1, -1};
  std::array<int, 2> from{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to.data()) != 0) {
    return error_from_errno("connecting to a worker of", program.string());
  }
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, from.data()) != 0) {
    ::close(to[0]);
    ::close(to[1]);
    return error_from_errno("connecting to a worker of", program.string());
  }
  ProgramStart worker({program.string(), "worker"});
  worker.give(to[1], STDIN_FILENO);
  worker.give(from[1], STDOUT_FILENO);
  worker.open(log, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
  if (listener >= 0) worker.give(listener, kListener);
  const Result<pid_t> process = worker.start();
  ::close(to[1]);
  ::close(from[1]);
  if (!process.ok()) {
    ::close(to[0]);
    ::close(from[0]);
    return process.error();
  }
  ::fcntl(from[0], F_SETFL, O_NONBLOCK);
  return WorkerProcess(*process, to[0], from[0]);
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      to_(std::exchange(other.to_, -1)),
      from_(std::exchange(other.from_, -1)),
      unfinished_(std::move(other.unfinished_)),
      status_(other.status_),
      reported_(other.reported_) {}

WorkerProcess::~WorkerProcess() {
  if (process_ > 0 && !status_) {
    ::kill(process_, SIGKILL);
    // who has said its last word is ending already; giving its memory back may take a while
    ::waitpid(process_, nullptr, reported_ ? WNOHANG : 0);
  }
  if (to_ >= 0) ::close(to_);
  if (from_ >= 0) ::close(from_);
}

void WorkerProcess::tell(const Json& message) {
  const std::string line = message.dump() + "\n";
  const ssize_t sent = ::send(to_, line.data(), line.size(), MSG_NOSIGNAL);
  static_cast<void>(sent);  // its end is noticed elsewhere
}

std::vector<Json> WorkerProcess::messages() {
  std::array<char, 65536> buffer;
  for (ssize_t got = 0; (got = ::read(from_, buffer.data(), buffer.size())) > 0;) {
    unfinished_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  std::vector<Json> messages;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = unfinished_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    Json message = Json::parse(unfinished_.begin() + static_cast<std::ptrdiff_t>(begin),
                               unfinished_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!message.is_object()) continue;
    if (message.contains("error") || message.contains("result") || message.value("event", "") == "stopped") {
      reported_ = true;
    }
    messages.push_back(std::move(message));
  }
  unfinished_.erase(0, begin);
  return messages;
}

bool WorkerProcess::running() {
  if (status_) return false;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return true;
  status_ = status;
  return false;
}

std::optional<std::string> WorkerProcess::how_it_died() {
  if (!status_ || reported_) return std::nullopt;
  reported_ = true;
  if (WIFSIGNALED(*status_)) {
    const int signal = WTERMSIG(*status_);
    return "was ended by signal " + std::to_string(signal) +
           (signal == SIGKILL ? ", most often because memory ran out" : "");
  }
  return "ended with code " + std::to_string(WEXITSTATUS(*status_)) + " without saying why";
}

void WorkerProcess::kill() {
  if (!status_) ::kill(process_, SIGKILL);
}

Json to_json(const Error& error) { return {{"kind", name_of(error.code)}, {"id", error.id}, {"text", error.message}}; }

Error error_from(const Json& json) {
  return {error_code_of(json.value("kind", "")), json.value("id", ""), json.value("text", "")};
}

}  // namespace cw
