// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"
#include "core/io/hdf5_node.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cw {

/// A sparse matrix in compressed rows.
struct CsrMatrix {
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  std::vector<std::uint64_t> offsets{0};  ///< [rows + 1]
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
};

/// No matrix, a dense or a sparse one.
using MatrixContent = std::variant<std::monostate, DenseArray, CsrMatrix>;

/// What goes into an h5ad. Everything but `cells` may be left empty.
struct H5adContent {
  Table cells;                                                 ///< obs
  Table genes;                                                 ///< var; empty for a file without X
  MatrixContent x;                                             ///< [cells, genes]
  std::vector<std::pair<std::string, MatrixContent>> layers;   ///< [cells, genes]
  std::vector<std::pair<std::string, DenseArray>> embeddings;  ///< obsm, [cells, any], float32
  std::vector<std::pair<std::string, CsrMatrix>> graphs;       ///< obsp, [cells, cells]
  Json uns;  ///< an object: nested objects, texts, numbers, truth values, lists of one type. Anything else is
             ///< written as JSON text, null is left out.
};

/// Writes a file that anndata 0.8 and later read and scanpy plots. Written under a temporary name, then renamed.
/// Errors: kInvalidArgument E-IO-005 (exists), kShape E-H5-014 (sizes that do not fit), kIo, kNoSpace, kCancelled.
Result<> write_h5ad(const std::filesystem::path& path, const H5adContent& content, bool overwrite, JobContext& ctx);

/// Additions to a copy of a file: columns, embeddings, graphs and `uns` entries, each replacing one of the same name.
struct H5adAdditions {
  std::vector<Column> cell_columns;
  std::vector<std::pair<std::string, DenseArray>> embeddings;
  std::vector<std::pair<std::string, CsrMatrix>> graphs;
  Json uns;
};

/// Copies an h5ad with everything in it, and adds to the copy. The source is not changed; `target` may be `source` with
/// `overwrite`. Tables of anndata before 0.8 are written in the present layout; all else stays as it is, compressed as
/// it is. Errors: as `write_h5ad` and H5adTable.
Result<> copy_h5ad_with(const std::filesystem::path& source, const std::filesystem::path& target,
                        const H5adAdditions& additions, bool overwrite, JobContext& ctx);

/// Parts of the above, for files that hold anndata elements among others. Errors: kIo, kNoSpace, kShape.
Result<> write_dense(const H5Node& parent, std::string_view name, const DenseArray& array);
Result<> write_csr(const H5Node& parent, std::string_view name, const CsrMatrix& matrix);
Result<> write_json(const H5Node& parent, std::string_view name, const Json& value);

}  // namespace cw
