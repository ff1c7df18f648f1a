// SPDX-License-Identifier: GPL-3.0-or-later
// Processes are threads here where that makes no difference: a group knows its members by what they say.
#include "core/exchange/communicator.h"

#include "core/base/random.h"
#include "tests/core/exchange/group_of_threads.h"
#include "tests/support/shared_files.h"

#include <sys/wait.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Numbers of two bytes are added up as floats.
template <class T>
using Wide = std::conditional_t<std::is_same_v<T, Bf16>, float, T>;

template <class T>
T narrow(Wide<T> value) {
  if constexpr (std::is_same_v<T, Bf16>)
    return to_bf16(value);
  else
    return value;
}

template <class T>
Wide<T> widen(T value) {
  if constexpr (std::is_same_v<T, Bf16>)
    return to_float(value);
  else
    return value;
}

template <class T>
std::vector<T> values_of(int rank, std::size_t count) {
  const CounterRandom random(7, static_cast<std::uint64_t>(rank));
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = narrow<T>(static_cast<Wide<T>>(random.uniform(i) - 0.5));
  return values;
}

// Part p in the order of ranks p+1, p+2, ..., p, rounded at the end.
template <class T>
std::vector<T> expected_sum(int size, std::size_t count) {
  std::vector<T> result(count);
  std::vector<Wide<T>> sum(count);
  for (int owner = 0; owner < size; ++owner) {
    const ElementRange part = part_of(count, size, owner);
    for (int step = 1; step <= size; ++step) {
      const std::vector<T> values = values_of<T>((owner + step) % size, count);
      for (std::size_t i = part.begin; i < part.end; ++i) {
        sum[i] = step == 1 ? widen(values[i]) : sum[i] + widen(values[i]);
      }
    }
    for (std::size_t i = part.begin; i < part.end; ++i) result[i] = narrow<T>(sum[i]);
  }
  return result;
}

template <class T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

class Exchange : public ::testing::TestWithParam<TransportChoice> {};

INSTANTIATE_TEST_SUITE_P(Transports, Exchange, ::testing::Values(TransportChoice::kShared, TransportChoice::kTcp),
                         [](const auto& chosen) {
                           return std::string(chosen.param == TransportChoice::kTcp ? "Tcp" : "SharedMemory");
                         });

template <class T>
void expect_sums(TransportChoice transport) {
  for (const int size : {1, 2, 3, 5}) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{47}, std::size_t{200003}}) {
      const std::vector<T> expected = expected_sum<T>(size, count);
      run_group(places(size, transport), [&](Communicator& group) {
        std::vector<T> values = values_of<T>(group.rank(), count);
        ASSERT_TRUE(group.wait(group.all_reduce(std::span(values))).ok());
        EXPECT_TRUE(same_bits<T>(values, expected)) << size << " processes, " << count << " values";
        const auto memory = group.allocate(2 * count * sizeof(T));
        ASSERT_TRUE(memory.ok()) << memory.error().message;
        EXPECT_EQ(std::count(memory->begin(), memory->end(), std::byte{0}),
                  static_cast<std::ptrdiff_t>(memory->size()));
        const std::span<T> inside(reinterpret_cast<T*>(memory->data()) + count / 2, count);
        const std::vector<T> own = values_of<T>(group.rank(), count);
        std::copy(own.begin(), own.end(), inside.begin());
        ASSERT_TRUE(group.wait(group.all_reduce(inside)).ok());
        EXPECT_TRUE(same_bits<T>(inside, expected));
        EXPECT_EQ(group.health().bytes, 2 * count * sizeof(T)) << "what was exchanged";
      });
    }
  }
}

TEST_P(Exchange, SumsHaveTheSameBitsInEveryProcessAndTransport) {
  expect_sums<float>(GetParam());
  expect_sums<double>(GetParam());
}

TEST_P(Exchange, NumbersOfTwoBytesAreRoundedOnceAfterTheSum) { expect_sums<Bf16>(GetParam()); }

