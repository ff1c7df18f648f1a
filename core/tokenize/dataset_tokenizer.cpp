// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/dataset_tokenizer.h"

#include "core/base/parallel.h"
#include "core/data/repeated_names.h"
#include "core/io/counts.h"
#include "core/tokenize/cell_columns.h"
#include "core/tokenize/cell_selection.h"
#include "core/tokenize/count_block.h"
#include "core/tokenize/rank_value_encoder.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kCellsPerPiece = 16;
constexpr double kHopelessShare = 0.4;  // of the tested cells: refused before the whole file is read

/// Which arithmetic the published code uses for such a file (reference/README, correction 1).
ScoreArithmetic published_arithmetic(const MatrixInfo& matrix, std::string_view totals_dtype) {
  const bool sparse = matrix.encoding != "dense";
  const bool narrow = matrix.dtype == "float32" && totals_dtype == "float32";
  if (sparse) return narrow ? ScoreArithmetic::kReciprocalFloat32 : ScoreArithmetic::kReciprocal;
  return narrow ? ScoreArithmetic::kDivideFloat32 : ScoreArithmetic::kDivide;
}

/// One pass over a file's counts.
class Pass {
 public:
  Pass(DatasetReader& reader, const CountsWithGenes& source, const RankValueEncoder& encoder,
       const TokenizeOptions& options, const CellSink& sink)
      : reader_(reader), source_(source), encoder_(encoder), options_(options), sink_(sink) {
    const int threads = effective_threads(options.num_threads);
    scratch_.resize(static_cast<std::size_t>(threads));
    gene_counts_.assign(static_cast<std::size_t>(threads), std::vector<double>(source.mapping.match.size(), 0.0));
  }

  std::vector<std::uint8_t> keep;  ///< [cells of the file]
  std::vector<double> totals;      ///< [cells of the file] from the column n_counts, or empty
  std::vector<std::int64_t> rows;  ///< of the cells handed on
  std::int64_t num_empty = 0;
  std::int64_t num_truncated = 0;
  std::int64_t totals_differ = 0;
  std::int64_t totals_unusable = 0;

  Result<> encode(const CellBlock& block) {
    const auto cells = static_cast<std::size_t>(block.num_cells());
    lengths_.assign(cells, {});
    tokens_.resize(block.genes.size() + 2 * cells);
    std::atomic<std::int64_t> first_bad{INT64_MAX};
    std::atomic<std::int64_t> differ{0};
    std::atomic<std::int64_t> unusable{0};
    parallel_for(0, block.num_cells(), kCellsPerPiece, options_.num_threads,
                 [&](std::int64_t begin, std::int64_t end, int worker) {
                   for (std::int64_t row = begin; row < end; ++row) {
                     const auto problem = encode_cell(block, row, static_cast<std::size_t>(worker));
                     if (problem == Problem::kNoCounts) {
                       auto seen = first_bad.load();
                       while (row < seen && !first_bad.compare_exchange_weak(seen, row)) {
                       }
                     }
                     if (problem == Problem::kTotalDiffers) ++differ;
                     if (problem == Problem::kTotalUnusable) ++unusable;
                   }
                 });
    totals_differ += differ;
    totals_unusable += unusable;
    if (const auto bad = first_bad.load(); bad != INT64_MAX) {
      return bad_count(reader_.info(), source_.where, block.first_cell + bad, block.genes_of(bad), block.values_of(bad),
                       [&](std::uint32_t gene) { return source_.names[gene]; });
    }
    return hand_on(block);
  }

  [[nodiscard]] std::string file() const { return reader_.info().path.string(); }

  [[nodiscard]] std::vector<double> gene_counts() const {
    std::vector<double> sum(source_.mapping.match.size(), 0.0);
    for (const auto& part : gene_counts_) {
      for (std::size_t gene = 0; gene < sum.size(); ++gene) sum[gene] += part[gene];
    }
    return sum;
  }

 private:
  enum class Problem { kNone, kNoCounts, kTotalDiffers, kTotalUnusable };

