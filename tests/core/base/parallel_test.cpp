// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <vector>

namespace cw {
namespace {

TEST(ParallelTest, everyElementIsVisitedOnceForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 4, 7}) {
    for (int repeat = 0; repeat < 200; ++repeat) {
      std::vector<int> visits(1003, 0);
      parallel_for(0, 1003, 10, threads, [&](std::int64_t begin, std::int64_t end, int worker) {
        ASSERT_LT(worker, threads);
        for (auto i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      for (const int count : visits) ASSERT_EQ(count, 1);
    }
  }
}

TEST(ParallelTest, nestedLoopRunsOnTheCallingThread) {
  std::atomic<int> total{0};
  parallel_for(0, 4, 1, 4, [&](std::int64_t, std::int64_t, int) {
    parallel_for(0, 10, 1, 4, [&](std::int64_t, std::int64_t, int worker) {
      EXPECT_EQ(worker, 0);
      ++total;
    });
  });
  EXPECT_EQ(total, 40);
}

TEST(ParallelTest, whatAnyWorkerThrowsArrivesAndTheNextLoopRuns) {
  for (const int threads : {1, 2, 4}) {
    for (std::int64_t bad = 0; bad < 8; ++bad) {
      const auto fail_at_bad = [&](std::int64_t begin, std::int64_t, int) {
        if (begin == bad) throw std::bad_alloc();
      };
      EXPECT_THROW(parallel_for(0, 8, 1, threads, fail_at_bad), std::bad_alloc);
      std::atomic<int> visits{0};
      parallel_for(0, 100, 1, threads, [&](std::int64_t, std::int64_t, int) { ++visits; });
      EXPECT_EQ(visits, 100);
    }
  }
}

TEST(ParallelTest, emptyRangeDoesNothing) {
  parallel_for(5, 5, 1, 2, [](std::int64_t, std::int64_t, int) { FAIL(); });
}

}  // namespace
}  // namespace cw
