// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// How cells are embedded (geneformer-behaviour 5; cli 2). Text fields hold the words of the command line.
struct EmbedOptions {
  std::string input;   ///< tokens (.tokens.h5, Hugging Face .dataset) or a data file, tokenized on the way
  std::string model;   ///< model folder
  std::string output;  ///< h5ad to write; "" where only the CSV is wanted
  std::string csv;     ///< table in the layout of the published package to write too; "" = none

  /// "v1", "v2" or a dictionary folder; "" = the one that the model names. Only for models without a record of theirs.
  std::string dictionary;
  /// "second-to-last" (default, as published: general representations), "last" (questions tied to the training
  /// objective), or the index of a hidden state, "0" = the embedding layer.
  std::string layer = "second-to-last";
  /// "cell": mean over the genes of a cell; "cls": the <cls> token (dictionaries with special tokens only); "gene":
  /// mean of a gene's contextual embedding over cells. "auto" = cls where the dictionary has it, else cell.
  std::string mode = "auto";
  /// For mode "gene": also every occurrence, one row per (cell, gene), in the CSV.
  bool all_occurrences = false;
  /// Adds a summary over cells: "none", "mean" or "median", exact in both cases (geneformer-behaviour 5.5).
  std::string summary = "none";
  /// Cells kept: column -> allowed values; several columns must all match.
  std::map<std::string, std::vector<std::string>> filter;
  std::vector<std::string> labels;  ///< columns written behind the CSV's values, in this order
  /// At most so many cells, a seeded sample; 0 = all (the published package takes 1000 without saying so).
  std::int64_t max_cells = 0;
  std::int64_t shard =
      1;  ///< only part `shard` of `shards` of the cells, from 1; merged it is the whole (core/api/shard.h)
  std::int64_t shards = 1;
  /// "fp32", "bf16" (faster where the processor multiplies it) or "int8" (weights only, quarter of the memory).
  std::string precision = "fp32";
  /// Tokens per batch, 512 to 1,048,576. More uses more memory, not less time, above about 8,000 on a processor.
  std::int64_t tokens_per_batch = 8192;
  bool match_upstream = false;  ///< repeats the published package where it differs (selection of cells, gene order)
  std::uint64_t seed = 42;      ///< of the sample
  int num_threads = 0;          ///< 0 = all processors
  /// "auto": a GPU where one can be used, else the processor; "cpu"; "cuda" or "cuda:i": this GPU or an error.
  std::string device = "auto";
  bool overwrite = false;

  /// Ranges and words. Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const EmbedOptions& options);
/// Does not validate. Errors: kInvalidArgument E-ARG-001 (unknown key, wrong type).
[[nodiscard]] Result<EmbedOptions> embed_options_from_json(const Json& json);

/// Whether a layer is named as "last", "second-to-last" or an index. Shared with PerturbOptions.
[[nodiscard]] bool is_layer_name(const std::string& layer) noexcept;

}  // namespace cw
