// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged copies of real Arrow files must be refused or read, never crash; run under the sanitizers as well.
#include "core/base/files.h"
#include "plugins/hf_dataset/arrow_column.h"
#include "plugins/hf_dataset/column_collector.h"
#include "tests/support/mutation.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "hf_dataset";
constexpr int kRounds = 2000;

/// Reads every value of every column. True if nothing was refused.
bool read_all_of(std::span<const std::byte> bytes) {
  const auto file = ArrowFile::parse(bytes, "mutated");
  if (!file.ok()) return false;
  bool good = true;
  std::int64_t sum = 0;
  for (std::size_t place = 0; place < file->fields().size(); ++place) {
    const ArrowField& field = file->fields()[place];
    ColumnCollector collector(field, {});
    for (const auto& batch : file->batches()) {
      if (batch.dictionary >= 0) {
        if (field.dictionary != batch.dictionary || !column_kind(field, false)) continue;
        const auto values = ArrowColumn::load_dictionary(*file, batch, field);
        good = good && values.ok();
        if (values.ok()) collector.add_dictionary(*values, batch.is_delta);
        continue;
      }
      const auto values = ArrowColumn::load(*file, batch, place);
      good = good && values.ok();
      if (!values.ok()) continue;
      if (column_kind(field, false)) {
        good = collector.add(*file, *values).ok() && good;
      } else if ((field.kind == ArrowKind::kList || field.kind == ArrowKind::kLargeList) &&
                 field.children.front().kind == ArrowKind::kInteger && !field.children.front().dictionary &&
                 !field.dictionary) {
        for (std::int64_t row = 0; row < values->size(); ++row) {
          const auto [first, last] = values->list(row);
          for (std::int64_t i = first; i < last; ++i) sum ^= values->items().integer(i);
        }
      }
    }
  }
  return good && sum != INT64_MIN;
}

class MutatedArrow : public testing::TestWithParam<const char*> {};

TEST_P(MutatedArrow, neverCrashes) {
  std::filesystem::path path;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden / GetParam())) {
    if (entry.path().extension() == ".arrow") path = entry.path();
  }
  const auto content = read_file(path);
  ASSERT_TRUE(content.ok());
  std::mt19937_64 random(7);
  int refused = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string changed = mutated(*content, random);
    refused += read_all_of(std::as_bytes(std::span<const char>(changed))) ? 0 : 1;
  }
  EXPECT_GT(refused, kRounds / 20);
  EXPECT_LT(refused, kRounds);
}

INSTANTIATE_TEST_SUITE_P(Folders, MutatedArrow,
                         testing::Values("int16.dataset", "large_list.dataset", "dictionary_delta.dataset",
                                         "lz4.dataset", "zstd.dataset"),
                         [](const auto& entry) {
                           const std::string name = entry.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace cw
