// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/encoder.h"

#include "core/api/device_request.h"
#include "core/base/parallel.h"
#include "core/model/gpu_passes.h"
#include "core/model/torch_guard.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace cw {
namespace {

constexpr std::array<std::pair<std::string_view, Precision>, 3> kPrecisionNames = {
    {{"fp32", Precision::kFloat32}, {"bf16", Precision::kBFloat16}, {"int8", Precision::kInt8}}};

at::Tensor new_rows(std::int64_t rows, std::int64_t width) {
  return at::empty({rows, width}, at::TensorOptions().dtype(at::kFloat));
}

const float* data(const at::Tensor& tensor) {
  CW_ASSERT(tensor.is_contiguous());
  return tensor.const_data_ptr<float>();
}

PackedMatrix pack(const at::Tensor& weight, const at::Tensor& bias, Precision precision, const KernelSet& kernels) {
  return {data(weight), data(bias), weight.size(0), weight.size(1), precision, kernels};
}

NormParameters norm(const at::Tensor& weight, const at::Tensor& bias) { return {data(weight), data(bias)}; }

/// Row 0 of every cell.
at::Tensor gather_first_rows(const at::Tensor& rows, std::span<const std::int64_t> offsets) {
  const auto num_cells = static_cast<std::int64_t>(offsets.size()) - 1;
  const std::int64_t width = rows.size(1);
  at::Tensor first = new_rows(num_cells, width);
  const float* from = data(rows);
  float* to = first.mutable_data_ptr<float>();
  for (std::int64_t cell = 0; cell < num_cells; ++cell) {
    std::copy_n(from + offsets[static_cast<std::size_t>(cell)] * width, width, to + cell * width);
  }
  return first;
}

std::vector<std::int64_t> one_row_per_cell(std::size_t num_offsets) {
  std::vector<std::int64_t> offsets(num_offsets);
  std::iota(offsets.begin(), offsets.end(), std::int64_t{0});
  return offsets;
}

// Largest differences of a GPU's first layer from the processor's, by the size of the result. float32 differs by the
// order of sums, bf16 by its 8 bits in every step.
constexpr double kFloatTrialLimit = 1e-4;
constexpr double kBFloat16TrialLimit = 3e-2;

/// Some short cells, and one longer than any block of the kernels.
PackedBatch trial_batch(const ModelConfig& config) {
  PackedBatch batch;
  std::vector<std::int32_t> cell;
  for (const std::int64_t length : {1, 2, 33, 150}) {
    cell.resize(static_cast<std::size_t>(std::min(length, config.max_positions)));
    for (std::size_t i = 0; i < cell.size(); ++i) {
      cell[i] = static_cast<std::int32_t>((i * 7919 + 11) % static_cast<std::size_t>(config.vocab_size));
    }
    batch.add(cell);
  }
  return batch;
}

bool stopped(const JobContext* watch) { return watch != nullptr && watch->cancelled(); }

}  // namespace

Result<Precision> precision_from_name(std::string_view name) {
  for (const auto& [known, precision] : kPrecisionNames) {
    if (known == name) return precision;
  }
  return Error{ErrorCode::kInvalidArgument, "E-MOD-014",
               "precision \"" + std::string(name) + "\" is not known; use fp32, bf16 or int8"};
}

std::string_view name_of(Precision precision) noexcept {
  for (const auto& [known, value] : kPrecisionNames) {
    if (value == precision) return known;
  }
  return "";
}

Result<std::shared_ptr<const Encoder>> Encoder::load(const ModelFolder& folder, const EncoderOptions& options) {
  return guard_torch("loading " + folder.path.string(), [&]() -> Result<std::shared_ptr<const Encoder>> {
    CW_ASSIGN(ModelWeights weights, load_weights(folder));
    return create(folder.config, std::move(weights), options);
  });
}

