// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/emulation/fibres.h"

#include <ucontext.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cw::emulated {
namespace {

constexpr std::size_t kStackBytes = std::size_t{256} * 1024;

/// One copy to shared memory that was begun.
struct Copy {
  void* to;
  const void* from;
  bool valid;
};

/// One thread of the block that runs.
struct Fibre {
  enum class State { kReady, kAtBarrier, kInExchange, kDone };

  ucontext_t context{};
  std::unique_ptr<std::byte[]> stack;
  State state = State::kDone;
  Index thread;
  unsigned number = 0;
  unsigned num_exchanges = 0;
  std::vector<std::vector<Copy>> groups;  ///< of copies; the last one is still open
};

/// The lanes that meet in an exchange. Two sets of values: a lane may give to the next exchange while others still read
/// this one, but not to the one after it.
struct Warp {
  const char* name = nullptr;
  unsigned arrived = 0;
  unsigned size = 0;
  LaneValues values[2];
};

class Block {
 public:
  Block(const LaunchShape& shape, ThreadOrder order, const std::function<void()>& thread)
      : shape_(shape),
        body_(thread),
        fibres_(std::size_t{shape.block.x} * shape.block.y * shape.block.z),
        warps_((fibres_.size() + kLanes - 1) / kLanes),
        shared_(shape.shared_bytes / sizeof(std::max_align_t) + 1),
        order_(fibres_.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (order == ThreadOrder::kReverse) std::reverse(order_.begin(), order_.end());
    if (order == ThreadOrder::kShuffled) std::shuffle(order_.begin(), order_.end(), std::mt19937(1));  // NOLINT
    unsigned number = 0;
    for (Fibre& fibre : fibres_) {
      fibre.number = number;
      fibre.thread = {number % shape.block.x, number / shape.block.x % shape.block.y,
                      number / shape.block.x / shape.block.y};
      fibre.stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
      ++warps_[number / kLanes].size;
      ++number;
    }
  }

  void run(const Index& place);

  // ---- from inside a thread

  [[nodiscard]] Fibre& current() noexcept { return *current_; }
  [[nodiscard]] const LaunchShape& shape() const noexcept { return shape_; }
  [[nodiscard]] const Index& place() const noexcept { return place_; }
  [[nodiscard]] void* shared() noexcept { return shared_.data(); }
  void wait_at_barrier();
  const LaneValues& exchange(const char* name, const void* value, std::size_t size);

 private:
  static void enter();
  void run_thread() noexcept;
  void leave(Fibre::State state);
  /// Lets every thread run that can; false where there was none.
  bool run_round();
  [[noreturn]] void fail_stuck() const;

