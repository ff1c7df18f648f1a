// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <string>

namespace cw {

/// Memory of one accelerator and one queue, which carries out work on it in the order in which it was given. Used by
/// one thread at a time, after `make_current` in that thread.
class DeviceQueue {
 public:
  virtual ~DeviceQueue() = default;
  /// Tells the accelerator from all others of this host: its address on the bus, "0000:3b:00.0".
  [[nodiscard]] virtual std::string name() const = 0;
  virtual Result<> make_current() = 0;
  /// The queue as the libraries of the accelerator know it: a cudaStream_t.
  [[nodiscard]] virtual void* handle() const noexcept = 0;

  /// Whether this is memory of the accelerator; all other memory is the host's.
  [[nodiscard]] virtual bool holds(const void* memory) const noexcept = 0;
  /// Memory of the accelerator, full of zeros. Errors: kOutOfMemory.
  [[nodiscard]] virtual Result<std::byte*> allocate(std::size_t bytes) = 0;
  virtual void release(std::byte* memory) noexcept = 0;

  /// Lets this queue wait for all that computations on the accelerator were given up to now.
  virtual Result<> follow_computation() = 0;
  /// Copies in the queue; either side may be memory of the host, which stays untouched until the queue is idle.
  virtual Result<> copy(void* to, const void* from, std::size_t bytes) = 0;
  /// Whether all that was given to the queue is finished. Errors: what went wrong in it.
  [[nodiscard]] virtual Result<bool> is_idle() = 0;
};

}  // namespace cw
