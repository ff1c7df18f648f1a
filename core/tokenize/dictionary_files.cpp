// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/dictionary_files.h"

#include "core/base/json.h"
#include "core/tokenize/packed_text.h"
#include "core/weights/unpickler.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace cw {
namespace {

namespace fs = std::filesystem;

Error bad_line(const fs::path& path, std::int64_t line, const std::string& problem) {
  return Error{ErrorCode::kParse, "E-DICT-002",
               path.string() + " line " + std::to_string(line) + ": " + problem +
                   "; expected token, Ensembl id, median and symbol, separated by tabs"};
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc{} && end == text.data() + text.size();
}

/// `{"ENSG...": number}` as a map.
Result<std::map<std::string, double>> read_json_numbers(const fs::path& path) {
  CW_ASSIGN(const auto json, read_json(path));
  std::map<std::string, double> numbers;
  if (!json.is_object()) {
    return Error{ErrorCode::kParse, "E-DICT-002", path.string() + " is not a JSON object of ids and numbers"};
  }
  for (const auto& [key, value] : json.items()) {
    if (!value.is_number()) {
      return Error{ErrorCode::kParse, "E-DICT-002", path.string() + ": the value of \"" + key + "\" is not a number"};
    }
    numbers[key] = value.get<double>();
  }
  return numbers;
}

/// A pickled dict of the same, read without running anything of it.
Result<std::map<std::string, double>> read_pickle_numbers(const fs::path& path) {
  CW_ASSIGN(const auto document, read_pickle(path));
  const auto root = document.root();
  if (!root.is(PickleKind::kDictionary)) {
    return Error{
        ErrorCode::kParse, "E-DICT-002",
        path.string() + " holds " + std::string(name_of(root.kind())) + " instead of a dictionary of ids and numbers"};
  }
  std::map<std::string, double> numbers;
  for (std::size_t place = 0; place < root.size(); ++place) {
    const auto key = root.key(place).text();
    const auto entry = root.value(place);
    const auto* array = entry.array();
    const auto number = array != nullptr && array->size() == 1 ? std::optional(array->real_at(0)) : entry.real();
    if (!key || !number) {
      return Error{ErrorCode::kParse, "E-DICT-002",
                   path.string() + ": entry " + std::to_string(place + 1) + " is no id with a number"};
    }
    numbers[std::string(*key)] = *number;
  }
  return numbers;
}

Result<std::map<std::string, double>> read_id_numbers(const fs::path& path) {
  return path.extension() == ".json" ? read_json_numbers(path) : read_pickle_numbers(path);
}

bool is_id_file(const fs::path& path) {
  return path.extension() == ".json" || path.extension() == ".pkl" || path.extension() == ".pickle";
}

/// The only file of `folder` whose name contains `word` and that we can read; empty if there is none.
fs::path find_named(const fs::path& folder, std::string_view word) {
  fs::path found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    if (is_id_file(entry.path()) && name.find(word) != std::string::npos && name > found.filename()) {
      found = entry.path();
    }
  }
  return found;
}

}  // namespace

Result<std::vector<DictionaryEntry>> read_dictionary_tsv(const fs::path& path) {
  CW_ASSIGN(const auto packed, PackedText::open(path));
  const std::string_view text = packed.text();
  std::vector<DictionaryEntry> entries;
  entries.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  std::string_view rest = text;
  for (std::int64_t line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    auto row = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
    if (row.empty() || (line == 1 && row.starts_with("token"))) continue;
    const auto [token, key, median, symbol] = tab_fields<4>(row);
    DictionaryEntry entry;
    if (!parse_number(token, entry.token)) {
      return bad_line(path, line, "\"" + std::string(token) + "\" is not a token number");
    }
    if (key.empty()) return bad_line(path, line, "the Ensembl id is missing");
    if (!median.empty() && !parse_number(median, entry.median)) {
      return bad_line(path, line, "\"" + std::string(median) + "\" is not a median");
    }
    entry.key = key;
    entry.symbol = symbol;
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<DictionaryFiles> read_dictionary_files(const fs::path& path) {
  std::error_code ignored;
  DictionaryFiles files;
  files.name = path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
  if (fs::is_regular_file(path, ignored)) {
    CW_ASSIGN(files.entries, read_dictionary_tsv(path));
    return files;
  }
  if (!fs::is_directory(path, ignored)) {
    return Error{ErrorCode::kNotFound, "E-DICT-001",
                 "dictionary \"" + path.string() + "\" is neither v1 nor v2 nor an existing folder; give one of these"};
  }
  if (const auto about = path / "dictionary.json"; fs::exists(about, ignored)) {
    CW_ASSIGN(const auto json, read_json(about));
    if (json.contains("name") && json["name"].is_string()) files.name = json["name"].get<std::string>();
    const bool has_length = json.contains("model_input_size") && json["model_input_size"].is_number_integer();
    if (has_length) files.model_input_size = json["model_input_size"].get<std::int32_t>();
  }
  for (const char* name : {"tokens.tsv.gz", "tokens.tsv"}) {
    if (!fs::exists(path / name, ignored)) continue;
    CW_ASSIGN(files.entries, read_dictionary_tsv(path / name));
    return files;
  }
  const auto token_file = find_named(path, "token");
  const auto median_file = find_named(path, "median");
  if (token_file.empty() || median_file.empty()) {
    return Error{ErrorCode::kNotFound, "E-DICT-001",
                 "folder " + path.string() +
                     " has neither tokens.tsv[.gz] nor a token and a median dictionary (*token*, *median*)"};
  }
  CW_ASSIGN(const auto tokens, read_id_numbers(token_file));
  CW_ASSIGN(const auto medians, read_id_numbers(median_file));
  for (const auto& [key, token] : tokens) {
    const auto median = medians.find(key);
    files.entries.push_back(
        {key, static_cast<std::int32_t>(token), median == medians.end() ? 0.0 : median->second, ""});
  }
  return files;
}

}  // namespace cw
