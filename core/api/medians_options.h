// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// Non-zero medians and a token dictionary of a new corpus (behaviour spec 2.8).
struct MediansOptions {
  std::vector<std::string> inputs;  ///< files and folders; all of them together are the corpus
  std::string output;               ///< a new folder: tokens.tsv, dictionary.json, medians.json

  std::string counts = "auto";        ///< as in TokenizeOptions
  std::string gene_ids = "auto";      ///< as in TokenizeOptions
  std::string species = "auto";       ///< as in TokenizeOptions
  std::string genes = "coding";       ///< "coding": protein-coding and miRNA genes, as published; "all"
  bool cell_filter = true;            ///< only cells with `filter_pass` 1, where there is such a column
  bool special_tokens = false;        ///< <cls> and <eos> in the vocabulary, as v2 has and v1 has not
  std::int64_t min_cells = 1;         ///< genes detected in fewer cells get no token
  std::int32_t model_input_size = 0;  ///< 0 = 2048, or 4096 with special tokens

  bool recursive = false;
  bool force = false;   ///< go on although under half of the counts map to human genes
  int num_threads = 0;  ///< 0 = all processors
  bool overwrite = false;

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const MediansOptions& options);
[[nodiscard]] Result<MediansOptions> medians_options_from_json(const Json& json);

}  // namespace cw
