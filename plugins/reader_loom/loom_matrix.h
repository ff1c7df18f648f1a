// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"
#include "plugins/sdk/hdf5/hdf5_file.h"

#include <memory>
#include <vector>

namespace cw {

/// Streams a dense genes-by-cells matrix cell by cell: panels of whole storage chunks of columns are read and turned
/// into compressed rows. Memory: one panel (about 64 MB, or one column of chunks if that is more).
class LoomMatrixReader : public CellBlockReader {
 public:
  explicit LoomMatrixReader(sdk::Hdf5Array matrix);

  Result<> next(CellBlock& block, std::int64_t max_cells) override;
  Result<> seek(std::int64_t cell) override;

 private:
  Result<> load_panel();

  sdk::Hdf5Array matrix_;
  std::uint64_t num_genes_;
  std::uint64_t num_cells_;
  std::uint64_t panel_width_;
  std::uint64_t next_cell_ = 0;
  CellBlock panel_;  ///< the cells read ahead
  std::vector<float> values_;
  std::vector<std::uint64_t> cursors_;
};

}  // namespace cw
