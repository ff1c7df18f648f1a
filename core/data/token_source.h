// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// Consecutive tokenized cells: ragged rows of gene tokens, special tokens included where the file has them.
struct TokenBlock {
  std::int64_t first_cell = 0;
  std::vector<std::uint64_t> offsets{0};  ///< [cells + 1]
  std::vector<std::int32_t> tokens;

  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
  [[nodiscard]] std::span<const std::int32_t> tokens_of(std::int64_t row) const noexcept {
    const auto i = static_cast<std::size_t>(row);
    return {tokens.data() + offsets[i], tokens.data() + offsets[i + 1]};
  }
  void append_cell(std::span<const std::int32_t> cell) {
    tokens.insert(tokens.end(), cell.begin(), cell.end());
    offsets.push_back(tokens.size());
  }
  void clear(std::int64_t first) {
    first_cell = first;
    offsets.assign(1, 0);
    tokens.clear();
  }
};

struct TokenSourceInfo {
  std::filesystem::path path;
  std::string format;  ///< "hf-dataset"
  std::int64_t num_cells = 0;
  std::vector<ColumnInfo> cell_columns;  ///< of `cells()`: everything but the token lists and their length
  std::vector<std::string> notes;        ///< what the reader assumed or left out, as sentences
};

/// An open file of cells that were tokenized elsewhere. Read-only; front to back in constant memory.
/// Which dictionary the tokens belong to is not known to such files: the user names it.
class TokenReader {
 public:
  virtual ~TokenReader() = default;
  [[nodiscard]] virtual const TokenSourceInfo& info() const noexcept = 0;
  /// All metadata columns, one row per cell in the order of `next`. The index is the column `kCellNameColumn` if there
  /// is one, else the row numbers "0", "1", ... A column `length_uncropped` is kept as any other. Errors: kIo, kParse.
  [[nodiscard]] virtual Result<Table> cells() = 0;
  /// Fills `block` with the next cells, at most `max_cells`; an empty block is the end. Errors: kIo, kParse (a token
  /// that is negative or does not fit 31 bits, a list that points outside its buffer, a `length` that does not fit).
  virtual Result<> next(TokenBlock& block, std::int64_t max_cells) = 0;
};

/// Name of the column that carries `Table::index` in formats that have no index.
inline constexpr const char* kCellNameColumn = "cell_name";

/// A kind of token file that can be read: what a plugin registers.
class TokenReaderFactory {
 public:
  virtual ~TokenReaderFactory() = default;
  [[nodiscard]] virtual std::string format() const = 0;
  /// 0 = not mine, 100 = certainly mine: from the name and the first bytes. Never throws, never reads much.
  [[nodiscard]] virtual int score(const std::filesystem::path& path) const = 0;
  /// Errors: kNotFound, kIo, kParse, kUnsupported.
  [[nodiscard]] virtual Result<std::unique_ptr<TokenReader>> open(const std::filesystem::path& path) const = 0;
};

/// Writes cells front to back. Nothing appears at the target before `finish`; without it nothing is left behind.
class TokenWriter {
 public:
  virtual ~TokenWriter() = default;
  /// The next cells; `block.first_cell` must be the number of cells written so far. Errors: kIo, kNoSpace.
  virtual Result<> append(const TokenBlock& block) = 0;
  /// Completes the output. Errors: kIo, kNoSpace, kShape (fewer cells than rows of the table).
  virtual Result<> finish() = 0;
};

/// A kind of token file that can be written: what a plugin registers as an exporter.
class TokenExporter {
 public:
  virtual ~TokenExporter() = default;
  [[nodiscard]] virtual std::string format() const = 0;
  /// Starts the output `path` for the cells of `cells` (its index becomes the column `kCellNameColumn`).
  /// Errors: kInvalidArgument (exists and not `overwrite`), kIo.
  [[nodiscard]] virtual Result<std::unique_ptr<TokenWriter>> create(const std::filesystem::path& path, Table cells,
                                                                    bool overwrite) const = 0;
};

}  // namespace cw
