// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"
#include "core/embed/embed_cells.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cw {

/// Mean contextual embedding of every token over the cells that contain it (geneformer-behaviour 5.4, mode gene). One
/// row of doubles per token seen; independent of the number of cells.
///
/// Values are rounded to 2^-28 (float32 resolves 2^-24 next to 1), so that their sums are exact as long as they stay
/// below 2^25: order of the cells and division into parts change no bit. Beyond that they are rounded as any sum.
class GeneEmbeddings {
 public:
  explicit GeneEmbeddings(std::int64_t width) : width_(width) {}
  void add(const CellStates& cell);

  [[nodiscard]] std::int64_t width() const noexcept { return width_; }
  [[nodiscard]] std::vector<std::int32_t> tokens() const;     ///< ascending
  [[nodiscard]] std::vector<float> means() const;             ///< row-major [tokens, D]
  [[nodiscard]] std::vector<std::int64_t> num_cells() const;  ///< per token

  /// The sums [tokens, D] as three float32 arrays that add up to them without loss, under names for `obsm`.
  [[nodiscard]] std::vector<std::pair<std::string, DenseArray>> sums() const;
  /// Names of these arrays.
  [[nodiscard]] static const std::vector<std::string>& names_of_sums();
  /// Adds what another part of the cells gave: its tokens, cells per token and `pieces` as `sums` made them.
  void add_sums(const std::vector<std::int64_t>& tokens, const std::vector<std::int64_t>& num_cells,
                const std::vector<DenseArray>& pieces);

 private:
  struct Sum {
    std::vector<double> values;
    std::int64_t num_cells = 0;
  };
  Sum& sum_of(std::int32_t token);
  std::int64_t width_;
  std::map<std::int32_t, Sum> sums_;
};

}  // namespace cw
