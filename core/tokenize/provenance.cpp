// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/provenance.h"

#include "core/base/clock.h"
#include "core/base/sha256.h"
#include "core/base/version.h"

namespace cw {

std::future<Result<Json>> checksum_in_background(const std::filesystem::path& path) {
  return std::async(std::launch::async, [path]() -> Result<Json> {
    CW_ASSIGN(const auto sha256, sha256_of_path(path));
    Json file{{"path", path.string()}, {"sha256", sha256}};
    std::error_code is_folder;
    const auto bytes = std::filesystem::file_size(path, is_folder);
    if (!is_folder) file["bytes"] = bytes;
    return file;
  });
}

TokensInfo tokens_info(const Dictionary& dictionary, const TokenizeOptions& options, Json files) {
  TokensInfo info;
  info.dictionary_name = dictionary.name();
  info.dictionary_sha256 = dictionary.sha256();
  info.max_length = options.max_length > 0 ? options.max_length : dictionary.model_input_size();
  info.has_special_tokens = dictionary.has_special_tokens();
  Json chosen = to_json(options);
  chosen.erase("num_threads");
  info.source = {
      {"program", "cellwright"}, {"version", version()}, {"files", std::move(files)}, {"options", std::move(chosen)}};
  return info;
}

}  // namespace cw
