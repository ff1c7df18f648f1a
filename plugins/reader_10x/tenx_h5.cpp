// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/tenx_h5.h"

#include "plugins/reader_10x/tenx_h5_matrix.h"

#include <algorithm>

namespace cw {
namespace {

constexpr const char* kDamaged = "E-10X-001";

bool is_matrix_group(const sdk::Hdf5File& file, const std::string& group) {
  for (const char* part : {"barcodes", "data", "indices", "indptr", "shape"}) {
    if (!file.has_array(group + "/" + part)) return false;
  }
  return file.has_group(group + "/features") || file.has_array(group + "/genes");
}

std::vector<std::string> matrix_groups(const sdk::Hdf5File& file) {
  std::vector<std::string> groups;
  if (is_matrix_group(file, "/matrix")) return {"/matrix"};
  const auto names = file.names_in("/");
  if (!names.ok()) return groups;
  for (const auto& name : *names) {
    if (is_matrix_group(file, "/" + name)) groups.push_back("/" + name);
  }
  return groups;
}

bool is_human(const std::string& group) { return group.starts_with("/hg") || group.starts_with("/GRCh"); }

}  // namespace

bool TenxH5Reader::looks_like(const sdk::Hdf5File& file) { return !matrix_groups(file).empty(); }

Result<std::unique_ptr<DatasetReader>> TenxH5Reader::open(const std::filesystem::path& path) {
  CW_ASSIGN(sdk::Hdf5File file, sdk::Hdf5File::open(path, kDamaged));
  std::unique_ptr<TenxH5Reader> reader(new TenxH5Reader(std::move(file)));
  reader->info_.path = path;
  reader->info_.format = "10x-h5";
  CW_TRY(reader->choose_group());
  std::int64_t num_features = 0;
  CW_TRY(reader->read_matrix_info(num_features));
  CW_ASSIGN(TenxFeatures features, reader->read_features(num_features));
  CW_TRY(reader->choose_genes(std::move(features)));
  reader->info_.matrices.front().num_genes = reader->info_.num_genes;
  return std::unique_ptr<DatasetReader>(std::move(reader));
}

Result<> TenxH5Reader::choose_group() {
  const std::vector<std::string> groups = matrix_groups(file_);
  if (groups.empty()) {
    return Error{ErrorCode::kParse, "E-10X-002",
                 info_.path.string() +
                     ": not a Cell Ranger file: it has no group with barcodes, data, indices, indptr, "
                     "shape and features"};
  }
  const auto human = std::find_if(groups.begin(), groups.end(), is_human);
  group_ = human != groups.end() ? *human : groups.front();
  if (groups.size() > 1) {
    std::string names;
    for (const auto& group : groups) names += (names.empty() ? "" : ", ") + group.substr(1);
    info_.notes.push_back("the file holds " + std::to_string(groups.size()) + " genomes (" + names + "); " +
                          group_.substr(1) + " is read");
  }
  return {};
}

Result<> TenxH5Reader::read_matrix_info(std::int64_t& num_features) {
  CW_ASSIGN(const sdk::Hdf5Array shape_array, file_.array(group_ + "/shape"));
  CW_ASSIGN(const std::vector<std::int64_t> shape, shape_array.integers());
  CW_ASSIGN(const sdk::Hdf5Array barcodes, file_.array(group_ + "/barcodes"));
  CW_ASSIGN(const sdk::Hdf5Array data, file_.array(group_ + "/data"));
  const bool sizes = shape.size() == 2 && shape[0] >= 0 && shape[0] <= INT32_MAX && shape[1] >= 0 &&
                     barcodes.shape().size() == 1 && data.shape().size() == 1;
  if (!sizes || barcodes.shape()[0] != static_cast<std::uint64_t>(shape[1])) {
    return Error{ErrorCode::kParse, "E-10X-003",
                 info_.path.string() + ": " + group_ + "/shape does not fit the number of barcodes"};
  }
  num_features = shape[0];
  info_.num_cells = shape[1];
  MatrixInfo matrix;
  matrix.where = "X";
  matrix.dtype = data.dtype();
  matrix.encoding = "csr";  // features by barcodes in compressed columns is cells by genes in compressed rows
  matrix.num_cells = info_.num_cells;
  matrix.num_stored = static_cast<std::int64_t>(data.shape()[0]);
  info_.matrices.push_back(std::move(matrix));
  return {};
}

Result<TenxFeatures> TenxH5Reader::read_features(std::int64_t num_features) {
  TenxFeatures features;
  std::vector<std::pair<std::string, std::string>> columns;  // name, path
  if (file_.has_group(group_ + "/features")) {
    CW_ASSIGN(const std::vector<std::string> names, file_.names_in(group_ + "/features"));
    for (const auto& name : names) {
      if (!name.starts_with("_") && file_.has_array(group_ + "/features/" + name)) {
        columns.emplace_back(name, group_ + "/features/" + name);
      }
    }
  } else {
    columns.emplace_back("id", group_ + "/genes");
    if (file_.has_array(group_ + "/gene_names")) columns.emplace_back("name", group_ + "/gene_names");
  }
  for (const auto& [name, path] : columns) {
    CW_ASSIGN(const sdk::Hdf5Array array, file_.array(path));
    // target sets and tag lists have lengths of their own
    const bool column = array.shape().size() == 1 && static_cast<std::int64_t>(array.shape()[0]) == num_features;
    if (!column || !array.kind()) continue;
    CW_ASSIGN(Column values, array.column(name));
    features.table.columns.push_back(std::move(values));
  }
  const Column* names = features.table.find("id");
  if (names == nullptr) names = features.table.find("name");
  if (names == nullptr || names->kind != ColumnKind::kString) {
    return Error{ErrorCode::kParse, "E-10X-003",
                 info_.path.string() + ": " + group_ + " has neither ids nor names for its " +
                     std::to_string(num_features) + " features"};
  }
  features.table.index = names->strings;
  features.table.index_name = names->name;
  if (const Column* types = features.table.find("feature_type"); types != nullptr) features.types = types->strings;
  return features;
}

Result<std::vector<std::string>> TenxH5Reader::cell_names() {
  CW_ASSIGN(const sdk::Hdf5Array barcodes, file_.array(group_ + "/barcodes"));
  return barcodes.texts();
}

Result<std::unique_ptr<CellBlockReader>> TenxH5Reader::open_matrix(std::string_view where) {
  CW_TRY(require_matrix(where));
  return TenxH5Matrix::open(file_, group_, info_, gene_of_feature_);
}

}  // namespace cw
