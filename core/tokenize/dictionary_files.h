// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/dictionary.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// What the files of a dictionary of one's own say, before it is checked.
struct DictionaryFiles {
  std::string name;
  std::int32_t model_input_size = 0;  ///< 0: not said
  std::vector<DictionaryEntry> entries;
};

/// The lines "token<TAB>ensembl_id<TAB>median<TAB>symbol"; a header line that begins with "token" is skipped.
/// Errors: kNotFound, kIo, kParse E-DICT-002 with the line number.
[[nodiscard]] Result<std::vector<DictionaryEntry>> read_dictionary_tsv(const std::filesystem::path& path);

/// A folder with tokens.tsv[.gz], or with a token and a median dictionary as JSON or pickle (recognised by "token" and
/// "median" in their names); or such a TSV file itself. Errors: kNotFound E-DICT-001, kParse E-DICT-002, kIo.
[[nodiscard]] Result<DictionaryFiles> read_dictionary_files(const std::filesystem::path& path);

}  // namespace cw
