// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/hdf5/raw_file.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cw::sdk {

/// The elements of a one-dimensional data set as the file stores them, `element_bytes` each: references to texts, not
/// the texts. Filters are undone by the library, nothing is converted. Nothing if the data set is damaged, or stored in
/// a way that is not read beside the library (compact).
[[nodiscard]] std::optional<std::vector<std::byte>> stored_elements(const H5RawFile& file, std::int64_t dataset,
                                                                    std::uint64_t rows, std::size_t element_bytes);

}  // namespace cw::sdk
