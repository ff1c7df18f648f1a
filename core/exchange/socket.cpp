// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/socket.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

namespace cw {
namespace {

constexpr std::size_t kLongestJson = 1U << 20U;
constexpr auto kBetweenAttempts = std::chrono::milliseconds(20);

Error cannot(const std::string& doing, const std::string& host, std::uint16_t port) {
  return {ErrorCode::kIo, "E-COM-002",
          doing + " " + host + ":" + std::to_string(port) + " failed: " + std::strerror(errno)};
}

Error closed_by_peer() {
  return {ErrorCode::kIo, "E-COM-005", "another process of the group has ended or closed its connection"};
}

Error too_late() { return {ErrorCode::kIo, "E-COM-004", "another process of the group did not answer in time"}; }

Result<sockaddr_in> socket_address(const std::string& host, std::uint16_t port) {
  CW_ASSIGN(const std::string text, address_of(host));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) {
    return Error{ErrorCode::kInvalidArgument, "E-COM-008", "'" + text + "' is no IPv4 address"};
  }
  return address;
}

void set_option(int descriptor, int level, int option) {
  const int on = 1;
  ::setsockopt(descriptor, level, option, &on, sizeof on);
}

int new_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

// 1 = ready, 0 = the deadline has passed
bool wait_until_ready(int descriptor, short events, const Deadline& deadline) {
  pollfd entry{descriptor, events, 0};
  while (!deadline.passed()) {
    if (::poll(&entry, 1, deadline.milliseconds_left()) > 0) return true;
  }
  return false;
}

sockaddr_in local_name(int descriptor) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size);
  return name;
}

std::string text_of(const in_addr& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

}  // namespace

Deadline::Deadline(double seconds)
    : end_(std::chrono::steady_clock::now() +
           std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds))) {}

bool Deadline::passed() const noexcept { return std::chrono::steady_clock::now() >= end_; }

int Deadline::milliseconds_left(int most) const noexcept {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 1, most));
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Socket> Socket::listen(const std::string& address, std::uint16_t port) {
  CW_ASSIGN(const sockaddr_in name, socket_address(address, port));
  Socket socket(new_socket());
  if (!socket.is_open()) return cannot("listening on", address, port);
  set_option(socket.descriptor_, SOL_SOCKET, SO_REUSEADDR);
  if (::bind(socket.descriptor_, generic(name), sizeof name) != 0) {
    if (errno != EADDRNOTAVAIL) return cannot("listening on", address, port);
    return Error{ErrorCode::kInvalidArgument, "E-COM-008",
                 "this host has no address " + text_of(name.sin_addr) + " ('" + address +
                     "'); name the interface that the hosts share, for example CELLWRIGHT_INTERFACE=eth1"};
  }
  if (::listen(socket.descriptor_, SOMAXCONN) != 0) return cannot("listening on", address, port);
  return socket;
}

Result<Socket> Socket::connect(const std::string& host, std::uint16_t port, const Deadline& deadline) {
  CW_ASSIGN(const sockaddr_in name, socket_address(host, port));
  for (;;) {
    Socket socket(new_socket());
    if (!socket.is_open()) return cannot("connecting to", host, port);
    int status = ::connect(socket.descriptor_, generic(name), sizeof name) == 0 ? 0 : errno;
    if (status == EINPROGRESS && wait_until_ready(socket.descriptor_, POLLOUT, deadline)) {
      socklen_t size = sizeof status;
      ::getsockopt(socket.descriptor_, SOL_SOCKET, SO_ERROR, &status, &size);
    }
    if (status == 0) {
      set_option(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY);
      set_option(socket.descriptor_, SOL_SOCKET, SO_KEEPALIVE);
      return socket;
    }
    errno = status == EINPROGRESS ? ETIMEDOUT : status;
    if (deadline.passed()) return cannot("connecting to", host, port);
    std::this_thread::sleep_for(kBetweenAttempts);  // its process may not have come so far
  }
}

std::optional<Socket> Socket::accept(const Deadline& deadline) const {
  pollfd entry{descriptor_, POLLIN, 0};
  if (::poll(&entry, 1, deadline.milliseconds_left()) <= 0) return std::nullopt;
  Socket socket(::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.is_open()) return std::nullopt;
  set_option(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY);
  set_option(socket.descriptor_, SOL_SOCKET, SO_KEEPALIVE);
  return socket;
}

Result<> Socket::send(std::span<const std::byte> bytes, const Deadline& deadline) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return closed_by_peer();
    } else if (!wait_until_ready(descriptor_, POLLOUT, deadline)) {
      return too_late();
    }
  }
  return {};
}

Result<> Socket::receive(std::span<std::byte> bytes, const Deadline& deadline) const {
  while (!bytes.empty()) {
    const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      return closed_by_peer();
    } else if (!wait_until_ready(descriptor_, POLLIN, deadline)) {
      return too_late();
    }
  }
  return {};
}

Result<> Socket::send_json(const Json& json, const Deadline& deadline) const {
  const std::string text = json.dump();
  const std::uint32_t length = htonl(static_cast<std::uint32_t>(text.size()));
  CW_TRY(send(std::as_bytes(std::span(&length, 1)), deadline));
  return send(std::as_bytes(std::span(text)), deadline);
}

Result<Json> Socket::receive_json(const Deadline& deadline) const {
  std::uint32_t length = 0;
  CW_TRY(receive(std::as_writable_bytes(std::span(&length, 1)), deadline));
  length = ntohl(length);
  const Error not_ours{ErrorCode::kParse, "E-COM-003", "what answers there is no process of this group"};
  if (length > kLongestJson) return not_ours;
  std::string text(length, '\0');
  CW_TRY(receive(std::as_writable_bytes(std::span(text)), deadline));
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return not_ours;
  return json;
}

std::string Socket::local_address() const { return text_of(local_name(descriptor_).sin_addr); }

std::uint16_t Socket::local_port() const { return ntohs(local_name(descriptor_).sin_port); }

void Socket::shut_down() const noexcept {
  if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
}

Result<std::string> address_of(const std::string& interface_or_host) {
  in_addr numeric{};
  if (::inet_pton(AF_INET, interface_or_host.c_str(), &numeric) == 1) return interface_or_host;
  ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) == 0) {
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(interfaces, ::freeifaddrs);
    for (const ifaddrs* entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
      if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
      if (interface_or_host == entry->ifa_name) {
        return text_of(reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr);
      }
    }
  }
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(interface_or_host.c_str(), nullptr, &wanted, &found) != 0 || found == nullptr) {
    return Error{
        ErrorCode::kInvalidArgument, "E-COM-008",
        "'" + interface_or_host + "' is neither a network interface of this host nor a host name that it knows"};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
  return text_of(reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr);
}

}  // namespace cw
