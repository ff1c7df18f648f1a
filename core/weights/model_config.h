// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

inline constexpr const char* kMaskedLm = "BertForMaskedLM";
inline constexpr const char* kCellClassifier = "BertForSequenceClassification";
inline constexpr const char* kGeneClassifier = "BertForTokenClassification";

/// Row 0 of the last layer, dense layer and tanh: what transformers knows. The others give the classifier their vector
/// as it is (behaviour spec 9.1) and are written into config.json as "pooling", which transformers does not read.
inline constexpr const char* kPoolFirst = "cls";
inline constexpr const char* kPoolPlainFirst = "first";  ///< row 0 as it is
inline constexpr const char* kPoolMean = "mean";         ///< over all positions of the cell
/// Sum of the positions by softmax(h . w) over them, w learned: "attention_pool.attention_weights".
inline constexpr const char* kPoolAttention = "attention";

/// Sizes and settings of a BERT model as Geneformer uses it; the content of Hugging Face's `config.json`.
struct ModelConfig {
  std::string architecture = kMaskedLm;  ///< kMaskedLm, kCellClassifier or kGeneClassifier
  std::int64_t vocab_size = 0;
  std::int64_t max_positions = 0;  ///< longest cell in tokens
  std::int64_t hidden = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t ffn = 0;  ///< width of the feed-forward layer
  std::int64_t type_vocab = 2;
  double hidden_dropout = 0.1;
  double attention_dropout = 0.1;
  double classifier_dropout = -1;  ///< -1: as hidden_dropout
  double layer_norm_eps = 1e-12;
  double initializer_range = 0.02;
  std::int64_t pad_token = 0;
  std::string hidden_act = "relu";  ///< "relu": every Geneformer's
  std::int64_t num_labels = 0;      ///< of a classifier, at least 2; 1 = a number; 0 for a masked language model
  std::vector<std::string> label_names;
  /// Of kCellClassifier, what is made of the positions of a cell: one of the four above.
  std::string pooling = kPoolFirst;

  [[nodiscard]] bool is_classifier() const noexcept { return architecture != kMaskedLm; }
  /// A regression: one number per cell.
  [[nodiscard]] bool predicts_number() const noexcept { return architecture == kCellClassifier && num_labels == 1; }
};

/// Checks every size; `where` goes into the error. Errors: kInvalidArgument.
Result<> validate(const ModelConfig& config, std::string_view where);

/// From the content of `config.json`. Absent keys take the defaults of transformers' BertConfig; keys that do not
/// concern us are ignored. Errors: kParse (wrong kinds), kUnsupported (another model type, position embedding or
/// activation), kInvalidArgument (sizes that do not fit each other).
[[nodiscard]] Result<ModelConfig> model_config_from_json(const Json& json, std::string_view where);

/// Errors: those of reading the file and of `model_config_from_json`.
[[nodiscard]] Result<ModelConfig> read_model_config(const std::filesystem::path& config_json);

/// The content of a `config.json` that transformers reads without a warning.
[[nodiscard]] Json to_json(const ModelConfig& config);

}  // namespace cw
