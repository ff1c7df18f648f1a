// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/tokenized_cells.h"

#include "core/base/check.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/provenance.h"
#include "core/tokenize/token_file.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

namespace cw {
namespace {

constexpr std::int64_t kNarrowVocabulary = 65'536;
constexpr std::int64_t kAnyVocabulary = std::numeric_limits<std::int32_t>::max();

}  // namespace

struct TokenCollector::Parts {
  std::vector<std::uint16_t> narrow;
  std::vector<std::uint32_t> wide;
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> full_length;
};

TokenCollector::TokenCollector(std::int64_t vocabulary)
    : parts_(std::make_shared<Parts>()), narrow_(vocabulary <= kNarrowVocabulary) {}

void TokenCollector::append(std::span<const std::int32_t> tokens, std::uint32_t full_length) {
  const auto add = [&](auto& all) {
    using Token = typename std::remove_reference_t<decltype(all)>::value_type;
    for (const std::int32_t token : tokens) all.push_back(static_cast<Token>(token));
  };
  if (narrow_) {
    add(parts_->narrow);
  } else {
    add(parts_->wide);
  }
  parts_->offsets.push_back(parts_->offsets.back() + tokens.size());
  parts_->full_length.push_back(full_length);
}

TokenStorage TokenCollector::take_storage() {
  auto parts = std::exchange(parts_, std::make_shared<Parts>());
  return {parts->narrow, parts->wide, parts->offsets, parts->full_length, parts};
}

namespace {

constexpr std::int64_t kCellsPerRead = 4096;
constexpr std::int32_t kClsToken = 2;  // of every published dictionary that has it
constexpr std::int32_t kEosToken = 3;

/// Tokens of a foreign file, which does not say what dictionary they belong to.
Result<TokenizedCells> read_all(TokenReader& reader) {
  TokenCollector collector(kAnyVocabulary);
  TokensInfo info;
  auto checksum = checksum_in_background(reader.info().path);
  info.has_special_tokens = reader.info().num_cells > 0;
  for (TokenBlock block;;) {
    CW_TRY(reader.next(block, kCellsPerRead));
    if (block.num_cells() == 0) break;
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      const auto tokens = block.tokens_of(row);
      collector.append(tokens, static_cast<std::uint32_t>(tokens.size()));
      info.max_length = std::max(info.max_length, static_cast<std::int32_t>(tokens.size()));
      const bool framed = tokens.size() >= 2 && tokens.front() == kClsToken && tokens.back() == kEosToken;
      info.has_special_tokens = info.has_special_tokens && framed;
    }
  }
  CW_ASSIGN(auto cells, reader.cells());
  CW_ASSIGN(auto file, checksum.get());
  info.source = {{"files", Json::array({std::move(file)})}};
  return TokenizedCells(collector.take_storage(), std::move(cells), std::move(info));
}

}  // namespace

TokenizedCells::TokenizedCells(TokenStorage tokens, Table cells, TokensInfo info)
    : tokens_(std::move(tokens)), cells_(std::move(cells)), info_(std::move(info)) {
  CW_ASSERT(cells_.num_rows() == num_cells());
}

Result<TokenizedCells> TokenizedCells::open(const std::filesystem::path& path) {
  if (const auto* factory = data_formats().token_reader_for(path)) {
    CW_ASSIGN(const auto reader, factory->open(path));
    return read_all(*reader);
  }
  return open_token_file(path);
}

TokenizedCells TokenizedCells::from_memory(const std::vector<std::vector<std::int32_t>>& cells, Table cells_table,
                                           TokensInfo info) {
  TokenCollector collector(kAnyVocabulary);
  for (const auto& cell : cells) collector.append(cell, static_cast<std::uint32_t>(cell.size()));
  if (cells_table.index.empty()) {
    for (std::size_t i = 0; i < cells.size(); ++i) cells_table.index.push_back(std::to_string(i));
  }
  return {collector.take_storage(), std::move(cells_table), std::move(info)};
}

TokenizedCells TokenizedCells::take(std::span<const std::int64_t> rows) const {
  TokenCollector collector(tokens_.wide.empty() ? 0 : kAnyVocabulary);
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : rows) {
    copy_tokens(row, tokens);
    collector.append(tokens, static_cast<std::uint32_t>(full_length(row)));
  }
  return {collector.take_storage(), cells_.take(rows), info_};
}

TokenizedCells TokenizedCells::with_table(Table cells) const { return {tokens_, std::move(cells), info_}; }

TokenizedCells TokenizedCells::with_dictionary(std::string name, std::string sha256) const {
  TokenizedCells named = *this;
  named.info_.dictionary_name = std::move(name);
  named.info_.dictionary_sha256 = std::move(sha256);
  return named;
}

std::int64_t TokenizedCells::num_cells() const noexcept {
  return static_cast<std::int64_t>(tokens_.full_length.size());
}

std::int64_t TokenizedCells::num_tokens() const noexcept {
  return tokens_.offsets.empty() ? 0 : static_cast<std::int64_t>(tokens_.offsets.back());
}

std::int64_t TokenizedCells::length(std::int64_t cell) const noexcept {
  const auto i = static_cast<std::size_t>(cell);
  return static_cast<std::int64_t>(tokens_.offsets[i + 1] - tokens_.offsets[i]);
}

std::int64_t TokenizedCells::full_length(std::int64_t cell) const noexcept {
  return tokens_.full_length[static_cast<std::size_t>(cell)];
}

void TokenizedCells::copy_tokens(std::int64_t cell, std::vector<std::int32_t>& out) const {
  const auto i = static_cast<std::size_t>(cell);
  const std::size_t begin = tokens_.offsets[i];
  const std::size_t count = tokens_.offsets[i + 1] - begin;
  out.resize(count);
  const auto copy = [&](const auto* from) {
    for (std::size_t k = 0; k < count; ++k) out[k] = static_cast<std::int32_t>(from[k]);
  };
  if (tokens_.wide.empty()) {
    copy(tokens_.narrow.data() + begin);
  } else {
    copy(tokens_.wide.data() + begin);
  }
}

}  // namespace cw
