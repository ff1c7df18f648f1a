// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/counts.h"

#include "tests/core/io/ingest_facts.h"

#include <cmath>
#include <limits>

namespace cw::test {
namespace {

std::string where_of(const std::string& key) {
  if (key == "raw.X" || key == "raw/X") return "raw";
  return key.starts_with("layers/") ? "layer:" + key.substr(7) : key;
}

class CountsOfFiles : public testing::TestWithParam<IngestCase> {};

TEST_P(CountsOfFiles, AreFoundInEveryMatrixThatHoldsThem) {
  const auto reader = core_registry().open_dataset(GetParam().path);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  JobContext ctx;
  const auto report = find_counts(**reader, ctx);
  ASSERT_TRUE(report.ok()) << report.error().message;
  std::vector<std::string> wanted;
  for (const auto& key : GetParam().facts["count_candidates"]) wanted.push_back(where_of(key));
  std::vector<std::string> found = report->candidates;
  std::sort(wanted.begin(), wanted.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, wanted);
  for (const auto& finding : report->matrices) {
    EXPECT_EQ(finding.reason.empty(), finding.kind == ValueKind::kCounts) << finding.where;
    EXPECT_TRUE(finding.all_tested || (*reader)->info().num_cells > 4096);
  }
}

INSTANTIATE_TEST_SUITE_P(Ingest, CountsOfFiles, testing::ValuesIn(ingest_cases("ingest", {".h5ad"}, true)),
                         [](const auto& one) { return one.param.name; });
INSTANTIATE_TEST_SUITE_P(Datasets, CountsOfFiles, testing::ValuesIn(ingest_cases("datasets", {".h5ad"}, true)),
                         [](const auto& one) { return one.param.name; });

struct Choice {
  const char* file;
  const char* requested;
  const char* chosen;  // "" where it is refused
  const char* error = "";
  const char* says = "";
};

class ChoiceOfCounts : public testing::TestWithParam<Choice> {};

TEST_P(ChoiceOfCounts, IsWhatTheFileAllows) {
  const auto reader = core_registry().open_dataset(std::filesystem::path(CW_TEST_DATA) / GetParam().file);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  JobContext ctx;
  const auto report = find_counts(**reader, ctx);
  ASSERT_TRUE(report.ok()) << report.error().message;
  const auto chosen = choose_counts((*reader)->info(), *report, GetParam().requested);
  if (*GetParam().chosen != '\0') {
    ASSERT_TRUE(chosen.ok()) << chosen.error().message;
    EXPECT_EQ(*chosen, GetParam().chosen);
  } else {
    ASSERT_FALSE(chosen.ok());
    EXPECT_EQ(chosen.error().id, GetParam().error);
    EXPECT_NE(chosen.error().message.find(GetParam().says), std::string::npos) << chosen.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, ChoiceOfCounts,
    testing::Values(Choice{"ingest/generated/csr_float32_gzip.h5ad", "auto", "X"},
                    Choice{"ingest/generated/lognorm_X_counts_in_raw.h5ad", "auto", "raw"},
                    Choice{"ingest/generated/lognorm_X_counts_in_raw.h5ad", "X", "", "E-IO-014", "--counts raw"},
                    Choice{"ingest/generated/lognorm_X_counts_in_layer.h5ad", "auto", "layer:counts"},
                    Choice{"ingest/generated/lognorm_X_counts_in_layer.h5ad", "X", "", "E-IO-014",
                           "--counts layer:counts"},
                    Choice{"ingest/generated/lognorm_X_counts_in_layer.h5ad", "raw", "", "E-IO-013", "layer:counts"},
                    Choice{"ingest/generated/one_fractional_value.h5ad", "auto", "", "E-IO-015", "1.5 in cell 1"},
                    Choice{"ingest/real/anndataR_example.h5ad", "auto", "layer:counts"},
                    Choice{"ingest/real/cellrank_50.h5ad", "auto", "", "E-IO-019", "--counts layer:ambiguous"},
                    Choice{"ingest/real/cellrank_50.h5ad", "layer:ambiguous", "layer:ambiguous"},
                    Choice{"ingest/real/cellrank_50.h5ad", "layer:fit_t", "", "E-IO-017", "nan"},
                    Choice{"ingest/real/cellrank_50.h5ad", "layer:velocity_u", "", "E-IO-017", "nan"},
                    Choice{"ingest/real/anndata_v0.5.0.h5ad", "auto", "", "E-IO-016", "negative"},
                    Choice{"ingest/real/anndata_v0.5.0.h5ad", "raw", "", "E-IO-014", "before normalisation"},
                    Choice{"ingest/real/cellxgene_nan.h5ad", "auto", "", "E-IO-017", "no numbers"},
                    Choice{"ingest/real/anndata_v0.11.4.h5ad", "auto", "", "E-IO-013", "no expression matrix"},
                    Choice{"datasets/cell_lines.h5ad", "auto", "", "E-IO-013", "no expression matrix"}));

// A matrix in memory, to place single values deep inside a large file.
class MemoryBlocks : public CellBlockReader {
 public:
  MemoryBlocks(std::int64_t num_cells, std::int64_t odd_cell, float odd_value)
      : num_cells_(num_cells), odd_cell_(odd_cell), odd_value_(odd_value) {}
  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    block.clear(cell_);
    for (std::int64_t i = 0; i < max_cells && cell_ < num_cells_; ++i, ++cell_) {
      const float value = cell_ == odd_cell_ ? odd_value_ : 2.0F;
      if (value != 0.0F) {
        block.genes.push_back(3);
        block.values.push_back(value);
      }
      block.offsets.push_back(block.genes.size());
    }
    return {};
  }
  Result<> seek(std::int64_t cell) override {
    cell_ = cell;
    return {};
  }

 private:
  std::int64_t num_cells_, odd_cell_;
  float odd_value_;
  std::int64_t cell_ = 0;
};

class MemoryReader : public DatasetReader {
 public:
  MemoryReader(std::int64_t num_cells, std::int64_t odd_cell, float odd_value)
      : odd_cell_(odd_cell), odd_value_(odd_value) {
    info_.path = "memory.h5ad";
    info_.num_cells = num_cells;
    info_.num_genes = 5;
    info_.matrices.push_back({"X", "float32", "csr", num_cells, 5, num_cells});
  }
  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }
  [[nodiscard]] Result<std::vector<std::string>> cell_names() override { return std::vector<std::string>{}; }
  [[nodiscard]] Result<Column> cell_column(std::string_view) override { return Column{}; }
  [[nodiscard]] Result<Table> genes(std::string_view) override {
    Table genes;
    genes.index = {"A", "B", "C", "D", "E"};
    return genes;
  }
  [[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view) override {
    return std::unique_ptr<CellBlockReader>(std::make_unique<MemoryBlocks>(info_.num_cells, odd_cell_, odd_value_));
  }
  [[nodiscard]] Result<DenseArray> embedding(std::string_view) override { return DenseArray{}; }

 private:
  DatasetInfo info_;
  std::int64_t odd_cell_;
  float odd_value_;
};

TEST(FindCounts, LooksAtTheFirstTheMiddleAndTheLastCells) {
  for (const std::int64_t odd : {std::int64_t{0}, std::int64_t{99999}, std::int64_t{100000 * 3 / 7}}) {
    MemoryReader reader(100000, odd, 0.5F);
    JobContext ctx;
    const auto report = find_counts(reader, ctx);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->matrices[0].kind, ValueKind::kFractional);
    EXPECT_NE(report->matrices[0].reason.find("cell " + std::to_string(odd + 1) + ", gene D"), std::string::npos)
        << report->matrices[0].reason;
    EXPECT_EQ(report->matrices[0].cells_tested, 8 * 512);
    EXPECT_FALSE(report->matrices[0].all_tested);
  }
}

TEST(FindCounts, GivesEveryKindOfWrongValueItsOwnError) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<std::pair<float, std::string>> cases = {
      {-1.0F, "E-IO-016"}, {infinity, "E-IO-017"}, {std::nanf(""), "E-IO-017"}, {0.25F, "E-IO-015"}};
  for (const auto& [value, id] : cases) {
    MemoryReader reader(50, 20, value);
    JobContext ctx;
    const auto report = find_counts(reader, ctx);
    ASSERT_TRUE(report.ok());
    const auto chosen = choose_counts(reader.info(), *report, "auto");
    ASSERT_FALSE(chosen.ok());
    EXPECT_EQ(chosen.error().id, id);
    EXPECT_EQ(chosen.error().code, ErrorCode::kRefused);
  }
}

TEST(FindCounts, RefusesAMatrixOfZerosAndATableWithoutCells) {
  for (const auto& [num_cells, id] : {std::pair{1, "E-IO-018"}, std::pair{0, "E-IO-022"}}) {
    MemoryReader reader(num_cells, 0, 0.0F);
    JobContext ctx;
    const auto report = find_counts(reader, ctx);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(choose_counts(reader.info(), *report, "auto").error().id, id);
  }
}

TEST(FindCounts, SumsTheCountsOfEveryGeneOverTheTestedCells) {
  MemoryReader reader(100, 7, 5.0F);
  JobContext ctx;
  const auto report = find_counts(reader, ctx);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->find("X")->gene_sums, (std::vector<double>{0, 0, 0, 99 * 2.0 + 5.0, 0}));
}

TEST(FindCounts, StopsWhenCancelled) {
  MemoryReader reader(100, -1, 0.0F);
  JobContext ctx;
  ctx.request_cancel();
  const auto report = find_counts(reader, ctx);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw::test
