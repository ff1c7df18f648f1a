// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/parameters.h"

#include <cstddef>
#include <filesystem>
#include <memory>

namespace cw {

/// The optimiser state of a model in a file instead of in memory. The file has no name: it is gone when the process
/// ends, however it ends. Its pages come into memory while a piece of the state is used and are given back by
/// `release`; the system writes them when it wants to.
class OffloadedState {
 public:
  /// Moves the state of `parameters`, all zeros still, into a file on the disk of `folder`, which is made. The room on
  /// the disk is taken at once. Errors: kNoSpace E-TRN-014, those of making the file.
  [[nodiscard]] static Result<std::unique_ptr<OffloadedState>> move(Parameters& parameters,
                                                                    const std::filesystem::path& folder);
  /// Gives the memory of the state back; what is in it stays in the file.
  void release() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  OffloadedState(std::shared_ptr<std::byte> data, std::size_t bytes) : data_(std::move(data)), bytes_(bytes) {}

  std::shared_ptr<std::byte> data_;  ///< also held by the tensors
  std::size_t bytes_;
};

}  // namespace cw
