// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/masked_model.h"

#include "core/train/keyed_random.h"
#include "core/train/packed_functions.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros_like.h>

namespace cw {
namespace {

// One forward pass: gives every dropout layer its own key in the order of the layers.
class Pass {
 public:
  Pass(const ModelConfig& config, const Parameters& parameters, const MaskedBatch& batch, const DropoutDraw& draw,
       const Workers& workers)
      : config_(config),
        parameters_(parameters),
        batch_(batch),
        draw_(draw),
        workers_(workers),
        offsets_(std::make_shared<const std::vector<std::int64_t>>(batch.offsets)) {}

  at::Tensor embeddings() {
    const at::Tensor& words = weight("bert.embeddings.word_embeddings.weight");
    const at::Tensor& places = weight("bert.embeddings.position_embeddings.weight");
    const at::Tensor type = weight("bert.embeddings.token_type_embeddings.weight").narrow(0, 0, 1);
    const at::Tensor of_tokens = at::embedding(words, ids(batch_.tokens), config_.pad_token);
    const at::Tensor of_places = at::embedding(places, ids(batch_.positions)) + type;
    const at::Tensor h = norm("bert.embeddings.LayerNorm", of_places, of_tokens, 0.0);
    return row_dropout(h, rule(config_.hidden_dropout), workers_);
  }

  at::Tensor layer(const at::Tensor& h, std::int64_t index) {
    const std::string name = "bert.encoder.layer." + std::to_string(index);
    const std::string self = name + ".attention.self.";
    const at::Tensor projection =
        at::cat({weight(self + "query.weight"), weight(self + "key.weight"), weight(self + "value.weight")});
    const at::Tensor bias =
        at::cat({weight(self + "query.bias"), weight(self + "key.bias"), weight(self + "value.bias")});
    const at::Tensor qkv = packed_linear(h, projection, bias, false, workers_);
    const at::Tensor mixed = packed_attention(qkv, offsets_, config_.heads, rule(config_.attention_dropout), workers_);
    const at::Tensor attended = norm(name + ".attention.output.LayerNorm",
                                     linear(name + ".attention.output.dense", mixed, false), h, config_.hidden_dropout);
    const at::Tensor inner = linear(name + ".intermediate.dense", attended, true);
    return norm(name + ".output.LayerNorm", linear(name + ".output.dense", inner, false), attended,
                config_.hidden_dropout);
  }

  // Transform of the masked-LM head at the masked rows only.
  at::Tensor transformed(const at::Tensor& h) {
    const at::Tensor rows = h.index_select(0, ids(batch_.masked_rows));
    const at::Tensor t = linear("cls.predictions.transform.dense", rows, true);
    return norm("cls.predictions.transform.LayerNorm", t, at::zeros_like(t), 0.0);
  }

  at::Tensor loss(const at::Tensor& transformed_rows, double scale) {
    return decoder_cross_entropy(transformed_rows, weight("bert.embeddings.word_embeddings.weight"),
                                 weight("cls.predictions.bias"), batch_.targets, scale, workers_);
  }

 private:
  const at::Tensor& weight(const std::string& name) const { return parameters_.at(name); }

  static at::Tensor ids(const std::vector<std::int64_t>& values) {
    return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                         at::kLong);
  }

  at::Tensor linear(const std::string& name, const at::Tensor& x, bool relu) const {
    return packed_linear(x, weight(name + ".weight"), weight(name + ".bias"), relu, workers_);
  }

  at::Tensor norm(const std::string& name, const at::Tensor& x, const at::Tensor& residual, double dropout) {
    return dropout_add_norm(x, residual, weight(name + ".weight"), weight(name + ".bias"), config_.layer_norm_eps,
                            rule(dropout), workers_);
  }

  DropoutRule rule(double probability) {
    ++num_rules_;
    if (!draw_.active) return {};
    return {scramble(draw_.key ^ scramble(num_rules_)), static_cast<float>(probability)};
  }

  const ModelConfig& config_;
  const Parameters& parameters_;
  const MaskedBatch& batch_;
  DropoutDraw draw_;
  Workers workers_;
  CellOffsets offsets_;
  std::uint64_t num_rules_ = 0;
};

at::Tensor last_layer(Pass& pass, std::int64_t layers) {
  at::Tensor h = pass.embeddings();
  for (std::int64_t i = 0; i < layers; ++i) h = pass.layer(h, i);
  return h;
}

}  // namespace

at::Tensor masked_lm_loss(const ModelConfig& config, const Parameters& parameters, const MaskedBatch& batch,
                          const DropoutDraw& draw, double scale, const Workers& workers) {
  Pass pass(config, parameters, batch, draw, workers);
  return pass.loss(pass.transformed(last_layer(pass, config.layers)), scale);
}

}  // namespace cw
