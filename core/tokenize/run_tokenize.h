// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/tokenize_options.h"
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/tokenized_cells.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// The job "tokenize": data files to one token file. With several files a column `source` says which file a cell is
/// from. Returns cells, tokens, lengths and what was left out, per file.
/// Errors: E-TOK-001 (no data file), those of `tokenize_dataset`, Dictionary::load and the readers; kInvalidArgument.
[[nodiscard]] Result<Json> run_tokenize(const TokenizeOptions& options, JobContext& ctx);

/// Cells for a model with this dictionary: a token file as it is, or a data file tokenized on the way, in memory.
/// `options` give the filters for both, and everything else for data files (`inputs`, `output`, `dictionary` and
/// `format` are not looked at). Errors: kRefused E-DICT-007 (tokens of another vocabulary), E-TOK-008 (foreign tokens
/// that the dictionary has not), those of `tokenize_dataset` and `select_cells`.
[[nodiscard]] Result<TokenizedCells> load_cells(const std::filesystem::path& tokens_or_data,
                                                const Dictionary& dictionary, const TokenizeOptions& options,
                                                JobContext& ctx);

/// The data files that `inputs` mean: files as they are, folders by the data sets in them, sorted by path.
/// Errors: kNotFound E-IO-001, E-TOK-001 (a folder without data files).
[[nodiscard]] Result<std::vector<std::filesystem::path>> find_data_files(const std::vector<std::string>& inputs,
                                                                         bool recursive);

}  // namespace cw
