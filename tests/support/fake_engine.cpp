// SPDX-License-Identifier: GPL-3.0-or-later
// An engine for the tests of job folders: its kinds of job finish, fail, throw, crash or run until they are stopped.
#include "core/jobs/job_worker.h"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace {

cw::Result<cw::Json> run(const cw::JobSpec& spec, cw::JobContext& context) {
  if (spec.kind == "count") {
    const auto total = spec.options.value("total", 5);
    for (int i = 0; i <= total; ++i) {
      if (context.cancelled()) return cw::cancelled_error("counting");
      context.report(i, total, "Counting numbers");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return cw::Json{{"counted", total}};
  }
  if (spec.kind == "refuse") return cw::Error{cw::ErrorCode::kRefused, "E-TST-001", "these are not counts"};
  if (spec.kind == "throw") throw std::runtime_error("unexpected");
  if (spec.kind == "exhaust") throw std::bad_alloc();
  if (spec.kind == "die") std::raise(SIGKILL);
  return cw::Error{cw::ErrorCode::kInternal, "E-TST-002", "unknown kind"};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto folder = cw::JobFolder::open(argv[2]);
  return folder.ok() ? cw::work_on_job(*folder, run) : 3;
}
