// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/tenx_dataset.h"

#include <map>

namespace cw {
namespace {

constexpr const char* kGeneExpression = "Gene Expression";

}  // namespace

Result<> TenxDataset::choose_genes(TenxFeatures features) {
  std::map<std::string, std::int64_t> left_out;
  std::vector<std::int64_t> kept;
  gene_of_feature_.assign(features.table.index.size(), -1);
  for (std::size_t i = 0; i < gene_of_feature_.size(); ++i) {
    if (!features.types.empty() && features.types[i] != kGeneExpression) {
      ++left_out[features.types[i]];
      continue;
    }
    gene_of_feature_[i] = static_cast<std::int32_t>(kept.size());
    kept.push_back(static_cast<std::int64_t>(i));
  }
  std::string types;
  for (const auto& [type, count] : left_out) {
    info_.notes.push_back(std::to_string(count) + " features of the type '" + type +
                          "' are left out: they are not genes");
    types += (types.empty() ? "" : ", ") + type;
  }
  if (kept.empty() && !left_out.empty()) {
    return Error{ErrorCode::kRefused, "E-10X-004",
                 info_.path.string() + ": no gene counts: its features are " + types +
                     "; give the file with 'Gene Expression' features"};
  }
  genes_ = features.table.take(kept);
  info_.num_genes = static_cast<std::int64_t>(kept.size());
  for (const auto& column : genes_.columns) info_.gene_columns.push_back({column.name, column.kind, -1});
  return {};
}

Result<> TenxDataset::require_matrix(std::string_view where) const {
  if (where == "X") return {};
  return Error{ErrorCode::kNotFound, "E-10X-005",
               info_.path.string() + ": there is no matrix " + std::string(where) + "; Cell Ranger writes one, X"};
}

Result<Column> TenxDataset::cell_column(std::string_view name) {
  return Error{ErrorCode::kNotFound, "E-10X-005",
               info_.path.string() + ": no cell column " + std::string(name) + "; Cell Ranger writes barcodes only"};
}

Result<Table> TenxDataset::genes(std::string_view where) {
  CW_TRY(require_matrix(where));
  return genes_;
}

Result<DenseArray> TenxDataset::embedding(std::string_view name) {
  return Error{ErrorCode::kNotFound, "E-10X-005", info_.path.string() + ": there is no embedding " + std::string(name)};
}

}  // namespace cw