  const LaunchShape& shape_;
  const std::function<void()>& body_;
  std::vector<Fibre> fibres_;
  std::vector<Warp> warps_;
  std::vector<std::max_align_t> shared_;
  std::vector<std::size_t> order_;
  Index place_;
  ucontext_t scheduler_{};
  Fibre* current_ = nullptr;
  std::size_t at_barrier_ = 0;
  std::size_t done_ = 0;
  std::exception_ptr thrown_;
};

thread_local Block* running = nullptr;

void Block::enter() { running->run_thread(); }

void Block::run_thread() noexcept {
  try {
    body_();
  } catch (...) {
    thrown_ = std::current_exception();
  }
  ++done_;
  current_->state = Fibre::State::kDone;
  // returning goes on at uc_link, the scheduler
}

void Block::leave(Fibre::State state) {
  current_->state = state;
  swapcontext(&current_->context, &scheduler_);
}

void Block::wait_at_barrier() {
  if (++at_barrier_ < fibres_.size()) {
    leave(Fibre::State::kAtBarrier);
    return;
  }
  at_barrier_ = 0;
  for (Fibre& fibre : fibres_) {
    if (fibre.state == Fibre::State::kAtBarrier) fibre.state = Fibre::State::kReady;
  }
}

const LaneValues& Block::exchange(const char* name, const void* value, std::size_t size) {
  Warp& warp = warps_[current_->number / kLanes];
  LaneValues& values = warp.values[current_->num_exchanges++ % 2];
  if (warp.arrived > 0 && std::strcmp(warp.name, name) != 0) {
    throw KernelFault(std::string("lanes of one warp are in ") + warp.name + " and in " + name + " at the same time");
  }
  warp.name = name;
  if (size > 0) std::memcpy(values.of_lane[current_->number % kLanes], value, size);
  if (++warp.arrived < warp.size) {
    leave(Fibre::State::kInExchange);
    return values;
  }
  warp.arrived = 0;
  const std::size_t first = std::size_t{current_->number / kLanes} * kLanes;
  for (std::size_t i = first; i < first + warp.size; ++i) {
    if (fibres_[i].state == Fibre::State::kInExchange) fibres_[i].state = Fibre::State::kReady;
  }
  return values;
}

bool Block::run_round() {
  bool any = false;
  for (const std::size_t i : order_) {
    Fibre& fibre = fibres_[i];
    if (fibre.state != Fibre::State::kReady) continue;
    any = true;
    current_ = &fibre;
    swapcontext(&scheduler_, &fibre.context);
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  return any;
}

void Block::fail_stuck() const {
  std::size_t in_exchange = 0;
  for (const Fibre& fibre : fibres_) in_exchange += fibre.state == Fibre::State::kInExchange ? 1 : 0;
  throw KernelFault("the threads of a block wait for each other: " + std::to_string(at_barrier_) + " at a barrier, " +
                    std::to_string(in_exchange) + " in an exchange of a warp, " + std::to_string(done_) +
                    " ended, of " + std::to_string(fibres_.size()));
}

void Block::run(const Index& place) {
  place_ = place;
  done_ = at_barrier_ = 0;
  std::memset(shared_.data(), 0xff, shared_.size() * sizeof(std::max_align_t));
  for (Warp& warp : warps_) warp.arrived = 0;
  for (Fibre& fibre : fibres_) {
    fibre.state = Fibre::State::kReady;
    fibre.num_exchanges = 0;
    fibre.groups.clear();
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.get();
    fibre.context.uc_stack.ss_size = kStackBytes;
    fibre.context.uc_link = &scheduler_;
    makecontext(&fibre.context, &Block::enter, 0);
  }
  while (done_ < fibres_.size()) {
    if (!run_round()) fail_stuck();
  }
}

/// The block whose threads run; puts back what ran before.
class RunningBlock {
 public:
  explicit RunningBlock(Block& block) : before_(std::exchange(running, &block)) {}
  ~RunningBlock() { running = before_; }
  RunningBlock(const RunningBlock&) = delete;
  RunningBlock& operator=(const RunningBlock&) = delete;

 private:
  Block* before_;
};

void check(const LaunchShape& shape) {
  const std::size_t threads = std::size_t{shape.block.x} * shape.block.y * shape.block.z;
  if (threads == 0 || threads > kMostThreads) throw KernelFault("a block has " + std::to_string(threads) + " threads");
  if (shape.shared_bytes > kMostSharedBytes) {
    throw KernelFault("a block asks for " + std::to_string(shape.shared_bytes) + " bytes of shared memory, " +
                      std::to_string(kMostSharedBytes) + " are there");
  }
  if (shape.grid.x == 0 || shape.grid.y == 0 || shape.grid.z == 0) throw KernelFault("a grid without blocks");
  if (shape.grid.x > 0x7fffffffU || shape.grid.y > 0xffffU || shape.grid.z > 0xffffU) {
    throw KernelFault("a grid of more blocks than a GPU takes");
  }
}

}  // namespace

void run_grid(const LaunchShape& shape, ThreadOrder order, const std::function<void()>& thread) {
  check(shape);
  Block block(shape, order, thread);
  const RunningBlock scope(block);
  for (unsigned z = 0; z < shape.grid.z; ++z) {
    for (unsigned y = 0; y < shape.grid.y; ++y) {
      for (unsigned x = 0; x < shape.grid.x; ++x) block.run({x, y, z});
    }
  }
}

const Index& thread_index() noexcept { return running->current().thread; }
const Index& block_index() noexcept { return running->place(); }
const Index& block_size() noexcept { return running->shape().block; }
const Index& grid_size() noexcept { return running->shape().grid; }
unsigned lane() noexcept { return running->current().number % kLanes; }
void* shared_memory() noexcept { return running->shared(); }
void block_barrier() { running->wait_at_barrier(); }

const LaneValues& exchange(const char* name, const void* value, std::size_t size) {
  return running->exchange(name, value, size);
}

void begin_copy(void* to, const void* from, bool valid) {
  if (reinterpret_cast<std::uintptr_t>(to) % 16 != 0 || reinterpret_cast<std::uintptr_t>(from) % 16 != 0) {
    throw KernelFault("copy_16_bytes: an address is not aligned to 16 bytes");
  }
  auto& groups = running->current().groups;
  if (groups.empty()) groups.emplace_back();
  groups.back().push_back({to, from, valid});
}

void commit_copies() {
  auto& groups = running->current().groups;
  if (groups.empty()) groups.emplace_back();
  groups.emplace_back();
}

void wait_for_copies(std::size_t groups_left) {
  auto& groups = running->current().groups;
  while (groups.size() > groups_left + 1) {
    for (const Copy& copy : groups.front()) {
      if (copy.valid) {
        std::memcpy(copy.to, copy.from, 16);
      } else {
        std::memset(copy.to, 0, 16);
      }
    }
    groups.erase(groups.begin());
  }
}

}  // namespace cw::emulated
