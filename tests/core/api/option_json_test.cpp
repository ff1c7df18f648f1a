// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/option_json.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

struct Sample {
  int layers = 3;
  std::string mode = "cell";
  std::vector<std::string> genes;
};

Result<Sample> sample_from(const Json& json) {
  Sample sample;
  OptionReader reader(json, "sample");
  reader.read("layers", sample.layers);
  reader.read("mode", sample.mode);
  reader.read("genes", sample.genes);
  CW_TRY(reader.finish());
  return sample;
}

TEST(OptionJsonTest, missingKeysKeepTheDefault) {
  const auto sample = sample_from(Json::parse(R"({"genes": ["TP53"]})"));
  ASSERT_TRUE(sample.ok());
  EXPECT_EQ(sample->layers, 3);
  EXPECT_EQ(sample->genes, std::vector<std::string>{"TP53"});
}

TEST(OptionJsonTest, unknownKeyIsNamed) {
  const auto sample = sample_from(Json::parse(R"({"layer": 2})"));
  ASSERT_FALSE(sample.ok());
  EXPECT_EQ(sample.error().id, "E-ARG-001");
  EXPECT_NE(sample.error().message.find("'layer'"), std::string::npos);
}

TEST(OptionJsonTest, wrongTypeIsNamed) {
  const auto sample = sample_from(Json::parse(R"({"layers": "two"})"));
  ASSERT_FALSE(sample.ok());
  EXPECT_NE(sample.error().message.find("'layers'"), std::string::npos);
}

TEST(OptionJsonTest, notAnObjectIsRefused) { EXPECT_FALSE(sample_from(Json::parse("[1]")).ok()); }

}  // namespace
}  // namespace cw
