// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/tcp_ring.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace cw {
namespace {

constexpr std::size_t kBroadcastPiece = 1U << 20U;  // passed on while the next one comes

int wrapped(int rank, int size) { return ((rank % size) + size) % size; }

std::span<std::byte> bytes_of(const Values& values, const ElementRange& part) {
  return {values.at(part.begin), part.size() * values.width};
}

template <class T>
void add(std::span<const std::byte> received, std::span<std::byte> own) {
  const T* other = reinterpret_cast<const T*>(received.data());
  T* sum = reinterpret_cast<T*>(own.data());
  const std::size_t count = own.size() / sizeof(T);
  for (std::size_t i = 0; i < count; ++i) sum[i] = other[i] + sum[i];
}

// How many bytes moved, 0 if none can now, nothing if the connection has ended.
std::optional<std::size_t> moved(ssize_t count) {
  if (count > 0) return static_cast<std::size_t>(count);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return std::nullopt;
}

}  // namespace

TcpRingTransport::TcpRingTransport(Socket to_next, Socket from_previous, int rank, int size, double timeout_s)
    : to_next_(std::move(to_next)),
      from_previous_(std::move(from_previous)),
      rank_(rank),
      size_(size),
      timeout_s_(timeout_s) {}

ElementRange TcpRingTransport::part(const Values& values, int rank) const {
  return part_of(values.count, size_, wrapped(rank, size_));
}

Error TcpRingTransport::silent() const {
  return {ErrorCode::kIo, "E-COM-004",
          "process " + std::to_string(rank_) + " of " + std::to_string(size_) + " has not heard from process " +
              std::to_string(wrapped(rank_ - 1, size_)) + " for " + std::to_string(static_cast<int>(timeout_s_)) +
              " s; that one, or one before it, is stuck, much slower than the others, or its host cannot be reached"};
}

Error TcpRingTransport::ended() const {
  return {ErrorCode::kIo, "E-COM-005",
          "a process beside process " + std::to_string(rank_) + " of " + std::to_string(size_) +
              " has ended or given up in the middle of the work of the group"};
}

void TcpRingTransport::abort() noexcept {
  to_next_.shut_down();
  from_previous_.shut_down();
}

// Both at once: if all sent first, all buffers would fill up and nobody would receive.
Result<> TcpRingTransport::send_and_receive(std::span<const std::byte> out, std::span<std::byte> in) {
  Deadline deadline(timeout_s_);
  while (!out.empty() || !in.empty()) {
    std::array<pollfd, 2> sockets{pollfd{out.empty() ? -1 : to_next_.descriptor(), POLLOUT, 0},
                                  pollfd{in.empty() ? -1 : from_previous_.descriptor(), POLLIN, 0}};
    if (deadline.passed()) {
      abort();
      return silent();
    }
    if (::poll(sockets.data(), sockets.size(), deadline.milliseconds_left()) <= 0) continue;
    std::size_t progress = 0;
    if (sockets[0].revents != 0) {
      const auto sent = moved(::send(to_next_.descriptor(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
      if (!sent) return ended();
      out = out.subspan(*sent);
      progress += *sent;
    }
    if (sockets[1].revents != 0) {
      const auto got = moved(::recv(from_previous_.descriptor(), in.data(), in.size(), MSG_DONTWAIT));
      if (!got) return ended();
      in = in.subspan(*got);
      progress += *got;
    }
    if (progress > 0) deadline = Deadline(timeout_s_);
  }
  return {};
}

Result<> TcpRingTransport::begin(std::uint64_t kind, std::size_t bytes) {
  const std::uint64_t own = kind << 60U | bytes;
  std::uint64_t other = 0;
  CW_TRY(send_and_receive(std::as_bytes(std::span(&own, 1)), std::as_writable_bytes(std::span(&other, 1))));
  if (own == other) return {};
  abort();
  return Error{ErrorCode::kInternal, "E-COM-006",
               "processes " + std::to_string(rank_) + " and " + std::to_string(wrapped(rank_ - 1, size_)) +
                   " exchange different things; they do not run the same program with the same options (or a bug)"};
}

Result<> TcpRingTransport::reduce_scatter(Values values) {
  if (size_ == 1 || values.count == 0) return {};
  CW_TRY(begin(1, values.count * values.width));
  incoming_.resize(part(values, 0).size() * values.width);
  for (int step = 0; step + 1 < size_; ++step) {
    const std::span<std::byte> own = bytes_of(values, part(values, rank_ - 2 - step));
    const std::span<std::byte> received = std::span(incoming_).first(own.size());
    CW_TRY(send_and_receive(bytes_of(values, part(values, rank_ - 1 - step)), received));
    if (values.width == sizeof(float)) {
      add<float>(received, own);
    } else {
      add<double>(received, own);
    }
  }
  return {};
}

Result<> TcpRingTransport::all_gather(Values values) {
  if (size_ == 1 || values.count == 0) return {};
  CW_TRY(begin(2, values.count * values.width));
  for (int step = 0; step + 1 < size_; ++step) {
    CW_TRY(send_and_receive(bytes_of(values, part(values, rank_ - step)),
                            bytes_of(values, part(values, rank_ - 1 - step))));
  }
  return {};
}

Result<> TcpRingTransport::broadcast(std::span<std::byte> bytes, int root) {
  if (size_ == 1 || bytes.empty()) return {};
  CW_TRY(begin(4, bytes.size()));
  const bool receives = rank_ != root;
  const bool passes_on = wrapped(rank_ + 1, size_) != root;
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
