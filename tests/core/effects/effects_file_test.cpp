// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/effects_file.h"

#include "core/base/files.h"
#include "core/effects/block_journal.h"
#include "core/effects/hdf5_arrays.h"

#include <gtest/gtest.h>

#include <fstream>

namespace cw {
namespace {

EffectsHeader small_header(bool with_states) {
  EffectsHeader header;
  header.perturbations = {{"delete", {11}, {"ENSG11"}, {"ELEVEN"}, "single", -1},
                          {"overexpress", {12, 13}, {"ENSG12", "ENSG13"}, {"TWELVE", ""}, "pair", -1}};
  header.cells = {{"AAA-1", 7, 560, "mono", "d1"}, {"CCC-1", 9, 480, "mono", "d2"}};
  if (with_states) header.states = {"mono", "B", "T"};
  header.genes = {{11, "ENSG11", "ELEVEN"}, {12, "ENSG12", "TWELVE"}};
  header.provenance = Json{{"model", "abc"}, {"seed", 42}};
  return header;
}

EffectRows block(std::int32_t cell, bool with_states) {
  EffectRows rows;
  rows.cell = {cell, cell};
  rows.perturbation = {0, 1};
  rows.rank = {3, -1};
  rows.cosine = {0.5F, 0.25F};
  if (with_states) {
    rows.cosine = {0.1F, 0.2F, 0.3F, -0.1F, -0.2F, static_cast<float>(cell)};
    rows.progress = {0.5F, -0.5F};
  }
  return rows;
}

class EffectsFileTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { folder_ = *make_scratch_folder(std::filesystem::temp_directory_path()); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

void expect_equal(const Effects& a, const Effects& b) {
  EXPECT_EQ(to_json(a).dump(), to_json(b).dump());
  EXPECT_EQ(a.cell, b.cell);
  EXPECT_EQ(a.perturbation, b.perturbation);
  EXPECT_EQ(a.cosine, b.cosine);
  EXPECT_EQ(a.progress, b.progress);
  EXPECT_EQ(a.rank, b.rank);
  EXPECT_EQ(a.gene_effects.affected, b.gene_effects.affected);
  EXPECT_EQ(a.gene_effects.mean, b.gene_effects.mean);
  EXPECT_EQ(a.gene_effects.n, b.gene_effects.n);
}

TEST_P(EffectsFileTest, whatIsWrittenIsReadBack) {
  Effects effects;
  static_cast<EffectsHeader&>(effects) = small_header(GetParam());
  effects.append(block(0, GetParam()));
  effects.append(block(1, GetParam()));
  effects.gene_effects = {{0}, {12}, {0.75F}, {0.1F}, {2}};
  ASSERT_TRUE(write_effects(folder_ / "effects.h5", effects, false).ok());
  const auto from_folder = read_effects(folder_);
  ASSERT_TRUE(from_folder.ok()) << from_folder.error().message;
  expect_equal(*from_folder, effects);
  EXPECT_TRUE(from_folder->complete);
}

TEST_P(EffectsFileTest, aResumedRunGivesTheSameBytesAsOneRun) {
  const EffectsHeader header = small_header(GetParam());
  for (const bool interrupted : {false, true}) {
    const auto run = folder_ / (interrupted ? "resumed" : "whole");
    auto writer = EffectsWriter::open(run, header, false);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    ASSERT_TRUE(writer->append(block(0, GetParam())).ok());
    if (interrupted) {
      {
        // the last record was cut by a kill in the middle of its write
        std::ofstream torn(run / kEffectsJournalName, std::ios::binary | std::ios::app);
        torn << "half a record";
      }
      writer = EffectsWriter::open(run, header, false);
      ASSERT_TRUE(writer.ok()) << writer.error().message;
    }
    EXPECT_EQ(writer->num_blocks(), 1);
    ASSERT_TRUE(writer->append(block(1, GetParam())).ok());
    const auto gene_effects = [](const auto& on_part) -> Result<> {
      CW_TRY(on_part(GeneEffects{{0}, {11}, {0.5F}, {0.2F}, {1}}));
      return on_part(GeneEffects{{0}, {12}, {0.75F}, {0.1F}, {2}});
    };
    ASSERT_TRUE(writer->finish(gene_effects).ok());
    EXPECT_EQ(read_effects(run)->gene_effects.affected, (std::vector<std::int32_t>{11, 12}));
    EXPECT_FALSE(std::filesystem::exists(run / kEffectsJournalName));
  }
  EXPECT_EQ(*read_file(folder_ / "whole" / "effects.h5"), *read_file(folder_ / "resumed" / "effects.h5"));
}

TEST_P(EffectsFileTest, anUnfinishedRunIsReadFromItsJournal) {
  auto writer = EffectsWriter::open(folder_, small_header(GetParam()), false);
  ASSERT_TRUE(writer->append(block(1, GetParam())).ok());
  const auto partial = read_effects(folder_);
  ASSERT_TRUE(partial.ok()) << partial.error().message;
  EXPECT_FALSE(partial->complete);
  EXPECT_EQ(partial->cell, (std::vector<std::int32_t>{1, 1}));
}

TEST_P(EffectsFileTest, rowsOfOnePerturbationAreReadAlone) {
  auto writer = EffectsWriter::open(folder_, small_header(GetParam()), false);
  for (const std::int32_t cell : {0, 1}) ASSERT_TRUE(writer->append(block(cell, GetParam())).ok());
  ASSERT_TRUE(writer->finish().ok());
  auto reader = EffectsReader::open(folder_);
  const auto rows = read_effects_of(*reader, {1});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->cell, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(rows->perturbation, (std::vector<std::int32_t>{1, 1}));
  EXPECT_EQ(rows->cosine.size(), 2U * static_cast<std::size_t>(reader->header().num_columns()));
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutStates, EffectsFileTest, testing::Bool());

class EffectsErrorTest : public EffectsFileTest {};
INSTANTIATE_TEST_SUITE_P(Once, EffectsErrorTest, testing::Values(false));

TEST_P(EffectsErrorTest, aMissingOrForeignFileIsNamed) {
  EXPECT_EQ(read_effects(folder_ / "none.h5").error().id, "E-EFF-001");
  EXPECT_EQ(read_effects(folder_).error().id, "E-EFF-001");
  ASSERT_TRUE(write_file_atomically(folder_ / "effects.h5", "no HDF5").ok());
  EXPECT_EQ(read_effects(folder_).error().id, "E-EFF-001");
  ASSERT_TRUE(write_file_atomically(folder_ / "a.journal", "no journal").ok());
  EXPECT_EQ(read_effects(folder_ / "a.journal").error().id, "E-EFF-001");
}

TEST_P(EffectsErrorTest, anEmptyJournalSaysThatNothingWasComputed) {
  ASSERT_TRUE(write_file_atomically(folder_ / kEffectsJournalName, "CWBLOCK1").ok());
  EXPECT_EQ(read_effects(folder_).error().id, "E-EFF-002");
}

// A kill can strike between any two bytes.
TEST_P(EffectsErrorTest, aJournalThatWasKilledInItsFirstBytesIsResumed) {
  for (std::size_t length = 0; length <= 8; ++length) {
    ASSERT_TRUE(write_file_atomically(folder_ / kEffectsJournalName, std::string("CWBLOCK1").substr(0, length)).ok());
    EXPECT_EQ(read_effects(folder_).error().id, "E-EFF-002") << length;
    auto writer = EffectsWriter::open(folder_, small_header(false), false);
    ASSERT_TRUE(writer.ok()) << length << ": " << writer.error().message;
    EXPECT_EQ(writer->num_blocks(), 0);
    ASSERT_TRUE(writer->append(block(0, false)).ok());
    const auto read = read_effects(folder_);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->size(), 2);
  }
  ASSERT_TRUE(write_file_atomically(folder_ / kEffectsJournalName, "CWx").ok());
  EXPECT_EQ(EffectsWriter::open(folder_, small_header(false), false).error().id, "E-EFF-001");
}

TEST_P(EffectsErrorTest, anotherRunInTheFolderIsNotContinued) {
  { auto writer = EffectsWriter::open(folder_, small_header(false), false); }
  EffectsHeader other = small_header(false);
  other.provenance["seed"] = 43;
  EXPECT_EQ(EffectsWriter::open(folder_, other, false).error().id, "E-EFF-003");
  EXPECT_TRUE(EffectsWriter::open(folder_, other, true).ok());
}

TEST_P(EffectsErrorTest, rowsThatPointNowhereAreRefused) {
  auto writer = EffectsWriter::open(folder_, small_header(false), false);
  EffectRows rows = block(2, false);
  EXPECT_EQ(writer->append(rows).error().id, "E-EFF-004");
  rows = block(1, false);
  rows.cosine.pop_back();
  EXPECT_EQ(writer->append(rows).error().id, "E-EFF-004");
  rows = block(1, false);
  rows.perturbation[0] = -1;
  EXPECT_EQ(writer->append(rows).error().id, "E-EFF-004");
}

TEST_P(EffectsErrorTest, aNewerFormatAsksForAnUpdate) {
  {
    auto file = Hdf5Arrays::create(folder_ / "effects.h5");
    ASSERT_TRUE(file->set_text_attribute("format", "cellwright-effects").ok());
    ASSERT_TRUE(file->set_text_attribute("version", "99").ok());
  }
  EXPECT_EQ(read_effects(folder_).error().id, "E-EFF-006");
}

TEST_P(EffectsErrorTest, aTableThatIsMissingIsNamed) {
  {
    auto file = Hdf5Arrays::create(folder_ / "effects.h5");
    ASSERT_TRUE(file->set_text_attribute("format", "cellwright-effects").ok());
    ASSERT_TRUE(file->set_text_attribute("version", "1").ok());
    ASSERT_TRUE(file->set_text_attribute("provenance", "{}").ok());
  }
  const auto effects = read_effects(folder_);
  EXPECT_EQ(effects.error().id, "E-EFF-002");
  EXPECT_NE(effects.error().message.find("perturbations/kind"), std::string::npos);
}

TEST_P(EffectsErrorTest, aFileOpenedForReadingCannotBeWritten) {
  { auto made = Hdf5Arrays::create(folder_ / "a.h5"); }
  auto file = Hdf5Arrays::open(folder_ / "a.h5");
  EXPECT_EQ(file->make_group("cells").error().id, "E-EFF-005");
}

TEST_P(EffectsErrorTest, anUnwritableFolderIsAnError) {
  EXPECT_FALSE(EffectsWriter::open("/proc/none", small_header(false), false).ok());
}

TEST(BlockJournalTest, thatIsTakenAwayWhileItIsReadIsReadToItsEnd) {
  const auto folder = *make_scratch_folder(std::filesystem::temp_directory_path());
  const auto path = folder / "a.journal";
  {
    auto journal = BlockJournal::create(path);
    ASSERT_TRUE(journal.ok());
    for (const char* record : {"one", "two", "three"}) ASSERT_TRUE(journal->append(record).ok());
  }
  std::vector<std::string> read;
  const auto done = BlockJournal::read(path, [&](std::string_view record) -> Result<> {
    std::filesystem::remove(path);
    read.emplace_back(record);
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(read, (std::vector<std::string>{"one", "two", "three"}));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cw
