// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/neighbour_watch.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace cw {
namespace {

constexpr std::uint64_t kGoodbye = 0;
constexpr double kSendSeconds = 10.0;  // the buffer of a connection holds thousands of words that nobody reads

}  // namespace

NeighbourWatch::NeighbourWatch(Socket to_next, Socket from_previous)
    : to_next_(std::move(to_next)), from_previous_(std::move(from_previous)) {}

void NeighbourWatch::send(const Socket& to, std::uint64_t word) {
  if (!to.is_open()) return;
  if (!to.send(std::as_bytes(std::span(&word, 1)), Deadline(kSendSeconds)).ok()) ended_ = true;
}

void NeighbourWatch::announce(std::uint64_t word) {
  own_ = word;
  agreed_ = false;
  if (!next_left_) send(to_next_, word);
}

void NeighbourWatch::receive(const Socket& from, std::vector<std::byte>& rest, bool& left,
                             std::deque<std::uint64_t>* words) {
  std::array<std::byte, 1024> bytes{};
  while (from.is_open() && !left) {
    const ssize_t count = ::recv(from.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      ended_ = true;
      return;
    }
    rest.insert(rest.end(), bytes.begin(), bytes.begin() + count);
    while (rest.size() >= sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, rest.data(), sizeof(word));
      rest.erase(rest.begin(), rest.begin() + sizeof(word));
      if (word == kGoodbye) left = true;
      if (word != kGoodbye && words != nullptr) words->push_back(word);
    }
  }
}

NeighbourWatch::State NeighbourWatch::look() {
  if (!from_previous_.is_open()) return ended_ ? State::kEnded : State::kAgreed;
  receive(from_previous_, rest_of_previous_, previous_left_, &words_);
  receive(to_next_, rest_of_next_, next_left_, nullptr);
  if (ended_) return State::kEnded;
  if (agreed_) return State::kAgreed;
  if (words_.empty()) return previous_left_ ? State::kEnded : State::kQuiet;
  agreed_ = words_.front() == own_;
  if (!agreed_) return State::kDiffers;
  words_.pop_front();
  return State::kAgreed;
}

void NeighbourWatch::leave() {
  if (!next_left_) send(to_next_, kGoodbye);
  if (!previous_left_) send(from_previous_, kGoodbye);
}

void NeighbourWatch::give_up() noexcept {
  ended_ = true;
  to_next_.shut_down();
  from_previous_.shut_down();
}

}  // namespace cw