TEST(Bf16Test, IsTheNearestNumberAndHalvesGoToEven) {
  EXPECT_EQ(to_float(to_bf16(1.0F)), 1.0F);
  EXPECT_EQ(to_float(to_bf16(1.00390625F)), 1.0F) << "half way between 1 and 1.0078125: the even one";
  EXPECT_EQ(to_float(to_bf16(1.01171875F)), 1.015625F) << "half way between 1.0078125 and 1.015625";
  EXPECT_EQ(to_float(to_bf16(1.0040F)), 1.0078125F);
  EXPECT_EQ(to_float(to_bf16(-3.3e38F)), -3.2964854e38F) << "within the range of float";
  EXPECT_TRUE(std::isinf(to_float(to_bf16(3.4e38F))));
  EXPECT_TRUE(std::isnan(to_float(to_bf16(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_TRUE(std::isnan(to_float(to_bf16(std::bit_cast<float>(0x7F800001U))))) << "not rounded to infinity";
  EXPECT_EQ(to_float(to_bf16(1e-40F)), to_float(Bf16{static_cast<std::uint16_t>(1)})) << "below 2^-126";
}

TEST_P(Exchange, ScatteredSumsGatheredAgainAreTheSum) {
  constexpr std::size_t kCount = 100001;
  const std::vector<float> expected = expected_sum<float>(3, kCount);
  run_group(places(3, GetParam()), [&](Communicator& group) {
    const auto memory = group.allocate(kCount * sizeof(float));
    ASSERT_TRUE(memory.ok()) << memory.error().message;
    std::vector<float> outside(kCount);
    for (const std::span<float> values :
         {std::span(outside), std::span(reinterpret_cast<float*>(memory->data()), kCount)}) {
      const std::vector<float> own_values = values_of<float>(group.rank(), kCount);
      std::copy(own_values.begin(), own_values.end(), values.begin());
      ASSERT_TRUE(group.wait(group.reduce_scatter(values)).ok());
      const ElementRange part = part_of(kCount, 3, group.rank());
      for (std::size_t i = 0; i < kCount; ++i) {
        const bool own = i >= part.begin && i < part.end;
        if (own) {
          ASSERT_EQ(values[i], expected[i]);
        } else {
          values[i] = -1.0F;
        }
      }
      ASSERT_TRUE(group.wait(group.all_gather(values)).ok());
      EXPECT_TRUE(std::equal(values.begin(), values.end(), expected.begin()));
    }
  });
}

TEST_P(Exchange, BroadcastsFromEveryProcess) {
  run_group(places(4, GetParam()), [&](Communicator& group) {
    for (int root = 0; root < 4; ++root) {
      std::vector<std::byte> bytes(3'000'001, std::byte{static_cast<unsigned char>(group.rank() + 1)});
      ASSERT_TRUE(group.wait(group.broadcast(bytes, root)).ok());
      EXPECT_EQ(std::count(bytes.begin(), bytes.end(), std::byte{static_cast<unsigned char>(root + 1)}), 3'000'001);
    }
  });
}

TEST_P(Exchange, ManyExchangesAreUnderWayAtOnce) {
  run_group(places(2, GetParam()), [&](Communicator& group) {
    std::vector<std::vector<float>> buckets;
    for (std::size_t i = 0; i < 200; ++i) buckets.push_back(std::vector<float>(1 + 37 * i, 1.0F));
    for (auto& bucket : buckets) group.all_reduce(std::span(bucket));
    ASSERT_TRUE(group.wait_all().ok());
    for (const auto& bucket : buckets) {
      EXPECT_EQ(std::count(bucket.begin(), bucket.end(), 2.0F), static_cast<std::ptrdiff_t>(bucket.size()));
    }
    ASSERT_TRUE(group.wait(group.barrier()).ok());
    EXPECT_EQ(group.health().operations, 201U);
    EXPECT_FALSE(group.health().failure);
  });
}

TEST_P(Exchange, ASilentProcessIsAnErrorNotAHang) {
  std::mutex mutex;
  std::vector<std::string> ids;
  const auto begin = Clock::now();
  run_group(places(3, GetParam(), 0.5), [&](Communicator& group) {
    std::vector<float> values(1000, 1.0F);
    ASSERT_TRUE(group.wait(group.all_reduce(std::span(values))).ok());
    if (group.rank() == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // stuck, but not gone
      return;
    }
    const Result<> result = group.wait(group.all_reduce(std::span(values)));
    ASSERT_FALSE(result.ok());
    const std::lock_guard<std::mutex> lock(mutex);
    ids.push_back(result.error().id);
    EXPECT_TRUE(group.health().failure);
    EXPECT_FALSE(group.wait(group.barrier()).ok()) << "nothing works after a failure";
  });
  ASSERT_EQ(ids.size(), 2U);
  // whoever notices first says so; the other may learn of it from the connection that was closed
  EXPECT_TRUE(ids[0] == "E-COM-004" || ids[1] == "E-COM-004") << ids[0] << " " << ids[1];
  for (const std::string& id : ids) EXPECT_TRUE(id == "E-COM-004" || id == "E-COM-005") << id;
  EXPECT_LT(seconds_since(begin), 10.0);
}

TEST_P(Exchange, ProcessesThatDoDifferentThingsAreToldSo) {
  run_group(places(2, GetParam()), [&](Communicator& group) {
    std::vector<float> values(group.rank() == 0 ? 100 : 200, 1.0F);
    const Result<> result = group.wait(group.all_reduce(std::span(values)));
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().id == "E-COM-006" || result.error().id == "E-COM-005") << result.error().id;
  });
}

TEST_P(Exchange, AnAbortEndsTheWaitOfAll) {
  const auto begin = Clock::now();
  run_group(places(3, GetParam()), [&](Communicator& group) {
    if (group.rank() == 2) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      group.abort();
      return;
    }
    const Result<> result = group.wait(group.barrier());
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().id, "E-COM-005");
  });
  EXPECT_LT(seconds_since(begin), 10.0) << "of a timeout of 20";
}

TEST_P(Exchange, AKilledProcessIsNoticedAndLeavesNothingBehind) {
  const std::vector<std::string> before = shared_files();
  const std::vector<GroupPlace> group = places(3, GetParam());
  std::vector<pid_t> children;
  for (const GroupPlace& place : group) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto communicator = join_group(place);
      if (!communicator.ok()) _exit(99);
      std::vector<float> values(100000, 1.0F);
      for (;;) {
        const Result<> result = (*communicator)->wait((*communicator)->all_reduce(std::span(values)));
        if (!result.ok()) _exit(result.error().id == "E-COM-005" ? 5 : 4);
      }
    }
    children.push_back(child);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto begin = Clock::now();
  kill(children[1], SIGKILL);
  std::map<pid_t, int> status;
  for (const pid_t child : {children[1], children[0], children[2]}) waitpid(child, &status[child], 0);
  EXPECT_TRUE(WIFSIGNALED(status[children[1]]));
  for (const pid_t survivor : {children[0], children[2]}) {
    ASSERT_TRUE(WIFEXITED(status[survivor]));
    EXPECT_EQ(WEXITSTATUS(status[survivor]), 5);
  }
  EXPECT_LT(seconds_since(begin), 10.0) << "of a timeout of 20";
  EXPECT_EQ(shared_files(), before);
  ::close(group[0].listener);
}

TEST(Part, PartsCoverEverythingOnceInWholeCacheLines) {
  for (const std::size_t count : {0UL, 1UL, 16UL, 17UL, 1000UL}) {
    for (const int size : {1, 2, 3, 7}) {
      std::size_t next = 0;
      for (int rank = 0; rank < size; ++rank) {
        const ElementRange part = part_of(count, size, rank);
        EXPECT_EQ(part.begin, std::min(next, count));
        EXPECT_TRUE(part.begin % 16 == 0 || part.begin == count);
        next = part.end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

}  // namespace
}  // namespace cw
