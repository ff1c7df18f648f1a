// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/dictionary.h"

#include "core/base/files.h"
#include "core/tokenize/name_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

namespace cw {
namespace {

namespace fs = std::filesystem;

fs::path fresh_folder(const std::string& name) {
  const auto folder = fs::path(::testing::TempDir()) / ("dictionary_test_" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

TEST(Dictionary, V1IsThePublishedVocabulary) {
  const auto v1 = Dictionary::load("v1");
  ASSERT_TRUE(v1.ok()) << v1.error().message;
  const auto& d = **v1;
  EXPECT_EQ(d.num_tokens(), 25426);
  EXPECT_EQ(d.num_genes(), 25424);
  EXPECT_EQ(d.model_input_size(), 2048);
  EXPECT_EQ(d.pad(), 0);
  EXPECT_EQ(d.mask(), 1);
  EXPECT_FALSE(d.has_special_tokens());
  EXPECT_EQ(d.ensembl_id(2), "ENSG00000000003");
  EXPECT_EQ(d.ensembl_id(25425), "ENSGR0000265658");
  EXPECT_EQ(d.ensembl_id(25426), "");
  EXPECT_FALSE(d.is_gene(0));
  EXPECT_TRUE(std::isnan(d.median(1)));
  // behaviour spec 2.7: token and median to the last bit
  EXPECT_EQ(d.token_of("ENSG00000136574"), 7261);
  EXPECT_EQ(d.median(7261), 5.221529276562057);
  EXPECT_EQ(d.symbol(7261), "GATA4");
  EXPECT_EQ(d.median(17247), 100.44699673183788);
}

TEST(Dictionary, V2HasSpecialTokens) {
  const auto v2 = Dictionary::load("v2");
  ASSERT_TRUE(v2.ok()) << v2.error().message;
  EXPECT_EQ((*v2)->num_tokens(), 20275);
  EXPECT_EQ((*v2)->num_genes(), 20271);
  EXPECT_EQ((*v2)->model_input_size(), 4096);
  EXPECT_EQ((*v2)->cls(), 2);
  EXPECT_EQ((*v2)->eos(), 3);
  EXPECT_EQ((*v2)->ensembl_id(20274), "ENSG00000293553");
  EXPECT_FALSE((*v2)->token_of("<cls>").has_value());
}

TEST(Dictionary, ResolvesWhatPeopleType) {
  for (const char* name : {"v1", "v2"}) {
    const auto d = Dictionary::load(name);
    ASSERT_TRUE(d.ok());
    const auto gata4 = (*d)->token_of("ENSG00000136574");
    ASSERT_TRUE(gata4.has_value());
    for (const char* text : {"GATA4", "gata4", " Gata4 ", "ENSG00000136574", "ensg00000136574.12"}) {
      const auto token = (*d)->resolve(text);
      ASSERT_TRUE(token.ok()) << text;
      EXPECT_EQ(*token, *gata4) << text;
    }
    EXPECT_EQ(*(*d)->resolve("MARCH1"), *(*d)->resolve("MARCHF1"));  // retired symbol
    EXPECT_EQ(*(*d)->resolve("H2AFZ"), *(*d)->resolve("H2AZ1"));
  }
}

TEST(Dictionary, SaysWhatIsWrongWithAnUnknownGene) {
  const auto d = Dictionary::load("v1");
  ASSERT_TRUE(d.ok());
  const auto misspelt = (*d)->resolve("GATA44");
  ASSERT_FALSE(misspelt.ok());
  EXPECT_EQ(misspelt.error().id, "E-DICT-006");
  EXPECT_NE(misspelt.error().message.find("GATA4"), std::string::npos);
  const auto outside = (*d)->resolve("MALAT1");  // a lncRNA
  ASSERT_FALSE(outside.ok());
  EXPECT_NE(outside.error().message.find("not in the vocabulary"), std::string::npos) << outside.error().message;
  EXPECT_FALSE((*d)->resolve("").ok());
}

TEST(Dictionary, StripsVersionsOfEnsemblIdsOnly) {
  EXPECT_EQ(without_version("ENSG00000139618.17"), "ENSG00000139618");
  EXPECT_EQ(without_version("ENSMUSG00000051951.5"), "ENSMUSG00000051951");
  EXPECT_EQ(without_version("AC002075.3"), "AC002075.3");
  EXPECT_EQ(without_version("ENSA.1"), "ENSA.1");
}

TEST(Dictionary, KeepsVocabulariesApart) {
  const auto v1 = Dictionary::load("v1");
  const auto v2 = Dictionary::load("v2");
  ASSERT_TRUE(v1.ok() && v2.ok());
  EXPECT_TRUE(require_same_vocabulary("a", "v1", (*v1)->sha256(), "b", "v1", (*v1)->sha256()).ok());
  const auto mixed = require_same_vocabulary("cells.tokens.h5", "v1", (*v1)->sha256(), "model", "v2", (*v2)->sha256());
  ASSERT_FALSE(mixed.ok());
  EXPECT_EQ(mixed.error().id, "E-DICT-007");
  EXPECT_EQ(exit_code(mixed.error().code), 3);
  EXPECT_NE(mixed.error().message.find("vocabulary hash mismatch"), std::string::npos);
  EXPECT_NE(mixed.error().message.find("v1"), std::string::npos);
  EXPECT_NE(mixed.error().message.find("v2"), std::string::npos);
  EXPECT_EQ((*dictionary_for_vocabulary_size(20275))->name(), "v2");
  EXPECT_EQ(dictionary_for_vocabulary_size(1000).error().id, "E-DICT-008");
}

TEST(Dictionary, ReadsAFolderOfOnesOwn) {
  const auto folder = fresh_folder("tsv");
  ASSERT_TRUE(write_file_atomically(folder / "tokens.tsv",
                                    "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n"
                                    "2\tENSG00000136574\t1.5\tGATA4\n3\tENSG00000155657\t2.25\tTTN\n")
                  .ok());
  const auto d = Dictionary::load(folder.string());
  ASSERT_TRUE(d.ok()) << d.error().message;
  EXPECT_EQ((*d)->num_tokens(), 4);
  EXPECT_EQ((*d)->median(3), 2.25);
  EXPECT_EQ(*(*d)->resolve("ttn"), 3);
  EXPECT_EQ((*d)->model_input_size(), 2048);
}

TEST(Dictionary, FindsGenesByTheSymbolsOfAFolderOfOnesOwn) {
  const auto folder = fresh_folder("symbols");
  ASSERT_TRUE(write_file_atomically(folder / "tokens.tsv",
                                    "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n"
                                    "2\tENSMUSG00000059552\t1.5\tTrp53\n3\tENSMUSG00000000001\t2.25\tTTN\n"
                                    "4\tENSMUSG00000000002\t1\tTwice\n5\tENSMUSG00000000003\t1\ttwice\n")
                  .ok());
  const auto d = Dictionary::load(folder.string());
  ASSERT_TRUE(d.ok()) << d.error().message;
  EXPECT_EQ(*(*d)->resolve("trp53"), 2) << "no human gene has this name";
  EXPECT_EQ(*(*d)->resolve("TTN"), 3) << "its own before the human one, which it does not have";
  EXPECT_EQ((*d)->resolve("twice").error().id, "E-DICT-006") << "of two genes: not guessed";
}

TEST(Dictionary, ReadsJsonDictionaries) {
  const auto folder = fresh_folder("json");
  ASSERT_TRUE(write_file_atomically(folder / "token_dictionary.json",
                                    R"({"<pad>":0,"<mask>":1,"<cls>":2,"<eos>":3,"ENSG00000136574":4})")
                  .ok());
  ASSERT_TRUE(write_file_atomically(folder / "gene_median.json", R"({"ENSG00000136574":3.5})").ok());
  const auto d = Dictionary::load(folder.string());
  ASSERT_TRUE(d.ok()) << d.error().message;
  EXPECT_EQ((*d)->cls(), 2);
  EXPECT_EQ((*d)->median(4), 3.5);
}

TEST(Dictionary, ReadsPickledDictionariesWithoutRunningThem) {
  const auto folder = fresh_folder("pickle");
  // {"<pad>": 0, "<mask>": 1, "ENSG00000136574": 2} and {"ENSG00000136574": 1.5}, protocol 2
  const std::string tokens("\x80\x02}(X\x05\0\0\0<pad>K\0X\x06\0\0\0<mask>K\x01X\x0f\0\0\0ENSG00000136574K\x02u.", 53);
  const std::string medians("\x80\x02}X\x0f\0\0\0ENSG00000136574G?\xf8\0\0\0\0\0\0s.", 34);
  ASSERT_TRUE(write_file_atomically(folder / "token_dictionary.pkl", tokens).ok());
  ASSERT_TRUE(write_file_atomically(folder / "gene_median_dictionary.pkl", medians).ok());
  const auto d = Dictionary::load(folder.string());
  ASSERT_TRUE(d.ok()) << d.error().message;
  EXPECT_EQ((*d)->median(2), 1.5);
  const auto hostile = fs::path(CW_TEST_DATA) / "pickles" / "eval.pkl";
  fs::copy_file(hostile, folder / "token_dictionary.pkl", fs::copy_options::overwrite_existing);
  EXPECT_FALSE(Dictionary::load(folder.string()).ok());
}

TEST(NameTable, EveryTableThatShipsIsSortedAndFindsItsNames) {
  for (const char* file : {"human_genes.tsv", "human_names.tsv", "v1/names.tsv", "v2/names.tsv"}) {
    const auto table = NameTable::load(fs::path(CW_SOURCE_DIR) / "resources" / "dictionaries" / file);
    ASSERT_TRUE(table.ok()) << table.error().message;
    std::string_view before;
    std::int64_t lines = 0;
    for (auto rest = table->text(); !rest.empty(); ++lines) {
      const auto line = rest.substr(0, rest.find('\n'));
      const auto name = line.substr(0, line.find('\t'));
      ASSERT_LT(before, name) << file << " line " << lines + 1;
      ASSERT_EQ(table->find(name), line) << file;
      EXPECT_FALSE(table->find(std::string(name) + "\x01").has_value());
      before = name;
      rest.remove_prefix(line.size() + 1);
    }
    EXPECT_GT(lines, 50'000) << file;
    EXPECT_FALSE(table->find("").has_value());
    EXPECT_FALSE(table->find("~").has_value());
  }
}

TEST(NameTable, RefusesATableThatIsCutOff) {
  const auto folder = fresh_folder("cut_off");
  ASSERT_TRUE(write_file_atomically(folder / "names.tsv", "A\t1\nB").ok());
  EXPECT_EQ(NameTable::load(folder / "names.tsv").error().id, "E-DICT-002");
  ASSERT_TRUE(write_file_atomically(folder / "names.tsv", "A\t1\nB\t2\n").ok());
  const auto table = NameTable::load(folder / "names.tsv");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->find("A"), "A\t1");
  EXPECT_EQ(table->find("B"), "B\t2");
  EXPECT_FALSE(table->find("C").has_value());
}

TEST(Dictionary, RefusesWhatCannotBeADictionary) {
  const auto refused = [](const std::string& name, const std::string& lines) {
    const auto folder = fresh_folder(name);
    EXPECT_TRUE(write_file_atomically(folder / "tokens.tsv", lines).ok());
    const auto d = Dictionary::load(folder.string());
    return d.ok() ? std::string() : d.error().id;
  };
  const std::string special = "0\t<pad>\n1\t<mask>\n";
  EXPECT_EQ(refused("number", special + "x\tENSG00000136574\t1\n"), "E-DICT-002");
  EXPECT_EQ(refused("no_pad", "1\t<mask>\n2\tENSG00000136574\t1\n"), "E-DICT-003");
  EXPECT_EQ(refused("twice", special + "2\tENSG00000136574\t1\n2\tENSG00000155657\t1\n"), "E-DICT-004");
  EXPECT_EQ(refused("same_key", special + "2\tENSG00000136574\t1\n3\tENSG00000136574\t1\n"), "E-DICT-004");
  EXPECT_EQ(refused("negative", special + "-2\tENSG00000136574\t1\n"), "E-DICT-004");
  EXPECT_EQ(refused("median", special + "2\tENSG00000136574\t0\n"), "E-DICT-005");
  EXPECT_EQ(Dictionary::load("v3").error().id, "E-DICT-001");
  EXPECT_EQ(Dictionary::load(fresh_folder("empty").string()).error().id, "E-DICT-001");
  const auto damaged = fresh_folder("gzip");
  EXPECT_TRUE(
      write_file_atomically(damaged / "tokens.tsv.gz", std::string("\x1f\x8b\x08 not really gzip at all")).ok());
  EXPECT_EQ(Dictionary::load(damaged.string()).error().id, "E-DICT-002");
}

}  // namespace
}  // namespace cw
