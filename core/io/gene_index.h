// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/base/job_context.h"
#include "core/base/mapped_file.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// Sums over the genes of each cell and over the cells of each gene: what quality control looks at.
struct CountSums {
  std::vector<float> totals;              ///< [cells] counts
  std::vector<std::uint32_t> detected;    ///< [cells] genes with a count above 0
  std::vector<float> mitochondrial;       ///< [cells] share of the counts, 0 to 1; 0 where the cell has no counts
  std::vector<double> gene_totals;        ///< [genes]
  std::vector<std::uint32_t> gene_cells;  ///< [genes] cells with a count above 0
};

/// A file with the counts of a matrix by gene, so that one gene of a million cells is read in milliseconds. Files of
/// data sets store them by cell.
///
/// Layout    blocks of cells (at most 65,536 cells or 8 million values), each sorted by gene: 16-bit cell numbers, then
///           16-bit counts where all are whole and small enough, else float32. A directory behind them says where each
///           gene begins in each block; then the sums. Little endian, mapped into memory for reading.
class GeneIndex {
 public:
  /// `source` is what the builder was given: another text means that the data are others.
  /// Errors: kNotFound; kParse E-IDX-001 (damaged, or of another version), E-IDX-002 (of other data); kIo.
  [[nodiscard]] static Result<std::shared_ptr<const GeneIndex>> open(const std::filesystem::path& path,
                                                                     const std::string& source);

  [[nodiscard]] std::int64_t num_cells() const noexcept { return num_cells_; }
  [[nodiscard]] std::int64_t num_genes() const noexcept { return num_genes_; }
  [[nodiscard]] const CountSums& sums() const noexcept { return sums_; }

  /// Counts of one gene in every cell. Thread safe. Errors: kInvalidArgument (no such gene), kParse E-IDX-001.
  [[nodiscard]] Result<std::vector<float>> counts(std::int64_t gene) const;

  /// Counts by cell again: the cells of block `number`, genes of a cell rising; an empty one behind the last. Up to
  /// 64 MB. Thread safe. Errors: kParse E-IDX-001.
  [[nodiscard]] Result<CellBlock> cells(std::size_t number) const;

 private:
  struct Block {
    std::int64_t first_cell = 0;
    std::int64_t num_cells = 0;
    const std::byte* cells = nullptr;   // u16 [stored]
    const std::byte* values = nullptr;  // u16 or f32 [stored]
    const std::byte* starts = nullptr;  // u32 [genes + 1]
    std::uint32_t stored = 0;
    bool whole = false;
  };

  explicit GeneIndex(MappedFile file) : file_(std::move(file)) {}
  [[nodiscard]] bool read_layout(const std::string& source, bool& other_source);

  MappedFile file_;
  std::int64_t num_cells_ = 0;
  std::int64_t num_genes_ = 0;
  std::vector<Block> blocks_;
  CountSums sums_;
};

/// Makes a GeneIndex in one pass over a matrix, step by step, so that others can read files in between.
///
/// Cost     one pass over the matrix; about 130 MB of memory whatever its size.
/// Cancel   stop calling `step`: without the last one nothing is left behind.
class GeneIndexBuilder {
 public:
  /// `where` as MatrixInfo::where; `mitochondrial` [genes]: 1 for mitochondrial genes. An existing file is replaced.
  /// Errors: those of the reader, kIo, kNoSpace.
  [[nodiscard]] static Result<std::unique_ptr<GeneIndexBuilder>> create(std::unique_ptr<DatasetReader> reader,
                                                                        const std::string& where,
                                                                        std::vector<std::uint8_t> mitochondrial,
                                                                        const std::filesystem::path& path,
                                                                        std::string source);

  /// Reads on for about `seconds`; true when the file is complete and in place. Errors: those of the reader, kIo,
  /// kNoSpace, kCancelled.
  [[nodiscard]] Result<bool> step(double seconds, const JobContext& context);
  /// Share of the cells read.
  [[nodiscard]] double fraction() const noexcept;

 private:
  struct BlockEntry {
    std::uint64_t offset = 0;
    std::uint64_t first_cell = 0;
    std::uint32_t num_cells = 0;
    std::uint32_t stored = 0;
    std::uint64_t whole = 0;
  };

  GeneIndexBuilder(std::unique_ptr<DatasetReader> reader, PendingOutput output)
      : reader_(std::move(reader)), output_(std::move(output)) {}
  void take(const CellBlock& block);
  Result<> write_block();
  Result<> finish();
  Result<> put(const void* bytes, std::size_t size);

  std::unique_ptr<DatasetReader> reader_;
  std::unique_ptr<CellBlockReader> matrix_;
  PendingOutput output_;
  std::ofstream file_;
  std::uint64_t position_ = 0;
  std::string source_;
  std::vector<std::uint8_t> mitochondrial_;
  std::int64_t num_cells_ = 0;
  CountSums sums_;
  CellBlock read_;
  // the block under construction, by cell
  std::int64_t first_cell_ = 0;
  std::vector<std::uint16_t> cells_;
  std::vector<std::uint32_t> genes_;
  std::vector<float> values_;
  std::vector<BlockEntry> entries_;
  std::vector<std::vector<std::uint32_t>> starts_;
};

}  // namespace cw
