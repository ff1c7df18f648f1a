// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/io/h5ad_writer.h"
#include "core/io/hdf5_write.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// Cells of an open file that go into a new one.
struct CellsSource {
  std::unique_ptr<DatasetReader> reader;
  std::string where;               ///< the matrix, as MatrixInfo::where
  std::vector<std::uint8_t> keep;  ///< [cells of the file] 1 = goes along; empty = all
  std::vector<std::int32_t>
      gene_from;  ///< [genes of the matrix] row of the new gene table, -1 = left out; empty = same
};

/// Writes an h5ad with cells of one file (a subset) or of several (merged, one after the other) in constant memory,
/// step by step, so that others can use files in between. Values of genes that become one are summed.
///
/// Cancel   stop calling `step`: without the last one nothing is left behind.
class H5adCellsWriter {
 public:
  /// `content` is everything but X: its table of cells has a row for every cell that goes along, in order.
  /// Errors: kInvalidArgument E-IO-005 (exists), kShape E-H5-014, those of the readers, kIo, kNoSpace.
  [[nodiscard]] static Result<std::unique_ptr<H5adCellsWriter>> create(const std::filesystem::path& path,
                                                                       const H5adContent& content,
                                                                       std::vector<CellsSource> sources, bool overwrite,
                                                                       JobContext& ctx);

  /// Goes on for about `seconds`; true when the file is complete and in place.
  /// Errors: those of the readers, kIo, kNoSpace, kCancelled.
  [[nodiscard]] Result<bool> step(double seconds, const JobContext& ctx);
  [[nodiscard]] double fraction() const noexcept;

 private:
  explicit H5adCellsWriter(PendingOutput output) : output_(std::move(output)) {}
  Result<> open_source();
  Result<> take();
  void add_row(const CellsSource& source, std::int64_t row);
  Result<> finish();

  PendingOutput output_;
  std::vector<CellsSource> sources_;
  std::size_t source_ = 0;
  std::unique_ptr<CellBlockReader> matrix_;
  std::optional<H5Node> root_;
  std::optional<H5Node> group_;
  std::optional<H5Appender> values_;
  std::optional<H5Appender> columns_;
  std::vector<std::int64_t> offsets_{0};
  std::int64_t num_cells_ = 0;
  std::int64_t num_genes_ = 0;
  std::int64_t cells_read_ = 0;
  std::int64_t cells_to_read_ = 0;
  CellBlock block_;
  std::vector<std::pair<std::int64_t, float>> row_;
  std::vector<std::int64_t> new_columns_;
  std::vector<float> new_values_;
};

}  // namespace cw
