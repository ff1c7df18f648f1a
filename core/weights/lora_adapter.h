// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/weights/model_folder.h"

#include <filesystem>
#include <span>

namespace cw {

/// How the low-rank change of a weight is counted: W + scale * B A, A [rank, in], B [out, rank].
/// Source   Hu et al. 2021, arXiv:2106.09685; scale = alpha / rank, as in the published classifier (128 / 64).
inline constexpr double kLoraScale = 2.0;

/// Writes a folder in the layout of the peft library: adapter_config.json and adapter_model.safetensors; and beside
/// them config.json of the classifier that base and adapter make. `tensors` have the names of our parameters:
/// "X.lora_A.weight", "X.lora_B.weight", and whatever is trained in full. `base`: the model it belongs to.
/// Errors: kInvalidArgument (exists and not `overwrite`), kIo, kNoSpace.
Result<> write_adapter(const std::filesystem::path& new_folder, const std::string& base, const ModelConfig& config,
                       std::int64_t rank, std::span<const TensorRef> tensors, bool overwrite);

/// Adds an adapter to its base model and writes the result as an ordinary model folder.
/// Errors: those of opening both; kShape E-FIN-010 (the adapter does not fit the base); those of write_model_folder.
Result<> merge_adapter(const std::filesystem::path& base, const std::filesystem::path& adapter,
                       const std::filesystem::path& new_folder, const Json& cellwright, bool overwrite);

}  // namespace cw
