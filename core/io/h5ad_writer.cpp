// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_writer.h"

#include "core/base/files.h"
#include "core/io/h5ad_table.h"
#include "core/io/hdf5_write.h"

#include <algorithm>
#include <limits>

namespace cw {
namespace {

Error wrong_shape(std::string_view name, std::int64_t rows, std::int64_t columns, std::int64_t wanted_rows,
                  std::int64_t wanted_columns) {
  return {ErrorCode::kShape, "E-H5-014",
          "matrix '" + std::string(name) + "' is " + std::to_string(rows) + " x " + std::to_string(columns) +
              ", but the tables say " + std::to_string(wanted_rows) + " x " + std::to_string(wanted_columns)};
}

Result<> check_shape(std::string_view name, const MatrixContent& matrix, std::int64_t rows, std::int64_t columns) {
  if (const auto* dense = std::get_if<DenseArray>(&matrix)) {
    if (dense->num_rows != rows || dense->num_columns != columns) {
      return wrong_shape(name, dense->num_rows, dense->num_columns, rows, columns);
    }
  } else if (const auto* sparse = std::get_if<CsrMatrix>(&matrix)) {
    if (sparse->num_rows != rows || sparse->num_columns != columns) {
      return wrong_shape(name, sparse->num_rows, sparse->num_columns, rows, columns);
    }
  }
  return {};
}

Result<> check_content(const H5adContent& content) {
  const std::int64_t cells = content.cells.num_rows();
  const std::int64_t genes = content.genes.num_rows();
  CW_TRY(check_shape("X", content.x, cells, genes));
  for (const auto& [name, layer] : content.layers) CW_TRY(check_shape("layers/" + name, layer, cells, genes));
  for (const auto& [name, array] : content.embeddings) {
    if (array.num_rows != cells) return wrong_shape("obsm/" + name, array.num_rows, array.num_columns, cells, -1);
  }
  for (const auto& [name, graph] : content.graphs) CW_TRY(check_shape("obsp/" + name, graph, cells, cells));
  return {};
}

Result<> write_matrix(const H5Node& parent, std::string_view name, const MatrixContent& matrix) {
  if (const auto* dense = std::get_if<DenseArray>(&matrix)) return write_dense(parent, name, *dense);
  if (const auto* sparse = std::get_if<CsrMatrix>(&matrix)) return write_csr(parent, name, *sparse);
  return {};
}

Result<H5Node> write_dict(const H5Node& parent, std::string_view name) {
  CW_ASSIGN(H5Node group, parent.create_group(name));
  CW_TRY(group.set_encoding("dict", "0.1.0"));
  return group;
}

Result<> write_parts(const H5Node& root, const H5adContent& content, JobContext& ctx) {
  CW_TRY(root.set_encoding("anndata", "0.1.0"));
  CW_TRY(write_table(root, "obs", content.cells));
  CW_TRY(write_table(root, "var", content.genes));
  CW_TRY(write_matrix(root, "X", content.x));
  if (ctx.cancelled()) return cancelled_error("writing the h5ad file");
  CW_ASSIGN(const H5Node layers, write_dict(root, "layers"));
  for (const auto& [name, layer] : content.layers) CW_TRY(write_matrix(layers, name, layer));
  CW_ASSIGN(const H5Node embeddings, write_dict(root, "obsm"));
  for (const auto& [name, array] : content.embeddings) CW_TRY(write_dense(embeddings, name, array));
  CW_ASSIGN(const H5Node graphs, write_dict(root, "obsp"));
  for (const auto& [name, graph] : content.graphs) CW_TRY(write_csr(graphs, name, graph));
  CW_TRY(write_dict(root, "varm"));
  CW_TRY(write_dict(root, "varp"));
  CW_TRY(write_json(root, "uns", content.uns.is_object() ? content.uns : Json::object()));
  if (ctx.cancelled()) return cancelled_error("writing the h5ad file");
  return root.flush();
}

template <class T>
std::vector<T> list_of(const Json& list) {
  std::vector<T> values;
  for (const auto& item : list) values.push_back(item.get<T>());
  return values;
}

template <class Is>
bool all_are(const Json& list, Is is) {
  return !list.empty() && std::all_of(list.begin(), list.end(), is);
}

Result<> encode(Result<H5Node> node, std::string_view type) {
  if (!node) return node.error();
  return node->set_encoding(type, "0.2.0");
}

Result<> write_list(const H5Node& parent, std::string_view name, const Json& list) {
  if (list.empty()) return encode(write_numbers(parent, name, std::vector<double>{}), "array");
  if (all_are(list, [](const Json& item) { return item.is_string(); })) {
    return encode(write_texts(parent, name, list_of<std::string>(list)), "string-array");
  }
  if (all_are(list, [](const Json& item) { return item.is_boolean(); })) {
    std::vector<std::uint8_t> flags;
    for (const auto& item : list) flags.push_back(item.get<bool>() ? 1 : 0);
    return encode(write_booleans(parent, name, flags), "array");
  }
  if (all_are(list, [](const Json& item) { return item.is_number_integer(); })) {
    return encode(write_numbers(parent, name, list_of<std::int64_t>(list)), "array");
  }
  if (all_are(list, [](const Json& item) { return item.is_number(); })) {
    return encode(write_numbers(parent, name, list_of<double>(list)), "array");
  }
  return encode(write_text(parent, name, list.dump()), "string");
}

}  // namespace

Result<> write_dense(const H5Node& parent, std::string_view name, const DenseArray& array) {
  return encode(
      write_numbers(parent, name, ScalarKind::kFloat32, array.values.data(), {array.num_rows, array.num_columns}),
      "array");
}

Result<> write_csr(const H5Node& parent, std::string_view name, const CsrMatrix& matrix) {
  CW_ASSIGN(const H5Node group, parent.create_group(name));
  CW_TRY(group.set_encoding("csr_matrix", "0.1.0"));
  const std::int64_t shape[] = {matrix.num_rows, matrix.num_columns};
  CW_TRY(group.set_integers("shape", shape));
  CW_TRY(write_numbers(group, "data", matrix.values));
  // scipy wants both index arrays of one type: int32 where the number of values allows it, as anndata writes it
  if (matrix.values.size() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    CW_TRY(write_numbers(group, "indices", std::vector<std::int32_t>(matrix.columns.begin(), matrix.columns.end())));
    CW_TRY(write_numbers(group, "indptr", std::vector<std::int32_t>(matrix.offsets.begin(), matrix.offsets.end())));
    return {};
  }
  CW_TRY(write_numbers(group, "indices", std::vector<std::int64_t>(matrix.columns.begin(), matrix.columns.end())));
  CW_TRY(write_numbers(group, "indptr", std::vector<std::int64_t>(matrix.offsets.begin(), matrix.offsets.end())));
  return {};
}

Result<> write_json(const H5Node& parent, std::string_view name, const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return {};
    case Json::value_t::object: {
      CW_ASSIGN(const H5Node group, write_dict(parent, name));
      for (const auto& [key, item] : value.items()) {
        if (!key.empty()) CW_TRY(write_json(group, key, item));
      }
      return {};
    }
    case Json::value_t::array:
      return write_list(parent, name, value);
    case Json::value_t::string:
      return encode(write_text(parent, name, value.get<std::string>()), "string");
    case Json::value_t::boolean:
      return encode(write_boolean(parent, name, value.get<bool>()), "numeric-scalar");
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: {
      const auto number = value.get<std::int64_t>();
      return encode(write_number(parent, name, ScalarKind::kInt64, &number), "numeric-scalar");
    }
    default: {
      const auto number = value.get<double>();
      return encode(write_number(parent, name, ScalarKind::kFloat64, &number), "numeric-scalar");
    }
  }
}

Result<> write_h5ad(const std::filesystem::path& path, const H5adContent& content, bool overwrite, JobContext& ctx) {
  CW_TRY(check_content(content));
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, overwrite));
  {
    CW_ASSIGN(const H5Node root, H5Node::create_file(output.path()));
    CW_TRY(write_parts(root, content, ctx));
  }
  return output.commit();
}

}  // namespace cw
