// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/class_model.h"

#include <ATen/ops/tanh.h>

#include <string_view>

namespace cw {
namespace {

constexpr std::string_view kLayerPrefix = "bert.encoder.layer.";
constexpr std::string_view kEmbeddingPrefix = "bert.embeddings.";

double head_dropout(const ModelConfig& config) {
  return config.classifier_dropout >= 0.0 ? config.classifier_dropout : config.hidden_dropout;
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

}  // namespace

at::Tensor pooled_cells(EncoderPass& pass, const ModelConfig& config) {
  const at::Tensor pooled = at::tanh(pass.linear("bert.pooler.dense", pass.first_rows(), false));
  return pass.dropped_out(pooled, head_dropout(config));
}

at::Tensor cell_class_logits(EncoderPass& pass, const ModelConfig& config) {
  return pass.linear("classifier", pooled_cells(pass, config), false);
}

at::Tensor gene_class_logits(EncoderPass& pass, const ModelConfig& config, const std::vector<std::int64_t>& rows) {
  const at::Tensor chosen = pass.last_layer().index_select(0, index_tensor(rows));
  return pass.linear("classifier", pass.dropped_out(chosen, head_dropout(config)), false);
}

std::vector<PlannedParameter> classifier_parameters(const ModelConfig& config, std::int64_t freeze_layers,
                                                    bool train_embeddings) {
  std::vector<PlannedParameter> list = planned_parameters(config);
  for (PlannedParameter& parameter : list) {
    const std::string& name = parameter.spec.name;
    if (starts_with(name, kLayerPrefix)) {
      parameter.frozen = std::stoll(name.substr(kLayerPrefix.size())) < freeze_layers;
    } else if (starts_with(name, kEmbeddingPrefix)) {
      parameter.frozen = freeze_layers > 0 && !train_embeddings;
    }
  }
  return list;
}

}  // namespace cw
