// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/mapped_file.h"
#include "core/base/result.h"
#include "plugins/hf_dataset/arrow_schema.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// A record batch (or the content of a dictionary batch) in a mapped file.
struct ArrowBatch {
  std::int64_t num_rows = 0;
  std::int64_t dictionary = -1;         ///< id, for dictionary batches
  bool is_delta = false;                ///< adds to the dictionary rather than replacing it
  std::span<const std::byte> metadata;  ///< the FlatBuffers message
  std::span<const std::byte> body;
};

/// An Arrow IPC stream (or the file form, which contains one), mapped: the schema and where each batch lies.
class ArrowFile {
 public:
  /// Errors: kNotFound, kIo, kParse (damaged, cut off), kUnsupported (big endian).
  [[nodiscard]] static Result<ArrowFile> open(const std::filesystem::path& path);
  /// As `open`, of bytes in memory that outlive the object.
  [[nodiscard]] static Result<ArrowFile> parse(std::span<const std::byte> bytes, std::string where);

  [[nodiscard]] const std::vector<ArrowField>& fields() const noexcept { return fields_; }
  /// Place of a column, -1 if there is none.
  [[nodiscard]] int find(std::string_view name) const noexcept;
  /// Record and dictionary batches in the order of the file.
  [[nodiscard]] const std::vector<ArrowBatch>& batches() const noexcept { return batches_; }
  [[nodiscard]] std::int64_t num_rows() const noexcept { return num_rows_; }
  [[nodiscard]] const std::string& where() const noexcept { return where_; }
  [[nodiscard]] Error damaged(const std::string& what) const;

 private:
  Result<> scan(std::span<const std::byte> bytes);
  Result<> add_message(std::span<const std::byte> metadata, std::span<const std::byte> body, bool& is_schema);

  std::string where_;
  std::shared_ptr<const MappedFile> file_;
  std::vector<ArrowField> fields_;
  std::vector<ArrowBatch> batches_;
  std::int64_t num_rows_ = 0;
};

}  // namespace cw
