// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/scratch.h"

#include <cstdlib>
#include <memory>
#include <new>

namespace cw {
namespace {

struct Free {
  void operator()(float* memory) const noexcept { std::free(memory); }
};

struct Scratch {
  std::unique_ptr<float, Free> memory;
  std::int64_t size = 0;
};

}  // namespace

float* scratch_floats(std::int64_t count) {
  thread_local Scratch scratch;
  if (count > scratch.size) {
    scratch.memory.reset();
    const std::size_t bytes = (static_cast<std::size_t>(count) * sizeof(float) + 63) / 64 * 64;
    scratch.memory.reset(static_cast<float*>(std::aligned_alloc(64, bytes)));
    if (!scratch.memory) throw std::bad_alloc();
    scratch.size = count;
  }
  return scratch.memory.get();
}

}  // namespace cw
