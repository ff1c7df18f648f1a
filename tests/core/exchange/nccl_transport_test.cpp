// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way from the meeting to NCCL's calls, with a library and a device that need no GPU. Processes are threads
// where that makes no difference.
#include "core/exchange/nccl_transport.h"

#include "tests/core/exchange/fake_nccl/fake_device.h"
#include "tests/core/exchange/group_of_threads.h"

#include <dlfcn.h>
#include <sys/wait.h>

#include <barrier>
#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <numeric>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;
using fake::Fault;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::shared_ptr<const NcclLibrary> library() {
  const auto loaded = NcclLibrary::load(CW_FAKE_NCCL);
  EXPECT_TRUE(loaded.ok()) << loaded.error().message;
  return loaded.value();
}

template <class Function>
Function told_to_library(const char* name) {
  static void* const handle = ::dlopen(CW_FAKE_NCCL, RTLD_NOW);
  return reinterpret_cast<Function>(::dlsym(handle, name));
}

void set_fault(int rank, Fault fault) { told_to_library<fake::SetFault>("fake_nccl_fault")(rank, fault); }
int calls(const char* name) { return told_to_library<fake::CountCalls>("fake_nccl_calls")(name); }

fake::Device& device_of(const GroupPlace& place) { return static_cast<fake::Device&>(*place.device); }

std::vector<GroupPlace> gpu_places(int size, double timeout_s = 20.0) {
  std::vector<GroupPlace> all = places(size, TransportChoice::kAuto, timeout_s);
  for (GroupPlace& place : all) {
    place.nccl = library();
    place.device = std::make_shared<fake::Device>("0000:0" + std::to_string(place.rank) + ":00.0");
  }
  return all;
}

// The k-th value of a process; sums of a few of them are exact, in any order.
template <class T>
T value_of(int rank, std::size_t k) {
  return static_cast<T>((k * 31 + static_cast<std::size_t>(rank) * 7) % 1009);
}

template <class T>
T sum_of(int size, std::size_t k) {
  T sum = 0;
  for (int rank = 0; rank < size; ++rank) sum += value_of<T>(rank, k);
  return sum;
}

template <class T>
void fill(std::span<T> values, int rank) {
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = value_of<T>(rank, k);
}

template <class T>
void expect_sum(std::span<const T> values, const ElementRange& part, int size) {
  for (std::size_t k = part.begin; k < part.end; ++k) ASSERT_EQ(values[k], sum_of<T>(size, k)) << k;
}

template <class T>
void expect_exchanges_in(Communicator& group, std::span<T> values) {
  const ElementRange whole{0, values.size()};
  fill(values, group.rank());
  ASSERT_TRUE(group.wait(group.all_reduce(values)).ok());
  expect_sum<T>(values, whole, group.size());

  fill(values, group.rank());
  ASSERT_TRUE(group.wait(group.reduce_scatter(values)).ok());
  const ElementRange own = part_of(values.size(), group.size(), group.rank());
  expect_sum<T>(values, own, group.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (k < own.begin || k >= own.end) values[k] = T{-1};
  }
  ASSERT_TRUE(group.wait(group.all_gather(values)).ok());
  expect_sum<T>(values, whole, group.size());

  for (int root = 0; root < group.size(); ++root) {
    fill(values, group.rank());
    ASSERT_TRUE(group.wait(group.broadcast(std::as_writable_bytes(values), root)).ok());
    for (std::size_t k = 0; k < values.size(); ++k) ASSERT_EQ(values[k], value_of<T>(root, k));
  }
}

template <class T>
void expect_exchanges(Communicator& group, std::size_t count) {
  const auto memory = group.allocate((count + 16) * sizeof(T));
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(std::count(memory->begin(), memory->end(), std::byte{0}), static_cast<std::ptrdiff_t>(memory->size()));
  const std::span<T> inside(reinterpret_cast<T*>(memory->data()), count + 16);
  fill(inside, 0);
  expect_exchanges_in(group, inside.first(count));
  for (std::size_t k = count; k < count + 16; ++k) ASSERT_EQ(inside[k], value_of<T>(0, k)) << "written beyond the end";
  std::vector<T> outside(count);
  expect_exchanges_in(group, std::span(outside));
}

