// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// One `--delete`, `--inhibit`, `--activate`, `--overexpress` or `--rank` of the command line.
struct PerturbRequest {
  std::string kind = "delete";  ///< "delete", "overexpress", "inhibit", "activate" or "rank"
  /// Symbols, aliases or Ensembl ids; "all" = every gene that a cell has; "@FILE" = a text, CSV or GMT file.
  std::vector<std::string> genes;
};

/// An in silico perturbation (geneformer-behaviour 6, beyond 1, 2, 4, 6, 7; cli 2).
struct PerturbOptions {
  std::string input;       ///< tokens or a data file, tokenized on the way
  std::string model;       ///< model folder
  std::string output;      ///< run folder
  std::string dictionary;  ///< "v1", "v2" or a folder; "" = the one that the model names

  std::vector<PerturbRequest> requests;
  /// "each": one gene at a time; "together": the genes of one request at once; "pairs": every pair of a request's genes
  /// with both single ones; "anchor": `anchor` with every other gene, with both single ones.
  std::string how = "each";
  std::string anchor;     ///< gene of how = "anchor"
  int quartiles = 1;      ///< inhibit, activate: by so many quartiles of the cell's list, 1 to 3
  double position = 0.5;  ///< kind "rank": 0 = front of the list, 1 = end

  std::string state_column;               ///< "" = no states: the result is the similarity to the unperturbed cell
  std::string start;                      ///< state of the cells that are perturbed
  std::string goal;                       ///< state towards which the shift counts as positive
  std::vector<std::string> alternatives;  ///< further states to which the shift is stored
  std::string donor_column;               ///< replicates: centroids weigh donors equally, cells are visited in balance

  /// CSV or TSV with cell names in its first column: its further columns join those of the cells, by name, and can be
  /// named above and below. "" = none.
  std::string labels;
  std::map<std::string, std::vector<std::string>> filter;  ///< column -> allowed values; all columns must match
  std::int64_t max_cells = 0;                              ///< a seeded sample of so many cells; 0 = all
  std::int64_t first_cell = 0;  ///< first of the selected cells to perturb (several machines share a run by ranges)
  std::int64_t end_cell = -1;   ///< one past the last; -1 = to the end

  std::int64_t shard = 1;  ///< only part `shard` of `shards` of the work, from 1; merged it is the whole (shard.h)
  std::int64_t shards = 1;

  std::string layer = "second-to-last";  ///< as EmbedOptions::layer
  /// "cell": all genes; "cls": the <cls> token. "auto" = cls where the dictionary has it, else cell, as published.
  std::string mode = "auto";
  bool gene_effects = false;     ///< also the effect on every other gene's embedding, summarised over cells
  std::string method = "exact";  ///< "exact", or "screen": gradients first, then an exact check (beyond 6)
  std::int64_t null_count =
      0;                     ///< so many rank-matched random perturbations for each one named (beyond 4); 0 to 10,000
  std::int64_t preview = 0;  ///< only the first so many cells, at once and without a file; 0 = the whole run
  double preview_seconds = 0.0;  ///< preview: stops after so many seconds with the cells it saw; 0 = never
  std::int64_t screen_top = 50;  ///< screen: the strongest so many perturbations are computed exactly
  std::int64_t screen_sample =
      300;  ///< screen: so many others, drawn evenly, are computed exactly to measure the screen
  std::int64_t screen_probes = 16;  ///< screen without states: random directions of the sketch

  std::int64_t tokens_per_batch = 8192;  ///< as EmbedOptions::tokens_per_batch
  bool match_upstream = false;           ///< repeats the published package where it is defective but defined
  std::uint64_t seed = 42;               ///< of samples, order of cells, random controls and probes
  int num_threads = 0;                   ///< 0 = all processors
  /// "auto": a GPU where one can be used, else the processor; "cpu"; "cuda" or "cuda:i": this GPU or an error.
  std::string device = "auto";
  bool overwrite = false;

  /// Ranges, words and combinations that make no sense together. Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
  /// Only what decides how two cells are compared: states, layer and mode. Errors: as `validate`.
  [[nodiscard]] Result<> validate_comparison() const;
};

[[nodiscard]] Json to_json(const PerturbOptions& options);
/// Does not validate. Errors: kInvalidArgument E-ARG-001 (unknown key, wrong type).
[[nodiscard]] Result<PerturbOptions> perturb_options_from_json(const Json& json);

}  // namespace cw
