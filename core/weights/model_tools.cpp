// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_tools.h"

#include "core/weights/model_layout.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

namespace cw {
namespace {

TensorDifference difference(const TensorRef& a, const TensorRef& b) {
  TensorDifference result{a.name, a.shape, false, 0, 0, 1};
  result.same_bits = a.dtype == b.dtype && std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
  if (result.same_bits) return result;
  const auto count = static_cast<std::size_t>(a.num_elements());
  double sum = 0;
  double dot = 0;
  double norm_a = 0;
  double norm_b = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = element_at(a, i);
    const double y = element_at(b, i);
    double apart = std::abs(x - y);
    if (std::isnan(apart)) apart = std::isnan(x) && std::isnan(y) ? 0 : std::numeric_limits<double>::infinity();
    result.max_abs = std::max(result.max_abs, apart);
    sum += apart;
    dot += x * y;
    norm_a += x * x;
    norm_b += y * y;
  }
  if (count > 0) result.mean_abs = sum / static_cast<double>(count);
  if (norm_a > 0 || norm_b > 0) result.cosine = dot / std::sqrt(norm_a * norm_b);  // 0/0 where just one is zero: NaN
  return result;
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

Result<Json> describe_model(const std::filesystem::path& folder) {
  CW_ASSIGN(const ModelFolder model, open_model_folder(folder));
  std::int64_t parameters = 0;
  std::set<std::string> dtypes;
  std::vector<std::string> unknown;
  std::set<std::string> expected;
  for (const auto& spec : encoder_parameters(model.config)) expected.insert(spec.name);
  for (const auto& spec : head_parameters(model.config)) expected.insert(spec.name);
  for (const auto& tensor : model.weights->tensors()) {
    if (is_redundant_parameter(tensor.name)) continue;
    if (!expected.contains(tensor.name)) unknown.push_back(tensor.name);
    parameters += tensor.num_elements();
    dtypes.insert(std::string(name_of(tensor.dtype)));
  }
  const ModelConfig& config = model.config;
  Json json;
  json["file"] = folder.string();
  json["format"] = "model";
  json["architecture"] = config.architecture;
  json["layers"] = config.layers;
  json["hidden"] = config.hidden;
  json["heads"] = config.heads;
  json["feed_forward"] = config.ffn;
  json["vocabulary"] = config.vocab_size;
  json["max_length"] = config.max_positions;
  json["head"] = !model.has_head ? "none" : config.is_classifier() ? "classifier" : "masked-lm";
  if (config.is_classifier()) json["classes"] = config.label_names;
  json["parameters"] = parameters;
  json["tensors"] = model.weights->tensors().size();
  json["dtypes"] = dtypes;
  json["other_tensors"] = unknown;
  json["weights"] = model.weights->path().filename().string();
  json["weights_sha256"] = model.weights_sha256;
  json["cellwright"] = model.cellwright;
  return json;
}

bool ModelComparison::same_bits() const noexcept {
  return other_shape.empty() && only_in_first.empty() && only_in_second.empty() &&
         std::all_of(tensors.begin(), tensors.end(), [](const auto& tensor) { return tensor.same_bits; });
}

Result<ModelComparison> compare_models(const std::filesystem::path& first, const std::filesystem::path& second,
                                       JobContext& context) {
  CW_ASSIGN(const ModelFolder a, open_model_folder(first));
  CW_ASSIGN(const ModelFolder b, open_model_folder(second));
  ModelComparison comparison;
  const auto& tensors = a.weights->tensors();
  const auto total = static_cast<std::int64_t>(tensors.size());
  for (std::int64_t i = 0; i < total; ++i) {
    if (context.cancelled()) return cancelled_error("comparing models");
    context.report(i, total, "Comparing tensors");
    const TensorRef& tensor = tensors[static_cast<std::size_t>(i)];
    if (is_redundant_parameter(tensor.name)) continue;
    const TensorRef* other = b.weights->find(tensor.name);
    if (other == nullptr) {
      comparison.only_in_first.push_back(tensor.name);
    } else if (other->shape != tensor.shape) {
      comparison.other_shape.push_back(tensor.name + ": " + shape_text(tensor.shape) + " and " +
                                       shape_text(other->shape));
    } else {
      comparison.tensors.push_back(difference(tensor, *other));
    }
  }
  for (const auto& tensor : b.weights->tensors()) {
    if (!is_redundant_parameter(tensor.name) && a.weights->find(tensor.name) == nullptr) {
      comparison.only_in_second.push_back(tensor.name);
    }
  }
  std::stable_sort(comparison.tensors.begin(), comparison.tensors.end(),
                   [](const auto& x, const auto& y) { return x.max_abs > y.max_abs; });
  context.report(total, total, "Comparing tensors");
  return comparison;
}

Json to_json(const ModelComparison& comparison) {
  Json json;
  json["equal"] = comparison.same_bits();
  json["only_in_first"] = comparison.only_in_first;
  json["only_in_second"] = comparison.only_in_second;
  json["other_shape"] = comparison.other_shape;
  json["tensors"] = Json::array();
  for (const auto& tensor : comparison.tensors) {
    json["tensors"].push_back({{"name", tensor.name},
                               {"shape", tensor.shape},
                               {"same_bits", tensor.same_bits},
                               {"max_abs", number_or_null(tensor.max_abs)},
                               {"mean_abs", number_or_null(tensor.mean_abs)},
                               {"cosine", number_or_null(tensor.cosine)}});
  }
  return json;
}

Result<> convert_model(const std::filesystem::path& source, const std::filesystem::path& new_folder, bool overwrite) {
  CW_ASSIGN(const ModelFolder model, open_model_folder(source));
  return write_model_folder(new_folder, model.config, model.weights->tensors(), model.cellwright, overwrite);
}

}  // namespace cw
