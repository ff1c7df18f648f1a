// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/cell_block.h"
#include "core/data/table.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// One matrix of a file: "X", "raw", "layer:NAME" (cli.md: --counts).
struct MatrixInfo {
  std::string where;
  std::string dtype;     ///< as stored: "int32", "float32", ...
  std::string encoding;  ///< "csr", "csc", "dense"
  std::int64_t num_cells = 0;
  std::int64_t num_genes = 0;
  std::int64_t num_stored = -1;  ///< stored values of a sparse matrix, -1 for dense ones
};

/// One column of a table, known without reading its rows.
struct ColumnInfo {
  std::string name;
  ColumnKind kind = ColumnKind::kString;
  std::int64_t num_values = -1;  ///< categories of a categorical, -1 where the rows would have to be read
  std::string dtype = {};        ///< of numbers as stored: "float32", "int64", ...; "" where not known
};

struct DatasetInfo {
  std::filesystem::path path;
  std::string format;  ///< "h5ad", "loom", "10x-h5", "10x-mtx", "csv", "tokens", "hf-dataset"
  std::int64_t num_cells = 0;
  std::int64_t num_genes = 0;  ///< of X, or of the only matrix
  std::vector<MatrixInfo> matrices;
  std::vector<ColumnInfo> cell_columns;
  std::vector<ColumnInfo> gene_columns;
  std::vector<std::string> embeddings;  ///< names in obsm
  std::vector<std::string> notes;       ///< what the reader assumed, as sentences ("cells are in columns")
};

/// A dense array over cells, row-major [rows, columns].
struct DenseArray {
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  std::vector<float> values;
};

/// Reads one matrix front to back, in blocks of cells, in constant memory.
class CellBlockReader {
 public:
  virtual ~CellBlockReader() = default;
  /// Fills `block` with the next cells, at most `max_cells`; an empty block is the end.
  /// Errors: kIo, kParse (an index that points outside the matrix, a block that does not decompress).
  virtual Result<> next(CellBlock& block, std::int64_t max_cells) = 0;
  /// Goes on at this cell. Costs a pass for formats without random access. Errors: as `next`.
  virtual Result<> seek(std::int64_t cell) = 0;
};

/// An open single-cell file. The file is opened read-only and never changed. Columns are read when asked for, so that
/// opening is fast at a million cells. Not for use by two threads at once: the HDF5 library is not.
class DatasetReader {
 public:
  virtual ~DatasetReader() = default;
  [[nodiscard]] virtual const DatasetInfo& info() const noexcept = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> cell_names() = 0;
  [[nodiscard]] virtual Result<Column> cell_column(std::string_view name) = 0;
  /// The gene table that belongs to a matrix (raw has its own). `where` as in MatrixInfo.
  [[nodiscard]] virtual Result<Table> genes(std::string_view where) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view where) = 0;
  [[nodiscard]] virtual Result<DenseArray> embedding(std::string_view name) = 0;
};

/// Reads names and the columns named (all if `columns` is empty) into one table.
[[nodiscard]] Result<Table> read_cells(DatasetReader& reader, const std::vector<std::string>& columns = {});

/// A kind of file that can be opened: what a reader plugin registers.
class ReaderFactory {
 public:
  virtual ~ReaderFactory() = default;
  [[nodiscard]] virtual std::string format() const = 0;
  /// 0 = not mine, 100 = certainly mine: from the name and the first bytes. Never throws, never reads much.
  [[nodiscard]] virtual int score(const std::filesystem::path& path) const = 0;
  /// Errors: kNotFound, kIo, kParse, kUnsupported: with what is wrong and what to do.
  [[nodiscard]] virtual Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) const = 0;
};

}  // namespace cw
