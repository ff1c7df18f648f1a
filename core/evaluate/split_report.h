// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/evaluate/splits.h"

#include <array>
#include <span>

namespace cw {

class TokenizedCells;

/// Cells and donors of one class, by part.
struct ClassParts {
  std::string name;
  std::array<std::int64_t, 4> cells{};   ///< indexed by Part
  std::array<std::int64_t, 4> donors{};  ///< 0 without groups
  std::int64_t total_donors = 0;
};

/// Per class, then one entry "all".
[[nodiscard]] std::vector<ClassParts> class_parts(const SplitDesign& design, const Split& split);

/// Something that makes held-out figures look better than they are.
struct Leak {
  std::string id;                     ///< W-EVA-00x
  std::int64_t count = 0;             ///< donors, cells or genes concerned
  std::vector<std::string> examples;  ///< up to five
  std::string text;                   ///< a sentence with the remedy
};

/// Groups with cells both in training (or validation) and test: W-EVA-001.
[[nodiscard]] std::vector<Leak> find_group_leaks(const SplitDesign& design, const Split& split);

/// Cells of equal `content` (a hash of tokens or counts) on both sides: W-EVA-002.
[[nodiscard]] std::vector<Leak> find_duplicate_cells(const Split& split, std::span<const std::uint64_t> content,
                                                     std::span<const std::string> cell_names);

/// Genes that are in several classes, or in training and held out: W-EVA-003. `genes_by_set`: named lists.
struct NamedGenes {
  std::string name;
  std::vector<std::string> genes;
};
[[nodiscard]] std::vector<Leak> find_gene_leaks(std::span<const NamedGenes> sets);

/// The remedy for duplicated cells: those outside the training part are no longer used. Returns how many.
std::int64_t leave_out_duplicates(Split& split, std::span<const std::uint64_t> content);

/// A hash of every cell's token list, the same for the same list only (64 bits).
[[nodiscard]] std::vector<std::uint64_t> content_of(const TokenizedCells& cells);
/// The same of sparse counts.
[[nodiscard]] std::vector<std::uint64_t> content_of(std::span<const std::uint64_t> offsets,
                                                    std::span<const std::uint32_t> genes,
                                                    std::span<const float> counts);

/// {"classes":[{"class","train_cells","train_donors",...}], "cells", "parts"/"folds"}: the summary of a split.
[[nodiscard]] Json to_json(const std::vector<ClassParts>& classes);

}  // namespace cw
