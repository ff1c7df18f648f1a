// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/encoder_pass.h"

#include "core/train/keyed_random.h"
#include "core/train/recompute.h"
#include "core/weights/lora_adapter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>

#include <cmath>
#include <memory>

namespace cw {
namespace {

constexpr std::int64_t kVector = 16;  // row kernels take multiples of it

}  // namespace

at::Tensor index_tensor(const std::vector<std::int64_t>& values) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())}, at::kLong);
}

EncoderPass::EncoderPass(const ModelConfig& config, const Parameters& parameters, const TokenRows& rows,
                         const DropoutDraw& draw, const Workers& workers)
    : config_(config),
      parameters_(parameters),
      rows_(rows),
      draw_(draw),
      workers_(workers),
      offsets_(std::make_shared<const std::vector<std::int64_t>>(rows.offsets)) {}

at::Tensor EncoderPass::embeddings() {
  const at::Tensor& words = weight("bert.embeddings.word_embeddings.weight");
  const at::Tensor& places = weight("bert.embeddings.position_embeddings.weight");
  const at::Tensor type = weight("bert.embeddings.token_type_embeddings.weight").narrow(0, 0, 1);
  const at::Tensor of_tokens = at::embedding(words, index_tensor(rows_.tokens), config_.pad_token);
  const at::Tensor of_places = at::embedding(places, index_tensor(rows_.positions)) + type;
  const at::Tensor h = norm("bert.embeddings.LayerNorm", of_places, of_tokens, 0.0);
  return dropped_out(h, config_.hidden_dropout);
}

// A layer below the first trained parameter keeps nothing anyway.
at::Tensor EncoderPass::layer(const at::Tensor& h, std::int64_t index) {
  if (!workers_.recompute || !h.requires_grad()) return kept_layer(h, index);
  // a copy of this pass as it is now draws the same dropout again
  const auto before = std::make_shared<const EncoderPass>(*this);
  return recomputed(
      h, [this, index](const at::Tensor& input) { return kept_layer(input, index); },
      [before, index](const at::Tensor& input) { return EncoderPass(*before).kept_layer(input, index); }, workers_);
}

at::Tensor EncoderPass::kept_layer(const at::Tensor& h, std::int64_t index) {
  const std::string name = "bert.encoder.layer." + std::to_string(index);
  const std::string self = name + ".attention.self.";
  const at::Tensor projection =
      at::cat({adapted(self + "query"), weight(self + "key.weight"), adapted(self + "value")});
  const at::Tensor bias =
      at::cat({weight(self + "query.bias"), weight(self + "key.bias"), weight(self + "value.bias")});
  const at::Tensor qkv = packed_linear(h, projection, bias, false, workers_);
  return finish_layer(name, packed_attention(qkv, offsets_, config_.heads, rule(config_.attention_dropout), workers_),
                      h, RowsOf::kTokens);
}

at::Tensor EncoderPass::finish_layer(const std::string& name, const at::Tensor& mixed, const at::Tensor& h,
                                     RowsOf rows) {
  const at::Tensor attended =
      norm(name + ".attention.output.LayerNorm", linear(name + ".attention.output.dense", mixed, false), h,
           config_.hidden_dropout, rows);
  const at::Tensor inner = linear(name + ".intermediate.dense", attended, true);
  return norm(name + ".output.LayerNorm", linear(name + ".output.dense", inner, false), attended,
              config_.hidden_dropout, rows);
}

at::Tensor EncoderPass::last_layer() {
  at::Tensor h = embeddings();
  for (std::int64_t i = 0; i < config_.layers; ++i) h = layer(h, i);
  return h;
}

at::Tensor EncoderPass::first_rows() {
  at::Tensor h = embeddings();
  for (std::int64_t i = 0; i + 1 < config_.layers; ++i) h = layer(h, i);
  const std::string name = "bert.encoder.layer." + std::to_string(config_.layers - 1);
  const std::string self = name + ".attention.self.";
  const at::Tensor projection = at::cat({weight(self + "key.weight"), adapted(self + "value")});
  const at::Tensor bias = at::cat({weight(self + "key.bias"), weight(self + "value.bias")});
  const at::Tensor keys_values = packed_linear(h, projection, bias, false, workers_);
  const std::vector<std::int64_t> starts(rows_.offsets.begin(), rows_.offsets.end() - 1);
  const at::Tensor first = h.index_select(0, index_tensor(starts).clone());
  const at::Tensor queries =
      packed_linear(first, adapted(self + "query"), weight(self + "query.bias"), false, workers_);
  return finish_layer(name, attend_first_rows(queries, keys_values), first, RowsOf::kCells);
}

