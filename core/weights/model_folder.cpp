// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_folder.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/weights/model_layout.h"
#include "core/weights/safetensors.h"

#include <algorithm>
#include <unordered_map>

namespace cw {
namespace {

using ByName = std::unordered_map<std::string_view, const TensorRef*>;

ByName by_name(std::span<const TensorRef> tensors) {
  ByName map;
  for (const auto& tensor : tensors) map[tensor.name] = &tensor;
  return map;
}

Result<> check_parameter(const ParameterSpec& spec, const ByName& tensors, std::string_view where) {
  const auto found = tensors.find(spec.name);
  if (found == tensors.end()) {
    return Error{ErrorCode::kShape, "E-WGT-015",
                 std::string(where) + ": the parameter " + spec.name + " is missing; expected " +
                     shape_text(spec.shape) + " after config.json"};
  }
  const TensorRef& tensor = *found->second;
  if (tensor.shape != spec.shape) {
    return Error{ErrorCode::kShape, "E-WGT-016",
                 std::string(where) + ": " + spec.name + " is " + shape_text(tensor.shape) + ", but config.json says " +
                     shape_text(spec.shape)};
  }
  if (!is_floating_point(tensor.dtype)) {
    return Error{ErrorCode::kUnsupported, "E-WGT-017",
                 std::string(where) + ": " + spec.name + " holds " + std::string(name_of(tensor.dtype)) +
                     "; quantised checkpoints are not read, use the original one"};
  }
  return {};
}

/// True if the head is complete, false if nothing of it is there. Errors: part of it, or another shape.
Result<bool> check_parameters(const ModelConfig& config, std::span<const TensorRef> tensors, std::string_view where) {
  const ByName map = by_name(tensors);
  for (const auto& spec : encoder_parameters(config)) CW_TRY(check_parameter(spec, map, where));
  const auto head = head_parameters(config);
  const bool any = std::any_of(head.begin(), head.end(), [&](const auto& spec) { return map.contains(spec.name); });
  if (!any) return false;
  for (const auto& spec : head) CW_TRY(check_parameter(spec, map, where));
  return true;
}

Result<std::filesystem::path> find_weights(const std::filesystem::path& folder) {
  std::error_code status;
  for (const char* name : {"model.safetensors", "pytorch_model.bin"}) {
    if (std::filesystem::is_regular_file(folder / name, status)) return folder / name;
  }
  for (const char* name : {"model.safetensors.index.json", "pytorch_model.bin.index.json"}) {
    if (std::filesystem::exists(folder / name, status)) {
      return Error{ErrorCode::kUnsupported, "E-WGT-018",
                   folder.string() + ": its weights are in several files (" + name +
                       "); save the model in one file (max_shard_size)"};
    }
  }
  return Error{ErrorCode::kNotFound, "E-WGT-014",
               folder.string() +
                   ": no weights: neither model.safetensors nor pytorch_model.bin is there; copy the weights beside "
                   "config.json"};
}

}  // namespace

Result<ModelFolder> open_model_folder(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::is_directory(path, status)) {
    return Error{ErrorCode::kNotFound, "E-WGT-014",
                 path.string() + ": no such model folder; give the folder that holds config.json and the weights"};
  }
  if (!std::filesystem::exists(path / "config.json", status)) {
    return Error{
        ErrorCode::kNotFound, "E-WGT-014",
        path.string() + ": not a model folder: config.json is missing; give the folder that holds it and the weights"};
  }
  ModelFolder model;
  model.path = path;
  CW_ASSIGN(model.config, read_model_config(path / "config.json"));
  CW_ASSIGN(const std::filesystem::path weights, find_weights(path));
  CW_ASSIGN(model.weights, TensorFile::open(weights));
  CW_ASSIGN(model.has_head, check_parameters(model.config, model.weights->tensors(), weights.string()));
  CW_ASSIGN(model.weights_sha256, sha256_of_path(weights));
  if (std::filesystem::exists(path / "cellwright.json", status)) {
    CW_ASSIGN(model.cellwright, read_json(path / "cellwright.json"));
  }
  return model;
}

Result<> write_model_folder(const std::filesystem::path& new_folder, const ModelConfig& config,
                            std::span<const TensorRef> tensors, const Json& cellwright, bool overwrite) {
  CW_TRY(validate(config, new_folder.string()));
  CW_TRY(check_parameters(config, tensors, new_folder.string()));
  std::vector<TensorRef> kept;
  for (const auto& tensor : tensors) {
    if (!is_redundant_parameter(tensor.name)) kept.push_back(tensor);
  }
  CW_ASSIGN(PendingOutput output, PendingOutput::create(new_folder, overwrite));
  std::error_code status;
  std::filesystem::create_directory(output.path(), status);
  if (status) {
    errno = status.value();
    return error_from_errno("making the folder", new_folder.string());
  }
  Json json = to_json(config);
  json["torch_dtype"] = name_of(kept.front().dtype);
  CW_TRY(write_json(output.path() / "config.json", json));
  CW_TRY(write_safetensors(output.path() / "model.safetensors", kept, {{"format", "pt"}}));
  if (!cellwright.is_null()) CW_TRY(write_json(output.path() / "cellwright.json", cellwright));
  return output.commit();
}

}  // namespace cw
