// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// All features of a file, in its order, before choosing those that are genes.
struct TenxFeatures {
  Table table;                     ///< index: ids; columns of the file
  std::vector<std::string> types;  ///< of each, empty where the file has none
};

/// What the two kinds of Cell Ranger output have in common: genes chosen from features, barcodes as cell names.
class TenxDataset : public DatasetReader {
 public:
  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }
  [[nodiscard]] Result<Column> cell_column(std::string_view name) override;
  [[nodiscard]] Result<Table> genes(std::string_view where) override;
  [[nodiscard]] Result<DenseArray> embedding(std::string_view name) override;

 protected:
  /// Keeps the features of the type "Gene Expression" (all, if the file has no types) and fills the genes of `info_`.
  /// Errors: kRefused (none of that type).
  Result<> choose_genes(TenxFeatures features);
  /// Errors: kNotFound for anything but "X".
  Result<> require_matrix(std::string_view where) const;

  DatasetInfo info_;
  Table genes_;
  std::vector<std::int32_t> gene_of_feature_;  ///< -1: left out
};

}  // namespace cw
