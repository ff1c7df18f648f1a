// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds seeded mutations of files to a fuzz target for some seconds: PROGRAM SECONDS SEED FILE...
// The number of files so far modulo 4 goes in front of each, so that every parser sees every file.
#include "core/base/files.h"
#include "tests/support/mutation.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: %s SECONDS SEED FILE...\n", arguments[0]);
    return 2;
  }
  std::vector<std::string> files;
  for (int i = 3; i < count; ++i) {
    auto content = cw::read_file(arguments[i]);
    if (content.ok() && !content->empty()) files.push_back(std::move(*content));
  }
  if (files.empty()) return 2;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
  std::mt19937_64 random(std::strtoull(arguments[2], nullptr, 10));
  std::uint64_t rounds = 0;
  for (; std::chrono::steady_clock::now() < end; ++rounds) {
    const std::string input =
        static_cast<char>(rounds / files.size() % 4) + cw::mutated(files[rounds % files.size()], random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
  std::printf("%llu inputs, no crash\n", static_cast<unsigned long long>(rounds));
  return 0;
}
