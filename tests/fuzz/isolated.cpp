// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/isolated.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#ifdef __SANITIZE_ADDRESS__
// Findings of the sanitizer end in abort(), so that they are sorted by their stack as other crashes are.
extern "C" const char* __asan_default_options() { return "abort_on_error=1:handle_segv=0:handle_sigbus=0"; }
#endif

namespace cw::fuzz {
namespace {

constexpr time_t kMostSeconds = 4;  // of processor time
constexpr rlim_t kMostMemory = rlim_t{2} << 30U;
constexpr int kFirstCode = 70;  // exit codes of children that crashed: this and the Ending

int trace_pipe = -1;

bool has(const Dl_info& where, const char* library) {
  return where.dli_fname != nullptr && std::strstr(where.dli_fname, library) != nullptr;
}

// Frames run from this handler through the C library's trampoline to the place of the crash. The first one that lies
// neither there nor in a library of the language says whose it is; of abort(), its caller does.
Ending whose(void* const* frames, int count) {
  bool below_signal = false;
  for (int i = 0; i < count; ++i) {
    Dl_info where{};
    if (dladdr(frames[i], &where) == 0) continue;
    if (has(where, "libhdf5")) return Ending::kLibrary;
    if (has(where, "/libc.so")) {
      below_signal = true;
      Dl_info caller{};
      const bool aborted = where.dli_sname != nullptr && std::strcmp(where.dli_sname, "abort") == 0;
      if (aborted && i + 1 < count && dladdr(frames[i + 1], &caller) != 0 && has(caller, "/libc.so")) {
        return Ending::kHeap;
      }
    } else if (has(where, "libstdc++") || has(where, "libasan") || has(where, "libubsan") || has(where, "libgcc_s")) {
      continue;
    } else if (below_signal) {
      return Ending::kOurs;
    }
  }
  return Ending::kOurs;
}

extern "C" void sort_crash(int signal) {
  std::array<void*, 64> frames{};
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  const char* name = strsignal(signal);  // NOLINT(concurrency-mt-unsafe): nothing else asks for names
  static_cast<void>(!write(trace_pipe, name, std::strlen(name)));
  static_cast<void>(!write(trace_pipe, "\n", 1));
  backtrace_symbols_fd(frames.data(), count, trace_pipe);
  _exit(kFirstCode + static_cast<int>(whose(frames.data(), count)));
}

[[noreturn]] void be_child(const std::function<void()>& work) {
  static std::array<char, 65'536> stack;  // an endless recursion leaves none
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_handler = sort_crash;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGPROF}) sigaction(signal, &action, nullptr);
#ifndef __SANITIZE_ADDRESS__
  const rlimit limit{kMostMemory, kMostMemory};
  setrlimit(RLIMIT_AS, &limit);
#endif
  const itimerval most{{0, 0}, {kMostSeconds, 0}};
  setitimer(ITIMER_PROF, &most, nullptr);
  work();
  _exit(0);
}

}  // namespace

Ending run_isolated(const std::function<void()>& work, std::string& trace) {
  std::array<int, 2> ends{};
  std::array<void*, 1> warm_up{};
  backtrace(warm_up.data(), 1);  // its first call loads a library, which a handler must not
  if (pipe(ends.data()) != 0) return Ending::kOurs;
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    trace_pipe = ends[1];
    be_child(work);
  }
  close(ends[1]);
  trace.clear();
  std::array<char, 4096> piece{};
  for (ssize_t got = 0; (got = read(ends[0], piece.data(), piece.size())) > 0;) {
    trace.append(piece.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Ending::kReturned;
  if (WIFEXITED(status) && WEXITSTATUS(status) > kFirstCode)
    return static_cast<Ending>(WEXITSTATUS(status) - kFirstCode);
  if (WIFSIGNALED(status)) trace += "ended by signal " + std::to_string(WTERMSIG(status));
  return Ending::kOurs;
}

}  // namespace cw::fuzz
