// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/group.h"
#include "core/exchange/socket.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

namespace cw {

/// Places of a group on this host, with a socket that listens for process 0 as its starter would hand it down.
inline std::vector<GroupPlace> places(int size, TransportChoice transport, double timeout_s = 20.0) {
  const auto listener = Socket::listen("127.0.0.1", 0);
  EXPECT_TRUE(listener.ok());
  std::vector<GroupPlace> all(static_cast<std::size_t>(size));
  for (int rank = 0; rank < size; ++rank) {
    GroupPlace& place = all[static_cast<std::size_t>(rank)];
    place.rank = rank;
    place.size = size;
    place.port = listener->local_port();
    place.secret = "what only we know";
    place.transport = transport;
    place.meeting_timeout_s = 20.0;
    place.timeout_s = timeout_s;
  }
  all[0].listener = ::dup(listener->descriptor());
  return all;
}

/// Runs `work` once per place, each in its own thread.
inline void run_group(const std::vector<GroupPlace>& group, const std::function<void(Communicator&)>& work) {
  std::vector<std::thread> threads;
  for (const GroupPlace& place : group) {
    threads.emplace_back([&work, place] {
      const auto communicator = join_group(place);
      ASSERT_TRUE(communicator.ok()) << communicator.error().message;
      work(**communicator);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace cw
