// SPDX-License-Identifier: GPL-3.0-or-later
// cellwright-engine run FOLDER: works on one job folder. Started by the command line and the window, never typed.
#include "app/plugin_list.h"
#include "core/engine/run_job.h"
#include "core/jobs/job_worker.h"

#include <cstdio>
#include <string_view>

namespace {

int fail(const cw::Error& error) {
  std::fprintf(stderr, "error [%s] %s\n", error.id.c_str(), error.message.c_str());
  return cw::exit_code(error.code);
}

}  // namespace

int main(int argc, char** argv) {
  cw::register_plugins();
  if (argc == 3 && std::string_view(argv[1]) == "run") {
    const auto folder = cw::JobFolder::open(argv[2]);
    if (!folder.ok()) return fail(folder.error());
    return cw::work_on_job(*folder, cw::run_job);
  }
  std::fprintf(stderr, "usage: cellwright-engine run FOLDER\nThis program is started by 'cellwright'.\n");
  return 2;
}
