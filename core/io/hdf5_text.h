// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/hdf5_handle.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// A variable-length UTF-8 string type, as h5py and anndata write it.
[[nodiscard]] H5Handle utf8_text_type();

/// Reads text of any HDF5 string type. `read(memory_type, buffer)` fills `count` elements of the memory type that this
/// function chooses (an H5Dread or H5Aread) and returns a negative number on failure; so does a type that is no text:
/// nullopt. `space` is the dataspace of what is read.
[[nodiscard]] std::optional<std::vector<std::string>> read_text_elements(
    std::int64_t file_type, std::int64_t space, std::size_t count,
    const std::function<int(std::int64_t memory_type, void* buffer)>& read);

}  // namespace cw