TEST(NcclTransport, ExchangesInMemoryOfTheGpuAndOfTheHost) {
  for (const int size : {1, 2, 3, 5}) {
    const auto group = gpu_places(size);
    run_group(group, [&](Communicator& communicator) {
      for (const std::size_t count : {std::size_t{1}, std::size_t{47}, std::size_t{480}, std::size_t{60001}}) {
        expect_exchanges<float>(communicator, count);
        expect_exchanges<double>(communicator, count);
      }
      EXPECT_TRUE(communicator.wait(communicator.barrier()).ok());
    });
    for (const GroupPlace& place : group) EXPECT_EQ(device_of(place).pieces(), 0U) << "memory of the GPU was kept";
  }
}

TEST(NcclTransport, WhatLiesOnTheGpuIsNotCopiedAndWaitsForTheComputation) {
  const auto group = gpu_places(2);
  const int scattered = calls("ncclReduceScatter");
  const int reduced = calls("ncclReduce");
  run_group(group, [&](Communicator& communicator) {
    fake::Device& device = device_of(group[static_cast<std::size_t>(communicator.rank())]);
    const auto memory = communicator.allocate(2048 * sizeof(float));
    ASSERT_TRUE(memory.ok());
    const std::span<float> values(reinterpret_cast<float*>(memory->data()), 2048);
    ASSERT_TRUE(communicator.wait(communicator.reduce_scatter(values)).ok());
    EXPECT_EQ(device.copies, 0);
    EXPECT_EQ(device.times_followed, 1);
    ASSERT_TRUE(communicator.wait(communicator.reduce_scatter(values.first(2000))).ok());
    std::vector<float> of_host(10);
    ASSERT_TRUE(communicator.wait(communicator.all_reduce(std::span(of_host))).ok());
    EXPECT_EQ(device.copies, 2);
    EXPECT_EQ(device.times_followed, 2) << "values of the host wait for nothing";
  });
  EXPECT_EQ(calls("ncclReduceScatter") - scattered, 2) << "equal parts: one call in each process";
  EXPECT_EQ(calls("ncclReduce") - reduced, 4) << "others: one per part in each process";
}

TEST(NcclTransport, NumbersOfTwoBytesAreAddedUpAsNumbers) {
  run_group(gpu_places(3), [&](Communicator& communicator) {
    for (const std::size_t count : {std::size_t{48}, std::size_t{1001}}) {
      const auto memory = communicator.allocate(count * sizeof(Bf16));
      ASSERT_TRUE(memory.ok());
      const std::span<Bf16> values(reinterpret_cast<Bf16*>(memory->data()), count);
      // small whole numbers: exact, however often they are rounded
      const auto value = [](int rank, std::size_t k) {
        return static_cast<float>((k + 5 * static_cast<std::size_t>(rank)) % 40);
      };
      for (std::size_t k = 0; k < count; ++k) values[k] = to_bf16(value(communicator.rank(), k));
      ASSERT_TRUE(communicator.wait(communicator.reduce_scatter(values)).ok());
      ASSERT_TRUE(communicator.wait(communicator.all_gather(values)).ok());
      for (std::size_t k = 0; k < count; ++k) {
        ASSERT_EQ(to_float(values[k]), value(0, k) + value(1, k) + value(2, k)) << k;
      }
    }
  });
}

TEST(NcclTransport, ALibraryThatIsMissingOldOrAnotherIsRefused) {
  const auto missing = NcclLibrary::load("/nowhere/libnccl.so.2");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().id, "E-COM-010");
  EXPECT_EQ(missing.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(missing.error().message.find("/nowhere/libnccl.so.2"), std::string::npos);
  const auto other = NcclLibrary::load("libm.so.6");
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().message.find("libm.so.6 is not NCCL"), std::string::npos) << other.error().message;
  const auto partly = NcclLibrary::load(CW_FAKE_NCCL_PART);
  ASSERT_FALSE(partly.ok());
  EXPECT_NE(partly.error().message.find("NCCL 2.28.9, has no function ncclCommFinalize"), std::string::npos)
      << partly.error().message;
  const auto set_version = told_to_library<fake::SetVersion>("fake_nccl_version");
  set_version(2804);
  const auto old = NcclLibrary::load(CW_FAKE_NCCL);
  set_version(22809);
  ASSERT_FALSE(old.ok());
  EXPECT_EQ(old.error().id, "E-COM-010");
  EXPECT_NE(old.error().message.find("is NCCL 2.8.4;"), std::string::npos) << old.error().message;
  EXPECT_NE(old.error().message.find("2.14.0 or later"), std::string::npos);
  EXPECT_EQ(library()->version(), 22809);
}

