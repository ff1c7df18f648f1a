// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/weights/model_layout.h"
#include "core/weights/model_tools.h"

#include <array>
#include <cmath>
#include <numbers>

namespace cw {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195): full period, any seed is good.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    const std::uint64_t number = scramble(state_);
    state_ += 0x9E3779B97F4A7C15U;
    return number;
  }
  /// In (0, 1]: the logarithm of it is finite.
  double uniform() noexcept { return (static_cast<double>(next() >> 11U) + 1.0) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

/// FNV-1a: gives every parameter its own stream, so that adding a layer does not change the others.
std::uint64_t hash_of(std::string_view name) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return hash;
}

/// Box-Muller: two independent standard normal values from two uniform ones.
void fill_normal(std::vector<float>& values, double deviation, SplitMix64 source) {
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const double radius = deviation * std::sqrt(-2.0 * std::log(source.uniform()));
    const double angle = 2.0 * std::numbers::pi * source.uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < values.size()) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
}

std::vector<float> initial_values(const ParameterSpec& spec, const ModelConfig& config, std::uint64_t seed) {
  std::size_t count = 1;
  for (const auto extent : spec.shape) count *= static_cast<std::size_t>(extent);
  std::vector<float> values(count, spec.start == InitialValue::kOne ? 1.0F : 0.0F);
  if (spec.start != InitialValue::kNormal) return values;
  fill_normal(values, config.initializer_range, SplitMix64(SplitMix64(seed).next() ^ hash_of(spec.name)));
  if (spec.name == "bert.embeddings.word_embeddings.weight") {
    const auto row = values.begin() + config.pad_token * config.hidden;
    std::fill(row, row + config.hidden, 0.0F);
  }
  return values;
}

struct Preset {
  const char* name;
  std::int64_t vocab_size, max_positions, hidden, layers, heads, ffn;
  double dropout;
};
constexpr std::array<Preset, 5> kPresets{{{"demo", 25426, 2048, 128, 4, 2, 128, 0.1},
                                          {"v1-10m", 25426, 2048, 256, 6, 4, 512, 0.02},
                                          {"v1-40m", 25426, 2048, 512, 12, 8, 1024, 0.02},
                                          {"v2-104m", 20275, 4096, 768, 12, 12, 3072, 0.1},
                                          {"v2-316m", 20275, 4096, 1152, 18, 18, 4608, 0.1}}};

}  // namespace

Result<ModelConfig> model_preset(std::string_view name) {
  std::string names;
  for (const auto& preset : kPresets) {
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
    if (name != preset.name) continue;
    ModelConfig config;
    config.vocab_size = preset.vocab_size;
    config.max_positions = preset.max_positions;
    config.hidden = preset.hidden;
    config.layers = preset.layers;
    config.heads = preset.heads;
    config.ffn = preset.ffn;
    config.hidden_dropout = preset.dropout;
    config.attention_dropout = preset.dropout;
    return config;
  }
  return Error{ErrorCode::kInvalidArgument, "E-WGT-019",
               "there is no model preset " + std::string(name) + "; the presets are " + names};
}

Result<> create_model(const std::filesystem::path& new_folder, const ModelConfig& config, std::uint64_t seed,
                      const Json& cellwright, bool overwrite) {
  CW_TRY(validate(config, new_folder.string()));
  auto specs = encoder_parameters(config);
  for (auto& spec : head_parameters(config)) specs.push_back(std::move(spec));
  std::vector<std::vector<float>> values;
  std::vector<TensorRef> tensors;
  for (auto& spec : specs) {
    values.push_back(initial_values(spec, config, seed));
    tensors.push_back({spec.name, DType::kFloat32, spec.shape, std::as_bytes(std::span<const float>(values.back()))});
  }
  return write_model_folder(new_folder, config, tensors, cellwright, overwrite);
}

}  // namespace cw
