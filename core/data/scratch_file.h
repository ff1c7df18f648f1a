// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace cw {

/// A nameless file in the temporary folder (TMPDIR) that vanishes with this object or the program.
class ScratchFile {
 public:
  ScratchFile() = default;
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<ScratchFile> create();

  /// Errors: kIo, kNoSpace.
  Result<> write(const void* bytes, std::size_t size);
  /// Back to the beginning, for reading. Errors: kIo, kNoSpace (of what was still to be written).
  Result<> rewind();
  /// Exactly `size` bytes. Errors: kIo.
  Result<> read(void* bytes, std::size_t size);

  /// The same at a place of one's own, for files that are not written from front to back; not to be mixed with the
  /// above. Errors: kIo, kNoSpace.
  Result<> write_at(std::uint64_t offset, const void* bytes, std::size_t size);
  Result<> read_at(std::uint64_t offset, void* bytes, std::size_t size);

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

}  // namespace cw
