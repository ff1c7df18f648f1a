// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/token_corpus.h"

#include <algorithm>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".tokens.h5";

std::vector<fs::path> token_files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().ends_with(kSuffix)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<fs::path>> files_of(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    const std::vector<fs::path> inside = token_files_in(path);
    if (inside.empty()) files.push_back(path);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      std::error_code status;
      if (!fs::equivalent(files[i], files[k], status)) continue;
      return Error{ErrorCode::kInvalidArgument, "E-TOK-009",
                   files[i].string() + ": is given twice, and its cells would count double; give every file once"};
    }
  }
  return files;
}

std::string described(const TokenizedCells& cells) {
  return "dictionary '" + cells.dictionary_name() + "' (" + cells.dictionary_sha256().substr(0, 8) + "), " +
         (cells.has_special_tokens() ? "with" : "without") + " <cls> and <eos>";
}

}  // namespace

TokenCorpus::TokenCorpus(TokenizedCells cells) { append(std::move(cells), "cells in memory"); }

void TokenCorpus::append(TokenizedCells cells, std::string path) {
  first_.push_back(first_.back() + cells.num_cells());
  files_.push_back(std::move(cells));
  paths_.push_back(std::move(path));
}

Result<TokenCorpus> TokenCorpus::open(const std::vector<fs::path>& paths) {
  CW_ASSIGN(const std::vector<fs::path> files, files_of(paths));
  TokenCorpus corpus;
  for (const fs::path& file : files) {
    CW_ASSIGN(TokenizedCells cells, TokenizedCells::open(file));
    if (!corpus.files_.empty()) {
      const TokenizedCells& first = corpus.files_.front();
      const bool same = cells.dictionary_name() == first.dictionary_name() &&
                        cells.dictionary_sha256() == first.dictionary_sha256() &&
                        cells.has_special_tokens() == first.has_special_tokens();
      if (!same) {
        return Error{ErrorCode::kRefused, "E-TOK-010",
                     file.string() + ": " + described(cells) + ", but " + files.front().string() + ": " +
                         described(first) + "; tokenize all files of a corpus in the same way"};
      }
    }
    corpus.append(std::move(cells), file.string());
  }
  return corpus;
}

std::size_t TokenCorpus::file_of(std::int64_t cell) const noexcept {
  return static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), cell) - first_.begin()) - 1;
}

std::int64_t TokenCorpus::num_tokens() const noexcept {
  std::int64_t count = 0;
  for (const TokenizedCells& file : files_) count += file.num_tokens();
  return count;
}

std::int64_t TokenCorpus::length(std::int64_t cell) const noexcept {
  const std::size_t file = file_of(cell);
  return files_[file].length(cell - first_[file]);
}

void TokenCorpus::copy_tokens(std::int64_t cell, std::vector<std::int32_t>& out) const {
  const std::size_t file = file_of(cell);
  files_[file].copy_tokens(cell - first_[file], out);
}

const std::string& TokenCorpus::name(std::int64_t cell) const {
  const std::size_t file = file_of(cell);
  return files_[file].cells().index[static_cast<std::size_t>(cell - first_[file])];
}

std::string TokenCorpus::place(std::int64_t cell) const {
  const std::size_t file = file_of(cell);
  return paths_[file] + ": cell " + std::to_string(cell - first_[file]);
}

Json TokenCorpus::source() const {
  if (files_.size() == 1) return files_.front().source();
  Json list = Json::array();
  for (const TokenizedCells& file : files_) {
    list.push_back({{"cells", file.num_cells()}, {"tokens", file.num_tokens()}, {"source", file.source()}});
  }
  return list;
}

}  // namespace cw
