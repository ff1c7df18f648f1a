// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"

#include <exception>

namespace cw {

/// Thrown by a computation that watched a job, after its cancel.
struct ComputationStopped : std::exception {};

/// The threads of a computation, and the job whose cancel they watch. Pieces of work that begin after the cancel are
/// left out, and what they were to write is undefined; the next step then throws
/// ComputationStopped. After the last step, ask `check` before using a result.
struct Workers {
  int num_threads = 0;                ///< 0 = all processors
  const JobContext* watch = nullptr;  ///< outlives the computation; nullptr = never stopped
  /// Of each encoder layer only the input is kept for the backward pass, which computes the rest again: a third more
  /// work, a fraction of the memory, the same numbers.
  bool recompute = false;

  [[nodiscard]] bool stopped() const noexcept { return watch != nullptr && watch->cancelled(); }
  /// Throws ComputationStopped after the cancel.
  void check() const {
    if (stopped()) throw ComputationStopped();
  }
};

/// The number that `work` returns, or the error of a cancel where it was stopped.
template <class Work>
[[nodiscard]] Result<double> unless_stopped(const Work& work) {
  try {
    return work();
  } catch (const ComputationStopped&) {
    return cancelled_error("training");
  }
}

}  // namespace cw
