// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/reader_10x/tenx_dataset.h"
#include "plugins/sdk/hdf5/hdf5_file.h"

#include <filesystem>
#include <memory>

namespace cw {

/// An open Cell Ranger HDF5 file. Version 3: `/matrix` with `features`; version 1 and 2: one group per genome, of which
/// one is read: the human one if a name says so (hg.., GRCh..), else the first.
class TenxH5Reader : public TenxDataset {
 public:
  /// Errors: kNotFound, kIo, kParse (damaged, parts that do not fit each other), kRefused (no genes).
  [[nodiscard]] static Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path);
  /// True if the groups are those of Cell Ranger.
  [[nodiscard]] static bool looks_like(const sdk::Hdf5File& file);

  [[nodiscard]] Result<std::vector<std::string>> cell_names() override;
  [[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view where) override;

 private:
  explicit TenxH5Reader(sdk::Hdf5File file) : file_(std::move(file)) {}
  Result<> choose_group();
  Result<TenxFeatures> read_features(std::int64_t num_features);
  Result<> read_matrix_info(std::int64_t& num_features);

  sdk::Hdf5File file_;
  std::string group_;  ///< "/matrix" or "/GENOME"
};

}  // namespace cw
