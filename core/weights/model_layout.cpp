// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_layout.h"

namespace cw {
namespace {

class Layout {
 public:
  void linear(const std::string& name, std::int64_t out, std::int64_t in) {
    list_.push_back({name + ".weight", {out, in}, InitialValue::kNormal});
    list_.push_back({name + ".bias", {out}, InitialValue::kZero});
  }
  void layer_norm(const std::string& name, std::int64_t width) {
    list_.push_back({name + ".weight", {width}, InitialValue::kOne});
    list_.push_back({name + ".bias", {width}, InitialValue::kZero});
  }
  void embedding(const std::string& name, std::int64_t rows, std::int64_t width) {
    list_.push_back({name + ".weight", {rows, width}, InitialValue::kNormal});
  }
  void vector(const std::string& name, std::int64_t width) {
    list_.push_back({name, {width, 1}, InitialValue::kNormal});
  }
  void bias(const std::string& name, std::int64_t width) { list_.push_back({name, {width}, InitialValue::kZero}); }
  [[nodiscard]] std::vector<ParameterSpec> take() { return std::move(list_); }

 private:
  std::vector<ParameterSpec> list_;
};

}  // namespace

std::vector<ParameterSpec> encoder_parameters(const ModelConfig& config) {
  Layout layout;
  layout.embedding("bert.embeddings.word_embeddings", config.vocab_size, config.hidden);
  layout.embedding("bert.embeddings.position_embeddings", config.max_positions, config.hidden);
  layout.embedding("bert.embeddings.token_type_embeddings", config.type_vocab, config.hidden);
  layout.layer_norm("bert.embeddings.LayerNorm", config.hidden);
  for (std::int64_t i = 0; i < config.layers; ++i) {
    const std::string layer = "bert.encoder.layer." + std::to_string(i);
    for (const char* part : {"query", "key", "value"}) {
      layout.linear(layer + ".attention.self." + part, config.hidden, config.hidden);
    }
    layout.linear(layer + ".attention.output.dense", config.hidden, config.hidden);
    layout.layer_norm(layer + ".attention.output.LayerNorm", config.hidden);
    layout.linear(layer + ".intermediate.dense", config.ffn, config.hidden);
    layout.linear(layer + ".output.dense", config.hidden, config.ffn);
    layout.layer_norm(layer + ".output.LayerNorm", config.hidden);
  }
  return layout.take();
}

std::vector<ParameterSpec> head_parameters(const ModelConfig& config) {
  Layout layout;
  if (config.architecture == kMaskedLm) {
    layout.bias("cls.predictions.bias", config.vocab_size);
    layout.linear("cls.predictions.transform.dense", config.hidden, config.hidden);
    layout.layer_norm("cls.predictions.transform.LayerNorm", config.hidden);
    return layout.take();
  }
  if (config.architecture == kCellClassifier && config.pooling == kPoolFirst) {
    layout.linear("bert.pooler.dense", config.hidden, config.hidden);
  }
  if (config.architecture == kCellClassifier && config.pooling == kPoolAttention) {
    layout.vector("attention_pool.attention_weights", config.hidden);
  }
  layout.linear("classifier", config.num_labels, config.hidden);
  return layout.take();
}

bool is_redundant_parameter(std::string_view name) noexcept {
  return name == "cls.predictions.decoder.weight" || name == "cls.predictions.decoder.bias" ||
         name == "bert.embeddings.position_ids";
}

}  // namespace cw
