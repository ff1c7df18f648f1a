// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/merge_embeddings.h"

#include "core/api/shard.h"
#include "core/embed/embedding_table.h"
#include "core/io/h5ad_table.h"
#include "core/io/hdf5_array.h"
#include "core/tokenize/cell_columns.h"

#include <map>
#include <string>
#include <utility>

namespace cw {
namespace {

Result<PartRecord> record_of(const std::string& path) {
  CW_ASSIGN(const H5Node root, H5Node::open_file(path));
  const std::string place = std::string("uns/") + kRecordName;
  if (!root.has(place)) {
    return Error{ErrorCode::kRefused, "E-MRG-001",
                 path + ": is not a part of a run; name what 'embed' or 'perturb' made with --shard i/n"};
  }
  CW_ASSIGN(const H5Node node, root.open(place));
  CW_ASSIGN(const auto texts, read_texts(node));
  CW_ASSIGN(Json provenance, parse_json(texts.empty() ? std::string() : texts.front(), path));
  return PartRecord{path, std::move(provenance)};
}

Result<DenseArray> read_array(const H5Node& part, const std::string& name, std::int64_t rows) {
  CW_ASSIGN(const H5Node node, part.open("obsm/" + name));
  CW_ASSIGN(const ArrayShape shape, describe_array(node));
  DenseArray array;
  array.num_rows = rows;
  array.num_columns = shape.dims.size() == 2 ? shape.dims[1] : 0;
  CW_ASSIGN(array.values, read_numbers<float>(node));
  if (array.num_columns > 0 && array.values.size() == static_cast<std::size_t>(rows * array.num_columns)) return array;
  return Error{ErrorCode::kParse, "E-H5-012",
               part.file() + ": obsm/" + name + " does not have one row per row of the table; compute the part again"};
}

Result<> append_cells(const std::string& path, EmbeddingTable& table) {
  CW_ASSIGN(const H5Node part, H5Node::open_file(path));
  CW_ASSIGN(const Table rows, read_table(part, "obs"));
  CW_ASSIGN(const DenseArray values, read_array(part, kEmbeddingName, rows.num_rows()));
  append_rows(table.rows, rows);
  table.rows.index_name = rows.index_name;
  table.values.num_rows += values.num_rows;
  table.values.num_columns = values.num_columns;
  table.values.values.insert(table.values.values.end(), values.values.begin(), values.values.end());
  return {};
}

/// Sums of a part, and what the genes are called.
Result<> append_genes(const std::string& path, std::map<std::int64_t, std::pair<std::string, std::string>>& names,
                      GeneEmbeddings& genes) {
  CW_ASSIGN(const H5Node part, H5Node::open_file(path));
  CW_ASSIGN(const Table rows, read_table(part, "obs"));
  CW_ASSIGN(const Column* tokens, rows.require("token"));
  CW_ASSIGN(const Column* num_cells, rows.require("n_cells"));
  CW_ASSIGN(const Column* symbols, rows.require("symbol"));
  std::vector<DenseArray> pieces;
  for (const auto& name : GeneEmbeddings::names_of_sums()) {
    pieces.emplace_back();
    CW_ASSIGN(pieces.back(), read_array(part, name, rows.num_rows()));
  }
  if (genes.width() == 0) genes = GeneEmbeddings(pieces.front().num_columns);
  genes.add_sums(tokens->integers, num_cells->integers, pieces);
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    names.emplace(tokens->integers[i], std::pair{rows.index[i], symbols->text(row)});
  }
  return {};
}

Result<EmbeddingTable> merged_genes(const std::vector<std::string>& paths) {
  std::map<std::int64_t, std::pair<std::string, std::string>> names;
  GeneEmbeddings genes(0);
  for (const auto& path : paths) CW_TRY(append_genes(path, names, genes));
  return table_of_genes(std::move(genes), [&](std::int32_t token) { return names.at(token); });
}

Result<EmbeddingTable> merged_cells(const std::vector<std::string>& paths, JobContext& ctx) {
  EmbeddingTable table;
  std::int64_t num_done = 0;
  for (const auto& path : paths) {
    if (ctx.cancelled()) return cancelled_error("putting the parts together");
    CW_TRY(append_cells(path, table));
    ctx.report(++num_done, std::ssize(paths), "Putting parts together");
  }
  return table;
}

}  // namespace

Result<Json> merge_embeddings(const MergeOptions& options, JobContext& ctx) {
  std::vector<PartRecord> records;
  for (const auto& path : options.inputs) {
    records.emplace_back();
    CW_ASSIGN(records.back(), record_of(path));
  }
  CW_ASSIGN(const auto order, order_of_parts(records));
  std::vector<std::string> paths;
  std::int64_t num_cells = 0;
  for (const std::size_t i : order) {
    paths.push_back(records[i].name);
    num_cells += records[i].provenance.value("cells", std::int64_t{0});
  }
  Json provenance = records[order.front()].provenance;
  CW_ASSIGN(EmbedOptions asked, embed_options_from_json(provenance.at("options")));
  asked.shard = asked.shards = 1;
  asked.output = options.output;
  asked.csv = options.csv;
  asked.overwrite = options.overwrite;
  provenance["options"] = to_json(asked);
  drop_whole_shard(provenance["options"]);
  provenance["cells"] = num_cells;
  const bool of_genes = provenance.value("mode", "") == "gene";
  CW_ASSIGN(EmbeddingTable table, of_genes ? merged_genes(paths) : merged_cells(paths, ctx));
  return write_embedding(asked, std::move(table), provenance, ctx);
}

}  // namespace cw
