// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gene_index.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

namespace cw {
namespace {

static_assert(std::endian::native == std::endian::little, "the index is written as it lies in memory");

constexpr std::size_t kBlockCells = 65'536;
constexpr std::size_t kBlockValues = std::size_t{8} << 20U;
constexpr std::int64_t kCellsPerRead = 512;
constexpr std::uint64_t kMagic = 0x31305844'49475743;  // "CWGIDX01"

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t num_cells = 0;
  std::uint64_t num_genes = 0;
  std::uint64_t num_blocks = 0;
  std::uint64_t directory = 0;     // of block entries, then starts, then sums, then the source's text
  std::uint64_t source_bytes = 0;  // at the very end
  std::uint64_t file_bytes = 0;
};

struct EntryOnDisk {
  std::uint64_t offset, first_cell;
  std::uint32_t num_cells, stored;
  std::uint64_t whole;
};

std::uint64_t rounded_up(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

Error damaged(const std::filesystem::path& path) {
  return {ErrorCode::kParse, "E-IDX-001",
          path.string() + ": the index of genes is damaged or of another version; it is made anew"};
}

// A count that fits 16 bits without loss.
bool is_small_count(float value) { return value >= 0.0F && value <= 65'535.0F && value == std::floor(value); }

// Takes arrays one after the other out of a mapped file; `ok` is false once one did not fit.
struct Cut {
  std::span<const std::byte> bytes;
  std::uint64_t at = 0;
  bool ok = true;

  const std::byte* take(std::uint64_t size) {
    if (!ok || size > bytes.size() || at > bytes.size() - size) {
      ok = false;
      return nullptr;
    }
    const std::byte* here = bytes.data() + at;
    at += rounded_up(size);
    return here;
  }
  template <class T>
  void copy(std::vector<T>& out, std::uint64_t count) {
    if (count > bytes.size()) ok = false;
    const std::byte* here = take(count * sizeof(T));
    if (!here) return;
    out.resize(count);
    std::memcpy(out.data(), here, count * sizeof(T));
  }
};

template <class T>
T at(const std::byte* bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace

bool GeneIndex::read_layout(const std::string& source, bool& other_source) {
  Cut cut{file_.bytes()};
  Header header;
  const std::byte* head = cut.take(sizeof header);
  if (!head) return false;
  std::memcpy(&header, head, sizeof header);
  if (header.magic != kMagic || header.file_bytes != file_.bytes().size() || header.source_bytes > header.file_bytes ||
      header.num_blocks > header.file_bytes || header.num_genes > header.file_bytes ||
      header.num_cells > header.file_bytes) {
    return false;
  }
  const auto* text = reinterpret_cast<const char*>(file_.bytes().data() + header.file_bytes - header.source_bytes);
  other_source = std::string_view(text, header.source_bytes) != source;
  if (other_source) return true;
  num_cells_ = static_cast<std::int64_t>(header.num_cells);
  num_genes_ = static_cast<std::int64_t>(header.num_genes);
  cut.at = header.directory;
  std::uint64_t next_cell = 0;
  for (std::uint64_t i = 0; i < header.num_blocks; ++i) {
    const std::byte* bytes = cut.take(sizeof(EntryOnDisk));
    const std::byte* starts = cut.take((header.num_genes + 1) * sizeof(std::uint32_t));
    if (!bytes || !starts) return false;
    const auto entry = at<EntryOnDisk>(bytes, 0);
    Cut data{file_.bytes(), entry.offset};
    Block block;
    block.first_cell = static_cast<std::int64_t>(entry.first_cell);
    block.num_cells = entry.num_cells;
    block.stored = entry.stored;
    block.whole = entry.whole != 0;
    block.starts = starts;
    block.cells = data.take(std::uint64_t{entry.stored} * sizeof(std::uint16_t));
    block.values = data.take(std::uint64_t{entry.stored} * (block.whole ? sizeof(std::uint16_t) : sizeof(float)));
    if (!data.ok || entry.first_cell != next_cell || entry.num_cells > kBlockCells) return false;
    next_cell += entry.num_cells;
    blocks_.push_back(block);
  }
  cut.copy(sums_.totals, header.num_cells);
  cut.copy(sums_.detected, header.num_cells);
  cut.copy(sums_.mitochondrial, header.num_cells);
  cut.copy(sums_.gene_totals, header.num_genes);
  cut.copy(sums_.gene_cells, header.num_genes);
  return cut.ok && next_cell == header.num_cells;
}

Result<std::shared_ptr<const GeneIndex>> GeneIndex::open(const std::filesystem::path& path, const std::string& source) {
  CW_ASSIGN(MappedFile file, MappedFile::open(path));
  std::shared_ptr<GeneIndex> index(new GeneIndex(std::move(file)));
  bool other_source = false;
  if (!index->read_layout(source, other_source)) return damaged(path);
  if (other_source) {
    return Error{ErrorCode::kParse, "E-IDX-002",
                 path.string() + ": the index of genes belongs to other data; it is made anew"};
  }
  return std::shared_ptr<const GeneIndex>(std::move(index));
}

Result<std::vector<float>> GeneIndex::counts(std::int64_t gene) const {
  if (gene < 0 || gene >= num_genes_) {
    return Error{ErrorCode::kInvalidArgument, "E-IDX-003",
                 "the index has no gene number " + std::to_string(gene) + "; it has " + std::to_string(num_genes_)};
  }
  std::vector<float> counts(static_cast<std::size_t>(num_cells_), 0.0F);
  const auto row = static_cast<std::size_t>(gene);
  for (const Block& block : blocks_) {
    const auto begin = at<std::uint32_t>(block.starts, row);
    const auto end = at<std::uint32_t>(block.starts, row + 1);
    if (begin > end || end > block.stored) return damaged("counts by gene");
    for (std::size_t i = begin; i < end; ++i) {
      const auto cell = at<std::uint16_t>(block.cells, i);
      if (cell >= block.num_cells) return damaged("counts by gene");
      // a gene may be stored twice in a cell: such values add up
      counts[static_cast<std::size_t>(block.first_cell) + cell] +=
          block.whole ? static_cast<float>(at<std::uint16_t>(block.values, i)) : at<float>(block.values, i);
    }
  }
  return counts;
}

Result<CellBlock> GeneIndex::cells(std::size_t number) const {
  CellBlock cells;
  cells.clear(num_cells_);
  if (number >= blocks_.size()) return cells;
  const Block& block = blocks_[number];
  cells.clear(block.first_cell);
  cells.offsets.assign(static_cast<std::size_t>(block.num_cells) + 1, 0);
  for (std::size_t i = 0; i < block.stored; ++i) {
    const auto cell = at<std::uint16_t>(block.cells, i);
    if (cell >= block.num_cells) return damaged("counts by gene");
    ++cells.offsets[std::size_t{cell} + 1];
  }
  for (std::size_t i = 1; i < cells.offsets.size(); ++i) cells.offsets[i] += cells.offsets[i - 1];
  std::vector<std::uint64_t> next(cells.offsets.begin(), cells.offsets.end() - 1);
  cells.genes.resize(block.stored);
  cells.values.resize(block.stored);
  for (std::size_t gene = 0; gene < static_cast<std::size_t>(num_genes_); ++gene) {
    const auto begin = at<std::uint32_t>(block.starts, gene);
    const auto end = at<std::uint32_t>(block.starts, gene + 1);
    if (begin > end || end > block.stored) return damaged("counts by gene");
    for (std::size_t i = begin; i < end; ++i) {
      const auto place = next[at<std::uint16_t>(block.cells, i)]++;
      if (place >= block.stored) return damaged("counts by gene");
      cells.genes[place] = static_cast<std::uint32_t>(gene);
      cells.values[place] =
          block.whole ? static_cast<float>(at<std::uint16_t>(block.values, i)) : at<float>(block.values, i);
    }
  }
  return cells;
}

Result<std::unique_ptr<GeneIndexBuilder>> GeneIndexBuilder::create(std::unique_ptr<DatasetReader> reader,
                                                                   const std::string& where,
                                                                   std::vector<std::uint8_t> mitochondrial,
                                                                   const std::filesystem::path& path,
                                                                   std::string source) {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, true));
  std::unique_ptr<GeneIndexBuilder> builder(new GeneIndexBuilder(std::move(reader), std::move(output)));
  CW_ASSIGN(builder->matrix_, builder->reader_->open_matrix(where));
  builder->num_cells_ = builder->reader_->info().num_cells;
  builder->source_ = std::move(source);
  builder->sums_.gene_totals.assign(mitochondrial.size(), 0.0);
  builder->sums_.gene_cells.assign(mitochondrial.size(), 0);
  builder->mitochondrial_ = std::move(mitochondrial);
  builder->file_.open(builder->output_.path(), std::ios::binary);
  const Header empty;
  CW_TRY(builder->put(&empty, sizeof empty));
  return builder;
}

double GeneIndexBuilder::fraction() const noexcept {
  return num_cells_ == 0 ? 1.0 : static_cast<double>(sums_.totals.size()) / static_cast<double>(num_cells_);
}

Result<> GeneIndexBuilder::put(const void* bytes, std::size_t size) {
  static constexpr char kZeros[8] = {};
  file_.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  file_.write(kZeros, static_cast<std::streamsize>(rounded_up(size) - size));
  position_ += rounded_up(size);
  if (file_) return {};
  return Error{ErrorCode::kNoSpace, "E-IDX-004",
               output_.target().string() + ": the index of genes cannot be written; check the free space"};
}

Result<bool> GeneIndexBuilder::step(double seconds, const JobContext& context) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    if (context.cancelled()) return cancelled_error("indexing the genes");
    CW_TRY(matrix_->next(read_, kCellsPerRead));
    if (read_.num_cells() == 0) {
      CW_TRY(finish());
      return true;
    }
    const auto waiting = sums_.totals.size() - static_cast<std::size_t>(first_cell_);
    if (waiting + static_cast<std::size_t>(read_.num_cells()) > kBlockCells ||
        values_.size() + read_.values.size() > kBlockValues) {
      CW_TRY(write_block());
    }
    take(read_);
  } while (Clock::now() < end);
  return false;
}

