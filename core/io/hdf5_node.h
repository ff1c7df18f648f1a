// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/hdf5_handle.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

class H5RawFile;
struct H5StoredAttribute;
enum class AttributeSearch;

/// An open group or dataset of an HDF5 file (the file's root is a group). It knows its file and path, so that every
/// error names them. The file stays open as long as any of its nodes.
class H5Node {
 public:
  /// Opens read-only, without locking the file. Errors: kNotFound; kIo; kParse E-H5-001 (not HDF5), E-H5-002 (cut off).
  [[nodiscard]] static Result<H5Node> open_file(const std::filesystem::path& path);
  /// Opens an existing file of ours for adding to it. Errors: as `open_file`.
  [[nodiscard]] static Result<H5Node> update_file(const std::filesystem::path& path);
  /// Makes an empty file; use `PendingOutput::path()`. Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<H5Node> create_file(const std::filesystem::path& path);

  [[nodiscard]] std::int64_t id() const noexcept { return handle_.id(); }
  /// Name of the file without folders.
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// Path inside the file without a leading slash: "obs/cell_type", "" for the root.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool is_group() const;
  [[nodiscard]] bool is_dataset() const { return !is_group(); }

  /// True if there is a group or dataset of this name ("a/b" looks into groups).
  [[nodiscard]] bool has(std::string_view name) const;
  /// Errors: kParse E-H5-003 (no such object).
  [[nodiscard]] Result<H5Node> open(std::string_view name) const;
  /// The object that reference attribute `name` points to. Errors: kParse E-H5-003.
  [[nodiscard]] Result<H5Node> open_reference(std::string_view attribute) const;
  /// Names of the members of a group, sorted. Errors: kIo.
  [[nodiscard]] Result<std::vector<std::string>> children() const;

  [[nodiscard]] bool has_attribute(std::string_view name) const;
  /// The attribute as text; nullopt where it is missing or no text.
  [[nodiscard]] std::optional<std::string> text_attribute(std::string_view name) const;
  /// A text or text array attribute; empty where it is missing or no text.
  [[nodiscard]] std::vector<std::string> texts_attribute(std::string_view name) const;
  /// A number or number array attribute as integers; empty where it is missing or no number.
  [[nodiscard]] std::vector<std::int64_t> integers_attribute(std::string_view name) const;

  /// Makes a group, and the groups on the way to it. Errors: kIo, kNoSpace.
  Result<H5Node> create_group(std::string_view name) const;
  /// Unlinks a member; its space is not given back. Errors: kIo.
  Result<> remove(std::string_view name) const;
  /// Attributes as h5py writes them (variable-length UTF-8). They replace one of the same name. Errors: kIo, kNoSpace.
  Result<> set_text(std::string_view attribute, std::string_view text) const;
  Result<> set_texts(std::string_view attribute, const std::vector<std::string>& texts) const;
  Result<> set_integers(std::string_view attribute, std::span<const std::int64_t> values) const;
  Result<> set_flag(std::string_view attribute, bool value) const;
  /// The two attributes that anndata puts on every object. Errors: kIo, kNoSpace.
  Result<> set_encoding(std::string_view type, std::string_view version) const;
  /// Writes what the library still holds back. Errors: kIo, kNoSpace.
  Result<> flush() const;

  /// For the functions of this folder that open or make objects below this one.
  [[nodiscard]] H5Node child(H5Handle handle, std::string_view name) const;

 private:
  H5Node(H5Handle handle, std::string file, std::string path, std::shared_ptr<const H5RawFile> raw)
      : handle_(std::move(handle)), file_(std::move(file)), path_(std::move(path)), raw_(std::move(raw)) {}
  /// Looks for an attribute beside the library. kElsewhere where that has to be asked.
  [[nodiscard]] AttributeSearch find(std::string_view attribute, H5StoredAttribute& found) const;
  Result<> replace_attribute(std::string_view name, std::int64_t type, std::int64_t space, const void* values) const;

  H5Handle handle_;
  std::string file_;
  std::string path_;
  std::shared_ptr<const H5RawFile> raw_;  ///< of files that are only read
};

}  // namespace cw