Result<std::shared_ptr<const Encoder>> Encoder::create(const ModelConfig& config, ModelWeights weights,
                                                       const EncoderOptions& options) {
  CW_ASSIGN(const DeviceRequest request, device_request(options.device));
  if (config.hidden / config.heads > kWidestHead) {
    return Error{ErrorCode::kUnsupported, "E-MOD-002",
                 "the attention heads are " + std::to_string(config.hidden / config.heads) + " units wide; up to " +
                     std::to_string(kWidestHead) + " are computed (Geneformer: 64)"};
  }
  auto encoder = std::shared_ptr<Encoder>(new Encoder());
  const KernelSet& kernels = best_kernels();
  encoder->config_ = config;
  encoder->precision_ = options.precision;
  encoder->weights_ = std::move(weights);
  encoder->heads_ = Heads(config, encoder->weights_);
  encoder->shape_.hidden = config.hidden;
  encoder->shape_.heads = config.heads;
  encoder->shape_.ffn = config.ffn;
  encoder->shape_.norm_eps = static_cast<float>(config.layer_norm_eps);
  encoder->shape_.bfloat16_attention =
      options.precision != Precision::kFloat32 && kernels.attention_bfloat16 != nullptr;
  encoder->shape_.num_threads = effective_threads(options.num_threads);
  encoder->shape_.kernels = &kernels;
  CW_TRY(encoder->take_gpu(request));
  if (encoder->gpu_ == nullptr) encoder->pack_layers(kernels);
  encoder->forget_layer_matrices();
  return std::shared_ptr<const Encoder>(std::move(encoder));
}

void Encoder::pack_layers(const KernelSet& kernels) {
  for (const LayerWeights& from : weights_.layers) {
    PackedLayer layer;
    layer.query = pack(from.query_weight, from.query_bias, precision_, kernels);
    layer.key = pack(from.key_weight, from.key_bias, precision_, kernels);
    layer.value = pack(from.value_weight, from.value_bias, precision_, kernels);
    layer.attention_output = pack(from.attention_output_weight, from.attention_output_bias, precision_, kernels);
    layer.intermediate = pack(from.intermediate_weight, from.intermediate_bias, precision_, kernels);
    layer.output = pack(from.output_weight, from.output_bias, precision_, kernels);
    layer.attention_norm = norm(from.attention_norm_weight, from.attention_norm_bias);
    layer.output_norm = norm(from.output_norm_weight, from.output_norm_bias);
    layers_.push_back(std::move(layer));
  }
}

void Encoder::forget_layer_matrices() {
  for (LayerWeights& from : weights_.layers) {
    for (at::Tensor* packed : {&from.query_weight, &from.key_weight, &from.value_weight, &from.attention_output_weight,
                               &from.intermediate_weight, &from.output_weight}) {
      packed->reset();
    }
  }
}

// A GPU's first layer must agree with the processor's before the GPU is used: drivers, libraries and cards that nobody
// has tried are found out here and not in a result.
Result<std::shared_ptr<const GpuPasses>> Encoder::checked_gpu(int index) const {
  CW_ASSIGN(auto gpu, GpuPasses::load(index, config_, weights_, precision_));
  ModelConfig first = config_;
  first.layers = std::min<std::int64_t>(first.layers, 1);
  ModelWeights weights = weights_;
  weights.layers.resize(static_cast<std::size_t>(first.layers));
  EncoderOptions here;
  here.device = "cpu";
  here.num_threads = shape_.num_threads;
  CW_ASSIGN(const auto reference, create(first, std::move(weights), here));
  const PackedBatch batch = trial_batch(config_);
  const auto layer = static_cast<int>(first.layers);
  const at::Tensor expected = reference->hidden(batch, layer);
  const double difference =
      ((gpu->from_tokens(batch, layer, false) - expected).norm() / expected.norm()).item<double>();
  const double limit = precision_ == Precision::kFloat32 ? kFloatTrialLimit : kBFloat16TrialLimit;
  if (difference <= limit) return gpu;  // never true of NaN
  return Error{ErrorCode::kRefused, "E-DEV-011",
               gpu->name() + " differs from the processor by " + std::to_string(difference) +
                   " of the size of a layer's result, " + std::to_string(limit) +
                   " is allowed: its numbers are not to be trusted; use --device cpu, and report the card and its "
                   "driver's version"};
}

Result<> Encoder::take_gpu(const DeviceRequest& request) {
  if (!request.gpu) return {};
  auto gpu = guard_torch("trying the GPU", [&] { return checked_gpu(request.index); });
  if (gpu.ok()) {
    gpu_ = std::move(gpu).value();
    device_ = gpu_->name();
    return {};
  }
  if (request.required) return gpu.error();
  why_no_gpu_ = gpu.error().message;
  return {};
}

const PackedLayer& Encoder::layer_at(int layer) const {
  CW_ASSERT(layer >= 0 && layer < static_cast<int>(layers_.size()));
  return layers_[static_cast<std::size_t>(layer)];
}

