// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cw {

/// A program that goes on beside the test: it can be sent signals and waited for. Killed when the test forgets it.
class RunningProgram {
 public:
  /// Standard output and error go to `out` and `err`.
  RunningProgram(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& out, const std::filesystem::path& err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const std::string name = program.string();
    std::vector<char*> pointers = {const_cast<char*>(name.c_str())};
    for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    if (posix_spawn(&process_, name.c_str(), &actions, nullptr, pointers.data(), environ) != 0) process_ = 0;
    posix_spawn_file_actions_destroy(&actions);
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() {
    if (process_ <= 0 || ended_) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  [[nodiscard]] bool started() const noexcept { return process_ > 0; }
  [[nodiscard]] pid_t process() const noexcept { return process_; }
  void send(int signal) const { ::kill(process_, signal); }

  /// The exit code (128 + signal), however long it takes; -1 where it cannot be waited for.
  int wait_to_end() {
    int status = 0;
    if (!ended_ && ::waitpid(process_, &status, 0) == process_) ended_ = code_of(status);
    return ended_.value_or(-1);
  }

  /// The exit code (128 + signal), or nothing if the program goes on after `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
      int status = 0;
      if (!ended_ && ::waitpid(process_, &status, WNOHANG) == process_) {
        ended_ = code_of(status);
      }
      if (ended_ || std::chrono::steady_clock::now() > end) return ended_;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 private:
  static int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }
  pid_t process_ = 0;
  std::optional<int> ended_;
};

}  // namespace cw
