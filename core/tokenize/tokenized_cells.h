// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/data/table.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// What a set of tokenized cells says of itself.
struct TokensInfo {
  std::string dictionary_name;
  std::string dictionary_sha256;    ///< vocabulary hash; "" where a foreign file does not say
  std::int32_t max_length = 0;      ///< longest cell that was kept, special tokens included
  bool has_special_tokens = false;  ///< every cell is <cls> genes... <eos>
  Json source;                      ///< provenance: files with checksums, options, version
};

/// Ragged rows of tokens in memory or mapped from a file: what a TokenizedCells shares between its copies.
struct TokenStorage {
  std::span<const std::uint16_t> narrow;       ///< tokens of a vocabulary up to 65,535, else
  std::span<const std::uint32_t> wide;         ///< tokens of a larger one
  std::span<const std::uint64_t> offsets;      ///< [cells + 1]
  std::span<const std::uint32_t> full_length;  ///< [cells] before truncation, special tokens included
  std::shared_ptr<const void> owner;           ///< keeps the memory or the mapping alive
};

/// Gathers tokens in memory, cell by cell, in as few bytes as the vocabulary allows.
class TokenCollector {
 public:
  /// `vocabulary` = number of tokens of the dictionary.
  explicit TokenCollector(std::int64_t vocabulary);
  void append(std::span<const std::int32_t> tokens, std::uint32_t full_length);
  /// Everything gathered; the collector is empty afterwards.
  [[nodiscard]] TokenStorage take_storage();

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
  bool narrow_;
};

/// Tokenized cells with their table: what embedding, perturbation and training read. Immutable; copies are cheap and
/// share their memory; all functions may be called from several threads.
class TokenizedCells {
 public:
  TokenizedCells() = default;
  TokenizedCells(TokenStorage tokens, Table cells, TokensInfo info);

  /// A .tokens.h5 (mapped, not read) or a Hugging Face .dataset folder (read into memory).
  /// Errors: kNotFound, kIo, kParse E-TOK-002.
  [[nodiscard]] static Result<TokenizedCells> open(const std::filesystem::path& path);
  /// Cells held in memory. `cells_table` may be empty: then names are "0", "1", ...
  [[nodiscard]] static TokenizedCells from_memory(const std::vector<std::vector<std::int32_t>>& cells,
                                                  Table cells_table, TokensInfo info);

  [[nodiscard]] std::int64_t num_cells() const noexcept;
  /// Tokens of all cells together.
  [[nodiscard]] std::int64_t num_tokens() const noexcept;
  /// Tokens of the cell, special tokens included.
  [[nodiscard]] std::int64_t length(std::int64_t cell) const noexcept;
  /// The same before it was cut to `max_length`.
  [[nodiscard]] std::int64_t full_length(std::int64_t cell) const noexcept;
  /// Replaces `out` by the tokens of the cell; allocates only when `out` has to grow.
  void copy_tokens(std::int64_t cell, std::vector<std::int32_t>& out) const;

  /// The cells of `rows` in that order, with their tokens copied.
  [[nodiscard]] TokenizedCells take(std::span<const std::int64_t> rows) const;
  /// The same cells with another table, of as many rows.
  [[nodiscard]] TokenizedCells with_table(Table cells) const;
  /// The same cells, known to be of this dictionary: for foreign files, which do not say.
  [[nodiscard]] TokenizedCells with_dictionary(std::string name, std::string sha256) const;

  [[nodiscard]] const Table& cells() const noexcept { return cells_; }
  [[nodiscard]] const TokensInfo& info() const noexcept { return info_; }
  [[nodiscard]] const std::string& dictionary_name() const noexcept { return info_.dictionary_name; }
  [[nodiscard]] const std::string& dictionary_sha256() const noexcept { return info_.dictionary_sha256; }
  [[nodiscard]] std::int32_t max_length() const noexcept { return info_.max_length; }
  [[nodiscard]] bool has_special_tokens() const noexcept { return info_.has_special_tokens; }
  [[nodiscard]] const Json& source() const noexcept { return info_.source; }

 private:
  TokenStorage tokens_;
  Table cells_;
  TokensInfo info_;
};

}  // namespace cw
