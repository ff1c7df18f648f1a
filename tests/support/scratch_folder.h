// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace cw {

/// A test with an empty folder of its own, removed afterwards.
class ScratchFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = make_scratch_folder(std::filesystem::temp_directory_path());
    ASSERT_TRUE(made.ok()) << made.error().message;
    folder_ = *made;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path folder_;
};

}  // namespace cw
