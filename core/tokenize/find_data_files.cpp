// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/data_formats.h"
#include "core/tokenize/run_tokenize.h"
#include "core/tokenize/token_file.h"

#include <algorithm>

namespace cw {
namespace {

namespace fs = std::filesystem;

bool is_data_set(const fs::path& path) { return !is_token_file(path) && !data_formats().format_of(path).empty(); }

void collect(const fs::path& folder, bool recursive, std::vector<fs::path>& found) {
  std::error_code ignored;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  for (const auto& entry : entries) {
    if (is_data_set(entry)) {
      found.push_back(entry);
    } else if (recursive && fs::is_directory(entry, ignored) && !fs::is_symlink(entry, ignored)) {
      collect(entry, recursive, found);
    }
  }
}

}  // namespace

Result<std::vector<fs::path>> find_data_files(const std::vector<std::string>& inputs, bool recursive) {
  std::vector<fs::path> files;
  for (const auto& input : inputs) {
    std::error_code ignored;
    if (!fs::exists(input, ignored)) {
      return Error{ErrorCode::kNotFound, "E-TOK-001", input + " does not exist; give a data file or a folder of them"};
    }
    if (!fs::is_directory(input, ignored) || is_data_set(input)) {
      files.emplace_back(input);
      continue;
    }
    const auto before = files.size();
    collect(input, recursive, files);
    if (files.size() == before) {
      return Error{ErrorCode::kNotFound, "E-TOK-001",
                   "folder " + input + " holds no data file that can be read" +
                       (recursive ? "" : "; --recursive looks into its folders too")};
    }
  }
  if (files.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-TOK-001", "no input is given; name data files or folders"};
  }
  return files;
}

}  // namespace cw
