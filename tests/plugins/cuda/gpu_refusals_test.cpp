// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine says where a GPU cannot be used, and that `auto` then computes on the processor. Each case is a
// process of its own with a driver of its own (tests/plugins/cuda/CMakeLists.txt names the case in CW_GPU_CASE).
#include "core/model/encoder.h"
#include "core/model/torch_guard.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cw {
namespace {

const std::filesystem::path kModel = std::filesystem::path(CW_SOURCE_DIR) / "tests/golden/encoder/narrow";

TEST(GpuRefusals, AreCodedAndAutoGoesOnWithoutTheGpu) {
  const char* expected = std::getenv("CW_GPU_CASE");
  ASSERT_NE(expected, nullptr) << "run by ctest";
  auto folder = open_model_folder(kModel);
  ASSERT_TRUE(folder.ok());
  const auto required = Encoder::load(*folder, {Precision::kFloat32, "cuda", 1});
  ASSERT_FALSE(required.ok()) << required.value()->device();
  EXPECT_EQ(required.error().id, expected) << required.error().message;
  EXPECT_NE(required.error().message.find("--device cpu"), std::string::npos) << required.error().message;

  const auto automatic = Encoder::load(*folder, {Precision::kFloat32, "auto", 1});
  ASSERT_TRUE(automatic.ok()) << automatic.error().message;
  EXPECT_EQ((*automatic)->device(), "cpu");
  EXPECT_EQ((*automatic)->why_no_gpu(), required.error().message);
  const auto processor = Encoder::load(*folder, {Precision::kFloat32, "cpu", 1});
  ASSERT_TRUE(processor.ok());
  EXPECT_EQ((*processor)->why_no_gpu(), "");
  PackedBatch batch;
  batch.add(std::vector<std::int32_t>{5, 6, 7});
  EXPECT_TRUE(at::equal((*automatic)->hidden(batch, 3), (*processor)->hidden(batch, 3)));
}

}  // namespace
}  // namespace cw
