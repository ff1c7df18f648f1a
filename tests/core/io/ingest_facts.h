// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/io/reader_registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace cw::test {

/// One file of tests/data with the independent facts that expected.json states about it.
struct IngestCase {
  std::filesystem::path path;
  std::string name;  // for the test's name
  Json facts;
};

inline void PrintTo(const IngestCase& one, std::ostream* out) { *out << one.name; }

/// The files of `folder` (below tests/data, or below CELLWRIGHT_TEST_DATA to run on a larger collection) that exist and
/// end in one of `endings` and can or cannot be read.
inline std::vector<IngestCase> ingest_cases(const std::string& folder, const std::vector<std::string>& endings,
                                            bool readable) {
  const char* given = std::getenv("CELLWRIGHT_TEST_DATA");
  const std::filesystem::path root = std::filesystem::path(given != nullptr ? given : CW_TEST_DATA) / folder;
  std::vector<IngestCase> cases;
  const auto facts = read_json(root / "expected.json");
  if (!facts) return cases;
  for (const auto& [key, value] : facts->items()) {
    const bool wanted = std::any_of(endings.begin(), endings.end(), [&](const auto& e) { return key.ends_with(e); });
    if (key.starts_with("_") || !wanted || value["readable"] != readable || !std::filesystem::exists(root / key))
      continue;
    std::string name = key;
    for (char& c : name) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    cases.push_back({root / key, name, value});
  }
  return cases;
}

inline ReaderRegistry core_registry() {
  ReaderRegistry registry;
  const auto added = add_core_readers(registry);
  EXPECT_TRUE(added.ok());
  return registry;
}

/// Sums of one matrix, read block by block.
struct MatrixSums {
  double sum = 0;
  std::int64_t num_nonzero = 0, num_nan = 0, num_cells = 0;
  std::vector<double> row_sums;
};

inline MatrixSums sum_matrix(CellBlockReader& reader, std::int64_t max_cells) {
  MatrixSums sums;
  CellBlock block;
  for (;;) {
    const auto result = reader.next(block, max_cells);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    if (!result.ok() || block.num_cells() == 0) break;
    EXPECT_EQ(block.first_cell, sums.num_cells);
    EXPECT_LE(block.num_cells(), max_cells);
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      double row_sum = 0;
      for (const float value : block.values_of(row)) {
        sums.num_nan += std::isnan(value) ? 1 : 0;
        if (!std::isnan(value)) row_sum += value;
        if (!std::isnan(value)) ++sums.num_nonzero;
      }
      sums.sum += row_sum;
      sums.row_sums.push_back(row_sum);
    }
    sums.num_cells += block.num_cells();
  }
  return sums;
}

}  // namespace cw::test
