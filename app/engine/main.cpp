// SPDX-License-Identifier: GPL-3.0-or-later
// cellwright-engine run FOLDER: works on one job folder. cellwright-engine worker: one of several processes that
// another one started. cellwright-engine worker FOLDER: one of several that torchrun or Slurm started.
// cellwright-engine serve: keeps a model warm on standard input and output. Started by programs, never typed.
#include "app/plugin_list.h"
#include "core/base/memory_crash.h"
#include "core/engine/group_worker.h"
#include "core/engine/run_job.h"
#include "core/engine/serve.h"
#include "core/jobs/job_worker.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

int fail(const cw::Error& error) {
  std::fprintf(stderr, "error [%s] %s\n", error.id.c_str(), error.message.c_str());
  return cw::exit_code(error.code);
}

// The last word of the job is on the disk: destructors of LibTorch would only keep whoever waits for our end.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a quota is an error of the write, not the end of the program
  cw::blame_memory_for_crashes();
  cw::register_plugins();
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "run" && argc == 3) {
    const auto folder = cw::JobFolder::open(argv[2]);
    if (!folder.ok()) return fail(folder.error());
    leave(cw::work_on_job(*folder, cw::run_job));
  }
  if (command == "worker" && argc == 2) return cw::work_in_started_group();
  if (command == "worker" && argc == 3) {
    const auto folder = cw::JobFolder::open(argv[2]);
    if (!folder.ok()) return fail(folder.error());
    return cw::work_in_launched_group(*folder);
  }
  if (command == "serve" && argc == 2) {
    cw::serve(std::cin, std::cout);
    return 0;
  }
  std::fprintf(
      stderr,
      "usage: cellwright-engine run FOLDER | worker [FOLDER] | serve\nThis program is started by 'cellwright'.\n");
  return 2;
}