at::Tensor Encoder::embed_tokens(const PackedBatch& batch) const {
  if (gpu_ != nullptr) return gpu_->from_tokens(batch, 0, false);
  const std::int64_t d = config_.hidden;
  at::Tensor hidden = new_rows(batch.num_tokens(), d);
  float* out = hidden.mutable_data_ptr<float>();
  const float* words = data(weights_.word_embeddings);
  const float* positions = data(weights_.position_embeddings);
  const float* type = data(weights_.type_embeddings);  // the token type is 0 everywhere
  parallel_for(0, batch.num_cells(), 1, shape_.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t cell = begin; cell < end; ++cell) {
      const std::int64_t first = batch.offsets[static_cast<std::size_t>(cell)];
      for (std::int64_t i = 0; i < batch.length(cell); ++i) {
        const auto row = static_cast<std::size_t>(first + i);
        const std::int64_t position = batch.positions.empty() ? i : batch.positions[row];
        const float* word = words + batch.tokens[row] * d;
        const float* place = positions + position * d;
        float* to = out + static_cast<std::int64_t>(row) * d;
        for (std::int64_t k = 0; k < d; ++k) to[k] = word[k] + type[k] + place[k];
      }
    }
  });
  LayerRunner runner(shape_);
  runner.normalise(norm(weights_.embedding_norm_weight, weights_.embedding_norm_bias), out, batch.num_tokens(), out);
  return hidden;
}

void Encoder::run_layers(LayerRunner& runner, at::Tensor& hidden, std::span<const std::int64_t> offsets, int from,
                         int to) const {
  if (from >= to) return;
  const std::int64_t rows = hidden.size(0);
  const std::int64_t d = config_.hidden;
  at::Tensor qkv = new_rows(rows, 3 * d);
  at::Tensor context = new_rows(rows, d);
  float* h = hidden.mutable_data_ptr<float>();
  float* projected = qkv.mutable_data_ptr<float>();
  float* attended = context.mutable_data_ptr<float>();
  runner.project(layer_at(from), h, rows, projected);
  for (int layer = from; layer < to; ++layer) {
    const PackedLayer* next = layer + 1 < to ? &layer_at(layer + 1) : nullptr;
    runner.attend({projected, 3 * d, offsets}, {projected + d, 3 * d, offsets}, projected + 2 * d, attended);
    runner.finish(layer_at(layer), attended, h, rows, h, next, projected);
  }
}

at::Tensor Encoder::continue_from(const at::Tensor& hidden, std::span<const std::int64_t> offsets, int from, int to,
                                  const JobContext* watch) const {
  CW_ASSERT(hidden.size(1) == config_.hidden && !offsets.empty() && offsets.back() == hidden.size(0));
  if (gpu_ != nullptr && from < to && !stopped(watch)) return gpu_->from_hidden(hidden, offsets, from, to, false);
  at::Tensor state = hidden.clone(at::MemoryFormat::Contiguous);
  LayerRunner runner(shape_, watch);
  run_layers(runner, state, offsets, from, to);
  return state;
}

at::Tensor Encoder::hidden(const PackedBatch& batch, int layer, const JobContext* watch) const {
  if (gpu_ != nullptr) return gpu_->from_tokens(batch, stopped(watch) ? 0 : layer, false);
  at::Tensor state = embed_tokens(batch);
  LayerRunner runner(shape_, watch);
  run_layers(runner, state, batch.offsets, 0, layer);
  return state;
}

at::Tensor Encoder::first_rows(const PackedBatch& batch, int layer, const JobContext* watch) const {
  if (gpu_ != nullptr) return gpu_->from_tokens(batch, stopped(watch) ? 0 : layer, true);
  const at::Tensor embedded = embed_tokens(batch);
  if (layer == 0) return gather_first_rows(embedded, batch.offsets);
  return first_rows_from(embedded, batch.offsets, 0, layer, watch);
}

