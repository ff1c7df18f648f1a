// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "core/perturb/prepared_run.h"
#include "core/perturb/run_perturb.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cw::testing_support {

/// "ENSG00000000042" for 42.
inline std::string ensembl_id_of(std::int32_t token) {
  std::string number = std::to_string(token);
  number.insert(0, 11 - number.size(), '0');
  return "ENSG" + number;
}

/// A dictionary of `num_tokens` invented genes, with or without <cls> and <eos>.
inline std::shared_ptr<const Dictionary> small_dictionary(std::int64_t num_tokens, bool special_tokens,
                                                          std::int32_t max_length) {
  std::vector<DictionaryEntry> entries = {{"<pad>", 0, 0.0, ""}, {"<mask>", 1, 0.0, ""}};
  if (special_tokens) {
    entries.push_back({"<cls>", 2, 0.0, ""});
    entries.push_back({"<eos>", 3, 0.0, ""});
  }
  for (auto token = static_cast<std::int32_t>(entries.size()); token < num_tokens; ++token) {
    entries.push_back({ensembl_id_of(token), token, 1.0, "G" + std::to_string(token)});
  }
  auto made = Dictionary::from_entries("small", std::move(entries), max_length);
  if (!made.ok()) ADD_FAILURE() << made.error().message;
  return made.ok() ? *made : nullptr;
}

/// A model folder opened with an invented dictionary of its size.
inline OpenModel open_small_model(const std::filesystem::path& folder, bool special_tokens, int num_threads) {
  OpenModel model;
  const auto opened = open_model_folder(folder);
  if (!opened.ok()) {
    ADD_FAILURE() << opened.error().message;
    return model;
  }
  EncoderOptions options;
  options.device = "cpu";
  options.num_threads = num_threads;
  const auto encoder = Encoder::load(*opened, options);
  if (!encoder.ok()) {
    ADD_FAILURE() << encoder.error().message;
    return model;
  }
  model.path = folder;
  model.weights_sha256 = opened->weights_sha256;
  model.encoder = *encoder;
  model.dictionary = small_dictionary(opened->config.vocab_size, special_tokens,
                                      static_cast<std::int32_t>(opened->config.max_positions));
  return model;
}

inline TokenizedCells cells_of(const std::vector<std::vector<std::int32_t>>& lists, const OpenModel& model,
                               Table table = {}) {
  TokensInfo info;
  info.dictionary_name = model.dictionary->name();
  info.dictionary_sha256 = model.dictionary->sha256();
  info.max_length = model.dictionary->model_input_size();
  info.has_special_tokens = model.dictionary->has_special_tokens();
  info.source = Json{{"from", "test"}};
  return TokenizedCells::from_memory(lists, std::move(table), std::move(info));
}

/// Centroids computed anew, kept nowhere.
inline CentroidSource fresh_centroids() {
  return [](const Json&, const std::function<Result<NamedCentroids>()>& make) { return make(); };
}

inline PerturbOptions options_for(std::vector<PerturbRequest> requests, std::string how = "each") {
  PerturbOptions options;
  options.input = options.model = options.output = "unused";
  options.requests = std::move(requests);
  options.how = std::move(how);
  options.num_threads = 2;
  return options;
}

/// A scratch folder that is removed at the end of a test.
class ScratchTest : public testing::Test {
 protected:
  void SetUp() override { folder_ = *make_scratch_folder(std::filesystem::temp_directory_path()); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

}  // namespace cw::testing_support
