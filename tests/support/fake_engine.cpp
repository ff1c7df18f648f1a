// SPDX-License-Identifier: GPL-3.0-or-later
// An engine for the tests of job folders: its kinds of job finish, fail, throw, crash, pretend to train or
// run until they are stopped.
#include "core/jobs/job_worker.h"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace {

// A training run without a model: its figures fall as those of a real one, its checkpoints are empty folders.
cw::Result<cw::Json> train(const cw::JobSpec& spec, cw::JobContext& context) {
  const auto steps = spec.options.value("steps", std::int64_t{20});
  for (std::int64_t step = 1; step <= steps; ++step) {
    if (context.cancelled()) return cw::cancelled_error("training");
    const double loss = 10.0 / std::sqrt(static_cast<double>(step));
    context.metric("loss", step, loss + (step % 2 == 0 ? 0.1 : -0.1));
    context.metric("learning_rate", step, 1e-3 * static_cast<double>(steps - step) / static_cast<double>(steps));
    context.metric("tokens_per_second", step, 1800.0 + static_cast<double>(step % 7));
    if (step % 5 == 0) {
      context.metric("validation_loss", step, loss + 0.3);
      context.event("checkpoint", {{"step", step}});
    }
    if (step == 3) context.warn("W-TRN-001", "the checkpoint is damaged, an older one is tried");
    context.report(step, steps, "Training");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return cw::Json{{"steps", steps}};
}

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
  if (spec.kind == "pretrain") return train(spec, context);
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
