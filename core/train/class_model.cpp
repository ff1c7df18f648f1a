// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/class_model.h"

#include "core/train/keyed_random.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <string_view>

namespace cw {
namespace {

constexpr std::string_view kLayerPrefix = "bert.encoder.layer.";
constexpr std::string_view kEmbeddingPrefix = "bert.embeddings.";

double head_dropout(const ModelConfig& config) {
  return config.classifier_dropout >= 0.0 ? config.classifier_dropout : config.hidden_dropout;
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// [cells, D]: mean of the positions of each cell, or their sum by softmax(h . w). Cells lie side by side, so that there
// is no padding to mask.
at::Tensor pooled_positions(EncoderPass& pass, const ModelConfig& config) {
  const at::Tensor h = pass.last_layer();
  const std::vector<at::Tensor> cells = pass.by_cell(h);
  std::vector<at::Tensor> pooled;
  pooled.reserve(cells.size());
  if (config.pooling == kPoolMean) {
    for (const at::Tensor& cell : cells) pooled.push_back(cell.mean(0));
    return at::stack(pooled);
  }
  const std::vector<at::Tensor> scores = pass.by_cell(at::matmul(h, pass.weight("attention_pool.attention_weights")));
  for (std::size_t c = 0; c < cells.size(); ++c) {
    pooled.push_back(at::matmul(at::softmax(scores[c], 0).t(), cells[c]).squeeze(0));
  }
  return at::stack(pooled);
}

}  // namespace

at::Tensor pooled_cells(EncoderPass& pass, const ModelConfig& config) {
  const auto pooled = [&] {
    if (config.pooling == kPoolFirst) return at::tanh(pass.linear("bert.pooler.dense", pass.first_rows(), false));
    return config.pooling == kPoolPlainFirst ? pass.first_rows() : pooled_positions(pass, config);
  };
  return pass.dropped_out(pooled(), head_dropout(config), RowsOf::kCells);
}

at::Tensor cell_class_logits(EncoderPass& pass, const ModelConfig& config) {
  return pass.linear("classifier", pooled_cells(pass, config), false);
}

at::Tensor gene_class_logits(EncoderPass& pass, const ModelConfig& config, const std::vector<std::int64_t>& rows) {
  const at::Tensor chosen = pass.last_layer().index_select(0, index_tensor(rows));
  return pass.linear("classifier", pass.dropped_out(chosen, head_dropout(config), RowsOf::kTargets), false);
}

void fill_xavier_uniform(const at::Tensor& weight, std::uint64_t seed, std::uint64_t place) {
  constexpr std::uint64_t kOwnKeys = std::uint64_t{1} << 32U;  // Parameters::initialise draws by the parameter's place
  KeyedRandom random(seed, RandomUse::kWeights, {kOwnKeys + place});
  const double largest = std::sqrt(6.0 / static_cast<double>(weight.size(0) + weight.size(1)));
  float* values = static_cast<float*>(weight.data_ptr());
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>(largest * (2.0 * random.uniform() - 1.0));
  }
}

std::vector<PlannedParameter> classifier_parameters(const ModelConfig& config, const FinetuneOptions& options) {
  std::vector<PlannedParameter> list = planned_parameters(config);
  for (PlannedParameter& parameter : list) {
    const std::string& name = parameter.spec.name;
    if (starts_with(name, kLayerPrefix)) {
      const bool below = std::stoll(name.substr(kLayerPrefix.size())) < options.freeze_layers;
      parameter.frozen = below || options.lora_rank > 0;
    } else if (starts_with(name, kEmbeddingPrefix)) {
      parameter.frozen = options.lora_rank > 0 || (options.freeze_layers > 0 && !options.train_embeddings);
    }
  }
  for (std::int64_t layer = options.freeze_layers; options.lora_rank > 0 && layer < config.layers; ++layer) {
    const std::string self = std::string(kLayerPrefix) + std::to_string(layer) + ".attention.self.";
    for (const char* part : {"query", "value"}) {
      list.push_back({{self + part + ".lora_A.weight", {options.lora_rank, config.hidden}, InitialValue::kNormal}});
      list.push_back({{self + part + ".lora_B.weight", {config.hidden, options.lora_rank}, InitialValue::kZero}});
    }
  }
  return list;
}

}  // namespace cw
