// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/split_file.h"

#include "core/io/label_table.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

namespace cw {
namespace {

Result<std::int32_t> fold_of(const std::string& text) {
  if (text.empty()) return -1;
  std::int32_t fold = -1;
  const auto* end = text.data() + text.size();
  if (const auto parsed = std::from_chars(text.data(), end, fold);
      parsed.ec != std::errc() || parsed.ptr != end || fold < 0) {
    return Error{ErrorCode::kParse, "E-EVA-009", "'" + text + "' is no fold; folds are whole numbers from 0"};
  }
  return fold;
}

/// Row of the file for every cell, -1 = not named.
std::vector<std::int64_t> rows_of_cells(const Table& file, const Table& cells, const SplitDesign& design) {
  std::unordered_map<std::string_view, std::int64_t> row_of;
  for (std::size_t i = 0; i < file.index.size(); ++i) row_of.emplace(file.index[i], static_cast<std::int64_t>(i));
  const bool by_donor = design.by_group() && file.index_name == design.group_column;
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < cells.index.size(); ++i) {
    std::string_view name = cells.index[i];
    if (by_donor) {
      name = design.groups[i] < 0 ? std::string_view() : design.group_names[static_cast<std::size_t>(design.groups[i])];
    }
    const auto found = row_of.find(name);
    rows.push_back(found == row_of.end() ? -1 : found->second);
  }
  return rows;
}

Result<> check_parts(const Split& split, const std::string& file) {
  if (split.num_folds > 1) return {};
  for (const auto part : {Part::kTrain, Part::kTest}) {
    if (std::find(split.parts.begin(), split.parts.end(), part) != split.parts.end()) continue;
    return Error{ErrorCode::kRefused, "E-EVA-008",
                 file + ": no cell with a label is in the part '" + std::string(name_of(part)) +
                     "'; a split needs cells to train on and cells to test"};
  }
  return {};
}

}  // namespace

Result<Split> read_split(const std::filesystem::path& path, const Table& cells, const SplitDesign& design) {
  const std::string file = path.string();
  CW_ASSIGN(const Table table, read_label_table(path));
  const Column* parts = table.find("part") != nullptr ? table.find("part") : table.find("split");
  const Column* folds = table.find("fold");
  if (parts == nullptr && folds == nullptr) {
    return Error{ErrorCode::kNotFound, "E-EVA-007",
                 file +
                     ": there is no column 'part' and no column 'fold'; the first column names cells or donors, "
                     "'part' is train, validation, test or unused"};
  }
  const auto rows = rows_of_cells(table, cells, design);
  if (std::all_of(rows.begin(), rows.end(), [](std::int64_t row) { return row < 0; })) {
    return Error{ErrorCode::kNotFound, "E-EVA-007",
                 file + ": none of its " + std::to_string(table.num_rows()) + " names ('" +
                     (table.index.empty() ? "" : table.index[0]) + "', ...) is a cell of the data ('" +
                     (cells.index.empty() ? "" : cells.index[0]) +
                     "', ...); head the first column with the name of the donor column if it names donors"};
  }
  Split split;
  split.parts.assign(cells.index.size(), Part::kUnused);
  const bool has_folds = folds != nullptr && folds->num_missing() < folds->size();
  if (has_folds) split.folds.assign(cells.index.size(), -1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || design.labels[i] < 0) continue;
    if (has_folds) {
      auto fold = fold_of(folds->text(rows[i]));
      if (!fold.ok()) return fold.error().in(file);
      split.folds[i] = *fold;
      split.parts[i] = *fold >= 0 ? Part::kTest : Part::kUnused;
      split.num_folds = std::max(split.num_folds, *fold + 1);
    } else {
      auto part = part_of(parts->text(rows[i]));
      if (!part.ok()) return part.error().in(file);
      split.parts[i] = *part;
    }
  }
  CW_TRY(check_parts(split, file));
  return split;
}

std::vector<Column> split_table(const Split& split, const Table& cells, const SplitDesign& design) {
  std::vector<std::string> parts, labels, groups;
  std::vector<std::int64_t> folds;
  std::vector<std::uint8_t> no_fold;
  for (std::size_t i = 0; i < cells.index.size(); ++i) {
    parts.emplace_back(name_of(split.parts[i]));
    labels.push_back(design.labels[i] < 0 ? "" : design.classes[static_cast<std::size_t>(design.labels[i])]);
    if (design.by_group()) {
      groups.push_back(design.groups[i] < 0 ? "" : design.group_names[static_cast<std::size_t>(design.groups[i])]);
    }
    if (split.folds.empty()) continue;
    folds.push_back(std::max(split.folds[i], 0));
    no_fold.push_back(split.folds[i] < 0 ? 1 : 0);
  }
  std::vector<Column> columns{Column::of_strings("cell", cells.index), Column::of_strings("part", parts)};
  if (!split.folds.empty()) {
    columns.push_back(Column::of_integers("fold", folds));
    columns.back().missing = no_fold;
  }
  columns.push_back(Column::of_strings(design.label_column, labels));
  if (design.by_group()) columns.push_back(Column::of_strings(design.group_column, groups));
  return columns;
}

}  // namespace cw
