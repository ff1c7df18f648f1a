// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/tokenized_cells.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// Token files one after the other as one set of cells: what pretraining reads. The tokens of .tokens.h5 files are
/// mapped, so a corpus may be larger than memory; names and lengths of the cells are held in memory. All functions may
/// be called from several threads.
class TokenCorpus {
 public:
  TokenCorpus() = default;
  explicit TokenCorpus(TokenizedCells cells);

  /// Opens the files in this order. A folder that holds .tokens.h5 files stands for all of them, sorted by name.
  /// Errors: those of TokenizedCells::open; kInvalidArgument E-TOK-009 (a file twice); kRefused E-TOK-010 (files of
  /// different dictionaries, or some with and some without special tokens).
  [[nodiscard]] static Result<TokenCorpus> open(const std::vector<std::filesystem::path>& paths);

  [[nodiscard]] std::int64_t num_cells() const noexcept { return first_.back(); }
  [[nodiscard]] std::int64_t num_tokens() const noexcept;
  [[nodiscard]] std::size_t num_files() const noexcept { return files_.size(); }
  [[nodiscard]] std::int64_t length(std::int64_t cell) const noexcept;
  /// Replaces `out` by the tokens of the cell.
  void copy_tokens(std::int64_t cell, std::vector<std::int32_t>& out) const;
  /// As its file calls it.
  [[nodiscard]] const std::string& name(std::int64_t cell) const;
  /// "cells.tokens.h5: cell 7", for errors.
  [[nodiscard]] std::string place(std::int64_t cell) const;

  [[nodiscard]] const std::string& dictionary_name() const noexcept { return files_.front().dictionary_name(); }
  [[nodiscard]] const std::string& dictionary_sha256() const noexcept { return files_.front().dictionary_sha256(); }
  /// Provenance of the file, or a list of those of all files with their numbers of cells.
  [[nodiscard]] Json source() const;

 private:
  [[nodiscard]] std::size_t file_of(std::int64_t cell) const noexcept;
  void append(TokenizedCells cells, std::string path);

  std::vector<TokenizedCells> files_;
  std::vector<std::string> paths_;
  std::vector<std::int64_t> first_{0};  ///< cell of every file, and the number of all
};

}  // namespace cw
