// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cw {

/// Where a running job's progress, warnings and figures go: a job's event file, a terminal, a test.
/// Called from the thread that runs the job only.
class JobSink {
 public:
  virtual ~JobSink() = default;
  /// `fraction` of the whole job in [0, 1]; `done` of `total` units of the present phase.
  virtual void progress(double fraction, std::int64_t done, std::int64_t total, std::string_view phase) = 0;
  /// Any other event: `type` and `fields` as in docs/cli (metric, checkpoint, warning, result, ...).
  virtual void event(std::string_view type, const Json& fields) = 0;
};

/// What a long, synchronous function is given last: it polls for cancel and reports progress; it knows nothing of
/// threads, windows or files of the job. Copies and slices share the cancel flag and the sink.
class JobContext {
 public:
  /// A context that reports nowhere and can be cancelled with `request_cancel`.
  JobContext();
  /// `sink` must outlive the context; `cancel` is set from anywhere (signal handler, control file watcher).
  JobContext(JobSink* sink, std::shared_ptr<std::atomic<bool>> cancel);

  /// Poll once per batch, at most 200 ms apart.
  [[nodiscard]] bool cancelled() const noexcept { return cancel_->load(std::memory_order_relaxed); }
  void request_cancel() const noexcept { cancel_->store(true, std::memory_order_relaxed); }

  /// Thinned to 20 per second inside; the first (0) and the last (total) always pass.
  void report(std::int64_t done, std::int64_t total, std::string_view phase);
  /// Something the user should know that does not stop the job. `id` as listed in docs/errors/.
  void warn(std::string_view id, std::string_view text);
  /// A figure over steps: training loss, tokens per second.
  void metric(std::string_view name, std::int64_t step, double value);
  /// Any event of docs/cli.
  void event(std::string_view type, const Json& fields);

  /// A sub-step's share [begin, end] of this context's bar.
  [[nodiscard]] JobContext slice(double begin, double end) const;

 private:
  JobSink* sink_ = nullptr;
  std::shared_ptr<std::atomic<bool>> cancel_;
  double begin_ = 0.0;
  double end_ = 1.0;
  std::chrono::steady_clock::time_point last_report_{};
};

/// The error of a cancelled function: `return cancelled_error("embedding");`
[[nodiscard]] Error cancelled_error(std::string_view what);

}  // namespace cw
