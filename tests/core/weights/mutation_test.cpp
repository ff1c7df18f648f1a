// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged copies of real files must be refused or read, never crash; run under the sanitizers to see silent damage too.
#include "tests/support/mutation.h"

#include "core/base/files.h"
#include "core/weights/safetensors.h"
#include "core/weights/torch_checkpoint.h"
#include "core/weights/unpickler.h"

#include <gtest/gtest.h>

#include <functional>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "weights";
constexpr int kRounds = 4000;

/// Runs `parse` on seeded mutations of a file and returns how many were refused.
int refused(const std::filesystem::path& path, std::uint64_t seed,
            const std::function<bool(std::span<const std::byte>)>& parse) {
  const auto content = read_file(path);
  EXPECT_TRUE(content.ok());
  std::mt19937_64 random(seed);
  int count = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string changed = mutated(*content, random);
    count += parse(std::as_bytes(std::span<const char>(changed))) ? 0 : 1;
  }
  return count;
}

/// Reads every byte of every tensor, so that a wrong size is seen by the sanitizer.
void touch(const std::vector<TensorRef>& tensors) {
  for (const auto& tensor : tensors) {
    std::vector<float> values(static_cast<std::size_t>(tensor.num_elements()));
    ASSERT_TRUE(copy_as_float32(tensor, values).ok());
  }
}

TEST(MutationTest, picklesNeverCrash) {
  for (const char* name : {"honest_tokens", "honest_effects", "honest_kinds", "honest_medians_protocol2"}) {
    const auto path = std::filesystem::path(CW_TEST_DATA) / "pickles" / (std::string(name) + ".pkl");
    EXPECT_GT(refused(path, 1, [](auto bytes) { return parse_pickle(bytes, "mutated").ok(); }), kRounds / 10) << name;
  }
}

TEST(MutationTest, safetensorsNeverCrash) {
  const auto parse = [](std::span<const std::byte> bytes) {
    const auto content = parse_safetensors(bytes, "mutated");
    if (content.ok()) touch(content->tensors);
    return content.ok();
  };
  EXPECT_GT(refused(kGolden / "odd.safetensors", 2, parse), kRounds / 10);
}

TEST(MutationTest, checkpointsNeverCrash) {
  const auto parse = [](std::span<const std::byte> bytes) {
    const auto content = parse_torch_checkpoint(bytes, "mutated");
    if (content.ok()) touch(content->tensors);
    return content.ok();
  };
  EXPECT_GT(refused(kGolden / "odd.bin", 3, parse), kRounds / 10);
  EXPECT_GT(refused(kGolden / "odd_legacy.bin", 4, parse), kRounds / 10);
}

}  // namespace
}  // namespace cw
