// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>

namespace cw::emulated {

/// As CUDA's uint3 and dim3.
struct Index {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};

/// How a kernel is launched.
struct LaunchShape {
  Index grid;
  Index block;
  std::size_t shared_bytes = 0;
};

/// In which order the threads of a block run between two barriers. A kernel that forgets a barrier gives different
/// numbers in different orders.
enum class ThreadOrder { kForward, kReverse, kShuffled };

/// A kernel did what a GPU leaves undefined: threads of a block at different barriers, lanes of a warp in different
/// exchanges, more shared memory or threads than a block can have.
class KernelFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Shared memory that one block may have on every GPU since compute capability 8.0.
inline constexpr std::size_t kMostSharedBytes = 163 * std::size_t{1024};
inline constexpr unsigned kMostThreads = 1024;
inline constexpr unsigned kLanes = 32;

/// Runs `thread` once for every thread of every block, on the calling thread: blocks one after the other, the threads
/// of a block as fibres that change places at barriers and exchanges. Shared memory is filled with NaN before every
/// block. Throws KernelFault.
void run_grid(const LaunchShape& shape, ThreadOrder order, const std::function<void()>& thread);

// ---- from inside a thread

[[nodiscard]] const Index& thread_index() noexcept;
[[nodiscard]] const Index& block_index() noexcept;
[[nodiscard]] const Index& block_size() noexcept;
[[nodiscard]] const Index& grid_size() noexcept;
[[nodiscard]] unsigned lane() noexcept;
[[nodiscard]] void* shared_memory() noexcept;

/// Until all threads of the block are here.
void block_barrier();

inline constexpr std::size_t kExchangeBytes = 32;
/// What the lanes of a warp gave to one exchange.
struct LaneValues {
  alignas(16) std::byte of_lane[kLanes][kExchangeBytes];
};
/// Leaves `size` bytes and waits for the other lanes of the warp; `name` is that of the operation, the same in all. The
/// result is valid until the next exchange of this thread.
const LaneValues& exchange(const char* name, const void* value, std::size_t size);

/// Copies to shared memory happen when they are waited for, not before.
void begin_copy(void* to, const void* from, bool valid);
void commit_copies();
void wait_for_copies(std::size_t groups_left);

}  // namespace cw::emulated
