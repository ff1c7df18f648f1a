// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"

namespace cw {

/// Opens h5ad files of anndata 0.5 to 0.12: see H5adTable for tables, h5ad_matrix.h for matrices.
/// Files of other kinds that are HDF5 too (h5mu, loom, 10x) are refused by name. A file without X or genes opens with
/// no matrices, so that its cells and embeddings can be looked at.
class H5adReaderFactory : public ReaderFactory {
 public:
  [[nodiscard]] std::string format() const override { return "h5ad"; }
  [[nodiscard]] int score(const std::filesystem::path& path) const override;
  /// Errors: kNotFound, kIo; kParse E-H5-001 to E-H5-015; kUnsupported E-H5-006, E-H5-016.
  [[nodiscard]] Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) const override;
};

}  // namespace cw
