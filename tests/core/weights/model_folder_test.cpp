// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_folder.h"

#include "core/base/sha256.h"
#include "core/weights/model_layout.h"
#include "tests/support/scratch_folder.h"

#include <algorithm>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "weights";

class ModelFolderTest : public ScratchFolderTest {
 protected:
  /// A copy of a golden model that a test may spoil.
  std::filesystem::path copy_of(const char* name) {
    std::filesystem::copy(kGolden / name, folder_ / name);
    return folder_ / name;
  }
  static std::vector<TensorRef> without(const std::vector<TensorRef>& tensors, std::string_view part) {
    std::vector<TensorRef> kept;
    for (const auto& tensor : tensors) {
      if (tensor.name.find(part) == std::string::npos) kept.push_back(tensor);
    }
    return kept;
  }
};

TEST_F(ModelFolderTest, opensEveryKindOfModelAndPrefersSafetensors) {
  for (const char* name : {"masked_lm", "cell_classifier", "gene_classifier"}) {
    const auto model = open_model_folder(kGolden / name);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->weights->path().filename(), "model.safetensors");
    EXPECT_EQ(model->weights_sha256, *sha256_of_path(kGolden / name / "model.safetensors"));
    EXPECT_TRUE(model->has_head);
    EXPECT_TRUE(model->cellwright.is_null());
  }
}

TEST_F(ModelFolderTest, fallsBackToThePyTorchFile) {
  const auto folder = copy_of("masked_lm");
  std::filesystem::remove(folder / "model.safetensors");
  const auto model = open_model_folder(folder);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->weights->path().filename(), "pytorch_model.bin");
}

TEST_F(ModelFolderTest, roundTripKeepsEveryBitAndDropsTiedEntries) {
  const auto folder = copy_of("masked_lm");
  std::filesystem::remove(folder / "model.safetensors");
  const auto source = open_model_folder(folder);
  ASSERT_TRUE(source.ok());
  const Json note{{"dictionary", "v1"}};
  ASSERT_TRUE(write_model_folder(folder_ / "new", source->config, source->weights->tensors(), note, false).ok());
  const auto written = open_model_folder(folder_ / "new");
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->cellwright, note);
  EXPECT_EQ(to_json(written->config), to_json(source->config));
  EXPECT_EQ(written->weights->find("cls.predictions.decoder.weight"), nullptr);
  EXPECT_EQ(written->weights->tensors().size(), source->weights->tensors().size() - 2);
  for (const auto& tensor : written->weights->tensors()) {
    const TensorRef* original = source->weights->find(tensor.name);
    ASSERT_NE(original, nullptr);
    EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), original->bytes.begin(), original->bytes.end()));
  }
}

TEST_F(ModelFolderTest, existingFoldersAreKeptUnlessOverwriteIsGiven) {
  const auto model = open_model_folder(kGolden / "masked_lm");
  ASSERT_TRUE(model.ok());
  std::filesystem::create_directory(folder_ / "new");
  const auto& tensors = model->weights->tensors();
  EXPECT_EQ(write_model_folder(folder_ / "new", model->config, tensors, {}, false).error().id, "E-IO-005");
  EXPECT_TRUE(write_model_folder(folder_ / "new", model->config, tensors, {}, true).ok());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(ModelFolderTest, anEncoderWithoutHeadIsReadButHalfAHeadIsNot) {
  const auto model = open_model_folder(kGolden / "masked_lm");
  ASSERT_TRUE(model.ok());
  const auto encoder = without(model->weights->tensors(), "cls.");
  ASSERT_TRUE(write_model_folder(folder_ / "encoder", model->config, encoder, {}, false).ok());
  EXPECT_FALSE(open_model_folder(folder_ / "encoder")->has_head);
  const auto half = without(model->weights->tensors(), "cls.predictions.bias");
  EXPECT_EQ(write_model_folder(folder_ / "half", model->config, half, {}, false).error().id, "E-WGT-015");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "half"));
}

TEST_F(ModelFolderTest, saysWhatIsMissing) {
  EXPECT_EQ(open_model_folder(folder_ / "absent").error().id, "E-WGT-014");
  EXPECT_NE(open_model_folder(folder_).error().message.find("config.json"), std::string::npos);
  const auto folder = copy_of("masked_lm");
  std::filesystem::remove(folder / "model.safetensors");
  std::filesystem::remove(folder / "pytorch_model.bin");
  EXPECT_NE(open_model_folder(folder).error().message.find("pytorch_model.bin"), std::string::npos);
  ASSERT_TRUE(write_file_atomically(folder / "model.safetensors.index.json", "{}").ok());
  EXPECT_EQ(open_model_folder(folder).error().id, "E-WGT-018");
}

TEST_F(ModelFolderTest, weightsOfOtherSizesAreRefusedWithBothShapes) {
  const auto folder = copy_of("masked_lm");
  auto json = read_json(folder / "config.json");
  (*json)["intermediate_size"] = 20;
  ASSERT_TRUE(write_json(folder / "config.json", *json).ok());
  const auto model = open_model_folder(folder);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().id, "E-WGT-016");
  EXPECT_NE(model.error().message.find("[10, 8]"), std::string::npos) << model.error().message;
  EXPECT_NE(model.error().message.find("[20, 8]"), std::string::npos) << model.error().message;
  (*json)["intermediate_size"] = 10;
  (*json)["num_hidden_layers"] = 3;
  ASSERT_TRUE(write_json(folder / "config.json", *json).ok());
  EXPECT_EQ(open_model_folder(folder).error().id, "E-WGT-015");
}

TEST_F(ModelFolderTest, quantisedWeightsAreRefused) {
  const auto model = open_model_folder(kGolden / "masked_lm");
  std::vector<TensorRef> tensors = model->weights->tensors();
  for (auto& tensor : tensors) {
    if (tensor.name == "bert.encoder.layer.0.attention.self.query.weight") {
      tensor.dtype = DType::kInt8;
      tensor.bytes = tensor.bytes.first(64);
    }
  }
  EXPECT_EQ(write_model_folder(folder_ / "x", model->config, tensors, {}, false).error().id, "E-WGT-017");
}

}  // namespace
}  // namespace cw
