// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_config.h"

#include <array>
#include <cmath>
#include <map>

namespace cw {
namespace {

Error refuse(ErrorCode code, const char* id, std::string_view where, const std::string& what) {
  return {code, id, std::string(where) + ": " + what};
}

constexpr const char* kRegression = "regression";  // problem_type of transformers
constexpr const char* kOneClass = "single_label_classification";

struct Size {
  const char* key;
  std::int64_t ModelConfig::*member;
  std::int64_t standard;  ///< of transformers' BertConfig
};
constexpr std::array<Size, 8> kSizes{{{"vocab_size", &ModelConfig::vocab_size, 30522},
                                      {"max_position_embeddings", &ModelConfig::max_positions, 512},
                                      {"hidden_size", &ModelConfig::hidden, 768},
                                      {"num_hidden_layers", &ModelConfig::layers, 12},
                                      {"num_attention_heads", &ModelConfig::heads, 12},
                                      {"intermediate_size", &ModelConfig::ffn, 3072},
                                      {"type_vocab_size", &ModelConfig::type_vocab, 2},
                                      {"pad_token_id", &ModelConfig::pad_token, 0}}};
struct Real {
  const char* key;
  double ModelConfig::*member;
  double standard;
};
constexpr std::array<Real, 5> kReals{{{"hidden_dropout_prob", &ModelConfig::hidden_dropout, 0.1},
                                      {"attention_probs_dropout_prob", &ModelConfig::attention_dropout, 0.1},
                                      {"classifier_dropout", &ModelConfig::classifier_dropout, -1},
                                      {"layer_norm_eps", &ModelConfig::layer_norm_eps, 1e-12},
                                      {"initializer_range", &ModelConfig::initializer_range, 0.02}}};

/// A text that must have one of `allowed`; absent or null means the first.
Result<std::string> read_choice(const Json& json, const char* key, std::initializer_list<const char*> allowed,
                                std::string_view where) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::string(*allowed.begin());
  std::string names;
  for (const char* name : allowed) {
    if (found->is_string() && found->get<std::string>() == name) return std::string(name);
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return refuse(ErrorCode::kUnsupported, "E-WGT-012", where,
                std::string(key) + " is " + found->dump() + "; Cellwright computes " + names + " only");
}

Result<std::string> read_activation(const Json& json, std::string_view where) {
  // BertConfig's own default is gelu, which no Geneformer uses: only a written "relu" is one
  const auto found = json.find("hidden_act");
  if (found != json.end() && found->is_string() && found->get<std::string>() == "relu") return std::string("relu");
  const std::string given = found == json.end() || found->is_null() ? "not given (gelu)" : found->dump();
  return refuse(ErrorCode::kUnsupported, "E-WGT-012", where,
                "hidden_act is " + given + "; Cellwright computes relu only, as every Geneformer has");
}

Result<> read_numbers(const Json& json, std::string_view where, ModelConfig& config) {
  for (const auto& size : kSizes) {
    config.*size.member = size.standard;
    const auto found = json.find(size.key);
    if (found == json.end() || found->is_null()) continue;
    if (!found->is_number_integer()) {
      return refuse(ErrorCode::kParse, "E-WGT-011", where,
                    std::string(size.key) + " is " + found->dump() + ", not a whole number");
    }
    config.*size.member = found->get<std::int64_t>();
  }
  for (const auto& real : kReals) {
    config.*real.member = real.standard;
    const auto found = json.find(real.key);
    if (found == json.end() || found->is_null()) continue;
    if (!found->is_number()) {
      return refuse(ErrorCode::kParse, "E-WGT-011", where,
                    std::string(real.key) + " is " + found->dump() + ", not a number");
    }
    config.*real.member = found->get<double>();
  }
  return {};
}

Result<> read_labels(const Json& json, std::string_view where, ModelConfig& config) {
  const auto unfit = [&] {
    return refuse(ErrorCode::kParse, "E-WGT-011", where, "id2label is not a table from 0, 1, ... to names");
  };
  constexpr std::int64_t kStandardLabels = 2;  // transformers leaves id2label out for two unnamed classes
  const auto found = json.find("id2label");
  if (found == json.end() || found->is_null()) {
    config.num_labels = kStandardLabels;
    for (std::int64_t i = 0; i < config.num_labels; ++i) config.label_names.push_back("LABEL_" + std::to_string(i));
    return {};
  }
  if (!found->is_object()) return unfit();
  std::map<std::string, std::string> names;
  for (const auto& [id, name] : found->items()) {
    if (!name.is_string()) return unfit();
    names[id] = name.get<std::string>();
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto name = names.find(std::to_string(i));
    if (name == names.end()) return unfit();
    config.label_names.push_back(name->second);
  }
  config.num_labels = static_cast<std::int64_t>(names.size());
  return {};
}

// Several numbers, or several classes at once, are other models with the same tensors.
Result<> read_problem(const Json& json, std::string_view where, const ModelConfig& config) {
  const char* expected = config.predicts_number() ? kRegression : kOneClass;
  const auto found = json.find("problem_type");
  if (found == json.end() || found->is_null() || *found == expected) return {};
  return refuse(ErrorCode::kUnsupported, "E-WGT-012", where,
                "problem_type is " + found->dump() + " with " + std::to_string(config.num_labels) +
                    " labels; Cellwright computes one class, or one number, per cell");
}

Result<std::string> read_architecture(const Json& json, std::string_view where) {
  const auto found = json.find("architectures");
  if (found == json.end() || found->is_null() || (found->is_array() && found->empty())) return std::string(kMaskedLm);
  if (found->is_array()) {
    for (const auto& entry : *found) {
      for (const char* known : {kMaskedLm, kCellClassifier, kGeneClassifier}) {
        if (entry.is_string() && entry.get<std::string>() == known) return std::string(known);
      }
    }
  }
  return refuse(ErrorCode::kUnsupported, "E-WGT-012", where,
                "architectures is " + found->dump() + "; Cellwright computes " + kMaskedLm + ", " + kCellClassifier +
                    " and " + kGeneClassifier + " only");
}

}  // namespace

Result<> validate(const ModelConfig& config, std::string_view where) {
  const auto wrong = [&](const std::string& what) {
    return refuse(ErrorCode::kInvalidArgument, "E-WGT-013", where, what);
  };
  // generous bounds; they keep products of sizes far from overflow
  constexpr std::int64_t kLargest = 1 << 24;
  for (const auto& size : kSizes) {
    const std::int64_t lowest = size.member == &ModelConfig::pad_token ? 0 : 1;
    if (config.*size.member < lowest || config.*size.member > kLargest) {
      return wrong(std::string(size.key) + " is " + std::to_string(config.*size.member) + "; it must be between " +
                   std::to_string(lowest) + " and " + std::to_string(kLargest));
    }
  }
  if (config.hidden % config.heads != 0) {
    return wrong("hidden_size " + std::to_string(config.hidden) + " is not a multiple of num_attention_heads " +
                 std::to_string(config.heads));
  }
  if (config.pad_token >= config.vocab_size) {
    return wrong("pad_token_id " + std::to_string(config.pad_token) + " is outside the vocabulary of " +
                 std::to_string(config.vocab_size) + " tokens");
  }
  for (const double dropout : {config.hidden_dropout, config.attention_dropout}) {
    if (!(dropout >= 0 && dropout < 1)) return wrong("a dropout is " + std::to_string(dropout) + ", not in [0, 1)");
  }
  if (config.classifier_dropout != -1 && !(config.classifier_dropout >= 0 && config.classifier_dropout < 1)) {
    return wrong("classifier_dropout is " + std::to_string(config.classifier_dropout) + ", not in [0, 1)");
  }
  if (!(config.layer_norm_eps > 0) || !(config.initializer_range > 0) || !std::isfinite(config.initializer_range)) {
    return wrong("layer_norm_eps and initializer_range must be above 0");
  }
  const bool enough = config.num_labels >= 2 || config.predicts_number();
  if (config.is_classifier() &&
      (!enough || config.num_labels != static_cast<std::int64_t>(config.label_names.size()))) {
    return wrong("a classifier needs at least two named classes, this one has " + std::to_string(config.num_labels));
  }
  return {};
}

Result<ModelConfig> model_config_from_json(const Json& json, std::string_view where) {
  if (!json.is_object()) return refuse(ErrorCode::kParse, "E-WGT-011", where, "not a JSON object");
  ModelConfig config;
  CW_TRY(read_choice(json, "model_type", {"bert"}, where));
  CW_TRY(read_choice(json, "position_embedding_type", {"absolute"}, where));
  const auto decoder = json.find("is_decoder");
  if (decoder != json.end() && decoder->is_boolean() && decoder->get<bool>()) {
    return refuse(ErrorCode::kUnsupported, "E-WGT-012", where, "is_decoder is true; Cellwright computes encoders only");
  }
  CW_ASSIGN(config.hidden_act, read_activation(json, where));
  CW_ASSIGN(config.architecture, read_architecture(json, where));
  CW_TRY(read_numbers(json, where, config));
  if (config.is_classifier()) CW_TRY(read_labels(json, where, config));
  if (config.architecture == kCellClassifier) {
    CW_ASSIGN(config.pooling,
              read_choice(json, "pooling", {kPoolFirst, kPoolPlainFirst, kPoolMean, kPoolAttention}, where));
    CW_TRY(read_problem(json, where, config));
  }
  CW_TRY(validate(config, where));
  return config;
}

Result<ModelConfig> read_model_config(const std::filesystem::path& config_json) {
  CW_ASSIGN(const Json json, read_json(config_json));
  return model_config_from_json(json, config_json.string());
}

Json to_json(const ModelConfig& config) {
  Json json;
  json["architectures"] = Json::array({config.architecture});
  for (const auto& real : kReals) json[real.key] = config.*real.member;
  if (config.classifier_dropout < 0) json["classifier_dropout"] = nullptr;
  json["hidden_act"] = config.hidden_act;
  if (config.is_classifier()) {
    Json names = Json::object();
    Json ids = Json::object();
    for (std::size_t i = 0; i < config.label_names.size(); ++i) {
      names[std::to_string(i)] = config.label_names[i];
      ids[config.label_names[i]] = i;
    }
    json["id2label"] = std::move(names);
    json["label2id"] = std::move(ids);
    if (config.predicts_number()) json["problem_type"] = kRegression;
    if (config.pooling != kPoolFirst) json["pooling"] = config.pooling;
  }
  for (const auto& size : kSizes) json[size.key] = config.*size.member;
  json["model_type"] = "bert";
  json["position_embedding_type"] = "absolute";
  json["torch_dtype"] = "float32";
  json["use_cache"] = true;
  return json;
}

}  // namespace cw
