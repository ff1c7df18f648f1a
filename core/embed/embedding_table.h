// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/embed_options.h"
#include "core/base/job_context.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"
#include "core/embed/gene_embeddings.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace cw {

/// Name of the embeddings in `obsm`, and of the record of where they come from in `uns`.
inline constexpr const char* kEmbeddingName = "X_cellwright";
inline constexpr const char* kRecordName = "cellwright";

/// Embeddings before they are written.
struct EmbeddingTable {
  Table rows;         ///< cells; with mode "gene" genes, with the columns symbol, token and n_cells
  DenseArray values;  ///< [rows, D]
  /// Mode "gene" only: what the means were made from. Parts of a run keep it, so that they add up exactly.
  GeneEmbeddings genes{0};
};

/// Ensembl id and symbol of a token.
using GeneNames = std::function<std::pair<std::string, std::string>(std::int32_t token)>;

/// The table of mode "gene".
[[nodiscard]] EmbeddingTable table_of_genes(GeneEmbeddings genes, const GeneNames& names_of);

/// Writes what `options` ask for, h5ad and CSV, and gives the summary of the job. `provenance` names mode, layer and
/// number of cells. A part of a run has no summary over cells; that comes with the whole.
/// Errors: those of write_h5ad and write_csv; kNotFound E-DATA-001 (no such label).
[[nodiscard]] Result<Json> write_embedding(const EmbedOptions& options, EmbeddingTable table, const Json& provenance,
                                           JobContext& ctx);

}  // namespace cw
