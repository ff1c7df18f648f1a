// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <string>

namespace cw::fuzz {

/// How a piece of work ended that ran in a process of its own.
enum class Ending {
  kReturned,
  kLibrary,  ///< crash or hang inside the HDF5 library, which damaged files can bring down (1.10.8)
  kHeap,     ///< the C library found its heap overwritten, by whom is unknown: the address sanitizer tells
  kOurs      ///< crash, hang or uncaught exception in our code
};

/// Runs `work` in a child process with little memory and time, and says how that ended. `trace` gets the stack of a
/// child that did not return.
[[nodiscard]] Ending run_isolated(const std::function<void()>& work, std::string& trace);

}  // namespace cw::fuzz
