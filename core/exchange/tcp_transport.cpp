// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/tcp_transport.h"

#include "core/exchange/number_sums.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace cw {
namespace {

constexpr std::size_t kBroadcastPiece = 1U << 20U;  // passed on while the next one comes

// How many bytes moved, 0 if none can now, nothing if the connection has ended.
std::optional<std::size_t> moved(ssize_t count) {
  if (count > 0) return static_cast<std::size_t>(count);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return std::nullopt;
}

}  // namespace

TcpTransport::TcpTransport(std::vector<Socket> peers, int rank, double timeout_s)
    : peers_(std::move(peers)), rank_(rank), timeout_s_(timeout_s) {}

std::span<std::byte> TcpTransport::part(const Values& values, int rank) const {
  const ElementRange part = part_of(values.count, size(), wrapped(rank));
  return {values.at(part.begin), part.size() * values.width};
}

Error TcpTransport::silent(int rank) const {
  return {ErrorCode::kIo, "E-COM-004",
          "process " + std::to_string(rank_) + " of " + std::to_string(size()) + " has not heard from process " +
              std::to_string(rank) + " for " + std::to_string(static_cast<int>(timeout_s_)) +
              " s; that one, or one before it, is stuck, much slower than the others, or its host cannot be reached"};
}

Error TcpTransport::ended() const {
  return {ErrorCode::kIo, "E-COM-005",
          "a process beside process " + std::to_string(rank_) + " of " + std::to_string(size()) +
              " has ended or given up in the middle of the work of the group"};
}

void TcpTransport::abort() noexcept {
  for (const Socket& peer : peers_) {
    if (peer.is_open()) peer.shut_down();
  }
}

// Both at once: if all sent first, all buffers would fill up and nobody would receive.
Result<> TcpTransport::send_and_receive(std::span<const std::byte> out, std::span<std::byte> in, int step) {
  const int to = peers_[static_cast<std::size_t>(wrapped(rank_ + step))].descriptor();
  const int from = peers_[static_cast<std::size_t>(wrapped(rank_ - step))].descriptor();
  Deadline deadline(timeout_s_);
  while (!out.empty() || !in.empty()) {
    std::array<pollfd, 2> sockets{pollfd{out.empty() ? -1 : to, POLLOUT, 0}, pollfd{in.empty() ? -1 : from, POLLIN, 0}};
    if (deadline.passed()) {
      abort();
      return silent(wrapped(rank_ - step));
    }
    if (::poll(sockets.data(), sockets.size(), deadline.milliseconds_left()) <= 0) continue;
    std::size_t progress = 0;
    if (sockets[0].revents != 0) {
      const auto sent = moved(::send(to, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
      if (!sent) return ended();
      out = out.subspan(*sent);
      progress += *sent;
    }
    if (sockets[1].revents != 0) {
      const auto got = moved(::recv(from, in.data(), in.size(), MSG_DONTWAIT));
      if (!got) return ended();
      in = in.subspan(*got);
      progress += *got;
    }
    if (progress > 0) deadline = Deadline(timeout_s_);
  }
  return {};
}

Result<> TcpTransport::begin(std::uint64_t kind, std::size_t bytes) {
  const std::uint64_t own = kind << 60U | bytes;
  std::uint64_t other = 0;
  CW_TRY(send_and_receive(std::as_bytes(std::span(&own, 1)), std::as_writable_bytes(std::span(&other, 1))));
  if (own == other) return {};
  abort();
  return Error{ErrorCode::kInternal, "E-COM-006",
               "processes " + std::to_string(rank_) + " and " + std::to_string(wrapped(rank_ - 1)) +
                   " exchange different things; they do not run the same program with the same options (or a bug)"};
}

// Step by step every process has another one to send to, and another one to receive from.
Result<> TcpTransport::reduce_scatter(Values values) {
  if (size() == 1 || values.count == 0) return {};
  CW_TRY(begin(1, values.count * values.width));
  const std::span<std::byte> own = part(values, rank_);
  incoming_.resize(own.size() * static_cast<std::size_t>(size() - 1));
  const auto received_of = [&](int rank) {
    return std::span(incoming_).subspan(own.size() * static_cast<std::size_t>(wrapped(rank - rank_ - 1)), own.size());
  };
  for (int step = 1; step < size(); ++step) {
    CW_TRY(send_and_receive(part(values, rank_ + step), received_of(rank_ - step), step));
  }
  std::vector<const std::byte*> terms;
  for (int step = 1; step < size(); ++step) terms.push_back(received_of(rank_ + step).data());
  terms.push_back(own.data());
  sum_to(terms, {own.data()}, own.size() / values.width, values.width);
  return {};
}

Result<> TcpTransport::all_gather(Values values) {
  if (size() == 1 || values.count == 0) return {};
  CW_TRY(begin(2, values.count * values.width));
  for (int step = 0; step + 1 < size(); ++step) {
    CW_TRY(send_and_receive(part(values, rank_ - step), part(values, rank_ - 1 - step)));
  }
  return {};
}

Result<> TcpTransport::broadcast(std::span<std::byte> bytes, int root) {
  if (size() == 1 || bytes.empty()) return {};
  CW_TRY(begin(4, bytes.size()));
  const bool receives = rank_ != root;
  const bool passes_on = wrapped(rank_ + 1) != root;
  std::span<const std::byte> to_send;
  for (std::size_t first = 0; first < bytes.size(); first += kBroadcastPiece) {
    const auto piece = bytes.subspan(first, std::min(kBroadcastPiece, bytes.size() - first));
    if (receives) {
      CW_TRY(send_and_receive(to_send, piece));
      to_send = passes_on ? piece : std::span<std::byte>();
    } else {
      CW_TRY(send_and_receive(piece, {}));
    }
  }
  return send_and_receive(to_send, {});
}

}  // namespace cw
