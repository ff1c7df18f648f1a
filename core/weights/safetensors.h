// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/tensor.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

struct SafetensorsContent {
  std::vector<TensorRef> tensors;  ///< in the order of their data; refer to the bytes parsed
  std::map<std::string, std::string> metadata;
};

/// Reads the header of a safetensors file (8 bytes header length, JSON, data) and checks every offset: tensors neither
/// overlap nor leave holes, and their sizes fit type and shape. `where` goes into errors.
/// Errors: kParse (damaged), kUnsupported (an element type that no model of ours has).
[[nodiscard]] Result<SafetensorsContent> parse_safetensors(std::span<const std::byte> file, std::string_view where);

/// Writes tensors in the order of their names, so that equal content gives equal bytes, to a temporary name that is
/// renamed at the end. Errors: kInvalidArgument (two tensors of one name), kShape (bytes that do not fit type and
/// shape), kIo, kNoSpace.
Result<> write_safetensors(const std::filesystem::path& path, std::span<const TensorRef> tensors,
                           const std::map<std::string, std::string>& metadata);

}  // namespace cw
