// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/weights/model_config.h"
#include "core/weights/tensor_file.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace cw {

/// A model as it lies on disk: `config.json`, `model.safetensors` or `pytorch_model.bin`, perhaps our
/// `cellwright.json` (dictionary, provenance, corpora seen).
struct ModelFolder {
  std::filesystem::path path;
  ModelConfig config;
  std::shared_ptr<const TensorFile> weights;
  Json cellwright;             ///< null where there is none
  std::string weights_sha256;  ///< of the weights file
  bool has_head = false;       ///< the head of `config.architecture` is in the file; encoders alone are read too
};

/// Opens a folder, preferring `model.safetensors`, and checks that every parameter of the encoder, and of the head if
/// any of it is there, has the shape that the configuration says. Values are not read, except for the checksum.
/// Errors: kNotFound (no folder, no configuration, no weights), kParse, kUnsupported, kRefused, kInvalidArgument,
/// kShape (a parameter is missing or has another shape).
[[nodiscard]] Result<ModelFolder> open_model_folder(const std::filesystem::path& path);

/// Writes `config.json`, `model.safetensors` and, unless null, `cellwright.json` as a folder that `transformers` loads
/// without a warning. Redundant entries of old checkpoints are left out; values are stored bit by bit.
/// Errors: kInvalidArgument (exists and not `overwrite`), kShape (parameters that do not fit the configuration), kIo,
/// kNoSpace.
Result<> write_model_folder(const std::filesystem::path& new_folder, const ModelConfig& config,
                            std::span<const TensorRef> tensors, const Json& cellwright, bool overwrite);

}  // namespace cw
