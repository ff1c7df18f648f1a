// SPDX-License-Identifier: GPL-3.0-or-later
// The published package's own ways of dividing cells and genes, for repeating its numbers.
#pragma once
#include "core/evaluate/splits.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// What the published classifier of cells takes and holds out.
struct PublishedHoldout {
  std::int64_t max_cells = 0;            ///< 0 = all
  std::int64_t max_cells_per_class = 0;  ///< 0 = all
  double validation = 0.1;               ///< shares, as HoldoutOptions
  double test = 0.1;
};

/// Cells as the published classifier divides them: one by one, neither stratified nor by donor. All are shuffled; the
/// first `max_cells` are taken, of those `max_cells_per_class` of each class; ceil(test share) are the test part, of
/// the rest, shuffled again, ceil(validation share) the validation part. A test part of 100 n + 1 cells loses its last
/// one, as in the published evaluation, whose last batch would have one cell. Cells not taken are unused.
///
/// Source   behaviour spec 8.2, 8.5, appendix A.1 and A.2.
/// Repeat   seeds are fixed to 42, as published.
[[nodiscard]] Split published_cell_split(const SplitDesign& design, const PublishedHoldout& options);

/// Folds over genes as the published classifier of genes draws them: stratified folds of scikit-learn with
/// random_state 0, every held-out fold divided again, stratified, into a validation and a test part of 10 to 9. What is
/// judged is the validation part: it is kTest here, and the published test part, which a run of all folds does not look
/// at, is unused.
///
/// Rows of `design` are genes, those of a class in the order of the rows; the published order within a class is that of
/// a Python set, so that the same draw falls on other genes. Errors: kRefused E-EVA-005 (a class with fewer genes than
/// folds). Source: behaviour spec 8.7, appendix A.3.
[[nodiscard]] Result<std::vector<Split>> published_gene_folds(const SplitDesign& design, int num_folds);

/// The first `max_cells` (0 = all) of `rows` after the published shuffle; rising.
[[nodiscard]] std::vector<std::int64_t> published_first(std::span<const std::int64_t> rows, std::int64_t max_cells);

}  // namespace cw
