// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/memory_crash.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace cw {
namespace {

struct End {
  int signal = 0;
  std::string words;
};

/// How a process ends that crashes with `signal`, and what it says.
End crash(int signal, bool without_memory) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    blame_memory_for_crashes();
    const rlimit nothing{1, 1};
    if (without_memory) ::setrlimit(RLIMIT_AS, &nothing);
    ::raise(signal);
    ::_exit(0);
  }
  ::close(ends[1]);
  End end;
  std::array<char, 256> piece{};
  for (ssize_t got = 0; (got = ::read(ends[0], piece.data(), piece.size())) > 0;) {
    end.words.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return end;
}

TEST(MemoryCrash, ACrashWithoutMemoryIsPutDownToThat) {
  for (const int signal : {SIGSEGV, SIGBUS}) {
    const End end = crash(signal, true);
    EXPECT_EQ(end.signal, SIGKILL);
    EXPECT_NE(end.words.find("cannot allocate memory"), std::string::npos) << end.words;
  }
}

// The sanitizer has handlers of its own.
#ifndef __SANITIZE_ADDRESS__
TEST(MemoryCrash, ACrashWithMemoryStaysWhatItIs) {
  for (const int signal : {SIGSEGV, SIGBUS}) {
    const End end = crash(signal, false);
    EXPECT_EQ(end.signal, signal);
    EXPECT_TRUE(end.words.empty()) << end.words;
  }
}
#endif

}  // namespace
}  // namespace cw
