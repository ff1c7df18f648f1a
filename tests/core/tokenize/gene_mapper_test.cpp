// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/gene_mapper.h"

#include "core/tokenize/excel_names.h"
#include "core/tokenize/species.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

using Names = std::vector<std::string>;

const GeneMapper& mapper() {
  static const auto made = GeneMapper::create();
  return made.value();
}

Table genes(Names index) {
  Table table;
  table.index = std::move(index);
  return table;
}

GeneMapping map_index(const Names& names) {
  auto mapping = mapper().map(genes(names), "index", "auto", {});
  EXPECT_TRUE(mapping.ok()) << mapping.error().message;
  return std::move(mapping).value();
}

TEST(GeneMapper, RecognisesEveryWayToNameAGene) {
  const auto mapping = map_index({"ENSG00000111640", "ENSG00000111640.15", "GAPDH", "gapdh", "H2AFZ", "nonsense", "",
                                  "ISG15_ENSG00000187608", "GRCh38_ACTB"});
  EXPECT_EQ(mapping.match[0], GeneMatch::kEnsembl);
  EXPECT_EQ(mapping.match[1], GeneMatch::kEnsembl);
  EXPECT_EQ(mapping.match[2], GeneMatch::kSymbol);
  EXPECT_EQ(mapping.match[3], GeneMatch::kSymbol);
  EXPECT_EQ(mapping.match[4], GeneMatch::kAlias);
  EXPECT_EQ(mapping.match[5], GeneMatch::kNone);
  EXPECT_EQ(mapping.match[6], GeneMatch::kNone);
  for (int row : {0, 1, 2, 3}) EXPECT_EQ(mapping.ensembl_id[static_cast<std::size_t>(row)], "ENSG00000111640");
  EXPECT_EQ(mapping.ensembl_id[7], "ENSG00000187608");
  EXPECT_EQ(mapping.ensembl_id[8], "ENSG00000075624");
  EXPECT_TRUE(mapping.versioned);
  EXPECT_EQ(mapping.num_mapped, 7);
  EXPECT_EQ(mapping.num_duplicates, 3);
  EXPECT_EQ(mapping.unmapped_examples, Names{"nonsense"});
  EXPECT_EQ(mapping.species, "human");
}

TEST(GeneMapper, PrefersTheColumnThatHoldsMostCountsAndIdsAmongEquals) {
  auto table = genes({"x1", "x2", "GAPDH", "ACTB"});
  table.set(Column::of_strings("feature_name", {"TTN", "GATA4", "GAPDH", "ACTB"}));
  table.set(Column::of_codes("gene_ids", {0, 1, 2, 3},
                             {"ENSG00000155657", "ENSG00000136574", "ENSG00000111640", "ENSG00000075624"}));
  auto mapping = mapper().map(table, "auto", "auto", {});
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(mapping->where, "var/gene_ids");
  EXPECT_EQ(mapping->kind, "ensembl");
  // an id column that explains few of the counts loses
  table.set(Column::of_strings("gene_ids", {"", "", "", "ENSG00000075624"}));
  const std::vector<double> counts{10, 1, 1, 1};
  mapping = mapper().map(table, "auto", "auto", counts);
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(mapping->where, "var/feature_name");
  EXPECT_EQ(mapping->kind, "symbol");
}

TEST(GeneMapper, RefusesAColumnThatDoesNotExist) {
  const auto mapping = mapper().map(genes({"GAPDH"}), "gene_id", "auto", {});
  ASSERT_FALSE(mapping.ok());
  EXPECT_EQ(mapping.error().id, "E-GENE-001");
  EXPECT_NE(mapping.error().message.find("index"), std::string::npos);
}

TEST(GeneMapper, RefusesMiceAndOtherSpecies) {
  for (const Names& names : {Names{"ENSMUSG00000051951", "ENSMUSG00000025900"}, Names{"Actb", "Gapdh", "Xkr4"},
                             Names{"ENSRNOG00000046319", "ENSRNOG00000047964"}}) {
    const auto mapping = mapper().map(genes(names), "auto", "auto", {});
    ASSERT_FALSE(mapping.ok()) << names[0];
    EXPECT_EQ(mapping.error().id, "E-GENE-002");
    EXPECT_EQ(exit_code(mapping.error().code), 3);
  }
  EXPECT_TRUE(mapper().map(genes({"Actb", "Gapdh", "Ttn"}), "auto", "human", {}).ok());
  EXPECT_FALSE(mapper().map(genes({"ACTB", "GAPDH"}), "auto", "mouse", {}).ok());
  EXPECT_EQ(species_of(Names{"ACTB", "C21orf62", "MT-CO1"}), "human");
  EXPECT_EQ(mapper().map(genes({}), "auto", "auto", {}).error().id, "E-GENE-004");
}

