// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_loom/loom_reader.h"

#include "plugins/reader_loom/loom_matrix.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

constexpr const char* kDamaged = "E-LOOM-001";
constexpr const char* kRows = "/row_attrs";
constexpr const char* kColumns = "/col_attrs";
constexpr std::string_view kLayerPrefix = "layer:";

Result<std::string> matrix_path(std::string_view where, const std::filesystem::path& file) {
  if (where == "X") return std::string("/matrix");
  if (where.starts_with(kLayerPrefix)) return "/layers/" + std::string(where.substr(kLayerPrefix.size()));
  return Error{ErrorCode::kNotFound, "E-LOOM-003",
               file.string() + ": a loom file has no matrix " + std::string(where) + "; it has X and layers"};
}

std::string first_of(const std::vector<ColumnInfo>& columns, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const bool there =
        std::any_of(columns.begin(), columns.end(), [&](const auto& column) { return column.name == name; });
    if (there) return name;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<DatasetReader>> LoomReader::open(const std::filesystem::path& path) {
  CW_ASSIGN(sdk::Hdf5File file, sdk::Hdf5File::open(path, kDamaged));
  std::unique_ptr<LoomReader> reader(new LoomReader(std::move(file)));
  DatasetInfo& info = reader->info_;
  info.path = path;
  info.format = "loom";
  CW_TRY(reader->read_matrices());
  CW_TRY(reader->read_attributes(kRows, info.num_genes, info.gene_columns));
  CW_TRY(reader->read_attributes(kColumns, info.num_cells, info.cell_columns));
  reader->cell_attribute_ = first_of(info.cell_columns, {"CellID", "obs_names", "cell_names", "cell_id"});
  reader->gene_attribute_ =
      first_of(info.gene_columns, {"Gene", "var_names", "gene_names", "ensembl_id", "Accession", "gene_ids"});
  if (reader->cell_attribute_.empty())
    info.notes.emplace_back("no attribute names the cells: they are numbered from 0");
  if (reader->gene_attribute_.empty())
    info.notes.emplace_back("no attribute names the genes: they are numbered from 0");
  return std::unique_ptr<DatasetReader>(std::move(reader));
}

Result<> LoomReader::read_matrices() {
  std::vector<std::pair<std::string, std::string>> places;  // where, path
  if (!file_.has_array("/matrix") || !file_.has_group(kRows) || !file_.has_group(kColumns)) {
    return Error{ErrorCode::kParse, "E-LOOM-002",
                 info_.path.string() + ": not a loom file: /matrix, /row_attrs or /col_attrs is missing"};
  }
  places.emplace_back("X", "/matrix");
  if (file_.has_group("/layers")) {
    CW_ASSIGN(const std::vector<std::string> layers, file_.names_in("/layers"));
    for (const auto& layer : layers) {
      if (file_.has_array("/layers/" + layer))
        places.emplace_back(std::string(kLayerPrefix) + layer, "/layers/" + layer);
    }
  }
  for (const auto& [where, path] : places) {
    CW_ASSIGN(const sdk::Hdf5Array array, file_.array(path));
    const bool number = array.kind() == ColumnKind::kInteger || array.kind() == ColumnKind::kReal;
    if (array.shape().size() != 2 || !number || array.shape()[0] > UINT32_MAX || array.shape()[1] > UINT32_MAX) {
      return Error{ErrorCode::kParse, kDamaged,
                   info_.path.string() + ": " + path + " is not a table of numbers, genes by cells"};
    }
    MatrixInfo matrix;
    matrix.where = where;
    matrix.dtype = array.dtype();
    matrix.encoding = "dense";
    matrix.num_genes = static_cast<std::int64_t>(array.shape()[0]);
    matrix.num_cells = static_cast<std::int64_t>(array.shape()[1]);
    if (where != "X" && (matrix.num_genes != info_.num_genes || matrix.num_cells != info_.num_cells)) {
      return Error{ErrorCode::kParse, "E-LOOM-004",
                   info_.path.string() + ": " + path + " has " + std::to_string(matrix.num_genes) + " genes and " +
                       std::to_string(matrix.num_cells) + " cells, /matrix has " + std::to_string(info_.num_genes) +
                       " and " + std::to_string(info_.num_cells)};
    }
    info_.num_genes = matrix.num_genes;
    info_.num_cells = matrix.num_cells;
    info_.matrices.push_back(std::move(matrix));
  }
  return {};
}

Result<> LoomReader::read_attributes(const std::string& group, std::int64_t length, std::vector<ColumnInfo>& columns) {
  CW_ASSIGN(const std::vector<std::string> names, file_.names_in(group));
  for (const auto& name : names) {
    const std::string path = group + "/" + name;
    if (!file_.has_array(path)) continue;
    CW_ASSIGN(const sdk::Hdf5Array array, file_.array(path));
    const auto& shape = array.shape();
    if (shape.empty() || static_cast<std::int64_t>(shape[0]) != length) {
      return Error{ErrorCode::kParse, "E-LOOM-004",
                   info_.path.string() + ": " + path + " has " +
                       (shape.empty() ? "one value" : std::to_string(shape[0]) + " rows") + ", the matrix needs " +
                       std::to_string(length)};
    }
    const bool number = array.kind() == ColumnKind::kReal || array.kind() == ColumnKind::kInteger;
    if (shape.size() == 1 && array.kind()) {
      columns.push_back({name, *array.kind(), -1});
    } else if (shape.size() == 2 && number && group == kColumns) {
      info_.embeddings.push_back(name);
    } else {
      info_.notes.push_back(path + " is left out: neither a column of numbers or texts nor an embedding");
    }
  }
  return {};
}

Result<std::vector<std::string>> LoomReader::names(const std::string& group, const std::string& attribute,
                                                   std::int64_t length) const {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(length));
  if (attribute.empty()) {
    for (std::int64_t i = 0; i < length; ++i) names.push_back(std::to_string(i));
    return names;
  }
  CW_ASSIGN(const sdk::Hdf5Array array, file_.array(group + "/" + attribute));
  CW_ASSIGN(const Column column, array.column(attribute));
  for (std::int64_t i = 0; i < length; ++i) names.push_back(column.text(i));
  return names;
}