at::Tensor Encoder::first_rows_from(const at::Tensor& hidden, std::span<const std::int64_t> offsets, int from, int to,
                                    const JobContext* watch) const {
  CW_ASSERT(from < to);
  if (gpu_ != nullptr) return gpu_->from_hidden(hidden, offsets, from, stopped(watch) ? from : to, true);
  const std::int64_t d = config_.hidden;
  at::Tensor state = hidden;
  LayerRunner runner(shape_, watch);
  if (from < to - 1) {
    state = hidden.clone(at::MemoryFormat::Contiguous);
    run_layers(runner, state, offsets, from, to - 1);
  }
  const PackedLayer& last = layer_at(to - 1);
  at::Tensor first = gather_first_rows(state, offsets);
  const std::int64_t num_cells = first.size(0);
  at::Tensor keys_values = new_rows(state.size(0), 3 * d);
  at::Tensor queries = new_rows(num_cells, d);
  float* projected = keys_values.mutable_data_ptr<float>();
  runner.project_keys_values(last, data(state), state.size(0), projected);
  runner.project_queries(last, data(first), num_cells, queries.mutable_data_ptr<float>());
  const std::vector<std::int64_t> single = one_row_per_cell(offsets.size());
  at::Tensor context = new_rows(num_cells, d);
  runner.attend({data(queries), d, single}, {projected + d, 3 * d, offsets}, projected + 2 * d,
                context.mutable_data_ptr<float>());
  float* out = first.mutable_data_ptr<float>();
  runner.finish(last, data(context), out, num_cells, out, nullptr, nullptr);
  return first;
}

std::vector<at::Tensor> Encoder::all_hidden(const PackedBatch& batch) const {
  std::vector<at::Tensor> states = {embed_tokens(batch)};
  for (int layer = 0; layer < static_cast<int>(layers_.size()); ++layer) {
    states.push_back(continue_from(states.back(), batch.offsets, layer, layer + 1));
  }
  return states;
}

std::vector<at::Tensor> Encoder::attention_probabilities(const PackedBatch& batch, int layer) const {
  const at::NoGradGuard no_gradients;
  const at::Tensor qkv = project_qkv(hidden(batch, layer), layer);
  const std::int64_t width = config_.hidden / config_.heads;
  std::vector<at::Tensor> cells;
  for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
    const at::Tensor rows = qkv.narrow(0, batch.offsets[static_cast<std::size_t>(cell)], batch.length(cell))
                                .view({batch.length(cell), 3, config_.heads, width})
                                .permute({1, 2, 0, 3});
    const at::Tensor scores = at::matmul(rows[0], rows[1].transpose(1, 2)) / std::sqrt(static_cast<double>(width));
    cells.push_back(at::softmax(scores, -1));
  }
  return cells;
}

at::Tensor Encoder::project_qkv(const at::Tensor& hidden, int layer, const JobContext* watch) const {
  if (gpu_ != nullptr) return gpu_->project(hidden, layer);
  at::Tensor qkv = new_rows(hidden.size(0), 3 * config_.hidden);
  LayerRunner(shape_, watch).project(layer_at(layer), data(hidden), hidden.size(0), qkv.mutable_data_ptr<float>());
  return qkv;
}

at::Tensor Encoder::attend(const at::Tensor& qkv, std::span<const std::int64_t> offsets,
                           const JobContext* watch) const {
  if (gpu_ != nullptr) return gpu_->attend(nullptr, offsets, qkv, offsets);
  const std::int64_t d = config_.hidden;
  const float* from = data(qkv);
  at::Tensor context = new_rows(qkv.size(0), d);
  LayerRunner(shape_, watch)
      .attend({from, 3 * d, offsets}, {from + d, 3 * d, offsets}, from + 2 * d, context.mutable_data_ptr<float>());
  return context;
}

at::Tensor Encoder::attend_queries(const at::Tensor& queries, std::span<const std::int64_t> query_offsets,
                                   const at::Tensor& keys_values, std::span<const std::int64_t> offsets) const {
  CW_ASSERT(query_offsets.size() == offsets.size());
  if (gpu_ != nullptr) return gpu_->attend(&queries, query_offsets, keys_values, offsets);
  const std::int64_t d = config_.hidden;
  const float* from = data(keys_values);
  at::Tensor context = new_rows(queries.size(0), d);
  LayerRunner(shape_).attend({data(queries), d, query_offsets}, {from + d, 3 * d, offsets}, from + 2 * d,
                             context.mutable_data_ptr<float>());
  return context;
}

at::Tensor Encoder::finish_layer(const at::Tensor& context, const at::Tensor& hidden, int layer,
                                 const JobContext* watch) const {
  CW_ASSERT(context.sizes() == hidden.sizes());
  if (gpu_ != nullptr) return gpu_->finish(context, hidden, layer);
  at::Tensor out = new_rows(hidden.size(0), config_.hidden);
  LayerRunner(shape_, watch)
      .finish(layer_at(layer), data(context), data(hidden), hidden.size(0), out.mutable_data_ptr<float>(), nullptr,
              nullptr);
  return out;
}

}  // namespace cw
