// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/weights/model_config.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// How a parameter starts in a new model (BERT: weights Normal(0, initializer_range), biases 0, LayerNorm weights 1).
enum class InitialValue { kNormal, kZero, kOne };

/// A parameter of a model: its name in a Hugging Face checkpoint, its shape, its start.
struct ParameterSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  InitialValue start = InitialValue::kNormal;
};

/// Parameters of the encoder (`bert.embeddings.*`, `bert.encoder.*`), in the order of computation. Linear weights are
/// [out, in].
[[nodiscard]] std::vector<ParameterSpec> encoder_parameters(const ModelConfig& config);

/// Parameters of the head that the architecture names: `cls.*` without the tied matrix, or pooler and classifier.
[[nodiscard]] std::vector<ParameterSpec> head_parameters(const ModelConfig& config);

/// True for entries of old checkpoints that repeat another parameter or count positions: the tied
/// `cls.predictions.decoder.*` and `bert.embeddings.position_ids`.
[[nodiscard]] bool is_redundant_parameter(std::string_view name) noexcept;

}  // namespace cw
