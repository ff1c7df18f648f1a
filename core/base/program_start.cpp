// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/program_start.h"

#include "core/base/error.h"

#include <cerrno>
#include <utility>

extern char** environ;

namespace cw {

ProgramStart::ProgramStart(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  posix_spawn_file_actions_init(&actions_);
  posix_spawnattr_init(&attributes_);
}

ProgramStart::~ProgramStart() {
  posix_spawn_file_actions_destroy(&actions_);
  posix_spawnattr_destroy(&attributes_);
}

void ProgramStart::give(int descriptor, int as) { posix_spawn_file_actions_adddup2(&actions_, descriptor, as); }

void ProgramStart::open(const std::filesystem::path& file, int flags, int as) {
  posix_spawn_file_actions_addopen(&actions_, as, file.c_str(), flags, 0644);
}

Result<pid_t> ProgramStart::start() {
  std::vector<char*> pointers;
  pointers.reserve(arguments_.size() + 1);
  for (std::string& argument : arguments_) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawnattr_setflags(&attributes_, flags_);
  pid_t process = 0;
  const int status = posix_spawnp(&process, pointers[0], &actions_, &attributes_, pointers.data(), environ);
  if (status == 0) return process;
  errno = status;
  return error_from_errno("starting", arguments_.front());
}

}  // namespace cw
