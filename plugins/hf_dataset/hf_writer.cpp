// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/hf_writer.h"

#include "core/base/json.h"
#include "plugins/hf_dataset/hf_features.h"

#include <algorithm>
#include <cerrno>

namespace cw {
namespace {

constexpr std::int64_t kRowsPerBatch = 1000;  // as the library writes

std::string numbered(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::string shard_name(std::size_t number, std::size_t count) {
  return "data-" + numbered(number) + "-of-" + numbered(count) + ".arrow";
}

/// Until the number of shards is known.
std::string pending_name(std::size_t number) { return "data-" + numbered(number) + ".part"; }

Result<> make_folder(const std::filesystem::path& path) {
  std::error_code status;
  std::filesystem::create_directory(path, status);
  if (!status) return {};
  errno = status.value();
  return error_from_errno("making the folder", path.string());
}

}  // namespace

HfWriter::HfWriter(PendingOutput output, std::vector<Column> columns, std::int64_t num_rows, std::uint64_t shard_bytes)
    : output_(std::move(output)), columns_(std::move(columns)), num_rows_(num_rows), shard_bytes_(shard_bytes) {}

Result<std::unique_ptr<TokenWriter>> HfWriter::create(const std::filesystem::path& path, Table cells, bool overwrite,
                                                      std::uint64_t shard_bytes) {
  const std::int64_t num_rows = cells.num_rows();
  std::vector<Column> columns;
  columns.push_back(Column::of_strings(kCellNameColumn, std::move(cells.index)));
  for (auto& column : cells.columns) {
    const bool ours = column.name == kTokensColumn || column.name == kLengthColumn || column.name == kCellNameColumn;
    if (!ours) columns.push_back(std::move(column));
  }
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, overwrite));
  CW_TRY(make_folder(output.path()));
  std::unique_ptr<HfWriter> writer(new HfWriter(std::move(output), std::move(columns), num_rows, shard_bytes));
  CW_TRY(writer->begin_shard());
  return std::unique_ptr<TokenWriter>(std::move(writer));
}

Result<> HfWriter::begin_shard() {
  const Json about{{"info", {{"features", features_of(columns_)}}}};
  CW_ASSIGN(ArrowWriter shard, ArrowWriter::create(output_.path() / pending_name(num_shards_), columns_,
                                                   about.dump(-1, ' ', false, Json::error_handler_t::replace)));
  shard_.emplace(std::move(shard));
  ++num_shards_;
  return {};
}

Result<> HfWriter::end_shard() {
  CW_TRY(shard_->finish());
  shard_.reset();
  return {};
}

Result<> HfWriter::append(const TokenBlock& block) {
  if (block.first_cell != num_written_ || num_written_ + block.num_cells() > num_rows_) {
    return Error{ErrorCode::kShape, "E-HF-007",
                 output_.target().string() + ": cells " + std::to_string(block.first_cell) + " to " +
                     std::to_string(block.first_cell + block.num_cells()) + " come after " +
                     std::to_string(num_written_) + " of " + std::to_string(num_rows_)};
  }
  for (std::int64_t begin = 0; begin < block.num_cells(); begin += kRowsPerBatch) {
    if (shard_->num_bytes() >= shard_bytes_) {
      CW_TRY(end_shard());
      CW_TRY(begin_shard());
    }
    const std::int64_t end = std::min(block.num_cells(), begin + kRowsPerBatch);
    CW_TRY(shard_->write_batch(block, begin, end, columns_, num_written_));
    num_written_ += end - begin;
  }
  fingerprint_.update(block.tokens.data(), block.tokens.size() * sizeof(std::int32_t));
  fingerprint_.update(block.offsets.data(), block.offsets.size() * sizeof(std::uint64_t));
  return {};
}

Result<> HfWriter::write_descriptions(const std::vector<std::string>& files) {
  Json about;
  about["citation"] = "";
  about["description"] = "";
  about["features"] = features_of(columns_);
  about["homepage"] = "";
  about["license"] = "";
  CW_TRY(write_json(output_.path() / "dataset_info.json", about));
  Json state;
  state["_data_files"] = Json::array();
  for (const auto& file : files) state["_data_files"].push_back({{"filename", file}});
  state["_fingerprint"] = fingerprint_.finish().substr(0, 16);
  state["_format_columns"] = nullptr;
  state["_format_kwargs"] = Json::object();
  state["_format_type"] = nullptr;
  state["_output_all_columns"] = false;
  state["_split"] = nullptr;
  return write_json(output_.path() / "state.json", state);
}

Result<> HfWriter::finish() {
  if (num_written_ != num_rows_) {
    return Error{ErrorCode::kShape, "E-HF-007",
                 output_.target().string() + ": " + std::to_string(num_written_) + " of " + std::to_string(num_rows_) +
                     " cells were written"};
  }
  CW_TRY(end_shard());
  std::vector<std::string> files;
  for (std::size_t i = 0; i < num_shards_; ++i) {
    files.push_back(shard_name(i, num_shards_));
    std::error_code status;
    std::filesystem::rename(output_.path() / pending_name(i), output_.path() / files.back(), status);
    if (status) {
      errno = status.value();
      return error_from_errno("renaming", files.back());
    }
  }
  CW_TRY(write_descriptions(files));
  return output_.commit();
}

}  // namespace cw
