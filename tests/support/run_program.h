// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// What a program left behind when it ended.
struct ProgramOutcome {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out;     ///< standard output
  std::string err;     ///< standard error
};

/// Runs a program to its end, without a shell, with standard input closed.
inline ProgramOutcome run_program_to_end(const std::filesystem::path& program,
                                         const std::vector<std::string>& arguments,
                                         const std::filesystem::path& scratch) {
  const std::string out = (scratch / "stdout.txt").string();
  const std::string err = (scratch / "stderr.txt").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const std::string name = program.string();
  std::vector<char*> pointers = {const_cast<char*>(name.c_str())};
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  pid_t process = 0;
  ProgramOutcome outcome;
  const int failed = posix_spawn(&process, name.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return outcome;
  int status = 0;
  ::waitpid(process, &status, 0);
  outcome.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (const auto text = read_file(out); text.ok()) outcome.out = *text;
  if (const auto text = read_file(err); text.ok()) outcome.err = *text;
  return outcome;
}

}  // namespace cw
