// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>

namespace cw {

/// Number of threads that our own loops use: `requested`, or the processors this process may run on if 0.
[[nodiscard]] int effective_threads(int requested) noexcept;

/// Runs `work(begin, end, worker)` over disjoint pieces of [begin, end), each `grain` long except the last, on
/// `num_threads` threads (0 = all) that stay alive between calls. Pieces go to whichever worker is free, so a result
/// must not depend on the worker, in [0, num_threads), which selects scratch space. What `work` throws ends the loop
/// and is thrown here. Returns when all pieces are done. A call from inside a worker runs on the calling thread alone.
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain, int num_threads,
                  const std::function<void(std::int64_t, std::int64_t, int)>& work);

}  // namespace cw
