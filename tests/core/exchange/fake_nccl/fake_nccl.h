// SPDX-License-Identifier: GPL-3.0-or-later
// What tests say to the fake NCCL library beside the functions of NCCL.
#pragma once
#include <atomic>

namespace cw::fake {

/// What the fake library takes for a cudaStream_t.
struct Queue {
  std::atomic<int> pending{0};  ///< pieces of work that are not finished
};

/// What a process of a group does wrong from now on.
enum class Fault : int {
  kNone,
  kMeetingHangs,  ///< never arrives at the meeting
  kCallFails,     ///< every exchange returns ncclSystemError at once
  kLaterFails,    ///< an exchange is accepted and fails while it runs
  kStuck          ///< accepts exchanges and does not carry them out
};

/// `fake_nccl_fault`: of the process with this rank, in this copy of the library.
using SetFault = void (*)(int rank, Fault fault);
/// `fake_nccl_version`: what ncclGetVersion says.
using SetVersion = void (*)(int version);
/// `fake_nccl_calls`: exchanges that were asked for in groups and on their own, in this copy of the library.
using CountCalls = int (*)(const char* name);

}  // namespace cw::fake
