// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/column_panels.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::size_t kBytesPerValue = sizeof(std::uint32_t) + sizeof(float);
constexpr std::size_t kBlockValues = std::size_t{1} << 21U;

class PanelReader : public CellBlockReader {
 public:
  PanelReader(std::unique_ptr<ColumnSource> source, std::size_t panel_bytes)
      : source_(std::move(source)), num_cells_(source_->num_cells()), panel_values_(panel_bytes / kBytesPerValue) {}

  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    block.clear(cell_);
    if (cell_ >= num_cells_) return {};
    CW_TRY(count_values());
    if (cell_ < panel_begin_ || cell_ >= panel_end_) CW_TRY(collect_panel());
    const std::int64_t limit = std::min(panel_end_, cell_ + std::max<std::int64_t>(1, max_cells));
    const std::int64_t first = cell_;
    for (; cell_ < limit; ++cell_) {
      const auto row = static_cast<std::size_t>(cell_ - panel_begin_);
      if (cell_ > first && block.genes.size() + (offsets_[row + 1] - offsets_[row]) > kBlockValues) break;
      const auto from = static_cast<std::ptrdiff_t>(offsets_[row]);
      const auto to = static_cast<std::ptrdiff_t>(offsets_[row + 1]);
      block.genes.insert(block.genes.end(), genes_.begin() + from, genes_.begin() + to);
      block.values.insert(block.values.end(), values_.begin() + from, values_.begin() + to);
      block.offsets.push_back(block.genes.size());
    }
    return {};
  }

  Result<> seek(std::int64_t cell) override {
    cell_ = std::clamp<std::int64_t>(cell, 0, num_cells_);
    return {};
  }

 private:
  Result<> count_values() {
    if (!counts_.empty()) return {};
    counts_.assign(static_cast<std::size_t>(num_cells_), 0);
    const auto result =
        source_->visit([&](std::uint32_t, std::span<const std::uint32_t> cells, std::span<const float> values) {
          for (std::size_t i = 0; i < cells.size(); ++i) counts_[cells[i]] += values[i] != 0.0F ? 1 : 0;
        });
    if (!result) counts_.clear();
    return result;
  }

  // Collects the panel that begins at the present cell.
  Result<> collect_panel() {
    panel_begin_ = panel_end_ = cell_;
    offsets_.assign(1, 0);
    while (panel_end_ < num_cells_) {
      const std::size_t total = offsets_.back() + counts_[static_cast<std::size_t>(panel_end_)];
      if (total > panel_values_ && panel_end_ > panel_begin_) break;
      offsets_.push_back(total);
      ++panel_end_;
    }
    genes_.resize(offsets_.back());
    values_.resize(offsets_.back());
    std::vector<std::size_t> cursor(offsets_.begin(), offsets_.end() - 1);
    const auto begin = static_cast<std::uint32_t>(panel_begin_);
    const auto size = static_cast<std::uint32_t>(panel_end_ - panel_begin_);
    const auto result =
        source_->visit([&](std::uint32_t gene, std::span<const std::uint32_t> cells, std::span<const float> values) {
          for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::uint32_t row = cells[i] - begin;  // wraps around for cells before the panel
            if (row >= size || values[i] == 0.0F) continue;
            const std::size_t at = cursor[row]++;
            genes_[at] = gene;
            values_[at] = values[i];
          }
        });
    if (!result) panel_end_ = panel_begin_;
    return result;
  }

  std::unique_ptr<ColumnSource> source_;
  std::int64_t num_cells_;
  std::size_t panel_values_;
  std::int64_t cell_ = 0;
  std::vector<std::uint32_t> counts_;  // values other than zero, per cell
  std::int64_t panel_begin_ = 0, panel_end_ = 0;
  std::vector<std::size_t> offsets_;
  std::vector<std::uint32_t> genes_;
  std::vector<float> values_;
};

}  // namespace

std::unique_ptr<CellBlockReader> read_by_panels(std::unique_ptr<ColumnSource> source, std::size_t panel_bytes) {
  return std::make_unique<PanelReader>(std::move(source), panel_bytes);
}

}  // namespace cw
