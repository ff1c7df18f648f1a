// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/socket.h"
#include "core/exchange/transport.h"

#include <vector>

namespace cw {

/// Exchange between hosts, over one connection for each pair of processes. To add up, every process sends each part
/// straight to the process that adds it; results travel around a ring (Patarasuk and Yuan 2009,
/// doi:10.1016/j.jpdc.2008.09.002). Either way every process sends (N - 1) / N of the numbers.
class TcpTransport final : public Transport {
 public:
  /// `peers` are connected already, by rank, with none at `rank`; `timeout_s` is how long no byte may move.
  TcpTransport(std::vector<Socket> peers, int rank, double timeout_s);

  [[nodiscard]] int rank() const noexcept override { return rank_; }
  [[nodiscard]] int size() const noexcept override { return static_cast<int>(peers_.size()); }
  Result<> reduce_scatter(Values values) override;
  Result<> all_gather(Values values) override;
  Result<> broadcast(std::span<std::byte> bytes, int root) override;
  void abort() noexcept override;

 private:
  [[nodiscard]] int wrapped(int rank) const noexcept { return ((rank % size()) + size()) % size(); }
  Result<> begin(std::uint64_t kind, std::size_t bytes);
  /// To the process `step` after this one, from the one `step` before it.
  Result<> send_and_receive(std::span<const std::byte> out, std::span<std::byte> in, int step = 1);
  [[nodiscard]] std::span<std::byte> part(const Values& values, int rank) const;
  [[nodiscard]] Error silent(int rank) const;
  [[nodiscard]] Error ended() const;

  std::vector<Socket> peers_;
  int rank_;
  double timeout_s_;
  std::vector<std::byte> incoming_;
};

}  // namespace cw
