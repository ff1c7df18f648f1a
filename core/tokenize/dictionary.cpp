// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/dictionary.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/tokenize/dictionary_files.h"
#include "core/tokenize/packed_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>

namespace cw {
namespace {

constexpr std::int32_t kLargestToken = 10'000'000;  // a damaged file must not make us allocate without bound
constexpr std::int32_t kFreeSlot = -1;
constexpr std::int32_t kV1Length = 2048;
constexpr std::int32_t kV2Length = 4096;

bool is_special(std::string_view key) { return key.size() > 2 && key.front() == '<' && key.back() == '>'; }

std::optional<std::int32_t> token_in(std::string_view text) {
  std::int32_t token = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), token);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return token;
}

/// The line of the vocabulary hash (see `Dictionary::sha256`).
void append_line(std::string& vocabulary, const DictionaryEntry& entry) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), entry.token).ptr;
  vocabulary.append(digits.data(), end).append(1, '\t').append(entry.key).append(1, '\n');
}

Error bad_dictionary(std::string_view id, const std::string& name, const std::string& problem) {
  return Error{ErrorCode::kParse, id, "dictionary " + name + ": " + problem};
}

}  // namespace

Result<std::shared_ptr<const Dictionary>> Dictionary::load(const std::string& name_or_folder) {
  if (name_or_folder == "v1" || name_or_folder == "v2") {
    CW_ASSIGN(const auto resources, resources_folder());
    const auto folder = resources / "dictionaries" / name_or_folder;
    CW_ASSIGN(auto entries, read_dictionary_tsv(folder / "tokens.tsv"));
    CW_ASSIGN(auto published,
              assemble(name_or_folder, std::move(entries), name_or_folder == "v1" ? kV1Length : kV2Length));
    CW_ASSIGN(published->names_, NameTable::load(folder / "names.tsv"));
    return std::shared_ptr<const Dictionary>(std::move(published));
  }
  CW_ASSIGN(auto files, read_dictionary_files(name_or_folder));
  const bool has_cls = std::any_of(files.entries.begin(), files.entries.end(),
                                   [](const DictionaryEntry& entry) { return entry.key == "<cls>"; });
  const std::int32_t length = files.model_input_size > 0 ? files.model_input_size : has_cls ? kV2Length : kV1Length;
  CW_ASSIGN(auto own, assemble(files.name, std::move(files.entries), length));
  CW_ASSIGN(own->any_, HumanGenes::load());
  return std::shared_ptr<const Dictionary>(std::move(own));
}

Result<std::shared_ptr<const Dictionary>> Dictionary::from_entries(const std::string& name,
                                                                   std::vector<DictionaryEntry> entries,
                                                                   std::int32_t model_input_size) {
  CW_ASSIGN(auto dictionary, assemble(name, std::move(entries), model_input_size));
  return std::shared_ptr<const Dictionary>(std::move(dictionary));
}

Result<std::shared_ptr<Dictionary>> Dictionary::assemble(const std::string& name, std::vector<DictionaryEntry> entries,
                                                         std::int32_t model_input_size) {
  auto dictionary = std::make_shared<Dictionary>();
  dictionary->name_ = name;
  dictionary->model_input_size_ = model_input_size;
  CW_TRY(dictionary->take_entries(std::move(entries)));
  std::optional<std::int32_t> pad;
  std::optional<std::int32_t> mask;
  std::string vocabulary;
  vocabulary.reserve(dictionary->entries_.size() * 24);
  for (const auto& entry : dictionary->entries_) {
    if (entry.key.empty()) continue;
    append_line(vocabulary, entry);
    if (!is_special(entry.key)) {
      if (!(entry.median > 0.0) || !std::isfinite(entry.median)) {
        return bad_dictionary("E-DICT-005", name,
                              "gene " + entry.key +
                                  " has no median above zero, so it cannot be ranked; leave it out "
                                  "or give its median");
      }
      ++dictionary->num_genes_;
      continue;
    }
    if (entry.key == "<pad>") pad = entry.token;
    if (entry.key == "<mask>") mask = entry.token;
    if (entry.key == "<cls>") dictionary->cls_ = entry.token;
    if (entry.key == "<eos>") dictionary->eos_ = entry.token;
  }
  if (!pad || !mask) {
    return bad_dictionary(
        "E-DICT-003", name,
        "the special tokens <pad> and <mask> are needed; " + std::string(pad ? "<mask>" : "<pad>") + " is missing");
  }
  dictionary->pad_ = *pad;
  dictionary->mask_ = *mask;
  dictionary->sha256_ = cw::sha256(vocabulary);
  CW_TRY(dictionary->index_keys());
  return dictionary;
}

