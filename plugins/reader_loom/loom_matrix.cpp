// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_loom/loom_matrix.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

constexpr std::uint64_t kPanelValues = 16'000'000;

std::uint64_t panel_width(const sdk::Hdf5Array& matrix) {
  const std::uint64_t genes = std::max<std::uint64_t>(matrix.shape()[0], 1);
  const std::uint64_t affordable = std::max<std::uint64_t>(kPanelValues / genes, 1);
  const std::uint64_t chunk = matrix.chunk().empty() ? 1 : matrix.chunk()[1];
  // whole chunks, so that none is decompressed twice; chunks wider than affordable are cut (and then decompressed
  // again)
  if (chunk <= affordable) return affordable / chunk * chunk;
  return affordable;
}

}  // namespace

LoomMatrixReader::LoomMatrixReader(sdk::Hdf5Array matrix)
    : matrix_(std::move(matrix)),
      num_genes_(matrix_.shape()[0]),
      num_cells_(matrix_.shape()[1]),
      panel_width_(panel_width(matrix_)) {}

Result<> LoomMatrixReader::load_panel() {
  const std::uint64_t width = std::min(panel_width_, num_cells_ - next_cell_);
  values_.resize(num_genes_ * width);
  CW_TRY(matrix_.read(std::array{std::uint64_t{0}, next_cell_}, std::array{num_genes_, width}, values_.data()));
  panel_.clear(static_cast<std::int64_t>(next_cell_));
  cursors_.assign(width, 0);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (values_[i] != 0) ++cursors_[i % width];
  }
  std::uint64_t stored = 0;
  for (auto& cursor : cursors_) {
    const std::uint64_t count = cursor;
    cursor = stored;
    stored += count;
    panel_.offsets.push_back(stored);
  }
  panel_.genes.resize(stored);
  panel_.values.resize(stored);
  for (std::uint64_t gene = 0; gene < num_genes_; ++gene) {
    const float* row = values_.data() + gene * width;
    for (std::uint64_t cell = 0; cell < width; ++cell) {
      if (row[cell] == 0) continue;
      const std::uint64_t place = cursors_[cell]++;
      panel_.genes[place] = static_cast<std::uint32_t>(gene);
      panel_.values[place] = row[cell];
    }
  }
  return {};
}

Result<> LoomMatrixReader::next(CellBlock& block, std::int64_t max_cells) {
  block.clear(static_cast<std::int64_t>(next_cell_));
  if (next_cell_ >= num_cells_ || max_cells <= 0) return {};
  const auto panel_first = static_cast<std::uint64_t>(panel_.first_cell);
  const auto panel_end = panel_first + static_cast<std::uint64_t>(panel_.num_cells());
  if (next_cell_ < panel_first || next_cell_ >= panel_end) CW_TRY(load_panel());
  const std::int64_t row = static_cast<std::int64_t>(next_cell_) - panel_.first_cell;
  const std::int64_t count = std::min(max_cells, panel_.num_cells() - row);
  for (std::int64_t i = row; i < row + count; ++i) {
    const auto genes = panel_.genes_of(i);
    const auto values = panel_.values_of(i);
    block.genes.insert(block.genes.end(), genes.begin(), genes.end());
    block.values.insert(block.values.end(), values.begin(), values.end());
    block.offsets.push_back(block.genes.size());
  }
  next_cell_ += static_cast<std::uint64_t>(count);
  return {};
}

Result<> LoomMatrixReader::seek(std::int64_t cell) {
  next_cell_ = static_cast<std::uint64_t>(std::clamp<std::int64_t>(cell, 0, static_cast<std::int64_t>(num_cells_)));
  return {};
}

}  // namespace cw
