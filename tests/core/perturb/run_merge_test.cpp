// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are split by cells: the parts, put together, are the whole run.
#include "core/perturb/run_merge.h"

#include "core/api/shard.h"
#include "core/effects/effects_file.h"
#include "core/embed/run_embed.h"
#include "core/ranking/run_stats.h"
#include "tests/core/embed/token_case.h"

#include <numeric>
#include <random>

namespace cw {
namespace {

using namespace testing_support;

class RunMergeTest : public TokenCase {
 protected:
  void SetUp() override {
    TokenCase::SetUp();
    std::mt19937 random(3);
    std::vector<std::int32_t> genes(148);
    std::iota(genes.begin(), genes.end(), 2);
    std::vector<std::vector<std::int32_t>> lists;
    Column note = Column::of_strings("note", {});
    std::vector<std::string> donors;
    for (std::size_t i = 0; i < 70; ++i) {
      for (std::size_t k = 40; k-- > 1;) std::swap(genes[k], genes[random() % (k + 1)]);
      lists.emplace_back(genes.begin(), genes.begin() + static_cast<std::ptrdiff_t>(12 + random() % 28));
      note.strings.push_back(i % 7 == 0 ? "" : "note " + std::to_string((i * 31) % 40));
      note.missing.push_back(i % 7 == 0 ? 1 : 0);
      donors.push_back("d" + std::to_string(i % 5));
    }
    write_tokens(lists, {note, Column::of_strings("donor", donors)});
  }

  template <class Options>
  Options common() const {
    Options o;
    o.input = (folder_ / "cells.tokens.h5").string();
    o.model = model_.string();
    o.dictionary = (folder_ / "dictionary").string();
    o.num_threads = 2;
    return o;
  }
  PerturbOptions perturb_options() const {
    auto o = common<PerturbOptions>();
    o.requests = {{"delete", {"all"}}};
    o.state_column = "type";
    o.start = "A";
    o.goal = "B";
    o.donor_column = "donor";
    o.gene_effects = true;
    o.output = (folder_ / "run").string();
    return o;
  }
  EmbedOptions embed_options() const {
    auto o = common<EmbedOptions>();
    o.summary = "median";
    o.labels = {"donor", "note"};
    o.max_cells = 60;
    o.output = (folder_ / "e.h5ad").string();
    o.csv = (folder_ / "e.csv").string();
    return o;
  }

  static void expect_done(const Result<Json>& outcome) { ASSERT_TRUE(outcome.ok()) << outcome.error().message; }

