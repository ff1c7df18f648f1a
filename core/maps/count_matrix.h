// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// All counts of a file in memory, with their normalised logarithms: 12 bytes per stored value.
struct CountMatrix {
  std::string where;  ///< as MatrixInfo::where
  Table genes;
  std::vector<std::uint64_t> offsets{0};  ///< [cells + 1]
  std::vector<std::uint32_t> columns;     ///< rows of `genes`, rising within a cell
  std::vector<float> counts;
  std::vector<float> logs;     ///< log(1 + 10,000 count / total of the cell), as scanpy's normalize_total and log1p
  std::vector<double> totals;  ///< [cells]

  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
  [[nodiscard]] std::int64_t num_genes() const noexcept { return genes.num_rows(); }
  [[nodiscard]] SparseView log_view() const { return {offsets, columns, logs, num_genes()}; }
};

/// Reads the matrix that `counts` names ("auto", "X", "raw", "layer:NAME"). With `wanted` ([cells]), the others keep
/// their places but are empty: a sample of a large file needs no more memory than the sample. Errors: those of the
/// reader and of choose_counts, kCancelled.
[[nodiscard]] Result<CountMatrix> read_count_matrix(DatasetReader& reader, std::string_view counts, JobContext& ctx,
                                                    const std::vector<bool>& wanted = {});

/// The `count` genes whose normalised logarithm varies most beyond the trend over the mean, rising.
/// Source   modelGeneVar of scran (Lun et al. 2016, doi:10.12688/f1000research.9501.2), by scran_variances.
[[nodiscard]] std::vector<std::uint32_t> variable_genes(const CountMatrix& matrix, int count, int num_threads);

/// Some columns of sparse rows.
struct SparseColumns {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  std::int64_t num_columns = 0;

  [[nodiscard]] SparseView view() const { return {offsets, columns, values, num_columns}; }
};
[[nodiscard]] SparseColumns select_columns(const SparseView& rows, std::span<const std::uint32_t> wanted);

}  // namespace cw