TEST(ExcelNames, RecognisesDates) {
  EXPECT_EQ(excel_date("3-Mar")->genes, Names{"MARCHF3"});
  EXPECT_EQ(excel_date("Mar-03")->genes, Names{"MARCHF3"});
  EXPECT_EQ(excel_date("2021-09-01")->genes, Names{"SEPTIN1"});
  EXPECT_EQ(excel_date("2021-09-01 00:00:00")->genes, Names{"SEPTIN1"});
  EXPECT_EQ(excel_date("1-Dec")->genes, Names{"DELEC1"});
  EXPECT_EQ(excel_date("1-Mar")->genes, (Names{"MARCHF1", "MTARC1"}));
  EXPECT_TRUE(excel_date("5-Jun")->genes.empty());
  for (const char* gene : {"MARCHF1", "MAR-A1", "SEPTIN1", "NKX2-1", "HLA-A", "2021-13-01", "1-40", "AC-2"}) {
    EXPECT_FALSE(excel_date(gene).has_value()) << gene;
  }
}

TEST(GeneMapper, UndoesSpreadsheetDatesWhereOnlyOneGeneIsPossible) {
  const auto mapping = map_index({"2021-09-01", "1-Mar", "2-Mar", "MTARC2", "1-Dec", "5-Jun", "GAPDH", "ACTB"});
  EXPECT_EQ(mapping.match[0], GeneMatch::kSpreadsheet);
  EXPECT_EQ(mapping.ensembl_id[0], "ENSG00000180096");  // SEPTIN1
  EXPECT_EQ(mapping.match[1], GeneMatch::kNone);        // MARCHF1 or MTARC1
  EXPECT_EQ(mapping.match[2], GeneMatch::kSpreadsheet);
  EXPECT_EQ(mapping.ensembl_id[2], "ENSG00000099785");  // MARCHF2, because MTARC2 is there
  EXPECT_EQ(mapping.match[4], GeneMatch::kSpreadsheet);
  EXPECT_EQ(mapping.damaged_names, (Names{"1-Mar", "5-Jun"}));
  const auto v1 = Dictionary::load("v1");
  const auto tokens = tokens_of_genes(mapping, **v1);
  EXPECT_EQ(tokens[0], *(*v1)->resolve("SEPTIN1"));
  EXPECT_EQ(tokens[1], -1);
}

TEST(GeneMapper, ReportsWhatSurvivesAndRefusesUnderHalf) {
  const auto v1 = Dictionary::load("v1");
  const Names names{"GAPDH", "MALAT1", "junk1", "junk2"};
  const auto mapping = map_index(names);
  const auto tokens = tokens_of_genes(mapping, **v1);
  const auto human = HumanGenes::load();
  const std::vector<double> counts{30, 20, 40, 10};
  const auto survival = gene_survival(mapping, names, tokens, counts, **human);
  EXPECT_EQ(survival.genes, 4);
  EXPECT_EQ(survival.mapped, 2);
  EXPECT_EQ(survival.in_vocabulary, 1);
  EXPECT_DOUBLE_EQ(survival.mapped_share, 0.5);
  EXPECT_DOUBLE_EQ(survival.vocabulary_share, 0.3);
  ASSERT_EQ(survival.dropped.size(), 3U);
  EXPECT_EQ(survival.dropped[0], "junk1 (unknown) 40.0 %");
  EXPECT_EQ(survival.dropped[1], "MALAT1 (lncRNA) 20.0 %");
  EXPECT_TRUE(require_mapped_half(mapping, survival, false).ok());
  const std::vector<double> worse{30, 19, 41, 10};
  const auto refused = require_mapped_half(mapping, gene_survival(mapping, names, tokens, worse, **human), false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "E-GENE-003");
  EXPECT_NE(refused.error().message.find("junk1"), std::string::npos);
  EXPECT_TRUE(require_mapped_half(mapping, gene_survival(mapping, names, tokens, worse, **human), true).ok());
}

TEST(PublishedMapping, FollowsTheRuleOfThePublishedCode) {
  const auto v1 = Dictionary::load("v1");
  const auto v2 = Dictionary::load("v2");
  const Names ids{"ENSG00000111640", "ENSG00000111640", "ENSG00000075624.3", "GAPDH"};
  const auto old = published_tokens_of_genes(ids, **v1);
  EXPECT_EQ(old.token_of_gene, (std::vector<std::int32_t>{3906, 3906, -1, -1}));
  EXPECT_FALSE(old.sum_repeated);  // one id, one gene: the two rows are not noticed
  const auto current = published_tokens_of_genes(ids, **v2);
  EXPECT_EQ(current.token_of_gene[3], current.token_of_gene[0]);  // v2 maps symbols too
  EXPECT_TRUE(current.sum_repeated);                              // two ids of one gene
}

}  // namespace
}  // namespace cw
