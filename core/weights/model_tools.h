// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/weights/model_folder.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// What `cellwright model inspect` shows: architecture, layers, widths, vocabulary, head and classes, parameters,
/// element types, weights file and its checksum, the content of `cellwright.json`.
/// Errors: those of `open_model_folder`.
[[nodiscard]] Result<Json> describe_model(const std::filesystem::path& folder);

/// How two tensors of one name differ.
struct TensorDifference {
  std::string name;
  std::vector<std::int64_t> shape;
  bool same_bits = false;
  double max_abs = 0;  ///< largest difference; infinity where one of the values is not finite and they differ
  double mean_abs = 0;
  double cosine = 1;  ///< of the two as vectors; 1 for equal ones, NaN if just one is all zero
};

struct ModelComparison {
  std::vector<TensorDifference> tensors;  ///< of equal name and shape, largest difference first
  std::vector<std::string> other_shape;   ///< "name: [2, 3] and [3, 3]"
  std::vector<std::string> only_in_first;
  std::vector<std::string> only_in_second;
  [[nodiscard]] bool same_bits() const noexcept;
};

/// Compares two models tensor by tensor, whatever form they are stored in; redundant entries of old checkpoints are
/// passed over. Cost: one pass over both files. Errors: those of `open_model_folder`, kCancelled.
[[nodiscard]] Result<ModelComparison> compare_models(const std::filesystem::path& first,
                                                     const std::filesystem::path& second, JobContext& context);

[[nodiscard]] Json to_json(const ModelComparison& comparison);

/// Writes the model at `source` (usually with `pytorch_model.bin`) as a folder with `model.safetensors`; values are
/// kept bit by bit, `cellwright.json` is taken along. Errors: those of `open_model_folder` and `write_model_folder`.
Result<> convert_model(const std::filesystem::path& source, const std::filesystem::path& new_folder, bool overwrite);

/// Writes a model with random values: weights ~ Normal(0, initializer_range), biases and the padding row 0, LayerNorm
/// weights 1 (behaviour specification 3.5). Repeat: equal bytes for equal configuration and seed.
/// `cellwright` goes to `cellwright.json`. Errors: those of `write_model_folder`.
Result<> create_model(const std::filesystem::path& new_folder, const ModelConfig& config, std::uint64_t seed,
                      const Json& cellwright, bool overwrite);

/// Configuration of a published size: "demo", "v1-10m", "v1-40m", "v2-104m", "v2-316m" (specification 3.1; "demo" is
/// our own small one with the V1 vocabulary). Errors: kInvalidArgument, naming the presets.
[[nodiscard]] Result<ModelConfig> model_preset(std::string_view name);

}  // namespace cw
