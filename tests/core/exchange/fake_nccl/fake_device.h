// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/device_queue.h"
#include "tests/core/exchange/fake_nccl/fake_nccl.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace cw::fake {

/// An accelerator whose memory is the host's; the queue is that of the fake NCCL library.
class Device final : public DeviceQueue {
 public:
  explicit Device(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  Result<> make_current() override { return {}; }
  [[nodiscard]] void* handle() const noexcept override { return &queue_; }
  [[nodiscard]] bool holds(const void* memory) const noexcept override {
    const auto* place = static_cast<const std::byte*>(memory);
    return std::any_of(memory_.begin(), memory_.end(), [&](const auto& piece) {
      return std::greater_equal<>()(place, piece.first) && std::less<>()(place, piece.first + piece.second.size);
    });
  }
  [[nodiscard]] Result<std::byte*> allocate(std::size_t bytes) override {
    if (bytes > most_bytes) return Error{ErrorCode::kOutOfMemory, "E-DEV-003", "the fake GPU is full"};
    auto memory = std::make_unique<std::byte[]>(bytes);
    std::byte* place = memory.get();
    memory_.emplace(place, Piece{std::move(memory), bytes});
    return place;
  }
  void release(std::byte* memory) noexcept override { memory_.erase(memory); }
  Result<> follow_computation() override {
    ++times_followed;
    return {};
  }
  Result<> copy(void* to, const void* from, std::size_t bytes) override {
    // A real queue would stand still here; the transport must not let it.
    if (queue_.pending != 0) return Error{ErrorCode::kInternal, "E-TEST", "a copy would wait for another process"};
    std::memcpy(to, from, bytes);
    ++copies;
    return {};
  }
  [[nodiscard]] Result<bool> is_idle() override { return queue_.pending == 0; }

  [[nodiscard]] std::size_t pieces() const noexcept { return memory_.size(); }

  std::size_t most_bytes = SIZE_MAX;
  int copies = 0;
  int times_followed = 0;

 private:
  struct Piece {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };
  std::string name_;
  mutable Queue queue_;
  std::map<const std::byte*, Piece> memory_;
};

}  // namespace cw::fake
