// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/memory_crash.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>

namespace cw {
namespace {

constexpr std::size_t kHardlyAny = std::size_t{64} << 20U;
constexpr std::size_t kStackBytes = std::size_t{64} << 10U;

// Only calls that are allowed in a signal handler.
extern "C" void judge_crash(int signal) {
  void* const probe = ::mmap(nullptr, kHardlyAny, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe != MAP_FAILED) {
    ::munmap(probe, kHardlyAny);
    ::signal(signal, SIG_DFL);
    ::raise(signal);  // comes when this handler returns
    return;
  }
  constexpr char kWords[] = "crashed: cannot allocate memory\n";
  static_cast<void>(!::write(STDERR_FILENO, kWords, sizeof kWords - 1));
  ::kill(::getpid(), SIGKILL);
}

}  // namespace

void blame_memory_for_crashes() {
  static std::array<std::byte, kStackBytes> stack;  // the program's own may be what could not grow
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  ::sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_handler = judge_crash;
  action.sa_flags = SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : {SIGSEGV, SIGBUS}) ::sigaction(signal, &action, nullptr);
}

}  // namespace cw
