// SPDX-License-Identifier: GPL-3.0-or-later
// A library with NCCL's functions for memory of the host: processes and threads exchange numbers through shared memory,
// in the background, as NCCL does it on a GPU. It reads nothing of ours but this header: the structs and numbers are
// those of nccl.h, written down a second time on purpose.
#include "tests/core/exchange/fake_nccl/fake_nccl.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using cw::fake::Fault;

enum Result { kSuccess = 0, kSystemError = 2, kInvalidArgument = 4, kInvalidUsage = 5, kInProgress = 7 };
enum Type { kUint8 = 1, kFloat = 7, kDouble = 8, kBFloat16 = 9 };
constexpr int kMostRanks = 8;
constexpr std::size_t kSlotBytes = std::size_t{1} << 16U;

struct Shared {
  std::atomic<int> arrived;
  std::array<std::atomic<std::uint64_t>, kMostRanks> posted;
  std::array<std::atomic<std::uint64_t>, kMostRanks> taken;
  std::array<std::array<std::byte, kSlotBytes>, kMostRanks> slots;
};

struct Settings {
  std::mutex mutex;
  std::map<int, Fault> faults;
  std::map<std::string, int> calls;
  int version = 22809;
};

Settings& settings() {
  static Settings instance;
  return instance;
}

Fault fault_of(int rank) {
  const std::lock_guard<std::mutex> lock(settings().mutex);
  return settings().faults[rank];
}

void count(const char* name) {
  const std::lock_guard<std::mutex> lock(settings().mutex);
  ++settings().calls[name];
}

// root -1: all receive; sums: added up in the order of ranks
struct Work {
  const void* send = nullptr;
  void* receive = nullptr;
  std::size_t elements = 0;
  Type type = kFloat;
  bool sums = false;
  int root = -1;          // of a broadcast: who sends; of a sum: who receives
  bool scatters = false;  // the sum: `elements` for every rank
  bool gathers = false;
  cw::fake::Queue* queue = nullptr;
};

std::size_t width_of(Type type) {
  switch (type) {
    case kUint8:
      return 1;
    case kBFloat16:
      return 2;
    case kFloat:
      return 4;
    case kDouble:
      return 8;
  }
  return 0;
}

// The upper half of a float; rounded at every addition, as NCCL does it.
struct Half {
  std::uint16_t bits = 0;
  [[nodiscard]] float wide() const {
    const std::uint32_t word = std::uint32_t{bits} << 16U;
    float value = 0.0F;
    std::memcpy(&value, &word, sizeof(value));
    return value;
  }
  friend Half operator+(Half a, Half b) {
    const float sum = a.wide() + b.wide();
    std::uint32_t word = 0;
    std::memcpy(&word, &sum, sizeof(word));
    return {static_cast<std::uint16_t>((word + 0x7fffU + ((word >> 16U) & 1U)) >> 16U)};
  }
};

struct Comm {
  int size = 0;
  int rank = 0;
  std::string name;
  Shared* shared = nullptr;
  std::uint64_t pieces = 0;
  std::atomic<int> state{kInProgress};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::vector<Work>> queue;
  std::thread thread;

