// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/map_input.h"

#include <algorithm>

namespace cw {
namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "" where the map is made from counts.
Result<std::string> chosen_source(const MapOptions& options, const DatasetInfo& info) {
  if (!options.of.empty()) {
    if (has(info.embeddings, options.of)) return options.of;
    std::string known;
    for (const auto& name : info.embeddings) known += (known.empty() ? "" : ", ") + name;
    return Error{ErrorCode::kNotFound, "E-MAP-007",
                 options.input + ": there is no " + options.of + " in obsm; there is " +
                     (known.empty() ? "none at all" : known)};
  }
  for (const auto* name : {"X_cellwright", "X_pca"}) {
    if (has(info.embeddings, name)) return std::string(name);
  }
  return std::string();
}

Result<MapInput> from_counts(const MapOptions& options, DatasetReader& reader, JobContext& ctx) {
  MapInput input;
  JobContext reading = ctx.slice(0.0, 0.5);
  CW_ASSIGN(input.counts, read_count_matrix(reader, options.counts, reading));
  input.source = input.counts->where;
  const auto genes = variable_genes(*input.counts, options.num_genes, options.num_threads);
  if (genes.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-MAP-008",
                 options.input + ": no gene differs between cells, so there is nothing to map"};
  }
  input.num_genes = static_cast<std::int64_t>(genes.size());
  const SparseColumns selected = select_columns(input.counts->log_view(), genes);
  JobContext reducing = ctx.slice(0.5, 1.0);
  const int components = options.num_components > 0 ? options.num_components : MapOptions{}.num_components;
  CW_ASSIGN(input.pca,
            principal_components(selected.view(), {components, options.seed, options.num_threads}, reducing));
  return input;
}

/// The first `count` columns, as scanpy takes the leading components of X_pca.
DenseArray leading_columns(DenseArray array, std::int64_t count) {
  if (count <= 0 || count >= array.num_columns) return array;
  DenseArray result{array.num_rows, count, {}};
  result.values.reserve(static_cast<std::size_t>(array.num_rows * count));
  for (std::int64_t i = 0; i < array.num_rows; ++i) {
    const auto row = array.values.begin() + i * array.num_columns;
    result.values.insert(result.values.end(), row, row + count);
  }
  return result;
}

}  // namespace

MatrixView MapInput::space() const {
  if (pca) return {pca->scores.data(), pca->num_rows, pca->num_components};
  return {embedding.values.data(), embedding.num_rows, embedding.num_columns};
}

Result<MapInput> read_map_input(const MapOptions& options, DatasetReader& reader, JobContext& ctx) {
  CW_ASSIGN(const std::string source, chosen_source(options, reader.info()));
  if (source.empty()) return from_counts(options, reader, ctx);
  MapInput input;
  input.source = source;
  CW_ASSIGN(input.embedding, reader.embedding(source));
  if (source == "X_pca") {
    input.embedding = leading_columns(std::move(input.embedding), options.num_components);
    return input;
  }
  if (options.num_components == 0) return input;
  const MatrixView rows{input.embedding.values.data(), input.embedding.num_rows, input.embedding.num_columns};
  CW_ASSIGN(input.pca, principal_components(rows, {options.num_components, options.seed, options.num_threads}, ctx));
  return input;
}

}  // namespace cw
