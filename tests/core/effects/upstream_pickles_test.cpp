// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/upstream_pickles.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

using Ints = std::vector<std::int32_t>;
using Floats = std::vector<float>;

Result<Effects> import(const std::string& name) {
  const auto dictionary = Dictionary::load("v1");
  if (!dictionary.ok()) return dictionary.error();
  return import_upstream_pickles(std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "effects" / name,
                                 **dictionary);
}

TEST(UpstreamPicklesTest, aRunOverAllGenesKeepsItsCells) {
  const auto effects = import("all");
  ASSERT_TRUE(effects.ok()) << effects.error().message;
  ASSERT_EQ(effects->perturbations.size(), 2U);
  EXPECT_EQ(effects->perturbations[0].tokens, (Ints{10}));
  EXPECT_EQ(effects->perturbations[0].kind, "delete");
  EXPECT_TRUE(effects->perturbations[0].ensembl_ids[0].starts_with("ENSG"));
  EXPECT_EQ(effects->cell, (Ints{0, 0, 1}));
  EXPECT_EQ(effects->perturbation, (Ints{0, 1, 1}));
  EXPECT_EQ(effects->cosine, (Floats{0.5F, 0.25F, 0.75F}));
  EXPECT_EQ(effects->gene_effects.affected, (Ints{11, 10}));
  EXPECT_EQ(effects->gene_effects.mean, (Floats{0.5F, 0.75F}));
  EXPECT_EQ(effects->gene_effects.sd, (Floats{0.0F, 0.25F}));
  EXPECT_EQ(effects->gene_effects.n, (Ints{1, 2}));
  EXPECT_TRUE(check_rows(*effects, *effects, "test").ok());
}

TEST(UpstreamPicklesTest, aGeneListIsOneGroupInNumberedCells) {
  const auto effects = import("list");
  ASSERT_TRUE(effects.ok()) << effects.error().message;
  EXPECT_EQ(effects->perturbations[0].tokens, (Ints{10, 11}));
  EXPECT_EQ(effects->perturbations[0].kind, "overexpress");
  EXPECT_EQ(effects->perturbations[0].role, "group");
  EXPECT_EQ(effects->cell, (Ints{0, 1, 2}));
}

TEST(UpstreamPicklesTest, statesBecomeColumns) {
  const auto effects = import("states");
  ASSERT_TRUE(effects.ok()) << effects.error().message;
  EXPECT_EQ(effects->states, (std::vector<std::string>{"sick", "well", "other"}));
  EXPECT_EQ(effects->cell, (Ints{3}));
  EXPECT_EQ(effects->cosine, (Floats{-0.5F, 0.25F, 0.0F}));
}

TEST(UpstreamPicklesTest, tuplesOfOldRunsBecomeStates) {
  const auto effects = import("old");
  ASSERT_TRUE(effects.ok()) << effects.error().message;
  EXPECT_EQ(effects->states, (std::vector<std::string>{"start", "goal"}));
  EXPECT_EQ(effects->cell, (Ints{0, 1}));
  EXPECT_EQ(effects->cosine, (Floats{-0.5F, 0.25F, 0.5F, 0.75F}));
}

TEST(UpstreamPicklesTest, otherFoldersAndFilesAreNamed) {
  EXPECT_EQ(import("no such folder").error().id, "E-EFF-007");
  EXPECT_EQ(import("wrong").error().id, "E-EFF-008");
}

}  // namespace
}  // namespace cw
