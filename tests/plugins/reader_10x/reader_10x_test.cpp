// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/reader_10x.h"

#include "tests/support/reader_facts.h"
#include "tests/support/scratch_folder.h"

#include <hdf5.h>

#include <fstream>

namespace cw {
namespace {

const std::filesystem::path kData = std::filesystem::path(CW_TEST_DATA) / "tenx";

const TestHost& host() {
  static const auto plugin = make_reader_10x();
  static const TestHost host(*plugin);
  return host;
}

Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) {
  return host().reader_for(path).open(path);
}

struct TenxCase {
  const char* name;
  const char* format;
  const char* note;  ///< part of a note, or nullptr for none at all
};
class TenxFile : public testing::TestWithParam<TenxCase> {};

TEST_P(TenxFile, holdsWhatScipyFindsAndStaysUnchanged) {
  const auto [name, format, note] = GetParam();
  const auto facts = read_json(kData / "facts.json");
  ASSERT_TRUE(facts.ok());
  EXPECT_GE(host().reader_for(kData / name).score(kData / name), 90);
  const std::string before = *sha256_of_path(kData / name);
  for (const std::int64_t max_cells : {5, 5000}) {
    const auto reader = open(kData / name);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ((*reader)->info().format, format);
    expect_facts(**reader, (*facts)[name], max_cells);
    std::string notes;
    for (const auto& text : (*reader)->info().notes) notes += text;
    if (note == nullptr) {
      EXPECT_EQ(notes, "");
    } else {
      EXPECT_NE(notes.find(note), std::string::npos) << notes;
    }
  }
  EXPECT_EQ(*sha256_of_path(kData / name), before);
}

INSTANTIATE_TEST_SUITE_P(
    Files, TenxFile,
    testing::Values(TenxCase{"kang_subset_10x.h5", "10x-h5", nullptr}, TenxCase{"liger_stim.h5", "10x-h5", nullptr},
                    TenxCase{"tenx_v2_filtered_gene_bc.h5", "10x-h5", nullptr},
                    TenxCase{"tenx_v2_multiple_genomes.h5", "10x-h5",
                             "another_genome, hg19_chr21); hg19_chr21 is read"},
                    TenxCase{"tenx_v3_filtered_feature_bc.h5", "10x-h5", nullptr},
                    TenxCase{"tenx_visium_2.1.0_raw_probe.h5", "10x-h5", nullptr},
                    TenxCase{"k562_crispr_gem_group_1", "10x-mtx", "60 features of the type 'CRISPR Guide Capture'"},
                    TenxCase{"pbmc_chr21_v3", "10x-mtx", nullptr}, TenxCase{"pbmc_hg19_chr21_v2", "10x-mtx", nullptr}),
    [](const auto& entry) {
      std::string name = entry.param.name;
      for (char& letter : name) letter = letter == '.' ? '_' : letter;
      return name;
    });

TEST(Reader10xTest, hdf5AndFolderOfOneExperimentAgree) {
  const auto h5 = open(kData / "tenx_v3_filtered_feature_bc.h5");
  const auto folder = open(kData / "pbmc_chr21_v3");
  ASSERT_TRUE(h5.ok() && folder.ok());
  EXPECT_EQ(*(*h5)->cell_names(), *(*folder)->cell_names());
  EXPECT_EQ((*h5)->genes("X")->find("name")->strings, (*folder)->genes("X")->find("name")->strings);
  const auto a = read_all(**h5, "X", 100);
  const auto b = read_all(**folder, "X", 100);
  ASSERT_TRUE(a.ok() && b.ok());
  ASSERT_EQ(a->offsets, b->offsets);
  for (std::int64_t cell = 0; cell < a->num_cells(); ++cell) EXPECT_EQ(sum_of(*a, cell), sum_of(*b, cell));
}

TEST(Reader10xTest, goesOnAtAnyCell) {
  for (const char* name : {"tenx_v3_filtered_feature_bc.h5", "pbmc_chr21_v3"}) {
    const auto reader = open(kData / name);
    ASSERT_TRUE(reader.ok());
    expect_seek_works(**reader);
  }
}

TEST(Reader10xTest, damagedAndForeignFilesAreRefused) {
  EXPECT_EQ(open(kData.parent_path() / "ingest" / "real" / "scp_bad.h5").error().id, "E-10X-001");
  EXPECT_EQ(open(kData / "absent.h5").error().code, ErrorCode::kNotFound);
  const auto loom = std::filesystem::path(CW_TEST_DATA) / "loom" / "kang_subset.loom";
  EXPECT_EQ(host().reader_for(loom).score(loom), 0);
  EXPECT_EQ(host().readers[0]->open(loom).error().id, "E-10X-002");
}

TEST(Reader10xTest, unknownNamesAreNotFound) {
  const auto reader = open(kData / "pbmc_chr21_v3");
  ASSERT_TRUE(reader.ok());
  for (const auto& error : {(*reader)->cell_column("absent").error(), (*reader)->genes("raw").error(),
                            (*reader)->open_matrix("raw").error(), (*reader)->embedding("absent").error()}) {
    EXPECT_EQ(error.id, "E-10X-005");
  }
}

class MtxFolderTest : public ScratchFolderTest {
 protected:
  void write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  void write_tables(const std::string& prefix = "") {
    write(prefix + "features.tsv",
          "ENSG1\tA\tGene Expression\nENSG2\tB\tAntibody Capture\r\nENSG3\tC\tGene Expression\n");
    write(prefix + "barcodes.tsv", "c1\nc2\nc3");
  }
  /// Error of reading everything.
  Error error_of_reading() {
    const auto reader = open(folder_);
    if (!reader.ok()) return reader.error();
    const auto all = read_all(**reader, "X", 2);
    EXPECT_FALSE(all.ok());
    return all.ok() ? Error{} : all.error();
  }
  static constexpr const char* kHead = "%%MatrixMarket matrix coordinate integer general\n%metadata_json: {\"x\": 1}\n";
};

TEST_F(MtxFolderTest, readsPrefixesCommentsAndLinesWithoutEnd) {
  write_tables("GSM1_");
  write("GSM1_matrix.mtx", std::string(kHead) + "3 3 4\n1 1 5\n2 1 9\n3 1 2\n3 3 7");
  const auto reader = open(folder_);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const auto all = read_all(**reader, "X", 10);
  ASSERT_TRUE(all.ok()) << all.error().message;
  EXPECT_EQ(all->offsets, (std::vector<std::uint64_t>{0, 2, 2, 3}));
  EXPECT_EQ(all->genes, (std::vector<std::uint32_t>{0, 1, 1}));
  EXPECT_EQ(all->values, (std::vector<float>{5, 2, 7}));
  EXPECT_TRUE(open(folder_ / "GSM1_matrix.mtx").ok());
}

TEST_F(MtxFolderTest, readsOtherOrdersAndTransposedMatrices) {
  write("features.tsv", "ENSG1\tA\nENSG2\tB\n");
  write("barcodes.tsv", "c1\nc2\nc3\n");
  write("matrix.mtx", "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 5\n1 3 1.5\n2 1 2\n");
  const auto by_gene = read_all(**open(folder_), "X", 10);
  ASSERT_TRUE(by_gene.ok()) << by_gene.error().message;
  EXPECT_EQ(by_gene->offsets, (std::vector<std::uint64_t>{0, 2, 2, 3}));
  EXPECT_EQ(by_gene->values, (std::vector<float>{5, 2, 1.5F}));
  write("matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n3 2 2\n1 2 5\n3 1 4\n");
  const auto reader = open(folder_);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_NE((*reader)->info().notes.at(0).find("cells in its rows"), std::string::npos);
  const auto transposed = read_all(**reader, "X", 10);
  EXPECT_EQ(transposed->genes, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(transposed->offsets, (std::vector<std::uint64_t>{0, 1, 1, 2}));
}

TEST_F(MtxFolderTest, brokenMatricesAreRefusedWithTheirLine) {
  write_tables();
  const std::pair<const char*, const char*> cases[] = {{"3 3 2\n1 1 5\n", "E-10X-008"},
                                                       {"3 3 1\n1 1 5\n2 2 1\n", "E-10X-008"},
                                                       {"3 3 1\n4 1 5\n", "E-10X-008"},
                                                       {"3 3 1\n0 1 5\n", "E-10X-008"},
                                                       {"3 3 1\n1 1 x\n", "E-10X-008"},
                                                       {"3 3 1\n1 1\n", "E-10X-008"},
                                                       {"3 3\n", "E-10X-007"},
                                                       {"3 -3 1\n", "E-10X-007"},
                                                       {"", "E-10X-007"},
                                                       {"3 4 0\n", "E-10X-009"}};
  for (const auto& [content, id] : cases) {
    write("matrix.mtx", std::string(kHead) + content);
    const Error error = error_of_reading();
    EXPECT_EQ(error.id, id) << content << error.message;
    EXPECT_NE(error.message.find("matrix.mtx"), std::string::npos) << error.message;
  }
  write("matrix.mtx", "1 1 1\n");
  EXPECT_EQ(error_of_reading().id, "E-10X-007");
  write("matrix.mtx", "%%MatrixMarket matrix array real general\n1 1\n");
  EXPECT_EQ(error_of_reading().code, ErrorCode::kUnsupported);
}

TEST_F(MtxFolderTest, missingFilesAreNamed) {
  write("matrix.mtx", std::string(kHead) + "3 3 0\n");
  EXPECT_NE(open(folder_).error().message.find("features.tsv"), std::string::npos);
  EXPECT_EQ(open(folder_).error().id, "E-10X-010");
  write("genes.tsv", "a\tb\n");
  EXPECT_NE(open(folder_).error().message.find("barcodes.tsv"), std::string::npos);
}

TEST_F(MtxFolderTest, foldersWithoutGenesAreRefused) {
  write("features.tsv", "p1\tP1\tPeaks\np2\tP2\tPeaks\n");
  write("barcodes.tsv", "c1\n");
  write("matrix.mtx", std::string(kHead) + "2 1 0\n");
  EXPECT_EQ(open(folder_).error().id, "E-10X-004");
  EXPECT_NE(open(folder_).error().message.find("Peaks"), std::string::npos);
}

TEST_F(MtxFolderTest, cutOffGzipIsRefused) {
  for (const char* name : {"barcodes.tsv.gz", "features.tsv.gz", "matrix.mtx.gz"}) {
    std::filesystem::copy_file(kData / "pbmc_chr21_v3" / name, folder_ / name);
  }
  std::filesystem::resize_file(folder_ / "matrix.mtx.gz", 30000);
  EXPECT_EQ(error_of_reading().id, "E-10X-006");
}

TEST_F(MtxFolderTest, hdf5WithForeignIndicesIsRefused) {
  const auto path = folder_ / "x.h5";
  std::filesystem::copy_file(kData / "kang_subset_10x.h5", path);
  const auto change = [&](const char* name, int place, int value) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t space = H5Dget_space(data);
    std::vector<int> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(data, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    const int old = std::exchange(values[static_cast<std::size_t>(place)], value);
    H5Dwrite(data, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Sclose(space);
    H5Dclose(data);
    H5Fclose(file);
    return old;
  };
  const int feature = change("/matrix/indices", 3, 234);
  EXPECT_EQ(read_all(**open(path), "X", 10).error().id, "E-10X-003");
  change("/matrix/indices", 3, feature);
  ASSERT_TRUE(read_all(**open(path), "X", 10).ok());
  const int offset = change("/matrix/indptr", 5, 1'000'000);
  EXPECT_EQ((*open(path))->open_matrix("X").error().id, "E-10X-003");
  change("/matrix/indptr", 5, offset);
  change("/matrix/shape", 1, 70);
  EXPECT_EQ(open(path).error().id, "E-10X-003");
}

}  // namespace
}  // namespace cw
