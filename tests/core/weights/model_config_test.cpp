// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_config.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "weights";

TEST(ModelConfigTest, readsWhatTransformersWrites) {
  const auto config = read_model_config(kGolden / "cell_classifier" / "config.json");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->architecture, kCellClassifier);
  EXPECT_EQ(config->vocab_size, 12);
  EXPECT_EQ(config->max_positions, 16);
  EXPECT_EQ(config->hidden, 8);
  EXPECT_EQ(config->layers, 2);
  EXPECT_EQ(config->heads, 2);
  EXPECT_EQ(config->ffn, 10);
  EXPECT_EQ(config->hidden_dropout, 0.02);
  EXPECT_EQ(config->classifier_dropout, -1);
  EXPECT_EQ(config->layer_norm_eps, 1e-12);
  EXPECT_EQ(config->label_names, (std::vector<std::string>{"healthy", "hcm", "dcm"}));
}

TEST(ModelConfigTest, anUnnamedClassifierHasTwoClasses) {
  const auto config = read_model_config(kGolden / "gene_classifier" / "config.json");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->num_labels, 2);
  EXPECT_EQ(config->label_names[1], "LABEL_1");
}

TEST(ModelConfigTest, writingAndReadingKeepsEverything) {
  for (const char* folder : {"masked_lm", "cell_classifier", "gene_classifier"}) {
    const auto config = read_model_config(kGolden / folder / "config.json");
    ASSERT_TRUE(config.ok());
    const auto again = model_config_from_json(to_json(*config), "again");
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(to_json(*again), to_json(*config));
    EXPECT_EQ(again->label_names, config->label_names);
  }
}

TEST(ModelConfigTest, publishedConfigurationsWithTheirExtraKeysAreRead) {
  const auto json =
      parse_json(R"({"_name_or_path":"x","architectures":["BertForMaskedLM"],"attention_probs_dropout_prob":0.02,
    "gradient_checkpointing":false,"hidden_act":"relu","hidden_dropout_prob":0.02,"hidden_size":256,"initializer_range":0.02,
    "intermediate_size":512,"layer_norm_eps":1e-12,"max_position_embeddings":2048,"model_type":"bert","num_attention_heads":4,
    "num_hidden_layers":6,"pad_token_id":0,"position_embedding_type":"absolute","problem_type":null,"torch_dtype":"float32",
    "transformers_version":"4.6.0","type_vocab_size":2,"use_cache":true,"vocab_size":25426,"classifier_dropout":null})",
                 "test");
  ASSERT_TRUE(json.ok());
  const auto config = model_config_from_json(*json, "test");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->hidden, 256);
}

// A cell classifier with one output gives a number, as in transformers; genes have classes only.
TEST(ModelConfigTest, aGeneClassifierNeedsTwoClasses) {
  auto json = read_json(kGolden / "cell_classifier" / "config.json");
  ASSERT_TRUE(json.ok());
  (*json)["id2label"] = {{"0", "only"}};
  const auto number = model_config_from_json(*json, "model/config.json");
  ASSERT_TRUE(number.ok()) << number.error().message;
  EXPECT_TRUE(number->predicts_number());
  (*json)["architectures"] = {"BertForTokenClassification"};
  const auto genes = model_config_from_json(*json, "model/config.json");
  ASSERT_FALSE(genes.ok());
  EXPECT_EQ(genes.error().id, "E-WGT-013") << genes.error().message;
}

struct Unfit {
  const char* what;
  const char* key;
  const char* value;
  const char* id;
};
class UnfitConfig : public testing::TestWithParam<Unfit> {};

TEST_P(UnfitConfig, isRefusedByName) {
  auto json = read_json(kGolden / "cell_classifier" / "config.json");
  ASSERT_TRUE(json.ok());
  (*json)[GetParam().key] = Json::parse(GetParam().value);
  const auto config = model_config_from_json(*json, "model/config.json");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().id, GetParam().id) << config.error().message;
  EXPECT_NE(config.error().message.find("model/config.json"), std::string::npos);
  if (std::string(GetParam().id) == "E-WGT-012") {
    EXPECT_NE(config.error().message.find(GetParam().value), std::string::npos) << config.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, UnfitConfig,
                         testing::Values(Unfit{"modelType", "model_type", "\"gpt2\"", "E-WGT-012"},
                                         Unfit{"positions", "position_embedding_type", "\"relative_key\"", "E-WGT-012"},
                                         Unfit{"activation", "hidden_act", "\"gelu\"", "E-WGT-012"},
                                         Unfit{"architecture", "architectures", "[\"BertForNextSentencePrediction\"]",
                                               "E-WGT-012"},
                                         Unfit{"decoder", "is_decoder", "true", "E-WGT-012"},
                                         Unfit{"headsDoNotDivide", "num_attention_heads", "3", "E-WGT-013"},
                                         Unfit{"noLayers", "num_hidden_layers", "0", "E-WGT-013"},
                                         Unfit{"negative", "vocab_size", "-5", "E-WGT-013"},
                                         Unfit{"enormous", "hidden_size", "99999999999", "E-WGT-013"},
                                         Unfit{"padding", "pad_token_id", "12", "E-WGT-013"},
                                         Unfit{"dropout", "hidden_dropout_prob", "1.5", "E-WGT-013"},
                                         Unfit{"epsilon", "layer_norm_eps", "0", "E-WGT-013"},
                                         Unfit{"gapInClasses", "id2label", "{\"0\":\"a\",\"2\":\"b\"}", "E-WGT-011"},
                                         Unfit{"classNumbers", "id2label", "{\"0\":1,\"1\":2}", "E-WGT-011"},
                                         Unfit{"text", "hidden_size", "\"8\"", "E-WGT-011"},
                                         Unfit{"fraction", "hidden_size", "8.5", "E-WGT-011"},
                                         Unfit{"dropoutText", "hidden_dropout_prob", "\"0.1\"", "E-WGT-011"}),
                         [](const auto& entry) { return std::string(entry.param.what); });

TEST(ModelConfigTest, absentActivationIsGeluAndRefused) {
  auto json = read_json(kGolden / "masked_lm" / "config.json");
  json->erase("hidden_act");
  EXPECT_EQ(model_config_from_json(*json, "x").error().id, "E-WGT-012");
  EXPECT_EQ(model_config_from_json(Json::array(), "x").error().id, "E-WGT-011");
}

}  // namespace
}  // namespace cw
