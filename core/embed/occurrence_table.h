// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/embed/embed_cells.h"
#include "core/tokenize/dictionary.h"

#include <filesystem>
#include <fstream>
#include <string>

namespace cw {

/// A CSV with one row per (gene, cell): Gene, Identifier, 0 .. D - 1, written as cells come. The published package
/// writes each vector as one text column (geneformer-behaviour 5.6).
class OccurrenceTable {
 public:
  /// Errors: kInvalidArgument E-IO-005 (exists), kIo.
  [[nodiscard]] static Result<OccurrenceTable> create(const std::filesystem::path& path, std::int64_t width,
                                                      bool overwrite);
  void add(const CellStates& cell, const std::string& cell_name, const Dictionary& dictionary);
  /// Errors: kIo, kNoSpace.
  Result<> finish();

 private:
  OccurrenceTable(PendingOutput output, std::ofstream stream, std::int64_t width)
      : output_(std::move(output)), stream_(std::move(stream)), width_(width) {}

  PendingOutput output_;
  std::ofstream stream_;
  std::int64_t width_;
};

}  // namespace cw
