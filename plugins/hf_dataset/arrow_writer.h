// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/table.h"
#include "core/data/token_source.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace cw {

/// Writes an Arrow IPC stream with the columns `input_ids` (list of int32), `length` (int64) and metadata.
class ArrowWriter {
 public:
  /// `features_json` goes into the schema under the key "huggingface". Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<ArrowWriter> create(const std::filesystem::path& path, const std::vector<Column>& columns,
                                                  const std::string& features_json);

  /// Rows [begin, end) of `block` with rows [first_row, ...) of the columns, as one record batch.
  Result<> write_batch(const TokenBlock& block, std::int64_t begin, std::int64_t end,
                       const std::vector<Column>& columns, std::int64_t first_row);
  /// Ends the stream. Errors: kIo, kNoSpace.
  Result<> finish();
  [[nodiscard]] std::uint64_t num_bytes() const noexcept { return num_bytes_; }

 private:
  ArrowWriter() = default;
  Result<> write_message(const std::string& metadata, const std::string& body);

  std::filesystem::path path_;
  std::ofstream stream_;
  std::uint64_t num_bytes_ = 0;
};

}  // namespace cw
