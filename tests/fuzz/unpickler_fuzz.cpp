// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target of the file parsers: the first byte chooses one. With Clang: -fsanitize=fuzzer,address and this file;
// with other compilers CMake links a driver that mutates the files it is given for a number of seconds (README.md).
#include "core/weights/safetensors.h"
#include "core/weights/torch_checkpoint.h"
#include "core/weights/unpickler.h"
#include "plugins/hf_dataset/arrow_column.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

void touch(const std::vector<cw::TensorRef>& tensors) {
  for (const auto& tensor : tensors) {
    std::vector<float> values(static_cast<std::size_t>(tensor.num_elements()));
    static_cast<void>(cw::copy_as_float32(tensor, values).ok());
  }
}

void read_arrow(std::span<const std::byte> bytes) {
  const auto file = cw::ArrowFile::parse(bytes, "fuzz");
  if (!file.ok()) return;
  for (const auto& batch : file->batches()) {
    for (std::size_t place = 0; batch.dictionary < 0 && place < file->fields().size(); ++place) {
      static_cast<void>(cw::ArrowColumn::load(*file, batch, place).ok());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span<const std::uint8_t>(data + 1, size - 1));
  switch (data[0] % 4) {
    case 0:
      static_cast<void>(cw::parse_pickle(bytes, "fuzz").ok());
      break;
    case 1: {
      const auto content = cw::parse_safetensors(bytes, "fuzz");
      if (content.ok()) touch(content->tensors);
      break;
    }
    case 2: {
      const auto content = cw::parse_torch_checkpoint(bytes, "fuzz");
      if (content.ok()) touch(content->tensors);
      break;
    }
    default:
      read_arrow(bytes);
  }
  return 0;
}
