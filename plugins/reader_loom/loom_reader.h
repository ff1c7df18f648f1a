// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset_reader.h"
#include "plugins/sdk/hdf5/hdf5_file.h"

#include <filesystem>
#include <memory>
#include <string>

namespace cw {

/// An open loom file. Cell names are `col_attrs/CellID`, `obs_names`, `cell_names` or the row numbers; gene names
/// `row_attrs/Gene`, `var_names`, `gene_names`, `ensembl_id`, `Accession` or the row numbers. All attributes are
/// columns, those used as names too; two-dimensional numeric column attributes are embeddings.
class LoomReader : public DatasetReader {
 public:
  /// Errors: kNotFound, kIo, kParse (not a loom file, attributes whose length does not fit the matrix).
  [[nodiscard]] static Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path);

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }
  [[nodiscard]] Result<std::vector<std::string>> cell_names() override;
  [[nodiscard]] Result<Column> cell_column(std::string_view name) override;
  [[nodiscard]] Result<Table> genes(std::string_view where) override;
  [[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view where) override;
  [[nodiscard]] Result<DenseArray> embedding(std::string_view name) override;

 private:
  explicit LoomReader(sdk::Hdf5File file) : file_(std::move(file)) {}
  Result<> read_matrices();
  Result<> read_attributes(const std::string& group, std::int64_t length, std::vector<ColumnInfo>& columns);
  Result<std::vector<std::string>> names(const std::string& group, const std::string& attribute,
                                         std::int64_t length) const;

  sdk::Hdf5File file_;
  DatasetInfo info_;
  std::string cell_attribute_;  ///< the one that names the cells, empty if none does
  std::string gene_attribute_;
};

}  // namespace cw
