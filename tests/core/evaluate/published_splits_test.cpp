// SPDX-License-Identifier: GPL-3.0-or-later
// The published splits, against the libraries that the published package calls (tests/golden/published/make.py).
#include "core/evaluate/published_splits.h"

#include "core/base/json.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cw {
namespace {

using Rows = std::vector<std::int64_t>;

Json golden() {
  auto json = read_json(CW_SOURCE_DIR "/tests/golden/published/golden.json");
  return json.ok() ? std::move(*json) : Json();
}

TEST(PublishedSplits, CellsAreThoseOfTheLibraries) {
  const Json cells = golden().at("cells");
  SplitDesign design;
  design.classes = {"a", "b", "c", "d"};
  for (const Json& label : cells["labels"]) design.labels.push_back(label.get<std::string>()[0] - 'a');
  for (const Json& expected : cells["splits"]) {
    const Split split = published_cell_split(
        design, {expected["max_cells"], expected["per_class"], expected["validation_share"].get<double>(),
                 expected["test_share"].get<double>()});
    for (const Part part : {Part::kTrain, Part::kValidation, Part::kTest}) {
      EXPECT_EQ(split.rows(part), expected[std::string(name_of(part))].get<Rows>())
          << name_of(part) << " of " << expected["max_cells"] << ", " << expected["per_class"];
    }
  }
}

TEST(PublishedSplits, CellsWithoutALabelAreUnused) {
  SplitDesign design;
  design.classes = {"a", "b"};
  for (int i = 0; i < 50; ++i) design.labels.push_back(i % 5 == 0 ? -1 : i % 2);
  const Split split = published_cell_split(design, {});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(split.parts[static_cast<std::size_t>(i)] == Part::kUnused, i % 5 == 0) << i;
}

TEST(PublishedSplits, FoldsOverGenesAreThoseOfTheLibraries) {
  const Json genes = golden().at("genes");
  SplitDesign design;
  design.classes = {"a", "b", "c"};
  design.labels = genes["labels"].get<std::vector<std::int32_t>>();
  const auto splits = published_gene_folds(design, 5);
  ASSERT_TRUE(splits.ok()) << splits.error().message;
  ASSERT_EQ(splits->size(), genes["folds"].size());
  for (std::size_t fold = 0; fold < splits->size(); ++fold) {
    EXPECT_EQ((*splits)[fold].rows(Part::kTest), genes["folds"][fold]["judged"].get<Rows>()) << fold;
    EXPECT_EQ((*splits)[fold].rows(Part::kUnused), genes["folds"][fold]["unused"].get<Rows>()) << fold;
  }
  design.labels.assign({0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2});
  const auto refused = published_gene_folds(design, 5);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "E-EVA-005");
}

TEST(PublishedSplits, TheFirstCellsAreThoseOfTheShuffle) {
  Rows rows;
  for (std::int64_t i = 0; i < 10; ++i) rows.push_back(100 + i);
  EXPECT_EQ(published_first(rows, 3), (Rows{100, 105, 106})) << "5 6 0 (behaviour spec, appendix A.1)";
  EXPECT_EQ(published_first(rows, 0), rows);
}

}  // namespace
}  // namespace cw
