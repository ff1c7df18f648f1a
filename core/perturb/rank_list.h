// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace cw {

enum class RankOperation { kDelete, kOverexpress, kInhibit, kActivate, kRank };

/// "delete", "overexpress", "inhibit", "activate", "rank".
[[nodiscard]] std::string_view name_of(RankOperation operation) noexcept;
/// The reverse; CW_ASSERT on other words, which PerturbOptions::validate refuses.
[[nodiscard]] RankOperation rank_operation(std::string_view name);

/// What is done to a rank list, apart from the genes.
struct RankChange {
  RankOperation operation = RankOperation::kDelete;
  int quartiles = 1;      ///< inhibit, activate: 1 to 3
  double position = 0.5;  ///< rank: 0 = front, 1 = end
};

/// What tokens a cell may have.
struct RankLimits {
  bool special_tokens = false;     ///< cells begin with <cls> and end with <eos> (V2); these stay in place
  std::int64_t max_length = 2048;  ///< tokens that the model takes, special ones included
  bool match_upstream = false;     ///< shorten the original by the published, defective rule
};

/// A perturbed token list and the original that it is compared with.
struct PerturbedCell {
  std::vector<std::int32_t> tokens;
  /// Empty: the cell as it was. Otherwise shortened by the genes that inserted ones pushed off the end, so that both
  /// lists hold the same other genes (geneformer-behaviour 6.6; reference/README, correction 3).
  std::vector<std::int32_t> original;
  /// Position of the first of the genes that the cell has, without special tokens; -1 = it has none of them.
  std::int32_t rank = -1;
};

/// Applies `change` to all of `genes` together in one cell.
///
/// Source   geneformer-behaviour 6.2, 6.6, appendix B; beyond 2 for inhibit, activate and rank.
/// Shapes   `cell` with its special tokens; `genes` distinct gene tokens.
/// Returns  false where the change is not defined in this cell, `out` is then unspecified: a gene is absent, or
///          nothing would be left. Overexpression inserts absent genes; it is undefined only where they fill the list.
///
/// Quartiles: the gene's own quartile is that of its position in the whole list of G genes; the target's middle is
/// taken in the list of G' genes that is left after removal. Several genes get the wanted places in their original
/// order; where two want the same one, the later goes behind. Rank: position round(p (G - 1)).
[[nodiscard]] bool apply_change(const RankChange& change, std::span<const std::int32_t> cell,
                                std::span<const std::int32_t> genes, const RankLimits& limits, PerturbedCell& out);

/// Rows to compare: positions (in the perturbed list, in the original) of every gene that was not perturbed, in rank
/// order. Special tokens are left out. Genes are matched by token, so the two lists may differ in length.
[[nodiscard]] std::vector<std::pair<std::int32_t, std::int32_t>> unperturbed_genes(
    std::span<const std::int32_t> perturbed, std::span<const std::int32_t> original,
    std::span<const std::int32_t> genes, bool special_tokens);

}  // namespace cw
