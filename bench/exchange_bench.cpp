// SPDX-License-Identifier: GPL-3.0-or-later
// exchange_bench PROCESSES [MEGABYTES [shared|tcp [fp32|bf16]]]: sums a buffer of so many bytes, in numbers of four or
// two bytes, over processes of this host and compares with the same processes copying it by memcpy at the same time.
// Prints one JSON object.
//   exchange_ms    one sum
//   copy_gb_s      bytes of the buffer copied per second and process
//   share_of_copy_work  the same as share_of_copy by the time that processors worked: meaningful on a busy machine too
//   exchange_gb_s  bytes that every process must send or receive, 2 (N - 1) / N of the buffer, per second: the "bus
//                  bandwidth" of nccl-tests
#include "core/exchange/group.h"
#include "core/exchange/socket.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int kRepeats = 15;

struct Times {
  double elapsed = 0.0;
  double worked = 0.0;  ///< by all threads of this process
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Medians; each repeat is begun together and lasts until the slowest process is done.
Times times_of(cw::Communicator& group, const std::function<void()>& work) {
  std::vector<double> elapsed;
  std::vector<double> worked;
  for (int i = 0; i < kRepeats; ++i) {
    if (!group.wait(group.barrier()).ok()) std::exit(1);
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t before = std::clock();
    work();
    worked.push_back(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
    if (!group.wait(group.barrier()).ok()) std::exit(1);
    elapsed.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return {median(elapsed), median(worked)};
}

int measure(const cw::GroupPlace& place, std::size_t bytes, bool narrow) {
  const auto joined = cw::join_group(place);
  if (!joined.ok()) {
    std::fprintf(stderr, "[%s] %s\n", joined.error().id.c_str(), joined.error().message.c_str());
    return 1;
  }
  cw::Communicator& group = **joined;
  const auto memory = group.allocate(bytes);
  if (!memory.ok()) return 1;
  cw::Values values = std::span(reinterpret_cast<float*>(memory->data()), bytes / sizeof(float));
  if (narrow) values = std::span(reinterpret_cast<cw::Bf16*>(memory->data()), bytes / sizeof(cw::Bf16));
  std::vector<std::byte> copy(bytes);
  const Times exchange = times_of(group, [&] {
    if (!group.wait(group.all_reduce(values)).ok()) std::exit(1);
  });
  const Times copying = times_of(group, [&] { std::memcpy(copy.data(), memory->data(), bytes); });
  if (place.rank == 0) {
    const auto size = static_cast<double>(place.size);
    const double gigabytes = static_cast<double>(bytes) / 1e9;
    const double moved = 2.0 * (size - 1.0) / size * gigabytes;
    const double rate = moved / exchange.elapsed;
    std::cout << cw::Json{{"processes", place.size},
                          {"megabytes", bytes >> 20U},
                          {"exchange_ms", exchange.elapsed * 1e3},
                          {"copy_gb_s", gigabytes / copying.elapsed},
                          {"exchange_gb_s", rate},
                          {"share_of_copy", rate * copying.elapsed / gigabytes},
                          {"share_of_copy_work", moved / exchange.worked / (gigabytes / copying.worked)}}
              << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int processes = argc > 1 ? std::stoi(argv[1]) : 2;
  const std::size_t bytes = static_cast<std::size_t>(argc > 2 ? std::stoi(argv[2]) : 64) << 20U;
  const auto listener = cw::Socket::listen("127.0.0.1", 0);
  const auto secret = std::to_string(::getpid());  // nobody else is meant to come, and nothing is at stake
  if (!listener.ok() || processes < 1) return 2;
  for (int rank = 0; rank < processes; ++rank) {
    if (::fork() != 0) continue;
    cw::GroupPlace place;
    place.rank = rank;
    place.size = processes;
    place.port = listener->local_port();
    place.secret = secret;
    place.listener = rank == 0 ? ::dup(listener->descriptor()) : -1;
    if (argc > 3 && std::string(argv[3]) == "tcp") place.transport = cw::TransportChoice::kTcp;
    return measure(place, bytes, argc > 4 && std::string(argv[4]) == "bf16");
  }
  int failed = 0;
  for (int status = 0; ::wait(&status) > 0;) failed += status != 0 ? 1 : 0;
  return failed == 0 ? 0 : 1;
}