  Problem encode_cell(const CellBlock& block, std::int64_t row, std::size_t worker) {
    const auto cell = static_cast<std::size_t>(block.first_cell + row);
    if (cell >= keep.size() || keep[cell] == 0) return Problem::kNone;
    const auto genes = block.genes_of(row);
    const auto values = block.values_of(row);
    const auto check = check_counts(values);
    if (!check.valid || (!check.integer && !options_.force)) return Problem::kNoCounts;
    auto& counts = gene_counts_[worker];
    for (std::size_t i = 0; i < genes.size(); ++i) counts[genes[i]] += static_cast<double>(values[i]);
    if (check.sum == 0.0) return Problem::kNone;
    Problem problem = Problem::kNone;
    double total = check.sum;
    if (!totals.empty()) {
      const double given = totals[cell];
      if (given > 0.0 && std::isfinite(given)) {
        total = given;
        constexpr double kRounding = 1e-5;  // of totals that were summed in float32
        if (std::abs(given - check.sum) > 0.5 + kRounding * check.sum) problem = Problem::kTotalDiffers;
      } else {
        problem = Problem::kTotalUnusable;
      }
    }
    const auto i = static_cast<std::size_t>(row);
    lengths_[i] = encoder_.encode(genes, values, total, scratch_[worker], tokens_.data() + block.offsets[i] + 2 * i);
    return problem;
  }

  Result<> hand_on(const CellBlock& block) {
    for (std::size_t i = 0; i < lengths_.size(); ++i) {
      const auto cell = static_cast<std::size_t>(block.first_cell) + i;
      if (cell >= keep.size() || keep[cell] == 0) continue;
      if (lengths_[i].kept == 0) {
        ++num_empty;
        continue;
      }
      if (lengths_[i].full > lengths_[i].kept) ++num_truncated;
      rows.push_back(static_cast<std::int64_t>(cell));
      const std::int32_t* begin = tokens_.data() + block.offsets[i] + 2 * i;
      CW_TRY(sink_({begin, lengths_[i].kept}, lengths_[i].full));
    }
    return {};
  }

  DatasetReader& reader_;
  const CountsWithGenes& source_;
  const RankValueEncoder& encoder_;
  const TokenizeOptions& options_;
  const CellSink& sink_;
  std::vector<RankValueEncoder::Scratch> scratch_;
  std::vector<std::vector<double>> gene_counts_;
  std::vector<RankValueEncoder::Length> lengths_;
  std::vector<std::int32_t> tokens_;
};

void warn_of(const Pass& pass, const CountsWithGenes& source, const TokenizedDataset& result, bool sums_repeated,
             JobContext& ctx) {
  if (pass.totals_differ > 0) {
    ctx.warn("W-CNT-001", "in " + std::to_string(pass.totals_differ) +
                              " cells the column n_counts differs from the sum of the counts; the column is used, as "
                              "the published tokenizer does, and the order of genes hardly depends on it");
  }
  if (pass.totals_unusable > 0) {
    ctx.warn("W-CNT-002", "in " + std::to_string(pass.totals_unusable) +
                              " cells the column n_counts is no number above zero; the sum of the counts is used");
  }
  if (result.num_empty > 0) {
    ctx.warn("W-TOK-001", std::to_string(result.num_empty) + " cells have no gene of the vocabulary and are left out");
  }
  if (!source.mapping.damaged_names.empty()) {
    std::string names;
    for (const auto& name : source.mapping.damaged_names) names += (names.empty() ? "" : ", ") + name;
    ctx.warn("W-GENE-001",
             "gene names that a spreadsheet turned into dates and that may mean several genes are left "
             "out: " +
                 names);
  }
  const std::string file = pass.file() + ": ";
  if (const auto text = repeated_genes_text(source.mapping, sums_repeated); !text.empty()) {
    ctx.warn("W-GENE-005", file + text);
  }
  if (const auto text = shared_cell_names_text(result.cells.index); !text.empty()) {
    ctx.warn("W-TOK-004", file + text);
  }
  if (result.survival.mapped_share < 0.5) {
    ctx.warn("W-GENE-002", "under half of the counts belong to genes that we recognise; going on as asked");
  }
}

}  // namespace

