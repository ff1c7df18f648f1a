// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/column_panels.h"
#include "core/data/dataset_reader.h"
#include "plugins/reader_10x/gzip_lines.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace cw {

/// What the head of a Matrix Market file says.
struct MtxHeader {
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  std::int64_t num_stored = 0;
  bool integer = true;  ///< "integer" rather than "real"
};

/// Reads comments and sizes of a coordinate matrix; `lines` stands at the first entry afterwards.
/// Errors: kParse, kUnsupported (not "coordinate integer|real general").
[[nodiscard]] Result<MtxHeader> read_mtx_header(GzipLines& lines, const std::filesystem::path& path);

/// Streams a Matrix Market file cell by cell. Entries must be in the order of the cells, as Cell Ranger, Seurat and
/// scanpy write them; a file that visibly is in another order is sorted by `read_by_panels`, in bounded memory.
class MtxMatrix : public CellBlockReader {
 public:
  /// `cells_in_rows`: the file is cells by features instead of features by cells. Errors: kParse, kIo.
  [[nodiscard]] static Result<std::unique_ptr<CellBlockReader>> open(const std::filesystem::path& path,
                                                                     bool cells_in_rows,
                                                                     std::vector<std::int32_t> gene_of_feature);

  Result<> next(CellBlock& block, std::int64_t max_cells) override;
  Result<> seek(std::int64_t cell) override;

  [[nodiscard]] std::int64_t num_cells() const noexcept { return num_cells_; }
  /// One pass over all entries, from the beginning, in whatever order they are. Errors: kParse, kIo.
  Result<> visit(const ColumnSource::Visit& visit);

 private:
  struct Entry {
    std::int64_t cell = 0;
    std::int32_t gene = -1;  ///< -1: a feature that is left out
    float value = 0;
  };
  MtxMatrix(std::filesystem::path path, bool cells_in_rows, std::vector<std::int32_t> gene_of_feature, GzipLines lines);

  Result<> restart();
  /// Nothing at the end of the file. Errors: kParse.
  Result<std::optional<Entry>> read_entry();
  Result<bool> begins_in_order();
  [[nodiscard]] Error broken(const std::string& what) const;

  std::filesystem::path path_;
  bool cells_in_rows_;
  std::vector<std::int32_t> gene_of_feature_;
  GzipLines lines_;
  MtxHeader header_;
  std::int64_t num_cells_ = 0;
  std::int64_t entries_read_ = 0;
  std::int64_t next_cell_ = 0;
  std::optional<Entry> ahead_;  ///< read, but of a cell that was not asked for yet
};

}  // namespace cw
