// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/socket.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

namespace cw {

/// Processes in a ring that tell each other what they do while the numbers travel on another way, which would neither
/// notice that a process has ended nor that two do different things. A process that ends without a word, or that gives
/// up, is known to all others at once: everybody who sees it gives up too.
class NeighbourWatch {
 public:
  /// Connections as those of TcpRingTransport; both closed for a group of one process.
  NeighbourWatch(Socket to_next, Socket from_previous);

  /// Tells the next process what this one does now: any number but 0.
  void announce(std::uint64_t word);

  enum class State {
    kQuiet,    ///< the process before this one has not said yet what it does
    kAgreed,   ///< it does the same
    kDiffers,  ///< it does something else
    kEnded     ///< a process has ended, or the one before this one has left
  };
  /// What is known of the process before this one with respect to the word announced last. Does not wait.
  [[nodiscard]] State look();

  /// Before the end of a process that has done all that was to be done: the others need not give up.
  void leave();
  /// From any thread: this process gives up, and so will the others.
  void give_up() noexcept;

 private:
  void receive(const Socket& from, std::vector<std::byte>& rest, bool& left, std::deque<std::uint64_t>* words);
  void send(const Socket& to, std::uint64_t word);

  Socket to_next_;
  Socket from_previous_;
  std::vector<std::byte> rest_of_next_, rest_of_previous_;  ///< of a word that has not come whole
  std::deque<std::uint64_t> words_;                         ///< of the process before this one, not looked at yet
  std::uint64_t own_ = 0;
  bool agreed_ = true;  ///< on `own_`; nothing is announced at first
  bool next_left_ = false, previous_left_ = false;
  std::atomic<bool> ended_{false};
};

}  // namespace cw
