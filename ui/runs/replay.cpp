// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/replay.h"

#include "core/io/label_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

namespace cw::ui {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostGround = 20'000;

std::int64_t step_of(const fs::path& file) {
  const std::string name = file.stem().string();
  std::int64_t step = 0;
  const auto digits = name.find('-') + 1;
  std::from_chars(name.data() + digits, name.data() + name.size(), step);
  return step;
}

const CellMap* flat_map(const Dataset& dataset) {
  for (const CellMapPtr& map : dataset.maps) {
    if (map->dimensions == 2) return map.get();
  }
  return nullptr;
}

/// The map within 0 to 1, as wide as it is high.
class Frame {
 public:
  explicit Frame(const CellMap& map) : points_(map.points) {
    constexpr double kAll = std::numeric_limits<double>::infinity();
    double least[2] = {kAll, kAll};
    double most[2] = {-kAll, -kAll};
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (!std::isfinite(points_[i])) continue;
      least[i % 2] = std::min(least[i % 2], static_cast<double>(points_[i]));
      most[i % 2] = std::max(most[i % 2], static_cast<double>(points_[i]));
    }
    span_ = std::max({most[0] - least[0], most[1] - least[1], std::numeric_limits<double>::min()});
    for (const int side : {0, 1}) middle_[side] = (least[side] + most[side]) / 2.0;
  }
  [[nodiscard]] bool has(std::size_t row) const {
    return std::isfinite(points_[2 * row]) && std::isfinite(points_[2 * row + 1]);
  }
  [[nodiscard]] QPointF at(std::size_t row) const {
    return {0.5 + (points_[2 * row] - middle_[0]) / span_, 0.5 - (points_[2 * row + 1] - middle_[1]) / span_};
  }
  [[nodiscard]] std::size_t size() const { return points_.size() / 2; }

 private:
  const std::vector<float>& points_;
  double middle_[2] = {0.0, 0.0};
  double span_ = 1.0;
};

std::int32_t place_in(const std::vector<std::string>& classes, const std::string& name) {
  return static_cast<std::int32_t>(std::lower_bound(classes.begin(), classes.end(), name) - classes.begin());
}

// The cells of the first file that have a place, and their rows in the file.
std::vector<std::int64_t> place_cells(const Table& table, const Dataset& dataset, const Frame& frame, Replay& replay) {
  const std::set<std::string> wanted(table.index.begin(), table.index.end());
  std::unordered_map<std::string, std::size_t> rows;
  for (std::size_t row = 0; row < dataset.cells.index.size() && row < frame.size(); ++row) {
    if (wanted.contains(dataset.cells.index[row]) && frame.has(row)) rows.emplace(dataset.cells.index[row], row);
  }
  std::vector<std::int64_t> kept;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    const std::string& name = table.index[static_cast<std::size_t>(row)];
    const auto found = rows.find(name);
    if (found == rows.end()) {
      ++replay.numElsewhere;
      continue;
    }
    kept.push_back(row);
    replay.names.push_back(name);
    replay.places.push_back(frame.at(found->second));
  }
  return kept;
}

}  // namespace

std::int64_t ReplayFrame::numRight(const std::vector<std::int32_t>& truth) const {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) right += calls[i] == truth[i];
  return right;
}

Result<ReplayPtr> read_replay(const std::vector<fs::path>& files, const Dataset& dataset) {
  auto replay = std::make_shared<Replay>();
  const CellMap* map = flat_map(dataset);
  if (!map || files.empty()) return ReplayPtr(std::move(replay));
  replay->mapName = map->name;
  const Frame frame(*map);
  const std::size_t stride = std::max<std::size_t>(1, frame.size() / kMostGround);
  for (std::size_t row = 0; row < frame.size(); row += stride) {
    if (frame.has(row)) replay->ground.push_back(frame.at(row));
  }
  std::vector<Table> tables;
  std::set<std::string> classes;
  for (const fs::path& file : files) {
    CW_ASSIGN(Table table, read_label_table(file));
    for (const char* name : {"true", "predicted"}) {
      CW_ASSIGN(const Column* column, table.require(name));
      for (std::int64_t row = 0; row < table.num_rows(); ++row) classes.insert(column->text(row));
    }
    if (!tables.empty() && table.index != tables.front().index) {
      return Error{ErrorCode::kParse, "E-UI-041",
                   file.string() + ": holds other cells than " + files.front().string() +
                       "; the files are not of one run, so they cannot be replayed"};
    }
    tables.push_back(std::move(table));
  }
  replay->classes.assign(classes.begin(), classes.end());
  const std::vector<std::int64_t> kept = place_cells(tables.front(), dataset, frame, *replay);
  for (const std::int64_t row : kept) {
    replay->truth.push_back(place_in(replay->classes, tables.front().find("true")->text(row)));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    ReplayFrame shown{step_of(files[i]), {}};
    const Column& called = *tables[i].find("predicted");
    for (const std::int64_t row : kept) shown.calls.push_back(place_in(replay->classes, called.text(row)));
    replay->frames.push_back(std::move(shown));
  }
  return ReplayPtr(std::move(replay));
}

}  // namespace cw::ui