Result<> Dictionary::take_entries(std::vector<DictionaryEntry> entries) {
  const auto by_token = [](const auto& a, const auto& b) { return a.token < b.token; };
  if (!std::is_sorted(entries.begin(), entries.end(), by_token)) std::sort(entries.begin(), entries.end(), by_token);
  if (!entries.empty() && (entries.front().token < 0 || entries.back().token > kLargestToken)) {
    const auto token = entries.front().token < 0 ? entries.front().token : entries.back().token;
    return bad_dictionary("E-DICT-004", name_, "token " + std::to_string(token) + " is out of range");
  }
  const auto twice = std::adjacent_find(entries.begin(), entries.end(),
                                        [](const auto& a, const auto& b) { return a.token == b.token; });
  if (twice != entries.end()) {
    return bad_dictionary(
        "E-DICT-004", name_,
        "token " + std::to_string(twice->token) + " is given to both " + twice->key + " and " + std::next(twice)->key);
  }
  if (entries.empty() || entries.back().token + 1 == static_cast<std::int64_t>(entries.size())) {
    entries_ = std::move(entries);  // no gaps
    return {};
  }
  entries_.resize(static_cast<std::size_t>(entries.back().token) + 1);
  for (auto& entry : entries) entries_[static_cast<std::size_t>(entry.token)] = std::move(entry);
  return {};
}

Result<> Dictionary::index_keys() {
  slots_.assign(std::bit_ceil(2 * entries_.size()), kFreeSlot);
  for (std::size_t token = 0; token < entries_.size(); ++token) {
    if (entries_[token].key.empty()) continue;
    auto& slot = slots_[slot_of(entries_[token].key)];
    if (slot != kFreeSlot) return bad_dictionary("E-DICT-004", name_, entries_[token].key + " has two tokens");
    slot = static_cast<std::int32_t>(token);
  }
  return {};
}

std::size_t Dictionary::slot_of(std::string_view key) const noexcept {
  const std::size_t last = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(key)&last;
  while (slots_[slot] != kFreeSlot && entries_[static_cast<std::size_t>(slots_[slot])].key != key) {
    slot = (slot + 1) & last;
  }
  return slot;
}

bool Dictionary::is_gene(std::int32_t token) const noexcept {
  const auto& key = ensembl_id(token);
  return !key.empty() && !is_special(key);
}

const std::string& Dictionary::ensembl_id(std::int32_t token) const noexcept {
  static const std::string none;
  if (token < 0 || token >= num_tokens()) return none;
  return entries_[static_cast<std::size_t>(token)].key;
}

const std::string& Dictionary::symbol(std::int32_t token) const noexcept {
  const auto& key = ensembl_id(token);
  if (key.empty()) return key;
  const auto& symbol = entries_[static_cast<std::size_t>(token)].symbol;
  return symbol.empty() ? key : symbol;
}

double Dictionary::median(std::int32_t token) const noexcept {
  return is_gene(token) ? entries_[static_cast<std::size_t>(token)].median : std::numeric_limits<double>::quiet_NaN();
}

std::optional<std::int32_t> Dictionary::token_of(std::string_view ensembl_id) const noexcept {
  const std::int32_t token = slots_[slot_of(ensembl_id)];
  if (token == kFreeSlot || is_special(ensembl_id)) return std::nullopt;
  return token;
}

std::optional<std::int32_t> Dictionary::token_of_name(std::string_view upper_name) const noexcept {
  if (any_) {
    const auto id = any_->ensembl_id(upper_name);
    return id ? token_of(*id) : std::nullopt;
  }
  const auto line = names_.find(upper_name);
  if (!line) return std::nullopt;
  const auto [name, token, published] = tab_fields<3>(*line);
  return token_in(token.empty() ? published : token);
}

std::optional<std::int32_t> Dictionary::token_by_published_mapping(std::string_view key) const noexcept {
  // every id of the vocabulary maps to itself in both published mappings
  if (const auto token = token_of(key)) return token;
  const auto line = names_.find(key);
  return line ? token_in(tab_fields<3>(*line)[2]) : std::nullopt;
}

