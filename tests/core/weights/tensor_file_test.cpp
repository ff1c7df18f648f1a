// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/tensor_file.h"

#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/weights/safetensors.h"
#include "core/weights/torch_checkpoint.h"
#include "tests/support/scratch_folder.h"

#include <cmath>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "weights";

class StoredModel : public testing::TestWithParam<const char*> {};

// conformance: every tensor as torch and the safetensors library read it, bit by bit
TEST_P(StoredModel, hasTheTensorsThatTorchReads) {
  const auto expected = read_json(kGolden / "expected.json");
  ASSERT_TRUE(expected.ok());
  const Json& tensors = (*expected)[GetParam()];
  const auto file = TensorFile::open(kGolden / GetParam());
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ((*file)->tensors().size(), tensors.size());
  for (const auto& [name, facts] : tensors.items()) {
    const TensorRef* tensor = (*file)->find(name);
    ASSERT_NE(tensor, nullptr) << name;
    EXPECT_EQ(name_of(tensor->dtype), facts["dtype"].get<std::string>()) << name;
    EXPECT_EQ(tensor->shape, facts["shape"].get<std::vector<std::int64_t>>()) << name;
    const std::string_view bytes(reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size());
    EXPECT_EQ(sha256(bytes), facts["sha256"].get<std::string>()) << name;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor->bytes.data()) % size_of(tensor->dtype), 0U) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, StoredModel,
                         testing::Values("masked_lm/model.safetensors", "masked_lm/pytorch_model.bin",
                                         "masked_lm/legacy.bin", "cell_classifier/model.safetensors",
                                         "cell_classifier/pytorch_model.bin", "cell_classifier/legacy.bin",
                                         "gene_classifier/model.safetensors", "gene_classifier/pytorch_model.bin",
                                         "gene_classifier/legacy.bin", "odd.safetensors", "odd.bin", "odd_legacy.bin"),
                         [](const auto& entry) {
                           std::string name = entry.param;
                           for (char& letter : name) letter = letter == '/' || letter == '.' ? '_' : letter;
                           return name;
                         });

class TensorFileTest : public ScratchFolderTest {
 protected:
  /// The file's content with one part replaced, opened again.
  Result<std::shared_ptr<const TensorFile>> open_changed(const char* name, const std::string& from,
                                                         const std::string& to) {
    std::string content = *read_file(kGolden / name);
    const auto place = content.find(from);
    EXPECT_NE(place, std::string::npos);
    content.replace(place, from.size(), to);
    EXPECT_TRUE(write_file_atomically(folder_ / "changed", content).ok());
    return TensorFile::open(folder_ / "changed");
  }
};

TEST_F(TensorFileTest, convertsEveryTypeToFloat32) {
  const auto file = TensorFile::open(kGolden / "odd.bin");
  ASSERT_TRUE(file.ok());
  const auto values = [&](const char* name) {
    const TensorRef* tensor = (*file)->find(name);
    std::vector<float> out(static_cast<std::size_t>(tensor->num_elements()));
    EXPECT_TRUE(copy_as_float32(*tensor, out).ok());
    return out;
  };
  EXPECT_EQ(values("half"), (std::vector<float>{0.0999755859375F, 65504.0F, 0x1p-24F, -0.0F}));
  EXPECT_TRUE(std::signbit(values("half")[3]));
  EXPECT_EQ(values("bfloat16")[1], -2.5F);
  EXPECT_EQ(values("double")[0], 0.1F);
  EXPECT_EQ(values("int8"), (std::vector<float>{-128, 127}));
  EXPECT_EQ(values("boolean"), (std::vector<float>{1, 0}));
  EXPECT_EQ(values("transposed")[1], 6.0F);
  std::vector<float> wrong(3);
  EXPECT_EQ(copy_as_float32(*(*file)->find("half"), wrong).error().id, "E-WGT-002");
}

TEST_F(TensorFileTest, refusesFilesThatAreNotTensorDictionaries) {
  for (const auto& [name, says] : {std::pair{"not_a_state_dict.bin", "epoch"}, {"torchscript.bin", "TorchScript"}}) {
    const auto file = TensorFile::open(kGolden / name);
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().id, "E-WGT-010");
    EXPECT_NE(file.error().message.find(says), std::string::npos) << file.error().message;
  }
  const auto dictionary = TensorFile::open(std::filesystem::path(CW_TEST_DATA) / "pickles" / "honest_tokens.pkl");
  EXPECT_EQ(dictionary.error().id, "E-WGT-010");
  EXPECT_EQ(TensorFile::open(kGolden / "absent").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(TensorFile::open(kGolden).ok());
}

TEST_F(TensorFileTest, refusesAPlantedGlobalInACheckpoint) {
  const std::string name = "ctorch._utils\n_rebuild_tensor_v2\n";
  const std::string planted = "cos\nsystem";  // padded to the same length, so that the archive stays whole
  const auto file = open_changed("odd.bin", name, planted + std::string(name.size() - planted.size() - 1, 'x') + "\n");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().id, "E-PKL-002");
  EXPECT_NE(file.error().message.find("os.system"), std::string::npos);
}

TEST_F(TensorFileTest, refusesEveryTruncation) {
  for (const char* name : {"odd.bin", "odd_legacy.bin", "odd.safetensors"}) {
    const std::string content = *read_file(kGolden / name);
    for (std::size_t size = 0; size < content.size(); ++size) {
      const auto cut = std::as_bytes(std::span<const char>(content).first(size));
      const bool refused = looks_like_torch_checkpoint(cut) ? !parse_torch_checkpoint(cut, name).ok()
                                                            : !parse_safetensors(cut, name).ok();
      EXPECT_TRUE(refused) << name << " cut to " << size << " bytes was read";
    }
  }
}

TEST_F(TensorFileTest, refusesViewsOutsideTheirStorage) {
  // window = base[1:3, 2:5]: offset 8, size (2, 3), stride (6, 1): made 255 wide
  const auto wide =
      open_changed("odd.bin", std::string("K\x08K\x02K\x03\x86", 7), std::string("K\x08K\x02K\xff\x86", 7));
  ASSERT_FALSE(wide.ok());
  EXPECT_EQ(wide.error().id, "E-WGT-009") << wide.error().message;
}

TEST_F(TensorFileTest, refusesCompressedArchives) {
  std::string content = *read_file(kGolden / "odd.bin");
  const auto central = content.find("PK\x01\x02");
  ASSERT_NE(central, std::string::npos);
  content[central + 10] = 8;  // method: deflate
  ASSERT_TRUE(write_file_atomically(folder_ / "compressed", content).ok());
  EXPECT_EQ(TensorFile::open(folder_ / "compressed").error().id, "E-WGT-008");
}

}  // namespace
}  // namespace cw
