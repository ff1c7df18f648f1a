// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/reader_10x/tenx_dataset.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace cw {

/// The three files of a Cell Ranger folder; a common prefix ("GSM123_") and ".gz" are understood.
struct MtxFiles {
  std::filesystem::path matrix;
  std::filesystem::path features;
  std::filesystem::path barcodes;
  [[nodiscard]] bool complete() const noexcept { return !features.empty() && !barcodes.empty(); }
};

/// The files of a folder, or those beside a `matrix.mtx` that is named itself; nothing if there is no matrix.
[[nodiscard]] std::optional<MtxFiles> find_mtx_files(const std::filesystem::path& path);

/// An open Cell Ranger folder (MTX). Feature table: ids, names, types; version 2 has no types.
class MtxFolderReader : public TenxDataset {
 public:
  /// Errors: kNotFound (a file is missing), kParse (tables that do not fit the matrix), kRefused (no genes), kIo.
  [[nodiscard]] static Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path);

  [[nodiscard]] Result<std::vector<std::string>> cell_names() override { return barcodes_; }
  [[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view where) override;

 private:
  Result<> read_sizes(std::int64_t num_features);

  MtxFiles files_;
  std::vector<std::string> barcodes_;
  bool cells_in_rows_ = false;
};

}  // namespace cw
