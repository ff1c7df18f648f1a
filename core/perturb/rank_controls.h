// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/dictionary.h"
#include "core/tokenize/tokenized_cells.h"

#include <cstdint>
#include <vector>

namespace cw {

/// Random stand-ins of the same rank for named genes (beyond 4): genes near the top of the list move a cell more than
/// those near its bottom, whatever they are, so a gene is compared with genes that stand where it stands.
class RankControls {
 public:
  /// Takes the median relative rank (position / number of genes) of every gene over at most 2,000 of the cells.
  RankControls(const TokenizedCells& cells, const std::vector<std::int64_t>& rows, const Dictionary& dictionary);

  /// `count` lists like `genes`, each gene replaced by one of the 200 nearest in rank (more where more are asked for)
  /// that were measured in at least 5 cells. A gene that no cell has is replaced by any gene. No list is drawn twice
  /// and none holds a gene of `genes`; fewer than `count` where there are not so many.
  [[nodiscard]] std::vector<std::vector<std::int32_t>> draw(const std::vector<std::int32_t>& genes, std::int64_t count,
                                                            std::uint64_t seed) const;

 private:
  [[nodiscard]] std::vector<std::int32_t> nearest(std::int32_t gene, const std::vector<std::int32_t>& left_out,
                                                  std::size_t count) const;

  std::vector<double> median_;       ///< by token, NaN = measured in fewer than 5 cells
  std::vector<std::int32_t> order_;  ///< tokens with a median, by median
};

}  // namespace cw