std::vector<at::Tensor> EncoderPass::by_cell(const at::Tensor& x) const {
  std::vector<std::int64_t> lengths;
  for (std::size_t c = 1; c < rows_.offsets.size(); ++c) lengths.push_back(rows_.offsets[c] - rows_.offsets[c - 1]);
  // One split, whose gradient is one concatenation: a slice per cell would make a gradient of the whole each time.
  return x.split_with_sizes(lengths);
}

// Attention of one query per cell: [cells, D].
at::Tensor EncoderPass::attend_first_rows(const at::Tensor& queries, const at::Tensor& keys_values) {
  const std::int64_t heads = config_.heads;
  const std::int64_t width = config_.hidden / heads;
  const at::Tensor keep = attention_factors(rule(config_.attention_dropout));
  const std::vector<at::Tensor> pieces = by_cell(keys_values);
  std::vector<at::Tensor> mixed;
  for (std::size_t c = 0; c < pieces.size(); ++c) {
    workers_.check();
    const at::Tensor both = pieces[c].view({-1, 2, heads, width});
    const at::Tensor query = queries.select(0, static_cast<std::int64_t>(c)).view({heads, width, 1});
    const at::Tensor keys = both.select(1, 0).transpose(0, 1);       // [H, L, w]
    const at::Tensor values = both.select(1, 1).permute({1, 2, 0});  // [H, w, L]
    at::Tensor shares = at::softmax(at::matmul(keys, query) / std::sqrt(static_cast<double>(width)), 1);
    if (keep.defined()) {
      const at::Tensor factors = keep.narrow(0, rows_.offsets[c], pieces[c].size(0));
      shares = shares * factors.t().unsqueeze(2);
    }
    mixed.push_back(at::matmul(values, shares).view({config_.hidden}));
  }
  return at::stack(mixed);
}

// [T, H] of 0 and 1 / (1 - p), a row per token whoever computes it; undefined where nothing is dropped.
at::Tensor EncoderPass::attention_factors(const DropoutRule& dropout) const {
  if (dropout.probability <= 0.0F) return {};
  const std::int64_t width = (config_.heads + kVector - 1) / kVector * kVector;
  const at::Tensor ones = at::ones({rows_.num_tokens(), width}, at::kFloat);
  return row_dropout(ones, dropout, workers_).narrow(1, 0, config_.heads);
}

at::Tensor EncoderPass::adapted(const std::string& name) const {
  const at::Tensor& full = weight(name + ".weight");
  if (!parameters_.contains(name + ".lora_A.weight")) return full;
  return full + kLoraScale * at::matmul(weight(name + ".lora_B.weight"), weight(name + ".lora_A.weight"));
}

at::Tensor EncoderPass::linear(const std::string& name, const at::Tensor& x, bool relu) const {
  return packed_linear(x, weight(name + ".weight"), weight(name + ".bias"), relu, workers_);
}

at::Tensor EncoderPass::norm(const std::string& name, const at::Tensor& x, const at::Tensor& residual, double dropout,
                             RowsOf rows) {
  return dropout_add_norm(x, residual, weight(name + ".weight"), weight(name + ".bias"), config_.layer_norm_eps,
                          rule(dropout, rows), workers_);
}

at::Tensor EncoderPass::dropped_out(const at::Tensor& x, double probability, RowsOf rows) {
  return row_dropout(x, rule(probability, rows), workers_);
}

DropoutRule EncoderPass::rule(double probability, RowsOf rows) {
  ++num_rules_;
  if (!draw_.active) return {};
  const std::int64_t before = rows == RowsOf::kTokens  ? draw_.first_row
                              : rows == RowsOf::kCells ? draw_.first_cell
                                                       : draw_.first_target;
  return {scramble(draw_.key ^ scramble(num_rules_)), static_cast<float>(probability), before};
}

}  // namespace cw
