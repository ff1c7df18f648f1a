// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/embed/embed_cells.h"

#include <cstdint>
#include <map>
#include <vector>

namespace cw {

/// Mean contextual embedding of every token over the cells that contain it (geneformer-behaviour 5.4, mode gene). One
/// row of doubles per token seen; independent of the number of cells.
class GeneEmbeddings {
 public:
  explicit GeneEmbeddings(std::int64_t width) : width_(width) {}
  void add(const CellStates& cell);

  [[nodiscard]] std::vector<std::int32_t> tokens() const;     ///< ascending
  [[nodiscard]] std::vector<float> means() const;             ///< row-major [tokens, D]
  [[nodiscard]] std::vector<std::int64_t> num_cells() const;  ///< per token

 private:
  struct Sum {
    std::vector<double> values;
    std::int64_t num_cells = 0;
  };
  std::int64_t width_;
  std::map<std::int32_t, Sum> sums_;
};

}  // namespace cw
