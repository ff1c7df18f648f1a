// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/communicator.h"

#include <chrono>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

Communicator::Communicator(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)), thread_([this] { work(); }) {}

Communicator::~Communicator() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
    // Whoever leaves with exchanges under way has failed; the others must not wait for them.
    if (last_finished_ != last_started_) transport_->abort();
  }
  started_.notify_one();
  thread_.join();
}

Communicator::Ticket Communicator::start(const Exchange& exchange) {
  Ticket ticket = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(exchange);
    ticket = ++last_started_;
  }
  started_.notify_one();
  return ticket;
}

Communicator::Ticket Communicator::all_reduce(Values values) { return start({Kind::kAllReduce, values, {}}); }

Communicator::Ticket Communicator::reduce_scatter(Values values) { return start({Kind::kReduceScatter, values, {}}); }

Communicator::Ticket Communicator::all_gather(Values values) { return start({Kind::kAllGather, values, {}}); }

Communicator::Ticket Communicator::broadcast(std::span<std::byte> bytes, int root) {
  return start({Kind::kBroadcast, std::span<float>(), bytes, root});
}

Result<std::span<std::byte>> Communicator::allocate(std::size_t bytes) {
  std::span<std::byte> allocated(static_cast<std::byte*>(nullptr), bytes);
  CW_TRY(wait(start({Kind::kAllocate, std::span<float>(), {}, 0, &allocated})));
  return allocated;
}

Communicator::Ticket Communicator::barrier() { return all_reduce(std::span(&nothing_, 1)); }

Result<> Communicator::wait(Ticket ticket) {
  const auto begin = Clock::now();
  std::unique_lock<std::mutex> lock(mutex_);
  finished_.wait(lock, [&] { return last_finished_ >= ticket || health_.failure; });
  health_.waited_seconds += seconds_since(begin);
  if (health_.failure) return *health_.failure;
  return {};
}

Result<> Communicator::wait_all() {
  Ticket last = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    last = last_started_;
  }
  return wait(last);
}

ExchangeHealth Communicator::health() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return health_;
}

void Communicator::abort() noexcept { transport_->abort(); }

Result<> Communicator::carry_out(const Exchange& exchange) {
  switch (exchange.kind) {
    case Kind::kAllReduce:
      return transport_->all_reduce(exchange.values);
    case Kind::kReduceScatter:
      return transport_->reduce_scatter(exchange.values);
    case Kind::kAllGather:
      return transport_->all_gather(exchange.values);
    case Kind::kBroadcast:
      return transport_->broadcast(exchange.bytes, exchange.root);
    case Kind::kAllocate: {
      CW_ASSIGN(*exchange.allocated, transport_->allocate(exchange.allocated->size()));
      return {};
    }
  }
  return {};
}

void Communicator::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    started_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Exchange exchange = queue_.front();
    queue_.pop_front();
    const bool broken = health_.failure.has_value();
    lock.unlock();
    const auto begin = Clock::now();
    const Result<> result = broken ? Result<>() : carry_out(exchange);
    lock.lock();
    ++last_finished_;
    if (!broken) {
      ++health_.operations;
      health_.bytes += exchange.values.count * exchange.values.width + exchange.bytes.size();
      health_.busy_seconds += seconds_since(begin);
      if (!result.ok()) health_.failure = result.error();
    }
    finished_.notify_all();
  }
}

}  // namespace cw
