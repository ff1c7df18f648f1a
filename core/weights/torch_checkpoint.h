// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/tensor.h"

#include <cstddef>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

namespace cw {

struct TorchCheckpoint {
  std::vector<TensorRef> tensors;             ///< in the order of the dictionary; refer to the file or to `copies`
  std::deque<std::vector<std::byte>> copies;  ///< of tensors that are not stored row-major
};

/// True if `file` begins as a PyTorch checkpoint does, zip or legacy.
[[nodiscard]] bool looks_like_torch_checkpoint(std::span<const std::byte> file) noexcept;

/// Reads a saved dictionary of tensors (`pytorch_model.bin`): the zip form, and the one written before PyTorch 1.6.
/// Nothing in the file is run (see unpickler.h). Errors: kParse, kRefused, kUnsupported (TorchScript, other content).
[[nodiscard]] Result<TorchCheckpoint> parse_torch_checkpoint(std::span<const std::byte> file, std::string_view where);

}  // namespace cw
