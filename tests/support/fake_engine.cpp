// SPDX-License-Identifier: GPL-3.0-or-later
// An engine for the tests of job folders: its kinds of job finish, fail, throw, crash or run until they are stopped.
#include "core/jobs/job_worker.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
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
  if (spec.kind == "thread") throw std::system_error(EAGAIN, std::generic_category());
  if (spec.kind == "die") std::raise(SIGKILL);
  if (spec.kind == "crash") {
    const int signal = spec.options.value("signal", SIGSEGV);
    std::fprintf(stderr, "%s\n", spec.options.value("words", "").c_str());
    std::signal(signal, SIG_DFL);  // a sanitizer would answer first
    std::raise(signal);
  }
  if (spec.kind == "leave") {
    std::fputs("something is missing\n", stderr);
    std::_Exit(127);
  }
  return cw::Error{cw::ErrorCode::kInternal, "E-TST-002", "unknown kind"};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto folder = cw::JobFolder::open(argv[2]);
  return folder.ok() ? cw::work_on_job(*folder, run) : 3;
}
