// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/hdf5_node.h"

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

/// Where a text reference lies in the stored elements of a dataset.
struct StoredText {
  std::size_t element_bytes = 0;  ///< of the whole element
  std::size_t offset = 0;         ///< of the reference in it
};

/// Bytes of a reference to a text in the file of `dataset` (the library tells the size of a pointer instead).
[[nodiscard]] std::size_t stored_text_bytes(const H5Node& dataset);

/// Reads variable-length texts of a dataset through `H5TextHeap`, one per element. nullopt where the elements cannot be
/// had as they are stored (a file open for writing, compact data, unknown filters): use the library then.
/// Errors: kParse E-H5-005.
[[nodiscard]] Result<std::optional<std::vector<std::string>>> read_stored_texts(const H5Node& dataset,
                                                                                std::size_t count,
                                                                                const StoredText& place);

}  // namespace cw
