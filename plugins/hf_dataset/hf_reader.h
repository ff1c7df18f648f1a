// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/data/token_source.h"
#include "plugins/hf_dataset/arrow_column.h"
#include "plugins/hf_dataset/arrow_file.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace cw {

/// An open `.dataset` folder. Shards are taken in the order of `state.json`, rows in that of `indices.arrow` if it is
/// named there. Memory: one batch, and 8 bytes per cell where there are indices.
class HfReader : public TokenReader {
 public:
  /// Errors: kNotFound (no such folder, a shard is missing), kParse, kUnsupported, kIo.
  [[nodiscard]] static Result<std::unique_ptr<TokenReader>> open(const std::filesystem::path& folder);

  [[nodiscard]] const TokenSourceInfo& info() const noexcept override { return info_; }
  [[nodiscard]] Result<Table> cells() override;
  Result<> next(TokenBlock& block, std::int64_t max_cells) override;

 private:
  /// Where a record batch lies and which rows of the whole it holds.
  struct Place {
    std::size_t shard = 0;
    std::size_t batch = 0;
    std::int64_t first_row = 0;
  };
  /// The token lists of one batch.
  struct Loaded {
    std::size_t place = 0;
    ArrowColumn tokens;
    std::optional<ArrowColumn> lengths;
  };

  Result<> open_shards(const Json& state);
  Result<> open_indices(const Json& state);
  Result<> list_columns();
  Result<Column> read_column(const std::string& name);
  Result<> load_row(std::int64_t row, std::int64_t& row_in_batch);
  Result<> append_row(std::int64_t row, TokenBlock& block);

  TokenSourceInfo info_;
  std::vector<ArrowFile> shards_;
  std::vector<Place> places_;
  std::int64_t num_stored_rows_ = 0;
  std::optional<std::vector<std::int64_t>> indices_;
  Json features_;
  std::optional<Loaded> loaded_;
  std::int64_t next_cell_ = 0;
  std::vector<std::int32_t> cell_;
};

}  // namespace cw