  bool wait_for(const std::function<bool()>& ready) const {
    while (!ready()) {
      if (stop) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    return true;
  }

  bool all(const std::array<std::atomic<std::uint64_t>, kMostRanks>& counters, std::uint64_t value) const {
    return std::all_of(counters.begin(), counters.begin() + size, [&](const auto& c) { return c.load() >= value; });
  }

  // Everybody's piece of at most kSlotBytes is in the slots while `use` runs.
  bool with_pieces(const std::byte* own, std::size_t bytes, const std::function<void()>& use) {
    if (!wait_for([&] { return all(shared->taken, pieces); })) return false;
    std::memcpy(shared->slots[static_cast<std::size_t>(rank)].data(), own, bytes);
    ++pieces;
    shared->posted[static_cast<std::size_t>(rank)] = pieces;
    if (!wait_for([&] { return all(shared->posted, pieces); })) return false;
    use();
    shared->taken[static_cast<std::size_t>(rank)] = pieces;
    return true;
  }

  template <class T>
  void add_up(std::byte* to, std::size_t first_byte, std::size_t bytes) const {
    for (std::size_t i = 0; i < bytes / sizeof(T); ++i) {
      T sum{};
      for (int r = 0; r < size; ++r) {
        T value{};
        std::memcpy(&value, shared->slots[static_cast<std::size_t>(r)].data() + first_byte + i * sizeof(T), sizeof(T));
        sum = r == 0 ? value : sum + value;
      }
      std::memcpy(to + i * sizeof(T), &sum, sizeof(T));
    }
  }

  void take_sum(const Work& w, std::byte* to, std::size_t bytes) const {
    if (w.type == kFloat) add_up<float>(to, 0, bytes);
    if (w.type == kDouble) add_up<double>(to, 0, bytes);
    if (w.type == kBFloat16) add_up<Half>(to, 0, bytes);
  }

  bool carry_out(const Work& w) {
    const std::size_t all_bytes = w.elements * width_of(w.type);
    const auto* send = static_cast<const std::byte*>(w.send);
    auto* receive = static_cast<std::byte*>(w.receive);
    const int owners = w.scatters ? size : 1;
    // A scattered sum is one sum per receiver; its values are saved first because it may be done in place.
    std::vector<std::byte> saved;
    if (w.scatters) saved.assign(send, send + all_bytes * static_cast<std::size_t>(size));
    if (w.scatters) send = saved.data();
    for (int owner = 0; owner < owners; ++owner) {
      const std::byte* from = send + static_cast<std::size_t>(owner) * (w.scatters ? all_bytes : 0);
      const bool takes = w.scatters ? owner == rank : !w.sums || w.root < 0 || w.root == rank;
      for (std::size_t first = 0; first < all_bytes; first += kSlotBytes) {
        const std::size_t bytes = std::min(kSlotBytes, all_bytes - first);
        const bool done = with_pieces(from + first, bytes, [&] {
          if (!takes) return;
          if (w.sums) return take_sum(w, receive + first, bytes);
          for (int r = 0; r < size; ++r) {
            if (!w.gathers && r != w.root) continue;
            std::byte* to = receive + first + (w.gathers ? static_cast<std::size_t>(r) * all_bytes : 0);
            std::memcpy(to, shared->slots[static_cast<std::size_t>(r)].data(), bytes);
          }
        });
        if (!done) return false;
      }
    }
    return true;
  }

  bool open() {
    const int file = ::shm_open(name.c_str(), O_RDWR | O_CREAT, 0600);
    if (file < 0 || ::ftruncate(file, sizeof(Shared)) != 0) return false;
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED) return false;
    shared = static_cast<Shared*>(memory);
    return true;
  }

  void work() {
    if (fault_of(rank) == Fault::kMeetingHangs) {
      wait_for([] { return false; });
      return;
    }
    const bool last = ++shared->arrived == size;
    if (last) ::shm_unlink(name.c_str());
    if (!wait_for([&] { return shared->arrived == size; })) return;
    state = kSuccess;
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return stop || !queue.empty(); });
      if (stop) return;
      const std::vector<Work> group = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      const Fault fault = fault_of(rank);
      if (fault == Fault::kLaterFails) state = kSystemError;
      if (fault == Fault::kLaterFails || fault == Fault::kStuck) continue;
      for (const Work& w : group) {
        if (!carry_out(w)) return;
      }
      --group.front().queue->pending;
    }
  }

  void end() {
    stop = true;
    { const std::lock_guard<std::mutex> lock(mutex); }
    changed.notify_all();
    thread.join();
    ::shm_unlink(name.c_str());  // still there if not all have come
    ::munmap(shared, sizeof(Shared));
  }
};

struct Group {
  bool open = false;
  Comm* comm = nullptr;
  std::vector<Work> works;
};
thread_local Group group;

int submit(Comm* comm, std::vector<Work> works) {
  if (works.empty()) return kSuccess;
  if (fault_of(comm->rank) == Fault::kCallFails) return kSystemError;
  ++works.front().queue->pending;
  {
    const std::lock_guard<std::mutex> lock(comm->mutex);
    comm->queue.push_back(std::move(works));
  }
  comm->changed.notify_all();
  return kSuccess;
}

int start(const char* name, void* comm, const Work& work) {
  auto* c = static_cast<Comm*>(comm);
  count(name);
  if (c->state != kSuccess) return kInvalidUsage;
  if (!group.open) return submit(c, {work});
  group.comm = c;
  group.works.push_back(work);
  return kSuccess;
}

