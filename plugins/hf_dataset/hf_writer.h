// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/data/token_source.h"
#include "plugins/hf_dataset/arrow_writer.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace cw {

/// Writes a `.dataset` folder that `datasets.load_from_disk` opens (versions 2 to 4): record batches of 1000 cells,
/// shards of at most about 500 MB. Repeat: equal bytes for equal cells and columns.
class HfWriter : public TokenWriter {
 public:
  /// `shard_bytes`: a new shard is begun after that many. Errors: kInvalidArgument (exists), kIo.
  [[nodiscard]] static Result<std::unique_ptr<TokenWriter>> create(const std::filesystem::path& path, Table cells,
                                                                   bool overwrite,
                                                                   std::uint64_t shard_bytes = 500'000'000);

  Result<> append(const TokenBlock& block) override;
  Result<> finish() override;

 private:
  HfWriter(PendingOutput output, std::vector<Column> columns, std::int64_t num_rows, std::uint64_t shard_bytes);
  Result<> begin_shard();
  Result<> end_shard();
  Result<> write_descriptions(const std::vector<std::string>& files);

  PendingOutput output_;
  std::vector<Column> columns_;
  std::int64_t num_rows_;
  std::uint64_t shard_bytes_;
  Sha256 fingerprint_;
  std::optional<ArrowWriter> shard_;
  std::size_t num_shards_ = 0;
  std::int64_t num_written_ = 0;
};

}  // namespace cw