namespace {

// The gene whose symbol this is, in capitals; nothing if two have it.
std::optional<std::int32_t> token_of_symbol(const Dictionary& dictionary, const std::string& upper) {
  std::optional<std::int32_t> found;
  for (std::int32_t token = 0; token < dictionary.num_tokens(); ++token) {
    const std::string& symbol = dictionary.symbol(token);
    if (!dictionary.is_gene(token) || symbol.size() != upper.size() || to_upper(symbol) != upper) continue;
    if (found) return std::nullopt;
    found = token;
  }
  return found;
}

}  // namespace

Result<std::int32_t> Dictionary::resolve(std::string_view user_text) const {
  const auto first = user_text.find_first_not_of(" \t\r\n");
  const auto last = user_text.find_last_not_of(" \t\r\n");
  const auto trimmed = first == std::string_view::npos ? std::string_view{} : user_text.substr(first, last - first + 1);
  const auto upper = to_upper(trimmed);
  const auto plain = without_version(upper);
  if (const auto token = token_of(plain)) return *token;
  if (any_) {  // a dictionary of one's own; the names of a published one are its symbols
    if (const auto token = token_of_symbol(*this, upper)) return *token;
  }
  if (const auto token = token_of_name(plain)) return *token;
  return unknown_gene(trimmed, upper);
}

Error Dictionary::unknown_gene(std::string_view user_text, const std::string& upper) const {
  const std::string who = "gene \"" + std::string(user_text) + "\"";
  if (const auto genes = HumanGenes::load(); genes.ok()) {
    if (const auto id = (*genes)->ensembl_id(without_version(upper))) {
      return Error{ErrorCode::kNotFound, "E-DICT-006",
                   who + " (" + std::string(*id) + ", " + std::string((*genes)->biotype(*id)) +
                       ") is not in the vocabulary of dictionary " + name_ + "; the model has never seen it"};
    }
  }
  std::string message = who + " is not known to dictionary " + name_;
  const auto similar = similar_names(any_ ? any_->names() : names_, upper, 5);
  for (std::size_t i = 0; i < similar.size(); ++i) message += (i == 0 ? "; similar names: " : ", ") + similar[i];
  if (similar.empty()) message += "; give a human gene symbol or an Ensembl id";
  return Error{ErrorCode::kNotFound, "E-DICT-006", message};
}

std::string_view without_version(std::string_view id) noexcept {
  const auto dot = id.find('.');
  if (dot == std::string_view::npos || id.size() < 4) return id;
  const auto same = [](char a, char b) { return a == b || a == b + ('a' - 'A'); };
  if (!same(id[0], 'E') || !same(id[1], 'N') || !same(id[2], 'S')) return id;
  std::size_t digit = 3;
  while (digit < dot && (id[digit] < '0' || id[digit] > '9')) ++digit;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digit == dot || !std::all_of(id.begin() + static_cast<std::ptrdiff_t>(digit),
                                   id.begin() + static_cast<std::ptrdiff_t>(dot), is_digit)) {
    return id;
  }
  return id.substr(0, dot);
}

Result<> require_same_vocabulary(std::string_view what, std::string_view name, std::string_view sha256,
                                 std::string_view other, std::string_view other_name, std::string_view other_sha256) {
  if (sha256 == other_sha256) return {};
  const auto side = [](std::string_view thing, std::string_view dictionary, std::string_view hash) {
    return std::string(thing) + " has dictionary " + std::string(dictionary) + " (" + std::string(hash.substr(0, 12)) +
           ")";
  };
  return Error{ErrorCode::kRefused, "E-DICT-007",
               "vocabulary hash mismatch: " + side(what, name, sha256) + ", " + side(other, other_name, other_sha256) +
                   "; tokenize the data again with the dictionary of the model"};
}

Result<std::shared_ptr<const Dictionary>> dictionary_for_vocabulary_size(std::int64_t num_tokens) {
  constexpr std::int64_t kV1Tokens = 25'426;
  constexpr std::int64_t kV2Tokens = 20'275;
  if (num_tokens == kV1Tokens) return Dictionary::load("v1");
  if (num_tokens == kV2Tokens) return Dictionary::load("v2");
  return Error{ErrorCode::kNotFound, "E-DICT-008",
               "no published dictionary has " + std::to_string(num_tokens) +
                   " tokens (v1 has 25426, v2 20275); name the folder of the model's dictionary"};
}

}  // namespace cw