TEST(NcclTransport, OnlyAWholeIdIsRead) {
  const auto id = library()->make_id();
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->size(), 256U);
  EXPECT_TRUE(NcclLibrary::read_id(*id).ok());
  EXPECT_EQ(NcclLibrary::read_id(id->substr(1)).error().id, "E-COM-003");
  EXPECT_EQ(NcclLibrary::read_id(id->substr(1) + "g").error().id, "E-COM-003");
}

// What went wrong in each process of a group in which `rank` has this fault from its second exchange on.
std::map<int, Error> failures(const std::vector<GroupPlace>& group, int rank, Fault fault) {
  std::mutex mutex;
  std::map<int, Error> errors;
  std::barrier first_is_done(static_cast<std::ptrdiff_t>(group.size()));
  run_group(group, [&](Communicator& communicator) {
    std::vector<float> values(1000, 1.0F);
    ASSERT_TRUE(communicator.wait(communicator.all_reduce(std::span(values))).ok());
    first_is_done.arrive_and_wait();
    if (communicator.rank() == rank) set_fault(rank, fault);
    const Result<> result = communicator.wait(communicator.all_reduce(std::span(values)));
    ASSERT_FALSE(result.ok());
    EXPECT_FALSE(communicator.wait(communicator.barrier()).ok()) << "nothing works after a failure";
    const std::lock_guard<std::mutex> lock(mutex);
    errors.emplace(communicator.rank(), result.error());
  });
  set_fault(rank, Fault::kNone);
  for (const GroupPlace& place : group) EXPECT_EQ(device_of(place).pieces(), 0U);
  return errors;
}

TEST(NcclTransport, AFailureIsToldInTheWordsOfNcclAndEndsAllAtOnce) {
  for (const Fault fault : {Fault::kCallFails, Fault::kLaterFails}) {
    const auto begin = Clock::now();
    const auto errors = failures(gpu_places(4), 2, fault);
    EXPECT_LT(seconds_since(begin), 5.0) << "nobody waited for the time limit";
    ASSERT_EQ(errors.size(), 4U);
    for (const auto& [rank, error] : errors)
      EXPECT_EQ(error.id, rank == 2 ? "E-COM-011" : "E-COM-005") << error.message;
    EXPECT_NE(errors.at(2).message.find("process 2 of 4: unhandled system error: the cable is cut"), std::string::npos)
        << errors.at(2).message;
  }
}

TEST(NcclTransport, AProcessThatIsStuckIsAnErrorNotAHang) {
  const auto begin = Clock::now();
  const auto errors = failures(gpu_places(3, 0.5), 1, Fault::kStuck);
  EXPECT_LT(seconds_since(begin), 5.0);
  int silent = 0;
  for (const auto& [rank, error] : errors) {
    EXPECT_TRUE(error.id == "E-COM-004" || error.id == "E-COM-005") << error.message;
    silent += error.id == "E-COM-004" ? 1 : 0;
  }
  EXPECT_GE(silent, 1) << "the first to give up says why";
}

