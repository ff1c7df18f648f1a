// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"
#include "plugins/sdk/hdf5/hdf5_file.h"

#include <memory>
#include <string>
#include <vector>

namespace cw {

/// Streams the compressed columns (= cells) of a Cell Ranger matrix. In memory: 8 bytes per cell and one block.
class TenxH5Matrix : public CellBlockReader {
 public:
  /// Errors: kParse (an index that does not fit the data).
  [[nodiscard]] static Result<std::unique_ptr<CellBlockReader>> open(const sdk::Hdf5File& file,
                                                                     const std::string& group, const DatasetInfo& info,
                                                                     std::vector<std::int32_t> gene_of_feature);

  Result<> next(CellBlock& block, std::int64_t max_cells) override;
  Result<> seek(std::int64_t cell) override;

 private:
  TenxH5Matrix(std::string where, sdk::Hdf5Array data, sdk::Hdf5Array indices);

  std::string where_;
  sdk::Hdf5Array data_;
  sdk::Hdf5Array indices_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int32_t> gene_of_feature_;
  std::size_t next_cell_ = 0;
  std::vector<std::int64_t> features_;
  std::vector<float> values_;
};

}  // namespace cw
