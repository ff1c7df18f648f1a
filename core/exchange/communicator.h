// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/transport.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace cw {

/// What a communicator has done, for figures and for whoever watches over it.
struct ExchangeHealth {
  std::uint64_t operations = 0;  ///< finished
  std::uint64_t bytes = 0;       ///< of the buffers exchanged
  double busy_seconds = 0.0;     ///< spent in exchanges by the communicator's thread
  double waited_seconds = 0.0;   ///< that callers of `wait` stood still
  std::optional<Error> failure;  ///< the first one; nothing works after it
};

/// The processes of one training run as one of them sees them. Exchanges are started in the same order by every process
/// and carried out one after the other by a thread of the communicator, so that the caller can go on computing; the
/// memory they work on must stay alive and alone until `wait` has returned.
class Communicator {
 public:
  /// Number of an exchange, to wait for it.
  using Ticket = std::uint64_t;

  explicit Communicator(std::unique_ptr<Transport> transport);
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  ~Communicator();

  [[nodiscard]] int rank() const noexcept { return transport_->rank(); }
  [[nodiscard]] int size() const noexcept { return transport_->size(); }

  /// Replaces the values by their sum over all processes: the same bits everywhere, in every run.
  Ticket all_reduce(Values values);
  /// The sum in `part_of(count, size(), rank())`; the other elements are undefined after it.
  Ticket reduce_scatter(Values values);
  /// Every process gives that part and receives those of the others.
  Ticket all_gather(Values values);
  Ticket broadcast(std::span<std::byte> bytes, int root);
  /// Memory full of zeros, as long as the communicator lives, that is exchanged best. Every process asks for the same
  /// sizes in the same order; waits for the others. Errors: those of `Transport::allocate`.
  [[nodiscard]] Result<std::span<std::byte>> allocate(std::size_t bytes);
  /// Finished when every process has started it.
  Ticket barrier();

  /// Until the exchange and all before it are finished. Errors: those of `Transport`.
  Result<> wait(Ticket ticket);
  /// Until everything that was started is finished.
  Result<> wait_all();

  [[nodiscard]] ExchangeHealth health() const;
  /// From any thread: all exchanges, here and in the other processes, fail with E-COM-005 at once.
  void abort() noexcept;

 private:
  enum class Kind { kAllReduce, kReduceScatter, kAllGather, kBroadcast, kAllocate };
  struct Exchange {
    Kind kind;
    Values values;
    std::span<std::byte> bytes;
    int root = 0;
    std::span<std::byte>* allocated = nullptr;
  };

  Ticket start(const Exchange& exchange);
  Result<> carry_out(const Exchange& exchange);
  void work();

  std::unique_ptr<Transport> transport_;
  double nothing_ = 0.0;  ///< what a barrier sums
  mutable std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable finished_;
  std::deque<Exchange> queue_;
  Ticket last_started_ = 0;
  Ticket last_finished_ = 0;
  ExchangeHealth health_;
  bool closing_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace cw