void GeneIndexBuilder::take(const CellBlock& block) {
  for (std::int64_t row = 0; row < block.num_cells(); ++row) {
    const auto genes = block.genes_of(row);
    const auto values = block.values_of(row);
    const auto cell = static_cast<std::uint16_t>(sums_.totals.size() - static_cast<std::size_t>(first_cell_));
    double total = 0.0;
    double mitochondrial = 0.0;
    std::uint32_t detected = 0;
    for (std::size_t i = 0; i < genes.size(); ++i) {
      if (genes[i] >= mitochondrial_.size()) continue;
      const double value = values[i];
      total += value;
      if (mitochondrial_[genes[i]] != 0) mitochondrial += value;
      sums_.gene_totals[genes[i]] += value;
      if (value > 0.0) {
        ++detected;
        ++sums_.gene_cells[genes[i]];
      }
      cells_.push_back(cell);
      genes_.push_back(genes[i]);
      values_.push_back(values[i]);
    }
    sums_.totals.push_back(static_cast<float>(total));
    sums_.detected.push_back(detected);
    sums_.mitochondrial.push_back(total > 0.0 ? static_cast<float>(mitochondrial / total) : 0.0F);
  }
}

Result<> GeneIndexBuilder::write_block() {
  const std::size_t stored = values_.size();
  BlockEntry entry;
  entry.offset = position_;
  entry.first_cell = static_cast<std::uint64_t>(first_cell_);
  entry.num_cells = static_cast<std::uint32_t>(sums_.totals.size() - static_cast<std::size_t>(first_cell_));
  entry.stored = static_cast<std::uint32_t>(stored);
  entry.whole = std::all_of(values_.begin(), values_.end(), is_small_count) ? 1 : 0;
  // counting sort by gene keeps the cells of a gene in order
  std::vector<std::uint32_t> starts(mitochondrial_.size() + 1, 0);
  for (const auto gene : genes_) ++starts[gene + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  std::vector<std::uint16_t> cells(stored);
  std::vector<std::uint16_t> small(entry.whole != 0 ? stored : 0);
  std::vector<float> large(entry.whole != 0 ? 0 : stored);
  for (std::size_t i = 0; i < stored; ++i) {
    const auto place = next[genes_[i]]++;
    cells[place] = cells_[i];
    if (entry.whole != 0) {
      small[place] = static_cast<std::uint16_t>(values_[i]);
    } else {
      large[place] = values_[i];
    }
  }
  CW_TRY(put(cells.data(), cells.size() * sizeof(std::uint16_t)));
  CW_TRY(entry.whole != 0 ? put(small.data(), small.size() * sizeof(std::uint16_t))
                          : put(large.data(), large.size() * sizeof(float)));
  entries_.push_back(entry);
  starts_.push_back(std::move(starts));
  first_cell_ = static_cast<std::int64_t>(sums_.totals.size());
  cells_.clear();
  genes_.clear();
  values_.clear();
  return {};
}

Result<> GeneIndexBuilder::finish() {
  if (first_cell_ < static_cast<std::int64_t>(sums_.totals.size())) CW_TRY(write_block());
  Header header;
  header.num_cells = sums_.totals.size();
  header.num_genes = mitochondrial_.size();
  header.num_blocks = entries_.size();
  header.directory = position_;
  header.source_bytes = source_.size();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    static_assert(sizeof(BlockEntry) == sizeof(EntryOnDisk));
    CW_TRY(put(&entries_[i], sizeof(BlockEntry)));
    CW_TRY(put(starts_[i].data(), starts_[i].size() * sizeof(std::uint32_t)));
  }
  const auto put_all = [this](const auto& values) { return put(values.data(), values.size() * sizeof(values[0])); };
  CW_TRY(put_all(sums_.totals));
  CW_TRY(put_all(sums_.detected));
  CW_TRY(put_all(sums_.mitochondrial));
  CW_TRY(put_all(sums_.gene_totals));
  CW_TRY(put_all(sums_.gene_cells));
  file_.write(source_.data(), static_cast<std::streamsize>(source_.size()));
  header.file_bytes = position_ + source_.size();
  position_ = 0;
  file_.seekp(0);
  CW_TRY(put(&header, sizeof header));
  file_.close();
  return output_.commit();
}

}  // namespace cw
