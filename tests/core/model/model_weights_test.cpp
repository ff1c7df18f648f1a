// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_weights.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests/golden/encoder";

class ModelWeightsRoundTrip : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    target_ = std::filesystem::temp_directory_path() / ("cw_model_weights_" + std::to_string(::getpid()));
  }
  void TearDown() override { std::filesystem::remove_all(target_); }

  std::filesystem::path target_;
};

TEST_P(ModelWeightsRoundTrip, WritesAndReadsEveryParameterBitByBit) {
  auto folder = open_model_folder(kGolden / GetParam());
  ASSERT_TRUE(folder) << folder.error().message;
  ModelWeights weights = load_weights(*folder).value();
  const auto refs = tensor_refs(weights, folder->config, folder->has_head);
  const auto written = write_model_folder(target_, folder->config, refs, Json(), false);
  ASSERT_TRUE(written) << written.error().message;
  auto again = open_model_folder(target_);
  ASSERT_TRUE(again) << again.error().message;
  ModelWeights copy = load_weights(*again).value();
  const auto before = named_parameters(weights, folder->config, true);
  const auto after = named_parameters(copy, again->config, true);
  ASSERT_EQ(before.size(), after.size());
  EXPECT_GT(before.size(), 3 * 16U);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].spec.name, after[i].spec.name);
    EXPECT_TRUE(at::equal(*before[i].tensor, *after[i].tensor)) << before[i].spec.name;
  }
}

INSTANTIATE_TEST_SUITE_P(AllKinds, ModelWeightsRoundTrip, testing::Values("wide", "narrow-cell", "narrow-gene"));

TEST(ModelWeights, StandWhereTheirNamesSay) {
  auto folder = open_model_folder(kGolden / "wide");
  ASSERT_TRUE(folder);
  ModelWeights weights = load_weights(*folder).value();
  const auto check = [&](const char* name, const at::Tensor& tensor) {
    const auto list = named_parameters(weights, folder->config, true);
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const NamedParameter& one) { return one.spec.name == name; });
    ASSERT_NE(found, list.end()) << name;
    EXPECT_EQ(found->tensor, &tensor) << name;
  };
  check("bert.embeddings.word_embeddings.weight", weights.word_embeddings);
  check("bert.encoder.layer.1.attention.self.key.weight", weights.layers[1].key_weight);
  check("bert.encoder.layer.2.attention.output.LayerNorm.bias", weights.layers[2].attention_norm_bias);
  check("bert.encoder.layer.0.output.dense.weight", weights.layers[0].output_weight);
  check("cls.predictions.transform.dense.weight", weights.transform_weight);
  check("cls.predictions.bias", weights.prediction_bias);
}

}  // namespace
}  // namespace cw
