// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_tools.h"

#include "core/base/sha256.h"
#include "core/weights/model_layout.h"
#include "tests/support/scratch_folder.h"

#include <cmath>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "weights";

class ModelToolsTest : public ScratchFolderTest {
 protected:
  static ModelConfig small() {
    ModelConfig config;
    config.vocab_size = 100;
    config.max_positions = 32;
    config.hidden = 32;
    config.layers = 1;
    config.heads = 2;
    config.ffn = 64;
    return config;
  }
};

TEST_F(ModelToolsTest, publishedSizesHaveTheirPublishedNumberOfParameters) {
  const std::pair<const char*, std::int64_t> kPublished[] = {
      {"v1-10m", 10'288'722}, {"v1-40m", 39'591'250}, {"v2-104m", 104'386'867}, {"v2-316m", 316'354'867}};
  for (const auto& [name, published] : kPublished) {
    const auto config = model_preset(name);
    ASSERT_TRUE(config.ok());
    std::int64_t parameters = 0;
    for (const auto& list : {encoder_parameters(*config), head_parameters(*config)}) {
      for (const auto& spec : list) {
        std::int64_t count = 1;
        for (const auto extent : spec.shape) count *= extent;
        parameters += count;
      }
    }
    EXPECT_EQ(parameters, published) << name;
  }
  const auto unknown = model_preset("v3");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().id, "E-WGT-019");
  EXPECT_NE(unknown.error().message.find("v2-104m"), std::string::npos);
}

TEST_F(ModelToolsTest, aNewModelFollowsTheInitialisation) {
  ASSERT_TRUE(create_model(folder_ / "new", small(), 42, {{"dictionary", "v1"}}, false).ok());
  const auto model = open_model_folder(folder_ / "new");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(model->has_head);
  double sum = 0;
  double squares = 0;
  std::int64_t count = 0;
  for (const auto& spec : encoder_parameters(model->config)) {
    const TensorRef* tensor = model->weights->find(spec.name);
    for (std::int64_t i = 0; i < tensor->num_elements(); ++i) {
      const double value = element_at(*tensor, static_cast<std::size_t>(i));
      if (spec.start != InitialValue::kNormal) {
        ASSERT_EQ(value, spec.start == InitialValue::kOne ? 1.0 : 0.0) << spec.name;
      }
      if (spec.start != InitialValue::kNormal || spec.name.find("word_embeddings") != std::string::npos) continue;
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  const double deviation = std::sqrt(squares / static_cast<double>(count));
  EXPECT_NEAR(sum / static_cast<double>(count), 0, 5 * 0.02 / std::sqrt(count));
  EXPECT_NEAR(deviation, 0.02, 5 * 0.02 / std::sqrt(2.0 * static_cast<double>(count)));
  const TensorRef* words = model->weights->find("bert.embeddings.word_embeddings.weight");
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(element_at(*words, i), 0.0);
  EXPECT_NE(element_at(*words, 32), 0.0);
}

TEST_F(ModelToolsTest, theSeedDecidesTheValues) {
  ASSERT_TRUE(create_model(folder_ / "a", small(), 42, {}, false).ok());
  ASSERT_TRUE(create_model(folder_ / "b", small(), 42, {}, false).ok());
  ASSERT_TRUE(create_model(folder_ / "c", small(), 43, {}, false).ok());
  EXPECT_EQ(*sha256_of_path(folder_ / "a"), *sha256_of_path(folder_ / "b"));
  EXPECT_NE(*sha256_of_path(folder_ / "a"), *sha256_of_path(folder_ / "c"));
}

TEST_F(ModelToolsTest, convertingKeepsTheModelEqual) {
  std::filesystem::copy(kGolden / "masked_lm", folder_ / "bin");
  std::filesystem::remove(folder_ / "bin" / "model.safetensors");
  ASSERT_TRUE(write_json(folder_ / "bin" / "cellwright.json", {{"dictionary", "v1"}}).ok());
  ASSERT_TRUE(convert_model(folder_ / "bin", folder_ / "safe", false).ok());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "safe" / "cellwright.json"));
  JobContext context;
  const auto comparison = compare_models(folder_ / "bin", folder_ / "safe", context);
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  EXPECT_TRUE(comparison->same_bits());
  EXPECT_EQ(to_json(*comparison)["equal"], true);
}

TEST_F(ModelToolsTest, comparisonFindsWhatDiffers) {
  const auto model = open_model_folder(kGolden / "cell_classifier");
  ASSERT_TRUE(model.ok());
  std::vector<TensorRef> tensors = model->weights->tensors();
  std::vector<float> changed(8);
  for (auto& tensor : tensors) {
    if (tensor.name != "bert.embeddings.LayerNorm.bias") continue;
    ASSERT_TRUE(copy_as_float32(tensor, changed).ok());
    changed[3] += 0.5F;
    tensor.bytes = std::as_bytes(std::span<const float>(changed));
  }
  ASSERT_TRUE(write_model_folder(folder_ / "other", model->config, tensors, {}, false).ok());
  JobContext context;
  const auto comparison = compare_models(kGolden / "cell_classifier", folder_ / "other", context);
  ASSERT_TRUE(comparison.ok());
  EXPECT_FALSE(comparison->same_bits());
  EXPECT_EQ(comparison->tensors[0].name, "bert.embeddings.LayerNorm.bias");
  EXPECT_NEAR(comparison->tensors[0].max_abs, 0.5, 1e-6);
  EXPECT_NEAR(comparison->tensors[0].mean_abs, 0.5 / 8, 1e-6);
  EXPECT_LT(comparison->tensors[0].cosine, 1.0);
  EXPECT_TRUE(comparison->tensors[1].same_bits);

  const auto heads = compare_models(kGolden / "masked_lm", kGolden / "gene_classifier", context);
  ASSERT_TRUE(heads.ok());
  EXPECT_EQ(heads->only_in_second, (std::vector<std::string>{"classifier.bias", "classifier.weight"}));
  EXPECT_EQ(heads->only_in_first.size(), 5U);
}

TEST_F(ModelToolsTest, comparisonStopsWhenCancelled) {
  JobContext context;
  context.request_cancel();
  EXPECT_EQ(compare_models(kGolden / "masked_lm", kGolden / "masked_lm", context).error().code, ErrorCode::kCancelled);
}

TEST_F(ModelToolsTest, descriptionNamesSizesAndHead) {
  const auto facts = describe_model(kGolden / "cell_classifier");
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ((*facts)["layers"], 2);
  EXPECT_EQ((*facts)["vocabulary"], 12);
  EXPECT_EQ((*facts)["head"], "classifier");
  EXPECT_EQ((*facts)["classes"][2], "dcm");
  EXPECT_EQ((*facts)["dtypes"], Json::array({"float32"}));
  EXPECT_EQ((*facts)["other_tensors"].size(), 0U);
  EXPECT_EQ(describe_model(folder_).error().id, "E-WGT-014");
}

}  // namespace
}  // namespace cw
