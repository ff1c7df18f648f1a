// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/lora_adapter.h"

#include "core/base/files.h"
#include "core/weights/model_layout.h"
#include "core/weights/safetensors.h"

#include <cerrno>
#include <string>
#include <vector>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "base_model.model.";
constexpr const char* kSettings = "adapter_config.json";
constexpr const char* kTensors = "adapter_model.safetensors";

Error does_not_fit(const fs::path& adapter, const fs::path& base, const std::string& what) {
  return {ErrorCode::kShape, "E-FIN-010",
          adapter.string() + ": " + what + " does not fit the model " + base.string() +
              "; name the model that the adapter was trained on"};
}

// The factor alpha / rank that the adapter's settings name.
Result<double> scale_of(const fs::path& adapter) {
  CW_ASSIGN(const Json settings, read_json(adapter / kSettings));
  const Json rank = settings.value("r", Json());
  const Json alpha = settings.value("lora_alpha", Json());
  if (settings.value("peft_type", "") != "LORA" || !rank.is_number() || !alpha.is_number() ||
      rank.get<double>() < 1.0) {
    return Error{ErrorCode::kParse, "E-FIN-011",
                 (adapter / kSettings).string() + ": is not that of a LoRA adapter (peft_type LORA, r, lora_alpha)"};
  }
  return alpha.get<double>() / rank.get<double>();
}

bool has_shape(const TensorRef* tensor, const std::vector<std::int64_t>& shape) {
  return tensor != nullptr && tensor->shape == shape;
}

// weight += scale * B A, row by row.
Result<> add_product(const TensorRef& a, const TensorRef& b, double scale, std::vector<float>& weight) {
  std::vector<float> left(static_cast<std::size_t>(b.num_elements()));
  std::vector<float> right(static_cast<std::size_t>(a.num_elements()));
  CW_TRY(copy_as_float32(b, left));
  CW_TRY(copy_as_float32(a, right));
  const auto rank = static_cast<std::size_t>(a.shape[0]);
  const auto in = static_cast<std::size_t>(a.shape[1]);
  std::vector<double> row(in);
  for (std::size_t o = 0; o < static_cast<std::size_t>(b.shape[0]); ++o) {
    row.assign(in, 0.0);
    for (std::size_t k = 0; k < rank; ++k) {
      const auto factor = static_cast<double>(left[o * rank + k]);
      for (std::size_t i = 0; i < in; ++i) row[i] += factor * static_cast<double>(right[k * in + i]);
    }
    for (std::size_t i = 0; i < in; ++i) {
      weight[o * in + i] = static_cast<float>(static_cast<double>(weight[o * in + i]) + scale * row[i]);
    }
  }
  return {};
}

// "X.weight" -> "X.lora_A.weight"
std::string part_of(const std::string& weight, const char* part) {
  constexpr std::string_view kEnd = ".weight";
  if (weight.size() < kEnd.size() || weight.substr(weight.size() - kEnd.size()) != kEnd) return "";
  return weight.substr(0, weight.size() - kEnd.size()) + part + std::string(kEnd);
}

}  // namespace

Result<> write_adapter(const fs::path& new_folder, const std::string& base, const ModelConfig& config,
                       std::int64_t rank, std::span<const TensorRef> tensors, bool overwrite) {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(new_folder, overwrite));
  std::error_code error;
  fs::create_directories(output.path(), error);
  if (error) {
    errno = error.value();
    return error_from_errno("making", output.path().string());
  }
  std::vector<TensorRef> named(tensors.begin(), tensors.end());
  for (TensorRef& tensor : named) tensor.name = kPrefix + tensor.name;
  CW_TRY(write_safetensors(output.path() / kTensors, named, {{"format", "pt"}}));
  const bool of_cells = config.architecture == kCellClassifier;
  Json whole = Json::array({"classifier"});  // modules that are learned as they are
  if (of_cells && config.pooling == kPoolFirst) whole.push_back("pooler");
  if (of_cells && config.pooling == kPoolAttention) whole.push_back("attention_pool");
  CW_TRY(write_json(output.path() / kSettings, {{"peft_type", "LORA"},
                                                {"task_type", of_cells ? "SEQ_CLS" : "TOKEN_CLS"},
                                                {"base_model_name_or_path", base},
                                                {"r", rank},
                                                {"lora_alpha", kLoraScale * static_cast<double>(rank)},
                                                {"lora_dropout", 0.0},
                                                {"bias", "none"},
                                                {"fan_in_fan_out", false},
                                                {"inference_mode", true},
                                                {"target_modules", {"query", "value"}},
                                                {"modules_to_save", std::move(whole)}}));
  CW_TRY(write_json(output.path() / "config.json", to_json(config)));
  return output.commit();
}

Result<> merge_adapter(const fs::path& base, const fs::path& adapter, const fs::path& new_folder,
                       const Json& cellwright, bool overwrite) {
  CW_ASSIGN(const double scale, scale_of(adapter));
  CW_ASSIGN(const ModelConfig config, read_model_config(adapter / "config.json"));
  CW_ASSIGN(const auto changes, TensorFile::open(adapter / kTensors));
  CW_ASSIGN(const ModelFolder model, open_model_folder(base));
  std::vector<ParameterSpec> specs = encoder_parameters(config);
  for (ParameterSpec& spec : head_parameters(config)) specs.push_back(std::move(spec));
  std::vector<std::vector<float>> values;
  std::vector<TensorRef> tensors;
  for (const ParameterSpec& spec : specs) {
    const TensorRef* full = changes->find(kPrefix + spec.name);
    const TensorRef* from = full != nullptr ? full : model.weights->find(spec.name);
    if (!has_shape(from, spec.shape)) return does_not_fit(adapter, base, "'" + spec.name + "'");
    values.emplace_back(static_cast<std::size_t>(from->num_elements()));
    CW_TRY(copy_as_float32(*from, values.back()));
    const TensorRef* a = changes->find(kPrefix + part_of(spec.name, ".lora_A"));
    const TensorRef* b = changes->find(kPrefix + part_of(spec.name, ".lora_B"));
    if (a != nullptr || b != nullptr) {
      const bool fits = a != nullptr && b != nullptr && spec.shape.size() == 2 && a->shape.size() == 2 &&
                        has_shape(a, {a->shape[0], spec.shape[1]}) && has_shape(b, {spec.shape[0], a->shape[0]});
      if (!fits) return does_not_fit(adapter, base, "the change of '" + spec.name + "'");
      CW_TRY(add_product(*a, *b, scale, values.back()));
    }
    tensors.push_back({spec.name, DType::kFloat32, spec.shape, std::as_bytes(std::span<const float>(values.back()))});
  }
  return write_model_folder(new_folder, config, tensors, cellwright, overwrite);
}

}  // namespace cw