Result<CountsWithGenes> open_counts(DatasetReader& reader, const GeneMapper& mapper, const std::string& counts,
                                    const std::string& gene_ids, const std::string& species, JobContext& ctx) {
  CountsWithGenes source;
  auto quiet = ctx.slice(0.0, 0.0);
  CW_ASSIGN(const auto findings, find_counts(reader, quiet));
  CW_ASSIGN(source.where, choose_counts(reader.info(), findings, counts));
  for (const auto& matrix : reader.info().matrices) {
    if (matrix.where == source.where) source.matrix = matrix;
  }
  CW_ASSIGN(source.genes, reader.genes(source.where));
  source.sampled_gene_counts = findings.find(source.where)->gene_sums;
  CW_ASSIGN(source.mapping, mapper.map(source.genes, gene_ids, species, source.sampled_gene_counts));
  source.names = gene_names_at(source.genes, source.mapping.where);
  return source;
}

Result<TokenizedDataset> tokenize_dataset(DatasetReader& reader, const CountsWithGenes& source,
                                          const GeneMapper& mapper, const Dictionary& dictionary,
                                          const TokenizeOptions& options, const CellSink& sink, JobContext& ctx) {
  RankOptions rank{.max_length = options.max_length};
  std::vector<std::int32_t> token_of_gene;
  if (options.match_upstream) {
    auto published = published_tokens_of_genes(source.names, dictionary);
    token_of_gene = std::move(published.token_of_gene);
    rank.sum_repeated = published.sum_repeated;
  } else {
    token_of_gene = tokens_of_genes(source.mapping, dictionary);
  }
  const auto survival_of = [&](std::span<const double> gene_counts) {
    return gene_survival(source.mapping, source.names, token_of_gene, gene_counts, mapper.genes());
  };
  if (const auto early = survival_of(source.sampled_gene_counts);
      early.counts > 0.0 && early.mapped_share < kHopelessShare) {
    CW_TRY(require_mapped_half(source.mapping, early, options.force));
  }

  CW_ASSIGN(auto keep, select_cells(reader, options.filter, options.cell_filter));
  CW_ASSIGN(auto totals, read_totals(reader));
  if (options.match_upstream) rank.arithmetic = published_arithmetic(source.matrix, totals.dtype);
  const RankValueEncoder encoder(dictionary, token_of_gene, rank);
  Pass pass(reader, source, encoder, options, sink);
  pass.keep = std::move(keep);
  pass.totals = std::move(totals.values);
  CW_ASSIGN(const auto matrix, reader.open_matrix(source.where));
  CW_TRY(for_each_block(*matrix, reader.info().num_cells, "Tokenizing cells", ctx,
                        [&](const CellBlock& block) { return pass.encode(block); }));

  TokenizedDataset result;
  result.num_cells_in = reader.info().num_cells;
  result.num_filtered = std::count(pass.keep.begin(), pass.keep.end(), 0);
  result.num_empty = pass.num_empty;
  result.num_truncated = pass.num_truncated;
  result.survival = survival_of(pass.gene_counts());
  CW_TRY(require_mapped_half(source.mapping, result.survival, options.force));
  CW_ASSIGN(result.cells, read_kept_columns(reader, options.keep, options.keep_all, pass.rows));
  result.report = {{"counts", source.where},
                   {"gene_ids", to_json(source.mapping)},
                   {"genes", to_json(result.survival)},
                   {"cells_in", result.num_cells_in},
                   {"cells_filtered_out", result.num_filtered},
                   {"cells_without_genes", result.num_empty},
                   {"cells_truncated", result.num_truncated},
                   {"cells", static_cast<std::int64_t>(pass.rows.size())}};
  warn_of(pass, source, result, rank.sum_repeated, ctx);
  return result;
}

Error naming_file(const Error& error, const std::filesystem::path& file) {
  const bool named = error.code == ErrorCode::kCancelled || error.message.find(file.string()) != std::string::npos;
  return named ? error : error.in(file.string());
}

}  // namespace cw
