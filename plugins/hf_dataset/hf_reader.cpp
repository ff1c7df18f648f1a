// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/hf_reader.h"

#include "plugins/hf_dataset/column_collector.h"
#include "plugins/hf_dataset/hf_features.h"

#include <algorithm>
#include <set>

namespace cw {
namespace {

Error wrong_folder(ErrorCode code, const std::filesystem::path& folder, const std::string& what) {
  return {code, "E-HF-003", folder.string() + ": " + what};
}

/// File names of a list of `{"filename": ...}`; names with a path are refused, they would leave the folder.
Result<std::vector<std::filesystem::path>> files_in(const Json& list, const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : list) {
    const Json* name = entry.is_object() && entry.contains("filename") ? &entry["filename"] : nullptr;
    if (name == nullptr || !name->is_string() || std::filesystem::path(name->get<std::string>()).has_parent_path()) {
      return wrong_folder(ErrorCode::kParse, folder, "state.json names its files in an unknown way");
    }
    files.push_back(folder / name->get<std::string>());
  }
  return files;
}

bool is_integer_list(const ArrowField& field) {
  return (field.kind == ArrowKind::kList || field.kind == ArrowKind::kLargeList) && !field.dictionary &&
         field.children.front().kind == ArrowKind::kInteger && !field.children.front().dictionary;
}

}  // namespace

Result<std::unique_ptr<TokenReader>> HfReader::open(const std::filesystem::path& folder) {
  std::error_code status;
  if (!std::filesystem::is_directory(folder, status))
    return wrong_folder(ErrorCode::kNotFound, folder, "no such folder");
  if (std::filesystem::exists(folder / "dataset_dict.json", status)) {
    return wrong_folder(ErrorCode::kUnsupported, folder,
                        "holds several data sets (dataset_dict.json); give one of its folders");
  }
  if (!std::filesystem::exists(folder / "state.json", status)) {
    return wrong_folder(ErrorCode::kNotFound, folder, "not a .dataset folder: state.json is missing");
  }
  CW_ASSIGN(const Json state, read_json(folder / "state.json"));
  if (!state.is_object()) return wrong_folder(ErrorCode::kParse, folder, "state.json is not an object");
  auto reader = std::make_unique<HfReader>();
  reader->info_.path = folder;
  reader->info_.format = "hf-dataset";
  if (std::filesystem::exists(folder / "dataset_info.json", status)) {
    CW_ASSIGN(const Json about, read_json(folder / "dataset_info.json"));
    if (about.is_object() && about.contains("features")) reader->features_ = about["features"];
  }
  CW_TRY(reader->open_shards(state));
  CW_TRY(reader->open_indices(state));
  CW_TRY(reader->list_columns());
  return std::unique_ptr<TokenReader>(std::move(reader));
}

Result<> HfReader::open_shards(const Json& state) {
  const auto list = state.find("_data_files");
  if (list == state.end() || !list->is_array()) {
    return wrong_folder(ErrorCode::kParse, info_.path, "state.json does not list its data files");
  }
  CW_ASSIGN(const auto files, files_in(*list, info_.path));
  for (const auto& path : files) {
    CW_ASSIGN(ArrowFile shard, ArrowFile::open(path));
    const int tokens = shard.find(kTokensColumn);
    if (tokens < 0 || !is_integer_list(shard.fields()[static_cast<std::size_t>(tokens)])) {
      return Error{
          ErrorCode::kParse, "E-HF-004",
          path.string() + ": no column " + kTokensColumn + " with lists of whole numbers: not tokenized cells"};
    }
    for (std::size_t i = 0; i < shard.batches().size(); ++i) {
      if (shard.batches()[i].dictionary >= 0) continue;
      places_.push_back({shards_.size(), i, num_stored_rows_});
      num_stored_rows_ += shard.batches()[i].num_rows;
    }
    shards_.push_back(std::move(shard));
  }
  info_.num_cells = num_stored_rows_;
  return {};
}

Result<> HfReader::open_indices(const Json& state) {
  const auto list = state.find("_indices_data_files");
  if (list == state.end() || !list->is_array() || list->empty()) return {};
  CW_ASSIGN(const auto files, files_in(*list, info_.path));
  std::vector<std::int64_t> indices;
  for (const auto& path : files) {
    CW_ASSIGN(const ArrowFile file, ArrowFile::open(path));
    const int place = file.find("indices");
    if (place < 0 || file.fields()[static_cast<std::size_t>(place)].kind != ArrowKind::kInteger) {
      return file.damaged("no column of indices");
    }
    for (const auto& batch : file.batches()) {
      CW_ASSIGN(const ArrowColumn rows, ArrowColumn::load(file, batch, static_cast<std::size_t>(place)));
      for (std::int64_t i = 0; i < rows.size(); ++i) {
        const std::int64_t row = rows.integer(i);
        if (row < 0 || row >= num_stored_rows_) {
          return file.damaged("row " + std::to_string(row) + " of " + std::to_string(num_stored_rows_));
        }
        indices.push_back(row);
      }
    }
  }
  info_.num_cells = static_cast<std::int64_t>(indices.size());
  info_.notes.push_back("rows are chosen and ordered by " + files.front().filename().string());
  indices_ = std::move(indices);
  return {};
}

