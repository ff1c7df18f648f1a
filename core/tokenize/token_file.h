// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/base/result.h"
#include "core/data/table.h"
#include "core/tokenize/tokenized_cells.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace cw {

/// Writes a .tokens.h5 cell by cell. Tokens wait in memory, and beyond 4 MiB in an unnamed scratch file, because a
/// dataset that is to be mapped must be contiguous and its length is known only at the end; 12 bytes per cell are kept
/// in memory.
class TokenFileWriter {
 public:
  /// `vocabulary` = number of tokens of the dictionary: up to 65,536 are stored in two bytes.
  /// Errors: kInvalidArgument E-IO-005 (exists and not `overwrite`), kIo, kNoSpace.
  [[nodiscard]] static Result<TokenFileWriter> create(const std::filesystem::path& path, std::int64_t vocabulary,
                                                      bool overwrite);
  TokenFileWriter(TokenFileWriter&& other) noexcept;
  TokenFileWriter& operator=(TokenFileWriter&&) = delete;
  TokenFileWriter(const TokenFileWriter&) = delete;
  TokenFileWriter& operator=(const TokenFileWriter&) = delete;
  ~TokenFileWriter();

  /// The next cell. Errors: kIo, kNoSpace.
  Result<> append(std::span<const std::int32_t> tokens, std::uint32_t full_length);
  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(full_length_.size()); }
  [[nodiscard]] std::int64_t num_tokens() const noexcept { return static_cast<std::int64_t>(offsets_.back()); }

  /// Writes everything into place. `cells` has one row per cell. Errors: kIo, kNoSpace.
  Result<> finish(const Table& cells, const TokensInfo& info);

 private:
  TokenFileWriter(PendingOutput output, bool narrow);
  Result<> flush();
  Result<> write_tokens_at(std::uint64_t offset);
  Result<> copy_scratch_to(int target);

  PendingOutput output_;
  int scratch_ = -1;
  bool narrow_ = true;
  std::vector<std::byte> buffer_;
  std::vector<std::uint64_t> offsets_{0};
  std::vector<std::uint32_t> full_length_;
};

/// True for files that `open_token_file` should be asked to read.
[[nodiscard]] bool is_token_file(const std::filesystem::path& path);

/// Maps a .tokens.h5. Errors: kNotFound, kIo, kParse E-TOK-002 (not such a file, or parts that do not fit), E-TOK-003
/// (of a newer version).
[[nodiscard]] Result<TokenizedCells> open_token_file(const std::filesystem::path& path);

}  // namespace cw
