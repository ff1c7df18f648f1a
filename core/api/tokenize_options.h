// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// How counts become tokens. Also used by commands that tokenize a data file on the way (embed, perturb).
struct TokenizeOptions {
  std::vector<std::string> inputs;  ///< files and folders; a folder means the data files in it, sorted by name
  std::string output;               ///< .tokens.h5, or a .dataset folder with format "hf"
  std::string dictionary;           ///< "v1", "v2" or a folder; must be the model's

  std::string counts = "auto";    ///< which matrix holds the raw counts: "auto", "X", "raw", "layer:NAME"
  std::string gene_ids = "auto";  ///< where the gene identifiers are: "auto", "index" or a column of the gene table
  std::string species = "auto";   ///< "auto", "human" or "mouse"

  std::vector<std::string> keep;    ///< columns of the cell table to keep, "COLUMN" or "COLUMN=NEW_NAME"
  bool keep_all = false;            ///< keep all columns, besides renaming those in `keep`
  std::vector<std::string> filter;  ///< "COLUMN=V[,V..]": only cells with one of these values; all must hold
  bool cell_filter = true;          ///< drop cells whose `filter_pass` is not 1, as the published tokenizer does
  std::int32_t max_length = 0;      ///< tokens kept per cell, special tokens included; 0 = as the dictionary says

  bool recursive = false;       ///< look into folders of folders
  std::string format = "h5";    ///< "h5" or "hf" (a Hugging Face .dataset folder)
  bool match_upstream = false;  ///< the published code's arithmetic and id rules, defects included
  bool force = false;           ///< go on although under half of the counts map to human genes
  int num_threads = 0;          ///< 0 = all processors; the result does not depend on it
  bool overwrite = false;

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const TokenizeOptions& options);
[[nodiscard]] Result<TokenizeOptions> tokenize_options_from_json(const Json& json);

}  // namespace cw
