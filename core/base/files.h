// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace cw {

/// The whole content of a file. Errors: kNotFound, kIo.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Writes `content` to a temporary name beside `path`, syncs and renames: readers see the old file or the new one.
/// Errors: kIo, kNoSpace.
Result<> write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// A file or folder under construction: written under a temporary name, it takes the place of `target` in `commit`; the
/// destructor removes what was not committed. `commit` marks folders with cellwright.json; none without is replaced.
class PendingOutput {
 public:
  /// Makes parent folders. Errors: E-IO-005 (exists, no `overwrite`), E-IO-007 (a folder that is not ours), kIo.
  [[nodiscard]] static Result<PendingOutput> create(const std::filesystem::path& target, bool overwrite);

  PendingOutput(PendingOutput&& other) noexcept;
  PendingOutput& operator=(PendingOutput&& other) noexcept;
  PendingOutput(const PendingOutput&) = delete;
  PendingOutput& operator=(const PendingOutput&) = delete;
  ~PendingOutput();

  /// Where to write until `commit`: a name that does not exist yet.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return temporary_; }
  [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }

  /// Syncs what was written and renames it to the target. Errors: kIo, kNoSpace.
  Result<> commit();

 private:
  PendingOutput(std::filesystem::path target, std::filesystem::path temporary);
  void discard() noexcept;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
};

/// Forces a file or folder to the disk. Errors: kIo, kNoSpace.
Result<> sync_to_disk(const std::filesystem::path& path);

/// A new empty folder for scratch files, below `parent`; the caller removes it. Errors: kIo.
[[nodiscard]] Result<std::filesystem::path> make_scratch_folder(const std::filesystem::path& parent);

/// Folder of the program files that ship with Cellwright (dictionaries, demonstration model, example data): the
/// environment variable CELLWRIGHT_RESOURCES, else beside the running program, else the source tree. Errors: kNotFound.
[[nodiscard]] Result<std::filesystem::path> resources_folder();

}  // namespace cw