  std::string part_name(std::int64_t i, std::int64_t n) const {
    return (folder_ / ("part-" + std::to_string(i) + "-of-" + std::to_string(n))).string();
  }
  PerturbOptions part_of(PerturbOptions o, std::int64_t i, std::int64_t n) const {
    o.shard = i;
    o.shards = n;
    o.output = part_name(i, n);
    return o;
  }
  std::vector<std::string> perturb_parts(const PerturbOptions& whole, std::int64_t n) {
    JobContext ctx;
    std::vector<std::string> parts;
    for (std::int64_t i = n; i >= 1; --i) {
      expect_done(run_perturb(part_of(whole, i, n), ctx));
      parts.push_back(part_name(i, n));
    }
    return parts;
  }
  std::vector<std::string> embed_parts(EmbedOptions o, std::int64_t n) {
    JobContext ctx;
    std::vector<std::string> parts;
    for (std::int64_t i = 1; i <= n; ++i) {
      o.shard = i;
      o.shards = n;
      o.output = part_name(i, n) + ".h5ad";
      o.csv.clear();
      expect_done(run_embed(o, ctx));
      parts.push_back(o.output);
    }
    return parts;
  }
  std::string merge_error(const std::vector<std::string>& parts) {
    JobContext ctx;
    const auto merged = run_merge({parts, (folder_ / "merged").string(), "", false}, ctx);
    return merged.ok() ? "none" : merged.error().id;
  }
  std::string stats_of(const std::filesystem::path& run, const std::string& test) {
    StatsOptions o;
    o.runs = {run.string()};
    o.output = (folder_ / (run.filename().string() + "-" + test + ".csv")).string();
    o.test = test;
    o.baseline = false;
    o.overwrite = true;
    JobContext ctx;
    expect_done(run_stats(o, ctx));
    return *read_file(o.output);
  }
};

TEST(ShardTest, partsCoverAllItemsOnceAndShareTheWeight) {
  std::mt19937 random(5);
  std::vector<double> weights(1000);
  for (double& weight : weights) weight = 1.0 + static_cast<double>(random() % 9);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (const std::int64_t shards : {1, 2, 3, 7, 64}) {
    std::size_t next = 0;
    for (std::int64_t shard = 1; shard <= shards; ++shard) {
      const auto [begin, end] = range_of_shard(weights, shard, shards);
      EXPECT_EQ(begin, next);
      next = end;
      const double share = std::accumulate(weights.begin() + static_cast<std::ptrdiff_t>(begin),
                                           weights.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
      EXPECT_NEAR(share, total / static_cast<double>(shards), 9.0);
    }
    EXPECT_EQ(next, weights.size());
  }
  const std::vector<double> two{1.0, 1.0};
  EXPECT_EQ(range_of_shard(two, 5, 5).second, 2U);
}

TEST_F(RunMergeTest, partsOfAPerturbationAreTheFileOfOneRun) {
  JobContext ctx;
  const PerturbOptions whole = perturb_options();
  expect_done(run_perturb(whole, ctx));
  const std::string expected = *read_file(folder_ / "run" / kEffectsFileName);
  for (const std::int64_t n : {2, 3, 40}) {
    const auto parts = perturb_parts(whole, n);
    const auto merged = folder_ / ("merged-" + std::to_string(n));
    expect_done(run_merge({parts, merged.string(), "", false}, ctx));
    EXPECT_TRUE(*read_file(merged / kEffectsFileName) == expected) << n << " parts";
    EXPECT_EQ(*read_file(merged / "centroids.json"), *read_file(folder_ / "run" / "centroids.json"));
    EXPECT_EQ(stats_of(merged, "goal"), stats_of(folder_ / "run", "goal"));
    EXPECT_EQ(stats_of(merged, "gene-effects"), stats_of(folder_ / "run", "gene-effects"));
  }
  EXPECT_GT(read_effects(part_name(2, 3))->cell.size(), 100U);
  EXPECT_LT(read_effects(part_name(2, 3))->cell.size(), read_effects(folder_ / "run")->cell.size() / 2);
}

/// Keeps the warnings, and stops the job after some of its work if asked to.
class Listener : public JobSink {
 public:
  void progress(double, std::int64_t, std::int64_t, std::string_view) override {}
  void event(std::string_view type, const Json& fields) override {
    if (type == "warning") warnings += fields.value("code", "") + " ";
    if (stops && type == "metric") cancel->store(true);
  }
  bool stops = false;
  std::string warnings;
  std::shared_ptr<std::atomic<bool>> cancel = std::make_shared<std::atomic<bool>>(false);
};

TEST_F(RunMergeTest, aPartThatWasStoppedIsDoneAgainAlone) {
  JobContext ctx;
  const PerturbOptions whole = perturb_options();
  expect_done(run_perturb(whole, ctx));
  const auto first = part_of(whole, 1, 2);
  const auto second = part_of(whole, 2, 2);
  expect_done(run_perturb(second, ctx));
  Listener stopper;
  stopper.stops = true;
  JobContext stopped(&stopper, stopper.cancel);
  EXPECT_EQ(run_perturb(first, stopped).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(merge_error({first.output, second.output}), "E-MRG-004");
  const auto again = run_perturb(first, ctx);
  expect_done(again);
  EXPECT_GT((*again)["blocks_before"], 0);
  expect_done(run_merge({{first.output, second.output}, (folder_ / "merged").string(), "", false}, ctx));
  EXPECT_TRUE(*read_file(folder_ / "merged" / kEffectsFileName) == *read_file(folder_ / "run" / kEffectsFileName));
  EXPECT_EQ(merge_error({first.output, second.output}), "none") << "merged again it stays as it is";
}

TEST_F(RunMergeTest, statisticsOfAPartSayThatItIsOne) {
  const auto parts = perturb_parts(perturb_options(), 2);
  StatsOptions o;
  o.runs = {parts.front()};
  o.output = (folder_ / "part.csv").string();
  o.baseline = false;
  Listener listener;
  JobContext ctx(&listener, listener.cancel);
  expect_done(run_stats(o, ctx));
  EXPECT_NE(listener.warnings.find("W-RNK-007"), std::string::npos) << listener.warnings;
}

TEST_F(RunMergeTest, partsThatAreNotOneRunAreRefused) {
  PerturbOptions whole = perturb_options();
  whole.gene_effects = false;
  const auto parts = perturb_parts(whole, 3);
  EXPECT_EQ(merge_error({parts[0], parts[2]}), "E-MRG-003");
  EXPECT_EQ(merge_error({parts[0], parts[1], parts[2], parts[1]}), "E-MRG-003");
  JobContext ctx;
  whole.layer = "last";
  auto other = part_of(whole, 1, 3);
  other.output += "-last";
  expect_done(run_perturb(other, ctx));
  EXPECT_EQ(merge_error({parts[0], parts[1], other.output}), "E-MRG-002");
  expect_done(run_perturb(whole, ctx));
  EXPECT_EQ(merge_error({whole.output}), "E-MRG-001");
  EXPECT_EQ(merge_error({(folder_ / "cells.tokens.h5").string()}), "E-MRG-001");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "merged"));
}

TEST_F(RunMergeTest, partsOfEmbeddingsAreTheFilesOfOneRun) {
  JobContext ctx;
  EmbedOptions whole = embed_options();
  for (const std::string mode : {"cell", "gene"}) {
    whole.mode = mode;
    if (mode == "gene") {
      whole.summary = "none";
      whole.labels.clear();
    }
    whole.overwrite = true;
    expect_done(run_embed(whole, ctx));
    const std::string expected = *read_file(whole.output);
    const std::string expected_csv = *read_file(whole.csv);
    for (const std::int64_t n : {2, 3, 80}) {
      const auto parts = embed_parts(whole, n);
      expect_done(run_merge({parts, whole.output, whole.csv, true}, ctx));
      EXPECT_TRUE(*read_file(whole.output) == expected) << mode << ", " << n << " parts";
      EXPECT_TRUE(*read_file(whole.csv) == expected_csv) << mode << ", " << n << " parts";
    }
  }
}

TEST_F(RunMergeTest, whatCannotBeSplitIsRefusedBeforeTheWork) {
  JobContext ctx;
  EmbedOptions embed = embed_options();
  embed.shard = 3;
  embed.shards = 2;
  EXPECT_EQ(run_embed(embed, ctx).error().id, "E-ARG-002");
  embed.shard = 1;
  embed.mode = "gene";
  embed.summary = "none";
  embed.all_occurrences = true;
  EXPECT_EQ(run_embed(embed, ctx).error().id, "E-ARG-002");
  PerturbOptions perturb = part_of(perturb_options(), 1, 2);
  perturb.gene_effects = false;
  perturb.method = "screen";
  EXPECT_EQ(run_perturb(perturb, ctx).error().id, "E-ARG-002");
}

}  // namespace
}  // namespace cw
