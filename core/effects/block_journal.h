// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cw {

/// An append-only file of checksummed records, synced after each: whatever kills the process, all records but the last
/// are whole, and a damaged tail is recognised and cut off when the file is opened again.
///
/// Layout: 8 bytes magic, then per record: uint64 size, uint64 FNV-1a checksum, the bytes. Little endian.
class BlockJournal {
 public:
  /// Starts a new, empty journal, replacing a file of that name. Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<BlockJournal> create(const std::filesystem::path& path);

  /// Goes on with an existing journal: gives every whole record to `on_record` in order, cuts off a damaged tail and
  /// appends after it. A file that ends within the magic is an empty journal. Errors: kNotFound, kIo, kParse E-EFF-001
  /// (not a journal), and those of `on_record`.
  [[nodiscard]] static Result<BlockJournal> reopen(const std::filesystem::path& path,
                                                   const std::function<Result<>(std::string_view)>& on_record);

  /// Reads the whole records of a journal that may still be growing; changes nothing.
  /// Errors: kNotFound, kIo, kParse E-EFF-001, and those of `on_record`.
  static Result<> read(const std::filesystem::path& path, const std::function<Result<>(std::string_view)>& on_record);

  /// Appends one record and forces it to the disk. Errors: kIo, kNoSpace.
  Result<> append(std::string_view record);

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;
  BlockJournal(File file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}
  static Result<std::int64_t> scan(std::FILE* file, const std::filesystem::path& path,
                                   const std::function<Result<>(std::string_view)>& on_record);

  File file_;
  std::filesystem::path path_;
};

}  // namespace cw
