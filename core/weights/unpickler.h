// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/pickle_value.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace cw {

/// How much a pickle may ask for. The defaults hold everything that Geneformer writes, with room.
struct PickleLimits {
  std::size_t max_depth = 100;                   ///< containers within containers
  std::size_t max_nodes = 64'000'000;            ///< values; 16 bytes each and 24 more for a container
  std::uint64_t max_expanded = 1'000'000'000;    ///< values, where one that is referred to twice counts twice
  std::size_t max_text = std::size_t{1} << 30U;  ///< bytes of one text
};

/// Reads pickles (protocol 2 to 5, binary operations) as data, never as a program: nothing is imported or called. The
/// few names a file may mention stand for data of ours:
///   collections.OrderedDict, collections.defaultdict of list; torch._utils._rebuild_tensor_v2, _rebuild_parameter;
///   torch.*Storage, torch.Size, torch.device, torch.dtype; numpy scalar, dtype, ndarray; _codecs.encode to latin1.
/// Any other name is an error that says which.
///
/// `where` goes into errors; `consumed` (may be nullptr) receives the number of bytes up to the end of the pickle.
/// Errors: kParse (damaged, truncated), kRefused (a name that is not allowed, a limit), kUnsupported (an operation of
/// another protocol).
[[nodiscard]] Result<PickleDocument> parse_pickle(std::span<const std::byte> source, std::string_view where,
                                                  const PickleLimits& limits = {}, std::size_t* consumed = nullptr);

/// Maps and reads a `.pkl` or `.pickle` file. Errors: as `parse_pickle`, and kNotFound, kIo.
[[nodiscard]] Result<PickleDocument> read_pickle(const std::filesystem::path& path, const PickleLimits& limits = {});

}  // namespace cw
