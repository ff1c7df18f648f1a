// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/socket.h"
#include "core/exchange/transport.h"

#include <vector>

namespace cw {

/// Exchange between hosts: every process sends to the next one and receives from the one before. The sum of a part
/// travels around the ring once, its result a second time (Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002).
class TcpRingTransport final : public Transport {
 public:
  /// `to_next` and `from_previous` are connected already; `timeout_s` is how long no byte may move.
  TcpRingTransport(Socket to_next, Socket from_previous, int rank, int size, double timeout_s);

  [[nodiscard]] int rank() const noexcept override { return rank_; }
  [[nodiscard]] int size() const noexcept override { return size_; }
  Result<> reduce_scatter(Values values) override;
  Result<> all_gather(Values values) override;
  Result<> broadcast(std::span<std::byte> bytes, int root) override;
  void abort() noexcept override;

 private:
  Result<> begin(std::uint64_t kind, std::size_t bytes);
  Result<> send_and_receive(std::span<const std::byte> out, std::span<std::byte> in);
  [[nodiscard]] ElementRange part(const Values& values, int rank) const;
  [[nodiscard]] Error silent() const;
  [[nodiscard]] Error ended() const;

  Socket to_next_;
  Socket from_previous_;
  int rank_;
  int size_;
  double timeout_s_;
  std::vector<std::byte> incoming_;
};

}  // namespace cw
