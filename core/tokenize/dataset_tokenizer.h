// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/tokenize_options.h"
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/gene_mapper.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// The counts of an open data file with its genes recognised: what tokenizing, medians and `inspect` begin with.
struct CountsWithGenes {
  std::string where;  ///< as MatrixInfo::where
  MatrixInfo matrix;
  Table genes;
  GeneMapping mapping;
  std::vector<std::string> names;           ///< of the genes, as written at `mapping.where`
  std::vector<double> sampled_gene_counts;  ///< [genes] sums over the cells that find_counts tested
};

/// Finds the counts (`--counts`) and recognises the genes (`--gene-ids`, `--species`).
/// Errors: E-IO-013..019 (no usable counts), E-GENE-001, E-GENE-002, E-GENE-004, those of the reader.
[[nodiscard]] Result<CountsWithGenes> open_counts(DatasetReader& reader, const GeneMapper& mapper,
                                                  const std::string& counts, const std::string& gene_ids,
                                                  const std::string& species, JobContext& ctx);

/// Takes one tokenized cell: its tokens and how many there were before it was cut.
using CellSink = std::function<Result<>(std::span<const std::int32_t> tokens, std::uint32_t full_length)>;

/// What tokenizing one data file came to.
struct TokenizedDataset {
  Table cells;                    ///< kept columns of the cells that were handed to the sink, in their order
  std::int64_t num_cells_in = 0;  ///< in the file
  std::int64_t num_filtered = 0;  ///< left out by --filter and filter_pass
  std::int64_t num_empty = 0;     ///< left out because they have no gene of the vocabulary
  std::int64_t num_truncated = 0;
  GeneSurvival survival;
  Json report;  ///< counts, gene_ids and survival, for people and provenance
};

/// Tokenizes an open data file in one pass and constant memory: reading on this thread, encoding on the others.
/// `source` is what `open_counts` found there with the same options and mapper.
///
/// Source   behaviour spec 2; with `match_upstream` also 1.3 and reference/README, corrections 1 and 2.
/// Errors   E-CNT-001..004 (values that are no counts, with cell and gene), E-GENE-003 (under half of the counts
///          mapped), E-TOK-004..006 (filters), kCancelled, those of reader and sink.
/// Repeat   the number of threads does not matter.
[[nodiscard]] Result<TokenizedDataset> tokenize_dataset(DatasetReader& reader, const CountsWithGenes& source,
                                                        const GeneMapper& mapper, const Dictionary& dictionary,
                                                        const TokenizeOptions& options, const CellSink& sink,
                                                        JobContext& ctx);

/// The error with the name of the file in front, where its sentence lacks it.
[[nodiscard]] Error naming_file(const Error& error, const std::filesystem::path& file);

}  // namespace cw
