// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_cells_writer.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace cw {
namespace {

constexpr std::int64_t kCellsPerRead = 512;
constexpr std::int64_t kChunk = std::int64_t{1} << 17U;  // values stored together
constexpr H5Storage kFast{1};                            // level 4 takes thrice as long for a tenth less space

std::int64_t kept_cells(const CellsSource& source) {
  if (source.keep.empty()) return source.reader->info().num_cells;
  return std::count(source.keep.begin(), source.keep.end(), std::uint8_t{1});
}

}  // namespace

Result<std::unique_ptr<H5adCellsWriter>> H5adCellsWriter::create(const std::filesystem::path& path,
                                                                 const H5adContent& content,
                                                                 std::vector<CellsSource> sources, bool overwrite,
                                                                 JobContext& ctx) {
  std::int64_t kept = 0;
  for (const auto& source : sources) kept += kept_cells(source);
  if (kept != content.cells.num_rows()) {
    return Error{ErrorCode::kShape, "E-H5-014",
                 path.string() + ": the table names " + std::to_string(content.cells.num_rows()) + " cells, but " +
                     std::to_string(kept) + " would be written"};
  }
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, overwrite));
  std::unique_ptr<H5adCellsWriter> writer(new H5adCellsWriter(std::move(output)));
  CW_TRY(write_h5ad(writer->output_.path(), content, true, ctx));
  writer->num_cells_ = kept;
  writer->num_genes_ = content.genes.num_rows();
  for (const auto& source : sources) writer->cells_to_read_ += source.reader->info().num_cells;
  writer->sources_ = std::move(sources);
  CW_ASSIGN(writer->root_, H5Node::update_file(writer->output_.path()));
  CW_ASSIGN(writer->group_, writer->root_->create_group("X"));
  CW_TRY(writer->group_->set_encoding("csr_matrix", "0.1.0"));
  const std::int64_t shape[] = {writer->num_cells_, writer->num_genes_};
  CW_TRY(writer->group_->set_integers("shape", shape));
  CW_ASSIGN(writer->values_, H5Appender::create(*writer->group_, "data", ScalarKind::kFloat32, {}, kChunk, kFast));
  CW_ASSIGN(writer->columns_, H5Appender::create(*writer->group_, "indices", ScalarKind::kInt64, {}, kChunk, kFast));
  return writer;
}

double H5adCellsWriter::fraction() const noexcept {
  return cells_to_read_ == 0 ? 1.0 : static_cast<double>(cells_read_) / static_cast<double>(cells_to_read_);
}

Result<bool> H5adCellsWriter::step(double seconds, const JobContext& ctx) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    if (ctx.cancelled()) return cancelled_error("writing the cells");
    if (source_ == sources_.size()) {
      CW_TRY(finish());
      return true;
    }
    if (!matrix_) {
      CW_ASSIGN(matrix_, sources_[source_].reader->open_matrix(sources_[source_].where));
    }
    CW_TRY(matrix_->next(block_, kCellsPerRead));
    if (block_.num_cells() == 0) {
      matrix_.reset();
      sources_[source_].reader.reset();
      ++source_;
      continue;
    }
    CW_TRY(take());
  } while (Clock::now() < end);
  return false;
}

Result<> H5adCellsWriter::take() {
  const CellsSource& source = sources_[source_];
  new_columns_.clear();
  new_values_.clear();
  for (std::int64_t row = 0; row < block_.num_cells(); ++row) {
    const auto cell = static_cast<std::size_t>(block_.first_cell + row);
    if (source.keep.empty() || source.keep[cell] != 0) add_row(source, row);
  }
  cells_read_ += block_.num_cells();
  CW_TRY(values_->append(new_values_.data(), static_cast<std::int64_t>(new_values_.size())));
  return columns_->append(new_columns_.data(), static_cast<std::int64_t>(new_columns_.size()));
}

void H5adCellsWriter::add_row(const CellsSource& source, std::int64_t row) {
  const auto genes = block_.genes_of(row);
  const auto values = block_.values_of(row);
  row_.clear();
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const std::int64_t gene = source.gene_from.empty() ? std::int64_t{genes[i]} : source.gene_from[genes[i]];
    if (gene >= 0) row_.emplace_back(gene, values[i]);
  }
  std::sort(row_.begin(), row_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t first = new_columns_.size();
  for (const auto& [gene, value] : row_) {
    if (new_columns_.size() > first && new_columns_.back() == gene) {
      new_values_.back() += value;
      continue;
    }
    new_columns_.push_back(gene);
    new_values_.push_back(value);
  }
  offsets_.push_back(offsets_.back() + static_cast<std::int64_t>(new_columns_.size() - first));
}

Result<> H5adCellsWriter::finish() {
  CW_TRY(write_numbers(*group_, "indptr", offsets_, kFast));
  CW_TRY(root_->flush());
  values_.reset();
  columns_.reset();
  group_.reset();
  root_.reset();
  return output_.commit();
}

}  // namespace cw
