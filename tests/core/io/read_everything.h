// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/counts.h"
#include "core/io/reader_registry.h"

#include <filesystem>

namespace cw::test {

/// Does with an open file all that the programs do: reads every table, matrix and embedding. Errors are welcome,
/// crashes are not. Returns true if everything could be read.
inline bool read_everything(DatasetReader& reader) {
  bool all = reader.cell_names().ok();
  const DatasetInfo info = reader.info();
  for (const auto& column : info.cell_columns) {
    const auto values = reader.cell_column(column.name);
    all = values.ok() && all;
    for (std::int64_t row = 0; values.ok() && row < values->size(); ++row) all = !values->text(row).empty() || all;
  }
  for (const auto& matrix : info.matrices) {
    all = reader.genes(matrix.where).ok() && all;
    auto blocks = reader.open_matrix(matrix.where);
    if (!blocks.ok()) return false;
    CellBlock block;
    do {
      if (!(*blocks)->next(block, 97).ok()) return false;
      for (const std::uint32_t gene : block.genes) {
        if (gene >= static_cast<std::uint64_t>(matrix.num_genes)) std::abort();  // promised never to happen
      }
    } while (block.num_cells() > 0);
  }
  for (const auto& name : info.embeddings) all = reader.embedding(name).ok() && all;
  JobContext ctx;
  return find_counts(reader, ctx).ok() && all;
}

/// Opens the file first.
inline bool read_everything(const ReaderFactory& factory, const std::filesystem::path& path) {
  auto opened = factory.open(path);
  return opened.ok() && read_everything(**opened);
}

}  // namespace cw::test
