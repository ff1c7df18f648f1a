// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/column_panels.h"

#include "core/data/scratch_file.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace cw {
namespace {

constexpr std::size_t kBytesPerValue = sizeof(std::uint32_t) + sizeof(float);
constexpr std::size_t kBlockValues = std::size_t{1} << 21U;
constexpr std::int64_t kFirstCells = 4096;  // up to so many are looked for without counting all values first

/// A value on its way to its panel.
struct Entry {
  std::uint32_t cell = 0;
  std::uint32_t gene = 0;
  float value = 0;
};

constexpr std::size_t kMostWaiting = (std::size_t{64} << 20U) / sizeof(Entry);  // over all panels
constexpr std::size_t kEntriesAtOnce = std::size_t{1} << 16U;

/// Consecutive cells, by rows.
class Panel {
 public:
  [[nodiscard]] bool holds(std::int64_t cell) const { return cell >= begin_ && cell < end(); }
  [[nodiscard]] std::int64_t end() const { return begin_ + static_cast<std::int64_t>(offsets_.size()) - 1; }

  /// Makes room for the cells from `begin` on, of which each has so many values.
  void prepare(std::int64_t begin, std::span<const std::uint32_t> counts) {
    begin_ = begin;
    offsets_.assign(1, 0);
    for (const std::uint32_t count : counts) offsets_.push_back(offsets_.back() + count);
    cursor_.assign(offsets_.begin(), offsets_.end() - 1);
    genes_.resize(offsets_.back());
    values_.resize(offsets_.back());
  }

  void add(const Entry& entry) {
    const std::size_t at = cursor_[entry.cell - static_cast<std::size_t>(begin_)]++;
    genes_[at] = entry.gene;
    values_[at] = entry.value;
  }

  void copy_cell(std::int64_t cell, CellBlock& block) const {
    const auto row = static_cast<std::size_t>(cell - begin_);
    const auto from = static_cast<std::ptrdiff_t>(offsets_[row]);
    const auto to = static_cast<std::ptrdiff_t>(offsets_[row + 1]);
    block.genes.insert(block.genes.end(), genes_.begin() + from, genes_.begin() + to);
    block.values.insert(block.values.end(), values_.begin() + from, values_.begin() + to);
    block.offsets.push_back(block.genes.size());
  }
  [[nodiscard]] std::size_t num_values(std::int64_t cell) const {
    const auto row = static_cast<std::size_t>(cell - begin_);
    return offsets_[row + 1] - offsets_[row];
  }

 private:
  std::int64_t begin_ = 0;
  std::vector<std::size_t> offsets_{0};
  std::vector<std::size_t> cursor_;
  std::vector<std::uint32_t> genes_;
  std::vector<float> values_;
};

/// Which cells make a panel, and where its values lie in the scratch file.
struct Place {
  std::int64_t begin = 0, end = 0;
  std::uint64_t first_value = 0, num_values = 0;
  std::uint64_t written = 0;
  std::vector<Entry> waiting;
};

class PanelReader : public CellBlockReader {
 public:
  PanelReader(std::unique_ptr<ColumnSource> source, std::size_t panel_bytes)
      : source_(std::move(source)), num_cells_(source_->num_cells()), panel_values_(panel_bytes / kBytesPerValue) {}

  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    block.clear(cell_);
    if (cell_ >= num_cells_) return {};
    max_cells = std::max<std::int64_t>(1, max_cells);
    if (!panel_.holds(cell_)) CW_TRY(load_panel(max_cells));
    const std::int64_t first = cell_;
    for (const std::int64_t limit = std::min(panel_.end(), cell_ + max_cells); cell_ < limit; ++cell_) {
      if (cell_ > first && block.genes.size() + panel_.num_values(cell_) > kBlockValues) break;
      panel_.copy_cell(cell_, block);
    }
    return {};
  }

  Result<> seek(std::int64_t cell) override {
    cell_ = std::clamp<std::int64_t>(cell, 0, num_cells_);
    return {};
  }

 private:
  Result<> load_panel(std::int64_t max_cells) {
    if (places_.empty() && cell_ == 0 && max_cells <= kFirstCells) {
      CW_ASSIGN(const bool collected, collect_first(std::min(max_cells, num_cells_)));
      if (collected) return {};
    }
    if (places_.empty()) {
      CW_TRY(count_values());
      divide();
    }
    return places_.size() == 1 ? collect_all() : collect_from_scratch();
  }

  // False: the values of so many cells do not fit into a panel.
  Result<bool> collect_first(std::int64_t count) {
    std::vector<Entry> entries;
    std::vector<std::uint32_t> counts(static_cast<std::size_t>(count), 0);
    const std::size_t most = panel_values_ / 2;  // they are twice in memory for a moment
    CW_TRY(source_->visit_first(
        count, [&](std::uint32_t gene, std::span<const std::uint32_t> cells, std::span<const float> values) {
          for (std::size_t i = 0; i < cells.size() && entries.size() <= most; ++i) {
            if (static_cast<std::int64_t>(cells[i]) >= count || values[i] == 0.0F) continue;
            entries.push_back({cells[i], gene, values[i]});
            ++counts[cells[i]];
          }
        }));
    if (entries.size() > most) return false;
    panel_.prepare(0, counts);
    for (const Entry& entry : entries) panel_.add(entry);
    return true;
  }

