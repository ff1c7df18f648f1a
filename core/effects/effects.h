// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// One change of the rank list that a run applied: one gene, or several at once.
struct Perturbation {
  std::string kind;                      ///< "delete", "overexpress", "inhibit", "activate", "rank"
  std::vector<std::int32_t> tokens;      ///< in the order in which the user named them; ascending where "all" was asked
  std::vector<std::string> ensembl_ids;  ///< one per token
  std::vector<std::string> symbols;      ///< one per token, "" where the dictionary has none
  /// "single", "group" (several genes together), "pair" (exactly two genes of a pair or anchor run), "anchor" (the
  /// anchor alone) or "null" (a rank-matched random stand-in of another perturbation)
  std::string role = "single";
  std::int32_t partner = -1;  ///< role "null": index of the perturbation it stands in for
};

/// One unperturbed cell of a run.
struct EffectCell {
  std::string name;
  std::int64_t source_row = 0;  ///< row in the tokens or data file that was read
  std::int32_t length = 0;      ///< number of genes in the token list, without special tokens
  std::string state;            ///< value of the state column, "" without states
  std::string donor;            ///< value of the donor column, "" without one
};

/// A gene whose embedding was compared in a run with gene effects.
struct EffectGene {
  std::int32_t token = 0;
  std::string ensembl_id;
  std::string symbol;
};

/// What is known before the first row: the tables that rows point into.
struct EffectsHeader {
  std::vector<Perturbation> perturbations;
  std::vector<EffectCell> cells;
  std::vector<std::string> states;  ///< empty, or start, goal, alternatives in that order
  std::vector<EffectGene> genes;    ///< affected genes of a run with gene effects, ascending tokens; else empty
  Json provenance;                  ///< inputs with checksums, model hash, options, seed, version

  /// Values per row in `EffectRows::cosine`.
  [[nodiscard]] std::int64_t num_columns() const noexcept {
    return states.empty() ? 1 : static_cast<std::int64_t>(states.size());
  }
};

/// Rows (cell, perturbation), as parallel arrays.
struct EffectRows {
  std::vector<std::int32_t> cell;          ///< index into `EffectsHeader::cells`
  std::vector<std::int32_t> perturbation;  ///< index into `EffectsHeader::perturbations`
  /// Row-major [rows, num_columns]: without states the similarity to the unperturbed cell in [-1, 1], 1 = no effect
  /// (geneformer-behaviour 6.7 A); with states the shift towards each state, positive = moved towards it (6.7 B).
  std::vector<float> cosine;
  std::vector<float> progress;     ///< [rows] with states: share of the way from start to goal (beyond 1); else empty
  std::vector<std::int32_t> rank;  ///< first gene's position in the cell's list without special tokens, -1 = absent

  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(cell.size()); }
  void append(const EffectRows& other);
};

/// Cosine of affected genes' embeddings with and without a perturbation, summarised over cells: rows sorted by
/// perturbation, then affected token. Always against the unperturbed cell, never a state (geneformer-behaviour 6.7 C).
struct GeneEffects {
  std::vector<std::int32_t> perturbation;  ///< index into `EffectsHeader::perturbations`
  std::vector<std::int32_t> affected;      ///< token
  std::vector<float> mean;
  std::vector<float> sd;  ///< population standard deviation over cells (geneformer-behaviour 7.3)
  std::vector<std::int32_t> n;

  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(n.size()); }
};

/// A whole run in memory.
struct Effects : EffectsHeader, EffectRows {
  GeneEffects gene_effects;
  bool complete = true;  ///< false: the run was stopped; a valid result over the cells it saw
};

/// Sizes that fit each other and indices that point inside the tables. `where` names the file.
/// Errors: kParse E-EFF-004.
[[nodiscard]] Result<> check_rows(const EffectsHeader& header, const EffectRows& rows, const std::string& where);

/// The tables as JSON and back, for the journal of a running run. Errors: kParse E-EFF-002.
[[nodiscard]] Json to_json(const EffectsHeader& header);
[[nodiscard]] Result<EffectsHeader> effects_header_from_json(const Json& json, const std::string& where);

}  // namespace cw