Result<> HfReader::list_columns() {
  if (shards_.empty()) return {};
  for (const auto& field : shards_.front().fields()) {
    if (field.name == kTokensColumn || field.name == kLengthColumn) continue;
    const auto kind = column_kind(field, !class_names(features_, field.name).empty());
    const bool everywhere = std::all_of(shards_.begin(), shards_.end(), [&](const ArrowFile& shard) {
      const int place = shard.find(field.name);
      return place >= 0 && column_kind(shard.fields()[static_cast<std::size_t>(place)],
                                       !class_names(features_, field.name).empty()) == kind;
    });
    if (!everywhere) {
      return Error{ErrorCode::kParse, "E-HF-005",
                   info_.path.string() + ": its files differ in the column " + field.name};
    }
    if (kind) {
      info_.cell_columns.push_back({field.name, *kind, -1});
    } else {
      info_.notes.push_back("the column " + field.name + " is left out: neither numbers nor texts");
    }
  }
  return {};
}

Result<Column> HfReader::read_column(const std::string& name) {
  const ArrowFile& first = shards_.front();
  ColumnCollector collector(first.fields()[static_cast<std::size_t>(first.find(name))], class_names(features_, name));
  for (const auto& shard : shards_) {
    const auto place = static_cast<std::size_t>(shard.find(name));
    collector.begin_file();
    for (const auto& batch : shard.batches()) {
      const auto& field = shard.fields()[place];
      if (batch.dictionary < 0) {
        CW_ASSIGN(const ArrowColumn values, ArrowColumn::load(shard, batch, place));
        CW_TRY(collector.add(shard, values));
      } else if (field.dictionary == batch.dictionary) {
        CW_ASSIGN(const ArrowColumn values, ArrowColumn::load_dictionary(shard, batch, field));
        collector.add_dictionary(values, batch.is_delta);
      }
    }
  }
  Column column = std::move(collector).take();
  return indices_ ? column.take(*indices_) : column;
}

Result<Table> HfReader::cells() {
  Table table;
  for (const auto& about : info_.cell_columns) {
    CW_ASSIGN(Column column, read_column(about.name));
    if (about.name != kCellNameColumn || column.kind != ColumnKind::kString) {
      table.columns.push_back(std::move(column));
      continue;
    }
    table.index_name = kCellNameColumn;
    table.index = std::move(column.strings);
  }
  if (!table.index_name.empty()) return table;
  table.index.reserve(static_cast<std::size_t>(info_.num_cells));
  for (std::int64_t i = 0; i < info_.num_cells; ++i) table.index.push_back(std::to_string(i));
  return table;
}

Result<> HfReader::load_row(std::int64_t row, std::int64_t& row_in_batch) {
  const auto after = std::upper_bound(places_.begin(), places_.end(), row,
                                      [](std::int64_t wanted, const Place& place) { return wanted < place.first_row; });
  const auto index = static_cast<std::size_t>(after - places_.begin()) - 1;
  const Place& place = places_[index];
  row_in_batch = row - place.first_row;
  if (loaded_ && loaded_->place == index) return {};
  const ArrowFile& shard = shards_[place.shard];
  const ArrowBatch& batch = shard.batches()[place.batch];
  CW_ASSIGN(ArrowColumn tokens, ArrowColumn::load(shard, batch, static_cast<std::size_t>(shard.find(kTokensColumn))));
  std::optional<ArrowColumn> lengths;
  const int length = shard.find(kLengthColumn);
  if (length >= 0 && shard.fields()[static_cast<std::size_t>(length)].kind == ArrowKind::kInteger) {
    CW_ASSIGN(lengths, ArrowColumn::load(shard, batch, static_cast<std::size_t>(length)));
  }
  loaded_.emplace(Loaded{index, std::move(tokens), std::move(lengths)});
  return {};
}

Result<> HfReader::append_row(std::int64_t row, TokenBlock& block) {
  std::int64_t place = 0;
  CW_TRY(load_row(row, place));
  const auto refused = [&](const std::string& what) {
    return Error{ErrorCode::kParse, "E-HF-006", info_.path.string() + ": row " + std::to_string(row) + " " + what};
  };
  const auto [first, last] = loaded_->tokens.list(place);
  const ArrowColumn& items = loaded_->tokens.items();
  if (loaded_->tokens.is_null(place)) return refused("has no token list");
  if (loaded_->lengths && !loaded_->lengths->is_null(place) && loaded_->lengths->integer(place) != last - first) {
    return refused("has " + std::to_string(last - first) + " tokens, but its length is given as " +
                   std::to_string(loaded_->lengths->integer(place)));
  }
  cell_.clear();
  for (std::int64_t i = first; i < last; ++i) {
    const std::int64_t token = items.integer(i);
    if (items.is_null(i) || token < 0 || token > INT32_MAX) {
      return refused("has the token " + (items.is_null(i) ? std::string("null") : std::to_string(token)));
    }
    cell_.push_back(static_cast<std::int32_t>(token));
  }
  block.append_cell(cell_);
  return {};
}

Result<> HfReader::next(TokenBlock& block, std::int64_t max_cells) {
  block.clear(next_cell_);
  const std::int64_t end = std::min(info_.num_cells, next_cell_ + std::max<std::int64_t>(max_cells, 0));
  for (; next_cell_ < end; ++next_cell_) {
    CW_TRY(append_row(indices_ ? (*indices_)[static_cast<std::size_t>(next_cell_)] : next_cell_, block));
  }
  return {};
}

}  // namespace cw
