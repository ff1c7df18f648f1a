// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace cw {
namespace {

thread_local bool inside_worker = false;

struct Loop {
  std::int64_t end = 0;
  std::int64_t grain = 1;
  const std::function<void(std::int64_t, std::int64_t, int)>* work = nullptr;
  std::atomic<std::int64_t> next{0};
  std::mutex failure_mutex;
  std::exception_ptr failure;  // the first one; memory can run out in any worker

  void run(int worker) noexcept {
    try {
      for (;;) {
        const std::int64_t from = next.fetch_add(grain, std::memory_order_relaxed);
        if (from >= end) return;
        (*work)(from, std::min(end, from + grain), worker);
      }
    } catch (...) {
      next.store(end, std::memory_order_relaxed);
      const std::lock_guard<std::mutex> lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  }
};

// One pool per process, grown on demand. Loops run one at a time: jobs are serial, only their inside is parallel. A
// second loop at the same time (the window paints while a worker computes) runs on its caller instead of waiting.
class Pool {
 public:
  void run(Loop& loop, int num_threads) {
    const std::unique_lock<std::mutex> one_loop(loop_mutex_, std::try_to_lock);
    if (!one_loop.owns_lock()) return loop.run(0);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      grow(num_threads - 1);
      loop_ = &loop;
      helpers_ = std::min(num_threads - 1, static_cast<int>(threads_.size()));
      busy_ = helpers_;
      ++generation_;
    }
    wake_.notify_all();
    inside_worker = true;
    loop.run(0);
    inside_worker = false;
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [this] { return busy_ == 0; });
    loop_ = nullptr;
  }

  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  // With fewer threads than asked for, where memory or a limit allows no more, the loop is slower but the same.
  void grow(int num_helpers) {
    try {
      while (static_cast<int>(threads_.size()) < num_helpers) {
        const int worker = static_cast<int>(threads_.size()) + 1;
        threads_.emplace_back([this, worker] { serve(worker); });
      }
    } catch (const std::system_error&) {
    } catch (const std::bad_alloc&) {
    }
  }

  void serve(int worker) {
    inside_worker = true;
    std::uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || (generation_ != seen && worker <= helpers_ && loop_ != nullptr); });
      if (stopping_) return;
      seen = generation_;
      Loop* loop = loop_;
      lock.unlock();
      loop->run(worker);
      lock.lock();
      if (--busy_ == 0) finished_.notify_one();
    }
  }

  std::mutex loop_mutex_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finished_;
  std::vector<std::thread> threads_;
  Loop* loop_ = nullptr;
  int helpers_ = 0;
  int busy_ = 0;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
};

}  // namespace

int effective_threads(int requested) noexcept {
  if (requested > 0) return requested;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain, int num_threads,
                  const std::function<void(std::int64_t, std::int64_t, int)>& work) {
  if (begin >= end) return;
  grain = std::max<std::int64_t>(1, grain);
  const std::int64_t pieces = (end - begin + grain - 1) / grain;
  const int threads = static_cast<int>(std::min<std::int64_t>(effective_threads(num_threads), pieces));
  Loop loop;
  loop.end = end;
  loop.grain = grain;
  loop.work = &work;
  loop.next = begin;
  if (threads <= 1 || inside_worker) {
    loop.run(0);
  } else {
    static Pool pool;
    pool.run(loop, threads);
  }
  if (loop.failure) std::rethrow_exception(loop.failure);
}

}  // namespace cw
