// SPDX-License-Identifier: GPL-3.0-or-later
// What a run uses of the machine.
#include "core/jobs/group_usage.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

namespace cw {
namespace {

using std::chrono::milliseconds;

void compute_for(milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  volatile double sum = 0.0;
  while (std::chrono::steady_clock::now() < end) sum = sum + 1.0;
}

TEST(GroupUsageTest, WorkAndMemoryOfThisProcessAreSeen) {
  GroupMeter meter(::getpid());
  EXPECT_FALSE(meter.look(milliseconds(60'000))) << "it is not yet time";
  std::this_thread::sleep_for(milliseconds(200));
  const auto asleep = meter.look(milliseconds(0));
  ASSERT_TRUE(asleep);
  EXPECT_LT(asleep->processors, 0.3);
  std::vector<char> block(200'000'000, 'x');
  compute_for(milliseconds(600));
  const auto at_work = meter.look(milliseconds(0));
  ASSERT_TRUE(at_work);
  // other programs may take much of the machine while this runs
  EXPECT_GT(at_work->processors, asleep->processors + 0.05);
  EXPECT_LT(at_work->processors, 1.3);
  EXPECT_GT(at_work->bytes, asleep->bytes + 0.9e9 * 0.2);
  EXPECT_EQ(block.back(), 'x');
}

TEST(GroupUsageTest, ProcessesThatItStartedCountInWhateverGroupTheyAre) {
  GroupMeter meter(::getpid());
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    std::vector<char> block(150'000'000, 'x');
    static_cast<void>(::write(ready[1], block.data(), 1));
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto with_child = meter.look(milliseconds(0));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto alone = meter.look(milliseconds(0));
  ASSERT_TRUE(with_child && alone);
  EXPECT_GT(with_child->bytes, alone->bytes + 1.4e8);
}

}  // namespace
}  // namespace cw
