// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/gene_index.h"
#include "core/tokenize/rank_value_encoder.h"
#include "ui/document/dataset.h"

#include <memory>
#include <optional>
#include <vector>

namespace cw::ui {

/// What the gene table shows of every gene, over some cells of a data set.
struct GeneStatistics {
  std::int64_t num_cells = 0;          ///< looked at
  std::int64_t num_ranked_cells = 0;   ///< of those the ones that median ranks are from (an even sample of large sets)
  std::vector<std::int64_t> detected;  ///< [genes] cells with a count
  /// [genes] median position (1 = first) in the rank value encoding of the cells that have the gene; NaN where none has
  /// it or the model does not know it.
  std::vector<double> median_rank;
  double median_length = 0.0;      ///< genes in the encoding of a middle cell
  std::vector<double> start_mean;  ///< [genes] mean counts per 10,000 over the cells of START; empty without a group
  std::vector<double> goal_mean;   ///< the same of GOAL
  std::int64_t start_cells = 0;
  std::int64_t goal_cells = 0;
  std::vector<std::uint8_t> in_model;  ///< [genes] 1 = in the model's vocabulary

  [[nodiscard]] double detected_share(std::int64_t gene) const noexcept;
  /// log2 of (1 + mean in GOAL) / (1 + mean in START), the definition of the engine's markers; NaN without both.
  [[nodiscard]] double log2_fold_change(std::int64_t gene) const noexcept;
};
using GeneStatisticsPtr = std::shared_ptr<const GeneStatistics>;

/// What to look at. Masks have one byte per cell; empty = all cells, or no group.
struct GeneStatisticsRequest {
  DatasetPtr dataset;
  std::shared_ptr<const GeneIndex> index;  ///< counts are read from it where it is there, else from the file
  std::string dictionary = "v1";
  std::vector<std::uint8_t> cells;
  std::vector<std::uint8_t> start;
  std::vector<std::uint8_t> goal;
};

/// One streaming pass over the counts in slices, so that other reads of files get their turn in between. Used in the
/// files lane only, or in the compute lane with an index: it is no HDF5 file.
class GeneStatisticsPass {
 public:
  explicit GeneStatisticsPass(GeneStatisticsRequest request);
  ~GeneStatisticsPass();
  /// Goes on for about `seconds`; the result once the last cell was read. Errors: those of the reader, kCancelled.
  Result<GeneStatisticsPtr> step(double seconds, JobContext& context);
  [[nodiscard]] bool readsFile() const noexcept { return request_.index == nullptr; }
  /// Of the cells, in [0, 1].
  [[nodiscard]] double fraction() const noexcept;

 private:
  Result<> start();
  Result<> read();
  void add_cell(std::span<const std::uint32_t> genes, std::span<const float> values, std::int64_t cell);
  [[nodiscard]] GeneStatisticsPtr finish();

  GeneStatisticsRequest request_;
  GeneStatistics result_;
  std::unique_ptr<DatasetReader> reader_;
  std::unique_ptr<CellBlockReader> matrix_;
  std::optional<RankValueEncoder> encoder_;
  RankValueEncoder::Scratch scratch_;
  std::vector<std::int32_t> token_of_gene_;
  std::vector<std::int32_t> tokens_;
  std::vector<std::uint16_t> ranked_token_;  // of every rank kept
  std::vector<std::uint16_t> rank_;
  std::vector<double> lengths_;
  CellBlock block_;
  std::size_t part_ = 0;  // of the index
  bool started_ = false;
  std::int64_t next_ = 0;
  std::int64_t stride_ = 1;
};

}  // namespace cw::ui
