// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/run_embed.h"

#include "core/embed/open_inputs.h"
#include "core/io/h5ad_reader.h"
#include "tests/core/embed/token_case.h"

#include <cmath>

namespace cw {
namespace {

using namespace testing_support;

class RunEmbedTest : public TokenCase {
 protected:
  [[nodiscard]] EmbedOptions options() const {
    EmbedOptions o;
    o.input = (folder_ / "cells.tokens.h5").string();
    o.model = model_.string();
    o.dictionary = (folder_ / "dictionary").string();
    o.output = (folder_ / "out.h5ad").string();
    o.num_threads = 2;
    return o;
  }
};

TEST_F(RunEmbedTest, embeddingsStandInInputOrderWithNamesAndEqualTheReference) {
  JobContext ctx;
  EmbedOptions o = options();
  o.csv = (folder_ / "out.csv").string();
  o.labels = {"type"};
  o.summary = "mean";
  const auto summary = run_embed(o, ctx);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  auto reader = H5adReaderFactory().open(o.output);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ(*(*reader)->cell_names(), (std::vector<std::string>{"cell-0", "cell-1", "cell-2"}));
  EXPECT_EQ((*reader)->cell_column("type")->text(1), "B");
  const auto embedding = (*reader)->embedding("X_cellwright");
  ASSERT_TRUE(embedding.ok());
  EXPECT_EQ(embedding->num_columns, 64);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto expected = golden_.at("cases")[0].at("embeddings")[i].get<std::vector<double>>();
    for (std::size_t k = 0; k < 64; ++k) {
      EXPECT_NEAR(static_cast<double>(embedding->values[i * 64 + k]), expected[k], 5e-6);
    }
  }
  const std::string csv = *read_file(o.csv);
  EXPECT_TRUE(csv.starts_with(",0,1,2,3,")) << csv.substr(0, 40);
  EXPECT_NE(csv.find(",63,type\n"), std::string::npos);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
}

TEST_F(RunEmbedTest, genesAreAveragedOverCellsAndWrittenSingly) {
  JobContext ctx;
  EmbedOptions o = options();
  o.mode = "gene";
  o.csv = (folder_ / "genes.csv").string();
  o.all_occurrences = true;
  const auto summary = run_embed(o, ctx);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  auto reader = H5adReaderFactory().open(o.output);
  ASSERT_TRUE(reader.ok());
  const auto names = *(*reader)->cell_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  std::size_t occurrences = 0;
  for (const auto& list : lists_) occurrences += list.size();
  const std::string csv = *read_file(o.csv);
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), occurrences + 1);
  EXPECT_TRUE(csv.starts_with("Gene,Identifier,0,1,"));
}

TEST_F(RunEmbedTest, theTableOfGenesTakesColumnsOfGenes) {
  JobContext ctx;
  EmbedOptions o = options();
  o.mode = "gene";
  o.csv = (folder_ / "genes.csv").string();
  o.labels = {"n_cells"};
  const auto summary = run_embed(o, ctx);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_NE(read_file(o.csv)->find(",63,n_cells\n"), std::string::npos);
  o.overwrite = true;
  o.labels = {"type"};
  EXPECT_EQ(run_embed(o, ctx).error().id, "E-DATA-001");
}

TEST_F(RunEmbedTest, modelsAndCellsThatDoNotFitAreRefused) {
  JobContext ctx;
  const auto id_of = [&](const EmbedOptions& o) {
    const auto result = run_embed(o, ctx);
    return result.ok() ? std::string("none") : result.error().id;
  };
  EmbedOptions o = options();
  o.dictionary = "v1";
  EXPECT_EQ(id_of(o), "E-EMB-003");
  o = options();
  o.mode = "cls";
  EXPECT_EQ(id_of(o), "E-EMB-006");
  o = options();
  o.layer = "9";
  EXPECT_EQ(id_of(o), "E-MOD-013");
  o = options();
  o.labels = {"nothing"};
  EXPECT_EQ(id_of(o), "E-DATA-001");
  write_tokens({std::vector<std::int32_t>(49, 5)});
  EXPECT_EQ(id_of(options()), "E-EMB-004");
  write_tokens({{5, 149, 150}});
  EXPECT_EQ(id_of(options()), "E-EMB-005");
  EXPECT_FALSE(std::filesystem::exists(options().output));
}

TEST_F(RunEmbedTest, anExistingFileIsKeptUnlessOverwriteIsGiven) {
  JobContext ctx;
  EmbedOptions o = options();
  ASSERT_TRUE(write_file_atomically(o.output, "mine").ok());
  EXPECT_EQ(run_embed(o, ctx).error().id, "E-IO-005");
  EXPECT_EQ(*read_file(o.output), "mine");
  o.overwrite = true;
  EXPECT_TRUE(run_embed(o, ctx).ok());
}

TEST_F(RunEmbedTest, aCancelledJobLeavesNothing) {
  JobContext ctx;
  ctx.request_cancel();
  const auto result = run_embed(options(), ctx);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(options().output));
}

}  // namespace
}  // namespace cw