TEST(NcclTransport, TheMeetingHasATimeLimit) {
  auto group = gpu_places(2);
  for (GroupPlace& place : group) place.meeting_timeout_s = 0.5;
  set_fault(1, Fault::kMeetingHangs);
  std::vector<std::thread> threads;
  for (const GroupPlace& place : group) {
    threads.emplace_back([&place] {
      const auto communicator = join_group(place);
      ASSERT_FALSE(communicator.ok());
      const std::string id = communicator.error().id;
      EXPECT_TRUE(id == "E-COM-004" || id == "E-COM-005") << communicator.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  set_fault(1, Fault::kNone);
}

TEST(NcclTransport, AbortEndsTheWaitingOfAll) {
  const auto begin = Clock::now();
  run_group(gpu_places(3), [&](Communicator& communicator) {
    if (communicator.rank() == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      communicator.abort();
      return;
    }
    std::vector<float> values(10);
    const Result<> result = communicator.wait(communicator.all_reduce(std::span(values)));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().id, "E-COM-005");
  });
  EXPECT_LT(seconds_since(begin), 5.0);
}

TEST(NcclTransport, DifferentExchangesAreNoticed) {
  std::mutex mutex;
  std::vector<std::string> ids;
  run_group(gpu_places(2), [&](Communicator& communicator) {
    std::vector<float> values(communicator.rank() == 0 ? 10 : 11);
    const Result<> result = communicator.wait(communicator.all_reduce(std::span(values)));
    ASSERT_FALSE(result.ok());
    const std::lock_guard<std::mutex> lock(mutex);
    ids.push_back(result.error().id);
  });
  EXPECT_NE(std::find(ids.begin(), ids.end(), "E-COM-006"), ids.end());
}

TEST(NcclTransport, WhoIsReadyFirstMayLeave) {
  for (int time = 0; time < 5; ++time) {
    run_group(gpu_places(3), [&](Communicator& communicator) {
      std::vector<std::byte> bytes(100000, static_cast<std::byte>(communicator.rank()));
      for (int root = 0; root < 3; ++root) {
        ASSERT_TRUE(communicator.wait(communicator.broadcast(bytes, root)).ok());
        if (communicator.rank() == time % 3) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }
}

TEST(NcclTransport, AProcessThatIsKilledEndsTheOthersAtOnce) {
  const auto group = gpu_places(3);
  std::vector<pid_t> children;
  for (const GroupPlace& place : group) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto communicator = join_group(place);
      if (!communicator.ok()) ::_exit(1);
      std::vector<float> values(1000, 1.0F);
      for (int time = 0; time < 100; ++time) {
        if (place.rank == 1 && time == 5) ::raise(SIGKILL);
        const Result<> result = (*communicator)->wait((*communicator)->all_reduce(std::span(values)));
        if (!result.ok()) ::_exit(time >= 4 && result.error().id == "E-COM-005" ? 0 : 2);
      }
      ::_exit(3);
    }
    children.push_back(child);
  }
  const auto begin = Clock::now();
  for (std::size_t rank = 0; rank < children.size(); ++rank) {
    int status = 0;
    ASSERT_EQ(::waitpid(children[rank], &status, 0), children[rank]);
    if (rank == 1) {
      EXPECT_TRUE(WIFSIGNALED(status));
    } else {
      EXPECT_EQ(status, 0) << rank;
    }
  }
  EXPECT_LT(seconds_since(begin), 10.0) << "nobody waited for the time limit of 20 s";
}

TEST(NcclTransport, MemoryOfTheGpuMayNotSuffice) {
  const auto group = gpu_places(2);
  for (const GroupPlace& place : group) device_of(place).most_bytes = 1000;
  run_group(group, [&](Communicator& communicator) { EXPECT_EQ(communicator.allocate(1001).error().id, "E-DEV-003"); });
}

// What process 1 is told at the meeting with process 0.
Error told_to_the_second(std::vector<GroupPlace> group) {
  for (GroupPlace& place : group) place.meeting_timeout_s = 1.0;
  Error error;
  std::thread first([&] {
    const auto communicator = join_group(group[0]);
    EXPECT_EQ(communicator.error().id, "E-COM-002");
  });
  const auto communicator = join_group(group[1]);
  if (!communicator.ok()) error = communicator.error();
  first.join();
  return error;
}

TEST(NcclTransport, GpusThatDoNotGoTogetherAreRefused) {
  auto group = gpu_places(2);
  group[1].device = std::make_shared<fake::Device>(group[0].device->name());
  Error error = told_to_the_second(group);
  EXPECT_EQ(error.id, "E-COM-006");
  EXPECT_NE(error.message.find("processes 0 and 1 use the same GPU 0000:00:00.0"), std::string::npos) << error.message;

  group = gpu_places(2);
  group[1].device.reset();
  error = told_to_the_second(group);
  EXPECT_EQ(error.id, "E-COM-006");
  EXPECT_NE(error.message.find("this process computes on the CPU, process 0 on a GPU"), std::string::npos)
      << error.message;

  group = gpu_places(2);
  const auto set_version = told_to_library<fake::SetVersion>("fake_nccl_version");
  set_version(22703);
  group[1].nccl = library();
  set_version(22809);
  error = told_to_the_second(group);
  EXPECT_EQ(error.id, "E-COM-006");
  EXPECT_NE(error.message.find("this process has NCCL 2.27.3, process 0 NCCL 2.28.9"), std::string::npos)
      << error.message;
}

TEST(NcclTransport, AGpuExchangesThroughNcclOnly) {
  auto group = gpu_places(1);
  group[0].transport = TransportChoice::kTcp;
  EXPECT_EQ(join_group(group[0]).error().id, "E-COM-006");
  group[0].transport = TransportChoice::kAuto;
  group[0].nccl.reset();
  EXPECT_EQ(join_group(group[0]).error().id, "E-COM-006");
}

}  // namespace
}  // namespace cw
