// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace cw {

/// A moment after which nobody waits any more.
class Deadline {
 public:
  explicit Deadline(double seconds);
  [[nodiscard]] bool passed() const noexcept;
  /// For poll(2), at most `most`.
  [[nodiscard]] int milliseconds_left(int most = 1000) const noexcept;

 private:
  std::chrono::steady_clock::time_point end_;
};

/// A TCP socket that does not block; closed by the destructor. Functions that wait give up at the deadline.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  /// Listens on one address of this host, on a free port if `port` is 0. Errors: kInvalidArgument E-COM-008 (not an
  /// address of this host), kIo E-COM-002 (the port is taken).
  [[nodiscard]] static Result<Socket> listen(const std::string& address, std::uint16_t port);
  /// Tries until it succeeds. Errors: kIo E-COM-002, kInvalidArgument E-COM-008 (an unknown host).
  [[nodiscard]] static Result<Socket> connect(const std::string& host, std::uint16_t port, const Deadline& deadline);

  /// The next connection; nothing if none came within a second or by the deadline.
  [[nodiscard]] std::optional<Socket> accept(const Deadline& deadline) const;

  /// Errors: kIo E-COM-004 (deadline), E-COM-005 (closed by the other side).
  Result<> send(std::span<const std::byte> bytes, const Deadline& deadline) const;
  Result<> receive(std::span<std::byte> bytes, const Deadline& deadline) const;
  /// One JSON value with its length before it, as the handshake uses it. Errors: also kParse E-COM-003.
  Result<> send_json(const Json& json, const Deadline& deadline) const;
  [[nodiscard]] Result<Json> receive_json(const Deadline& deadline) const;

  [[nodiscard]] std::string local_address() const;
  [[nodiscard]] std::uint16_t local_port() const;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  /// Ends the connection for whoever waits on it, in any thread.
  void shut_down() const noexcept;

 private:
  int descriptor_ = -1;
};

/// The IPv4 address of a network interface ("eth1", "ib0"), of a host name, or an address as it is.
/// Errors: kInvalidArgument E-COM-008.
[[nodiscard]] Result<std::string> address_of(const std::string& interface_or_host);

}  // namespace cw
