// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <spawn.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// How a program is started. In a process group of its own: Ctrl-C on a terminal reaches the starter alone, which asks
/// it to stop in good order. Nothing of ours is open in it but what it is given (our descriptors are CLOEXEC).
class ProgramStart {
 public:
  /// `arguments` begin with the program: a path, or a name to look for in PATH.
  explicit ProgramStart(std::vector<std::string> arguments);
  ProgramStart(const ProgramStart&) = delete;
  ProgramStart& operator=(const ProgramStart&) = delete;
  ~ProgramStart();

  /// Our `descriptor` becomes its descriptor `as`.
  void give(int descriptor, int as);
  /// It opens a file as its descriptor `as`; `flags` of open(2), a new file gets the rights 0644.
  void open(const std::filesystem::path& file, int flags, int as);
  /// A session of its own: it goes on when the terminal is gone.
  void detach() { flags_ = POSIX_SPAWN_SETSID; }

  /// Its process. Errors: kNotFound (no such program), those of the system.
  [[nodiscard]] Result<pid_t> start();

 private:
  std::vector<std::string> arguments_;
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  short flags_ = POSIX_SPAWN_SETPGROUP;
};

}  // namespace cw