Work work_of(const void* send, void* receive, std::size_t elements, int type, void* queue) {
  Work work;
  work.send = send;
  work.receive = receive;
  work.elements = elements;
  work.type = static_cast<Type>(type);
  work.queue = static_cast<cw::fake::Queue*>(queue);
  return work;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): NCCL's names
extern "C" {

struct ncclUniqueId {
  char internal[128];
};
struct ncclConfig_v21400 {
  std::size_t size;
  unsigned int magic;
  unsigned int version;
  int blocking;
};

void fake_nccl_fault(int rank, Fault fault) {
  const std::lock_guard<std::mutex> lock(settings().mutex);
  settings().faults[rank] = fault;
}
void fake_nccl_version(int version) { settings().version = version; }
int fake_nccl_calls(const char* name) {
  const std::lock_guard<std::mutex> lock(settings().mutex);
  return settings().calls[name];
}

int ncclGetVersion(int* version) {
  *version = settings().version;
  return kSuccess;
}

int ncclGetUniqueId(ncclUniqueId* id) {
  static std::atomic<int> number{0};
  std::memset(id, 0, sizeof(*id));
  const std::string name = "/cw_fake_nccl_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
  std::memcpy(id->internal, name.data(), name.size());
  return kSuccess;
}

int ncclCommInitRankConfig(void** comm, int size, ncclUniqueId id, int rank, ncclConfig_v21400* config) {
  const bool good = config != nullptr && config->size >= sizeof(*config) && config->magic == 0xcafebeefU &&
                    config->version == 21400U && config->blocking == 0;
  if (!good || size < 1 || size > kMostRanks || rank < 0 || rank >= size) return kInvalidArgument;
  auto* c = new Comm;
  c->size = size;
  c->rank = rank;
  c->name = id.internal;
  if (!c->open()) {
    delete c;
    return kSystemError;
  }
  c->thread = std::thread([c] { c->work(); });
  *comm = c;
  return kInProgress;
}

#ifndef CW_FAKE_NCCL_PART
int ncclCommFinalize(void* comm) { return static_cast<Comm*>(comm)->state; }
#endif

int ncclCommDestroy(void* comm) {
  static_cast<Comm*>(comm)->end();
  delete static_cast<Comm*>(comm);
  return kSuccess;
}

int ncclCommAbort(void* comm) { return ncclCommDestroy(comm); }

int ncclCommGetAsyncError(void* comm, int* state) {
  *state = static_cast<Comm*>(comm)->state;
  return kSuccess;
}

const char* ncclGetErrorString(int result) {
  return result == kSystemError ? "unhandled system error" : result == kInvalidUsage ? "invalid usage" : "other";
}
const char* ncclGetLastError(void* comm) { return comm == nullptr ? "" : "the cable is cut"; }

int ncclGroupStart() {
  group.open = true;
  return kSuccess;
}

int ncclGroupEnd() {
  const Group whole = std::move(group);
  group = {};
  return whole.works.empty() ? kSuccess : submit(whole.comm, whole.works);
}

int ncclAllReduce(const void* send, void* receive, std::size_t elements, int type, int /*sum*/, void* comm,
                  void* queue) {
  Work work = work_of(send, receive, elements, type, queue);
  work.sums = true;
  return start("ncclAllReduce", comm, work);
}

int ncclReduce(const void* send, void* receive, std::size_t elements, int type, int /*sum*/, int root, void* comm,
               void* queue) {
  Work work = work_of(send, receive, elements, type, queue);
  work.sums = true;
  work.root = root;
  return start("ncclReduce", comm, work);
}

int ncclReduceScatter(const void* send, void* receive, std::size_t elements, int type, int /*sum*/, void* comm,
                      void* queue) {
  Work work = work_of(send, receive, elements, type, queue);
  work.sums = true;
  work.scatters = true;
  return start("ncclReduceScatter", comm, work);
}

int ncclAllGather(const void* send, void* receive, std::size_t elements, int type, void* comm, void* queue) {
  Work work = work_of(send, receive, elements, type, queue);
  work.gathers = true;
  return start("ncclAllGather", comm, work);
}

int ncclBroadcast(const void* send, void* receive, std::size_t elements, int type, int root, void* comm, void* queue) {
  Work work = work_of(send, receive, elements, type, queue);
  work.root = root;
  return start("ncclBroadcast", comm, work);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