  Result<> count_values() {
    counts_.assign(static_cast<std::size_t>(num_cells_), 0);
    return source_->visit([&](std::uint32_t, std::span<const std::uint32_t> cells, std::span<const float> values) {
      for (std::size_t i = 0; i < cells.size(); ++i) counts_[cells[i]] += values[i] != 0.0F ? 1 : 0;
    });
  }

  // Divides the cells into panels.
  void divide() {
    places_.emplace_back();
    for (std::int64_t cell = 0; cell < num_cells_; ++cell) {
      const std::uint64_t count = counts_[static_cast<std::size_t>(cell)];
      if (places_.back().num_values + count > panel_values_ && places_.back().end > places_.back().begin) {
        const Place& last = places_.back();
        Place place;
        place.begin = place.end = cell;
        place.first_value = last.first_value + last.num_values;
        places_.push_back(std::move(place));
      }
      places_.back().num_values += count;
      places_.back().end = cell + 1;
    }
  }

  void prepare(const Place& place) {
    panel_.prepare(place.begin, std::span(counts_).subspan(static_cast<std::size_t>(place.begin),
                                                           static_cast<std::size_t>(place.end - place.begin)));
  }

  Result<> collect_all() {
    prepare(places_.front());
    const auto result =
        source_->visit([&](std::uint32_t gene, std::span<const std::uint32_t> cells, std::span<const float> values) {
          for (std::size_t i = 0; i < cells.size(); ++i) {
            if (values[i] != 0.0F) panel_.add({cells[i], gene, values[i]});
          }
        });
    if (!result) panel_ = {};
    return result;
  }

  Result<> collect_from_scratch() {
    if (!scratch_) CW_TRY(sort_into_scratch());
    const auto place = std::find_if(places_.begin(), places_.end(), [&](const Place& p) { return cell_ < p.end; });
    prepare(*place);
    std::vector<Entry> entries(kEntriesAtOnce);
    for (std::uint64_t done = 0; done < place->num_values; done += entries.size()) {
      entries.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kEntriesAtOnce, place->num_values - done)));
      if (const auto read = scratch_->read_at((place->first_value + done) * sizeof(Entry), entries.data(),
                                              entries.size() * sizeof(Entry));
          !read) {
        panel_ = {};
        return read;
      }
      for (const Entry& entry : entries) panel_.add(entry);
    }
    return {};
  }

  Result<> sort_into_scratch() {
    CW_ASSIGN(ScratchFile scratch, ScratchFile::create());
    for (auto& place : places_) {
      place.written = 0;
      place.waiting.clear();
    }
    const std::size_t waiting = std::clamp<std::size_t>(kMostWaiting / places_.size(), 1, kEntriesAtOnce);
    Result<> written;
    auto* place = &places_.front();
    CW_TRY(source_->visit([&](std::uint32_t gene, std::span<const std::uint32_t> cells, std::span<const float> values) {
      for (std::size_t i = 0; i < cells.size() && written; ++i) {
        if (values[i] == 0.0F) continue;
        const auto cell = static_cast<std::int64_t>(cells[i]);
        if (cell < place->begin || cell >= place->end) {
          place = &*std::upper_bound(places_.begin(), places_.end(), cell,
                                     [](std::int64_t wanted, const Place& p) { return wanted < p.end; });
        }
        place->waiting.push_back({cells[i], gene, values[i]});
        if (place->waiting.size() >= waiting) written = write_waiting(*place, scratch);
      }
    }));
    for (auto& rest : places_) {
      if (written) written = write_waiting(rest, scratch);
      rest.waiting = {};
    }
    CW_TRY(written);
    scratch_ = std::move(scratch);
    return {};
  }

  static Result<> write_waiting(Place& place, ScratchFile& scratch) {
    CW_TRY(scratch.write_at((place.first_value + place.written) * sizeof(Entry), place.waiting.data(),
                            place.waiting.size() * sizeof(Entry)));
    place.written += place.waiting.size();
    place.waiting.clear();
    return {};
  }

  std::unique_ptr<ColumnSource> source_;
  std::int64_t num_cells_;
  std::size_t panel_values_;
  std::int64_t cell_ = 0;
  std::vector<std::uint32_t> counts_;  // values other than zero, per cell
  std::vector<Place> places_;          // empty until the values are counted
  std::optional<ScratchFile> scratch_;
  Panel panel_;
};

}  // namespace

Result<> ColumnSource::visit_first(std::int64_t, const Visit& visit) { return this->visit(visit); }

std::unique_ptr<CellBlockReader> read_by_panels(std::unique_ptr<ColumnSource> source, std::size_t panel_bytes) {
  return std::make_unique<PanelReader>(std::move(source), panel_bytes);
}

}  // namespace cw
