// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/embed_options.h"
#include "core/api/perturb_options.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

EmbedOptions good_embedding() {
  EmbedOptions o;
  o.input = "cells.tokens.h5";
  o.model = "model";
  o.output = "out.h5ad";
  return o;
}

PerturbOptions good_perturbation() {
  PerturbOptions o;
  o.input = "cells.tokens.h5";
  o.model = "model";
  o.output = "run";
  o.requests = {{"delete", {"all"}}};
  return o;
}

TEST(EmbedPerturbOptionsTest, theDefaultsAreValidAndSurviveJson) {
  EmbedOptions embed = good_embedding();
  embed.filter = {{"condition", {"control", "stimulated"}}};
  const auto embed_back = embed_options_from_json(to_json(embed));
  ASSERT_TRUE(embed_back.ok()) << embed_back.error().message;
  EXPECT_EQ(to_json(*embed_back), to_json(embed));
  PerturbOptions perturb = good_perturbation();
  perturb.requests.push_back({"overexpress", {"PAX5", "EBF1"}});
  const auto perturb_back = perturb_options_from_json(to_json(perturb));
  ASSERT_TRUE(perturb_back.ok()) << perturb_back.error().message;
  EXPECT_EQ(to_json(*perturb_back), to_json(perturb));
}

TEST(EmbedPerturbOptionsTest, unknownKeysAreNamed) {
  Json json = to_json(good_perturbation());
  json["requests"][0]["gene"] = "X";
  EXPECT_EQ(perturb_options_from_json(json).error().id, "E-ARG-001");
  json = to_json(good_embedding());
  json["layers"] = 3;
  EXPECT_NE(embed_options_from_json(json).error().message.find("layers"), std::string::npos);
}

template <class Options>
void expect_refused(Options options, const std::function<void(Options&)>& spoil, const std::string& named) {
  ASSERT_TRUE(options.validate().ok());
  spoil(options);
  const auto result = options.validate();
  ASSERT_FALSE(result.ok()) << named;
  EXPECT_EQ(result.error().id, "E-ARG-002");
  EXPECT_NE(result.error().message.find(named), std::string::npos) << result.error().message;
}

TEST(EmbedPerturbOptionsTest, embeddingOptionsOutOfRangeAreNamed) {
  const std::vector<std::pair<std::string, std::function<void(EmbedOptions&)>>> cases = {
      {"--model", [](auto& o) { o.model.clear(); }},
      {"--out", [](auto& o) { o.output.clear(); }},
      {"--layer", [](auto& o) { o.layer = "-1"; }},
      {"--mode", [](auto& o) { o.mode = "mean"; }},
      {"--summary", [](auto& o) { o.mode = "gene", o.summary = "mean"; }},
      {"--max-cells", [](auto& o) { o.max_cells = -1; }},
      {"--precision", [](auto& o) { o.precision = "fp8"; }},
      {"--tokens-per-batch", [](auto& o) { o.tokens_per_batch = 1; }},
      {"--all-occurrences", [](auto& o) { o.all_occurrences = true; }},
      {"--threads", [](auto& o) { o.num_threads = -1; }}};
  for (const auto& [named, spoil] : cases) expect_refused(good_embedding(), spoil, named);
}

TEST(EmbedPerturbOptionsTest, aDeviceThatIsNoneIsRefused) {
  EmbedOptions options = good_embedding();
  for (const char* device : {"auto", "cpu", "cuda", "cuda:3"}) {
    options.device = device;
    EXPECT_TRUE(options.validate().ok()) << device;
  }
  for (const char* device : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x"}) {
    options.device = device;
    ASSERT_FALSE(options.validate().ok()) << device;
    EXPECT_EQ(options.validate().error().id, "E-DEV-002");
  }
}

TEST(EmbedPerturbOptionsTest, perturbationOptionsOutOfRangeAreNamed) {
  const std::vector<std::pair<std::string, std::function<void(PerturbOptions&)>>> cases = {
      {"the perturbation", [](auto& o) { o.requests.clear(); }},
      {"the kind", [](auto& o) { o.requests[0].kind = "remove"; }},
      {"--delete", [](auto& o) { o.requests[0].genes.clear(); }},
      {"--how", [](auto& o) { o.how = "together"; }},
      {"--anchor", [](auto& o) { o.how = "anchor"; }},
      {"--anchor", [](auto& o) { o.anchor = "PAX5"; }},
      {"--quartiles", [](auto& o) { o.quartiles = 4; }},
      {"--position", [](auto& o) { o.position = 1.5; }},
      {"--state", [](auto& o) { o.goal = "B"; }},
      {"--start", [](auto& o) { o.state_column = "type"; }},
      {"--goal", [](auto& o) { o.state_column = "type", o.start = "A"; }},
      {"A twice", [](auto& o) { o.state_column = "type", o.start = "A", o.goal = "A"; }},
      {"--cells", [](auto& o) { o.first_cell = 5, o.end_cell = 5; }},
      {"--mode", [](auto& o) { o.mode = "gene"; }},
      {"--method", [](auto& o) { o.method = "guess"; }},
      {"--method", [](auto& o) { o.method = "screen", o.requests[0].kind = "overexpress"; }},
      {"--null", [](auto& o) { o.null_count = -1; }},
      {"--preview", [](auto& o) { o.preview = -1; }},
      {"--screen-sample", [](auto& o) { o.screen_sample = 3; }}};
  for (const auto& [named, spoil] : cases) expect_refused(good_perturbation(), spoil, named);
}

}  // namespace
}  // namespace cw
