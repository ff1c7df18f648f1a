// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/io/h5ad_table.h"
#include "core/io/h5ad_writer.h"

#include <hdf5.h>

#include <algorithm>

namespace cw {
namespace {

Result<> copy_object(const H5Node& source, const H5Node& target, const std::string& name) {
  if (H5Ocopy(source.id(), name.c_str(), target.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) {
    return h5_error("E-H5-007", target.file(), source.file() + ":" + name, "copying");
  }
  return {};
}

Result<> renew_table(const H5Node& source, const H5Node& target, const std::string& name) {
  CW_ASSIGN(const Table content, read_table(source, name));
  CW_TRY(target.remove(name));
  return write_table(target, name, content);
}

// References of data frames of anndata 0.7 to their categories do not survive a copy: the frames are written anew.
Result<> renew_frames(const H5Node& source, const H5Node& target, const std::string& name, int depth) {
  constexpr int kDeepest = 16;  // groups may contain themselves
  if (depth > kDeepest || !source.has(name)) return {};
  CW_ASSIGN(const H5Node node, source.open(name));
  if (!node.is_group()) return {};
  if (node.text_attribute("encoding-type").value_or("") == "dataframe") {
    const bool modern = node.text_attribute("encoding-version").value_or("") == "0.2.0";
    return modern ? Result<>{} : renew_table(source, target, name);
  }
  CW_ASSIGN(const std::vector<std::string> names, node.children());
  CW_ASSIGN(const H5Node copy, target.open(name));
  for (const auto& child : names) CW_TRY(renew_frames(node, copy, child, depth + 1));
  return {};
}

// Nothing can be added to the compound tables of anndata 0.5 and 0.6.
Result<> renew_compound_tables(const H5Node& source, const H5Node& target) {
  for (const char* const name : {"obs", "var", "raw.var", "raw/var"}) {
    if (!source.has(name)) continue;
    CW_ASSIGN(const H5Node node, source.open(name));
    if (node.is_dataset()) CW_TRY(renew_table(source, target, name));
  }
  return {};
}

// The embeddings of anndata 0.5 and 0.6 are one compound dataset, to which nothing can be added.
Result<> renew_embeddings(const H5Node& source, const H5Node& target) {
  if (!source.has("obsm")) return {};
  CW_ASSIGN(const H5Node old, source.open("obsm"));
  if (old.is_group()) return {};
  CW_TRY(target.remove("obsm"));
  CW_ASSIGN(const H5Node group, target.create_group("obsm"));
  CW_TRY(group.set_encoding("dict", "0.1.0"));
  for (const auto& member : describe_members(old)) {
    if (member.elements != ElementClass::kReal) continue;
    DenseArray array;
    CW_ASSIGN(const std::vector<double> values, read_member<double>(old, member));
    array.values.assign(values.begin(), values.end());
    array.num_columns = member.width;
    array.num_rows = static_cast<std::int64_t>(values.size()) / std::max<std::int64_t>(1, member.width);
    CW_TRY(write_dense(group, member.name, array));
  }
  return {};
}

Result<> copy_attributes(const H5Node& source, const H5Node& target) {
  for (const char* const name : {"encoding-type", "encoding-version"}) {
    if (const auto text = source.text_attribute(name)) CW_TRY(target.set_text(name, *text));
  }
  return {};
}

Result<> copy_everything(const H5Node& source, const H5Node& target, JobContext& ctx) {
  CW_TRY(copy_attributes(source, target));
  CW_ASSIGN(const std::vector<std::string> names, source.children());
  std::int64_t done = 0;
  for (const auto& name : names) {
    if (ctx.cancelled()) return cancelled_error("copying the h5ad file");
    ctx.report(done++, static_cast<std::int64_t>(names.size()), "Copying the file");
    CW_TRY(copy_object(source, target, name));
    CW_TRY(renew_frames(source, target, name, 0));
  }
  CW_TRY(renew_compound_tables(source, target));
  return renew_embeddings(source, target);
}

Result<H5Node> dict_at(const H5Node& root, const std::string& name) {
  if (root.has(name)) return root.open(name);
  CW_ASSIGN(H5Node group, root.create_group(name));
  CW_TRY(group.set_encoding("dict", "0.1.0"));
  return group;
}

Result<> clear_place(const H5Node& group, const std::string& name) {
  if (!group.has(name)) return {};
  return group.remove(name);
}

Result<> add_cell_columns(const H5Node& root, const std::vector<Column>& columns) {
  if (columns.empty()) return {};
  CW_ASSIGN(const H5Node frame, root.open("obs"));
  std::vector<std::string> order = frame.texts_attribute("column-order");
  for (const auto& column : columns) {
    CW_TRY(clear_place(frame, column.name));
    CW_TRY(write_column(frame, column));
    if (std::find(order.begin(), order.end(), column.name) == order.end()) order.push_back(column.name);
  }
  return frame.set_texts("column-order", order);
}

Result<> merge_json(const H5Node& parent, const std::string& name, const Json& value) {
  if (value.is_object() && parent.has(name)) {
    CW_ASSIGN(const H5Node group, parent.open(name));
    if (group.is_group()) {
      for (const auto& [key, item] : value.items()) CW_TRY(merge_json(group, key, item));
      return {};
    }
  }
  CW_TRY(clear_place(parent, name));
  return write_json(parent, name, value);
}

Result<> add_all(const H5Node& root, const H5adAdditions& additions) {
  CW_TRY(add_cell_columns(root, additions.cell_columns));
  if (!additions.embeddings.empty()) {
    CW_ASSIGN(const H5Node embeddings, dict_at(root, "obsm"));
    for (const auto& [name, array] : additions.embeddings) {
      CW_TRY(clear_place(embeddings, name));
      CW_TRY(write_dense(embeddings, name, array));
    }
  }
  if (!additions.graphs.empty()) {
    CW_ASSIGN(const H5Node graphs, dict_at(root, "obsp"));
    for (const auto& [name, graph] : additions.graphs) {
      CW_TRY(clear_place(graphs, name));
      CW_TRY(write_csr(graphs, name, graph));
    }
  }
  if (additions.uns.is_object()) {
    CW_ASSIGN(const H5Node notes, dict_at(root, "uns"));
    for (const auto& [key, item] : additions.uns.items()) CW_TRY(merge_json(notes, key, item));
  }
  return {};
}

Error wrong_length(const std::string& what, std::int64_t length, std::int64_t cells) {
  return {ErrorCode::kShape, "E-H5-014",
          what + " has " + std::to_string(length) + " rows, the file has " + std::to_string(cells) + " cells"};
}

Result<> check_additions(const H5adAdditions& additions, std::int64_t cells) {
  for (const auto& column : additions.cell_columns) {
    if (column.size() != cells) return wrong_length("column '" + column.name + "'", column.size(), cells);
  }
  for (const auto& [name, array] : additions.embeddings) {
    if (array.num_rows != cells) return wrong_length("embedding '" + name + "'", array.num_rows, cells);
  }
  for (const auto& [name, graph] : additions.graphs) {
    if (graph.num_rows != cells || graph.num_columns != cells) {
      return wrong_length("graph '" + name + "'", graph.num_rows, cells);
    }
  }
  return {};
}

}  // namespace

Result<> copy_h5ad_with(const std::filesystem::path& source, const std::filesystem::path& target,
                        const H5adAdditions& additions, bool overwrite, JobContext& ctx) {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(target, overwrite));
  {
    CW_ASSIGN(const H5Node from, H5Node::open_file(source));
    CW_ASSIGN(const H5adTable cells, H5adTable::open(from, "obs"));
    CW_TRY(check_additions(additions, cells.num_rows()));
    CW_ASSIGN(const H5Node to, H5Node::create_file(output.path()));
    CW_TRY(copy_everything(from, to, ctx));
    CW_TRY(add_all(to, additions));
    CW_TRY(to.flush());
    ctx.report(1, 1, "Copying the file");
  }
  return output.commit();
}

}  // namespace cw