Result<std::vector<std::string>> LoomReader::cell_names() { return names(kColumns, cell_attribute_, info_.num_cells); }

Result<Column> LoomReader::cell_column(std::string_view name) {
  std::string known;
  for (const auto& column : info_.cell_columns) {
    if (column.name == name) {
      CW_ASSIGN(const sdk::Hdf5Array array, file_.array(std::string(kColumns) + "/" + column.name));
      return array.column(column.name);
    }
    known += (known.empty() ? "" : ", ") + column.name;
  }
  return Error{ErrorCode::kNotFound, "E-LOOM-003",
               info_.path.string() + ": no cell attribute " + std::string(name) + "; there are: " + known};
}

Result<Table> LoomReader::genes(std::string_view where) {
  CW_ASSIGN(const std::string path, matrix_path(where, info_.path));
  static_cast<void>(path);  // layers have the genes of the matrix
  Table table;
  table.index_name = gene_attribute_;
  CW_ASSIGN(table.index, names(kRows, gene_attribute_, info_.num_genes));
  for (const auto& column : info_.gene_columns) {
    CW_ASSIGN(const sdk::Hdf5Array array, file_.array(std::string(kRows) + "/" + column.name));
    CW_ASSIGN(Column values, array.column(column.name));
    table.columns.push_back(std::move(values));
  }
  return table;
}

Result<std::unique_ptr<CellBlockReader>> LoomReader::open_matrix(std::string_view where) {
  CW_ASSIGN(const std::string path, matrix_path(where, info_.path));
  if (!file_.has_array(path)) {
    return Error{ErrorCode::kNotFound, "E-LOOM-003",
                 info_.path.string() + ": there is no matrix " + std::string(where)};
  }
  CW_ASSIGN(sdk::Hdf5Array array, file_.array(path));
  return std::unique_ptr<CellBlockReader>(std::make_unique<LoomMatrixReader>(std::move(array)));
}

Result<DenseArray> LoomReader::embedding(std::string_view name) {
  if (std::find(info_.embeddings.begin(), info_.embeddings.end(), name) == info_.embeddings.end()) {
    return Error{ErrorCode::kNotFound, "E-LOOM-003",
                 info_.path.string() + ": there is no embedding " + std::string(name)};
  }
  CW_ASSIGN(const sdk::Hdf5Array array, file_.array(std::string(kColumns) + "/" + std::string(name)));
  DenseArray values;
  values.num_rows = static_cast<std::int64_t>(array.shape()[0]);
  values.num_columns = static_cast<std::int64_t>(array.shape()[1]);
  values.values.resize(array.shape()[0] * array.shape()[1]);
  CW_TRY(array.read(std::array<std::uint64_t, 2>{0, 0}, array.shape(), values.values.data()));
  return values;
}

}  // namespace cw
