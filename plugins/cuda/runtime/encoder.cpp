// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/runtime/encoder.h"

#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace cw::cuda {
namespace {

constexpr float kLog2OfE = 1.44269504088896340736F;

template <class T>
Result<> list_to_gpu(const Device& device, const std::vector<T>& values, DeviceMemory& to) {
  CW_TRY(device.reserve(to, values.size() * sizeof(T)));
  return device.upload(to.data(), values.data(), values.size() * sizeof(T));
}

std::vector<std::int32_t> narrow(std::span<const std::int64_t> values) {
  std::vector<std::int32_t> result;
  result.reserve(values.size());
  for (const std::int64_t value : values) result.push_back(static_cast<std::int32_t>(value));
  return result;
}

}  // namespace

DeviceEncoder::DeviceEncoder(const GpuModel& model)
    : hidden_(model.hidden),
      heads_(model.heads),
      ffn_(model.ffn),
      eps_(model.norm_eps),
      number_(model.bfloat16 != 0 ? Number::kBFloat16 : Number::kFloat) {
  const auto width = static_cast<int>(hidden_ / heads_);
  if (number_ == Number::kFloat) {
    if (width <= 32) {
      attention_ = {&kernels::cw_attend32_float, plain_attention_shape(32)};
    } else if (width <= 64) {
      attention_ = {&kernels::cw_attend64_float, plain_attention_shape(64)};
    } else if (width <= 128) {
      attention_ = {&kernels::cw_attend128_float, plain_attention_shape(128)};
    } else {
      attention_ = {&kernels::cw_attend256_float, plain_attention_shape(256)};
    }
  } else if (width == 32) {
    attention_ = {&kernels::cw_attend32_bfloat16, tensor_attention_shape(32)};
  } else if (width == 64) {
    attention_ = {&kernels::cw_attend64_bfloat16, tensor_attention_shape(64)};
  } else if (width == 128) {
    attention_ = {&kernels::cw_attend128_bfloat16, tensor_attention_shape(128)};
  } else {
    attention_ = {&kernels::cw_attend256_bfloat16, plain_attention_shape(256)};
  }
}

Result<std::unique_ptr<DeviceEncoder>> DeviceEncoder::create(int device, const GpuModel& model) {
  auto encoder = std::unique_ptr<DeviceEncoder>(new DeviceEncoder(model));
  CW_TRY(encoder->begin(device, model));
  return encoder;
}

Result<> DeviceEncoder::begin(int device, const GpuModel& model) {
  CW_ASSIGN(device_, Device::open(device));
  CW_ASSIGN(products_, Products::create(device_));
  CW_ASSIGN(words_, to_gpu(model.word_embeddings, model.vocabulary * hidden_, Number::kFloat));
  CW_ASSIGN(places_, to_gpu(model.position_embeddings, model.max_positions * hidden_, Number::kFloat));
  CW_ASSIGN(type_, to_gpu(model.type_embeddings, hidden_, Number::kFloat));  // type 0 everywhere
  CW_ASSIGN(embedding_norm_, norm_to_gpu(model.embedding_norm_weight, model.embedding_norm_bias));
  for (const GpuLayer& from : std::span(model.layers, static_cast<std::size_t>(model.num_layers))) {
    CW_ASSIGN(Layer layer, layer_to_gpu(from));
    layers_.push_back(std::move(layer));
  }
  return device_->synchronise();
}

// ---- to and from the GPU

Result<> DeviceEncoder::store_numbers(const float* values, std::int64_t count, void* to) {
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
  if (number_ == Number::kFloat) return device_->upload(to, values, bytes);
  CW_TRY(device_->reserve(floats_, bytes));
  CW_TRY(device_->upload(floats_.data(), values, bytes));
  return device_->launch(kernels::cw_to_bfloat16, {blocks_for(count, kElementsPerBlock), 1, kElementThreads},
                         {floats_.data(), to, count});
}

Result<DeviceMemory> DeviceEncoder::to_gpu(const float* values, std::int64_t count, Number number) {
  CW_ASSIGN(DeviceMemory memory, device_->allocate(static_cast<std::size_t>(count) * bytes_of(number)));
  if (number == Number::kFloat) {
    CW_TRY(device_->upload(memory.data(), values, memory.bytes()));
  } else {
    CW_TRY(store_numbers(values, count, memory.data()));
  }
  return memory;
}

Result<> DeviceEncoder::rows_to_gpu(const float* values, std::int64_t rows, std::int64_t width, DeviceMemory& to) {
  CW_TRY(reserve_rows(to, rows, width));
  return store_numbers(values, rows * width, to.data());
}

Result<> DeviceEncoder::rows_from_gpu(const DeviceMemory& from, std::int64_t rows, std::int64_t width, float* values) {
  const std::int64_t count = rows * width;
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
  if (number_ == Number::kFloat) return device_->download(values, from.data(), bytes);
  CW_TRY(device_->reserve(floats_, bytes));
  CW_TRY(device_->launch(kernels::cw_from_bfloat16, {blocks_for(count, kElementsPerBlock), 1, kElementThreads},
                         {from.data(), floats_.data(), count}));
  return device_->download(values, floats_.data(), bytes);
}

Result<DeviceEncoder::Linear> DeviceEncoder::linear_to_gpu(std::initializer_list<const float*> weights,
                                                           std::initializer_list<const float*> biases,
                                                           std::int64_t outputs, std::int64_t inputs) {
  Linear linear;
  const auto parts = static_cast<std::int64_t>(weights.size());
  const auto stored = static_cast<std::int64_t>(bytes_of(number_));
  CW_ASSIGN(linear.weight, device_->allocate(static_cast<std::size_t>(parts * outputs * inputs * stored)));
  CW_ASSIGN(linear.bias, device_->allocate(static_cast<std::size_t>(parts * outputs * stored)));
  std::int64_t part = 0;
  for (const float* weight : weights) {
    CW_TRY(store_numbers(weight, outputs * inputs, linear.weight.data<char>() + part++ * outputs * inputs * stored));
  }
  part = 0;
  for (const float* bias : biases) {
    CW_TRY(store_numbers(bias, outputs, linear.bias.data<char>() + part++ * outputs * stored));
  }
  return linear;
}

Result<DeviceEncoder::Norm> DeviceEncoder::norm_to_gpu(const float* weight, const float* bias) {
  Norm norm;
  CW_ASSIGN(norm.weight, to_gpu(weight, hidden_, Number::kFloat));
  CW_ASSIGN(norm.bias, to_gpu(bias, hidden_, Number::kFloat));
  return norm;
}

Result<DeviceEncoder::Layer> DeviceEncoder::layer_to_gpu(const GpuLayer& from) {
  Layer layer;
  CW_ASSIGN(layer.projection, linear_to_gpu({from.query_weight, from.key_weight, from.value_weight},
                                            {from.query_bias, from.key_bias, from.value_bias}, hidden_, hidden_));
  CW_ASSIGN(layer.attention_output,
            linear_to_gpu({from.attention_output_weight}, {from.attention_output_bias}, hidden_, hidden_));
  CW_ASSIGN(layer.intermediate, linear_to_gpu({from.intermediate_weight}, {from.intermediate_bias}, ffn_, hidden_));
  CW_ASSIGN(layer.output, linear_to_gpu({from.output_weight}, {from.output_bias}, hidden_, ffn_));
  CW_ASSIGN(layer.attention_norm, norm_to_gpu(from.attention_norm_weight, from.attention_norm_bias));
  CW_ASSIGN(layer.output_norm, norm_to_gpu(from.output_norm_weight, from.output_norm_bias));
  return layer;
}

Result<> DeviceEncoder::cells_to_gpu(std::span<const std::int64_t> query_offsets,
                                     std::span<const std::int64_t> key_offsets, Cells& cells) {
  const std::vector<std::int32_t> queries = narrow(query_offsets);
  const std::vector<std::int32_t> keys = narrow(key_offsets);
  const std::vector<AttentionTile> tiles = attention_tiles(queries, keys, attention_.shape.queries);
  cells.num_tiles = static_cast<std::int64_t>(tiles.size());
  CW_TRY(list_to_gpu(*device_, queries, cells.query_offsets));
  CW_TRY(list_to_gpu(*device_, keys, cells.key_offsets));
  return list_to_gpu(*device_, tiles, cells.tiles);
}

Result<> DeviceEncoder::reserve_rows(DeviceMemory& memory, std::int64_t rows, std::int64_t width) {
  return device_->reserve(memory, static_cast<std::size_t>(rows * width) * bytes_of(number_));
}

/// Room for a layer's projections of `rows` rows, and for what follows of `attended_rows` of them.
Result<> DeviceEncoder::reserve_layer(std::int64_t rows, std::int64_t attended_rows) {
  CW_TRY(reserve_rows(projected_, rows, 3 * hidden_));
  CW_TRY(reserve_rows(context_, attended_rows, hidden_));
  CW_TRY(reserve_rows(sum_, attended_rows, hidden_));
  return reserve_rows(inner_, attended_rows, ffn_);
}

// ---- steps

Result<> DeviceEncoder::embed(const GpuPass& pass) {
  const std::size_t bytes = static_cast<std::size_t>(pass.rows) * sizeof(std::int32_t);
  CW_TRY(device_->reserve(tokens_, bytes));
  CW_TRY(device_->reserve(positions_, bytes));
  CW_TRY(device_->upload(tokens_.data(), pass.tokens, bytes));
  CW_TRY(device_->upload(positions_.data(), pass.positions, bytes));
  CW_TRY(reserve_rows(state_, pass.rows, hidden_));
  EmbedArguments a{};
  a.tokens = tokens_.data<std::int32_t>();
  a.positions = positions_.data<std::int32_t>();
  a.words = words_.data<float>();
  a.places = places_.data<float>();
  a.type = type_.data<float>();
  a.weight = embedding_norm_.weight.data<float>();
  a.bias = embedding_norm_.bias.data<float>();
  a.out = state_.data();
  a.rows = pass.rows;
  a.width = static_cast<std::int32_t>(hidden_);
  a.eps = eps_;
  return device_->launch(number_ == Number::kFloat ? kernels::cw_embed_float : kernels::cw_embed_bfloat16,
                         {blocks_for(pass.rows, kRowsPerBlock), 1, kRowThreads}, a);
}

/// y = x Wᵀ + b for outputs `first_output`, ... of a linear layer.
Result<> DeviceEncoder::multiply(const void* x, std::int64_t rows, const Linear& linear, std::int64_t first_output,
                                 std::int64_t outputs, std::int64_t inputs, bool relu, void* y, std::int64_t y_stride) {
  const auto stored = static_cast<std::int64_t>(bytes_of(number_));
  DeviceProduct product;
  product.a = {x, inputs, false};
  product.b = {linear.weight.data<char>() + first_output * inputs * stored, inputs, true};
  product.rows = rows;
  product.columns = outputs;
  product.depth = inputs;
  product.inputs = product.outputs = number_;
  product.out = y;
  product.out_stride = y_stride;
  product.bias = linear.bias.data<char>() + first_output * stored;
  product.relu = relu;
  return products_->multiply(product);
}

Result<> DeviceEncoder::add_norm(const void* x, const void* residual, const Norm& norm, std::int64_t rows, void* out) {
  AddNormArguments a{};
  a.x = x;
  a.residual = residual;
  a.weight = norm.weight.data<float>();
  a.bias = norm.bias.data<float>();
  a.out = out;
  a.rows = rows;
  a.width = static_cast<std::int32_t>(hidden_);
  a.eps = eps_;
  return device_->launch(number_ == Number::kFloat ? kernels::cw_add_norm_float : kernels::cw_add_norm_bfloat16,
                         {blocks_for(rows, kRowsPerBlock), 1, kRowThreads}, a);
}

Result<> DeviceEncoder::attend_rows(const void* queries, std::int64_t query_stride, const void* projected,
                                    const Cells& cells, void* context) {
  const auto stored = static_cast<std::int64_t>(bytes_of(number_));
  AttentionArguments a{};
  a.q = queries;
  a.k = static_cast<const char*>(projected) + hidden_ * stored;
  a.v = static_cast<const char*>(projected) + 2 * hidden_ * stored;
  a.out = context;
  a.tiles = cells.tiles.data<AttentionTile>();
  a.query_offsets = cells.query_offsets.data<std::int32_t>();
  a.key_offsets = cells.key_offsets.data<std::int32_t>();
  a.q_stride = query_stride;
  a.kv_stride = 3 * hidden_;
  a.out_stride = hidden_;
  a.heads = static_cast<std::int32_t>(heads_);
  a.head_width = static_cast<std::int32_t>(hidden_ / heads_);
  a.scale = kLog2OfE / std::sqrt(static_cast<float>(a.head_width));
  return device_->launch(*attention_.kernel,
                         {static_cast<unsigned>(cells.num_tiles), static_cast<unsigned>(heads_),
                          static_cast<unsigned>(attention_.shape.threads), attention_.shape.shared_bytes},
                         a);
}

/// What follows attention, of rows in context_; leaves context_ and sum_ overwritten. `out` may be `hidden`.
Result<> DeviceEncoder::rest_of_layer(const Layer& layer, const void* hidden, std::int64_t rows, void* out) {
  CW_TRY(multiply(context_.data(), rows, layer.attention_output, 0, hidden_, hidden_, false, sum_.data(), hidden_));
  CW_TRY(add_norm(sum_.data(), hidden, layer.attention_norm, rows, sum_.data()));
  CW_TRY(multiply(sum_.data(), rows, layer.intermediate, 0, ffn_, hidden_, true, inner_.data(), ffn_));
  CW_TRY(multiply(inner_.data(), rows, layer.output, 0, hidden_, ffn_, false, context_.data(), hidden_));
  return add_norm(context_.data(), sum_.data(), layer.output_norm, rows, out);
}

Result<> DeviceEncoder::whole_layer(const Layer& layer, std::int64_t rows, const Cells& cells) {
  CW_TRY(
      multiply(state_.data(), rows, layer.projection, 0, 3 * hidden_, hidden_, false, projected_.data(), 3 * hidden_));
  CW_TRY(attend_rows(projected_.data(), 3 * hidden_, projected_.data(), cells, context_.data()));
  return rest_of_layer(layer, state_.data(), rows, state_.data());
}

/// Row 0 of every cell of state_ to first_state_.
Result<> DeviceEncoder::take_first_rows(const GpuPass& pass) {
  CW_TRY(list_to_gpu(*device_, narrow({pass.offsets, static_cast<std::size_t>(pass.cells)}), first_));
  CW_TRY(reserve_rows(first_state_, pass.cells, hidden_));
  const auto row_bytes = static_cast<std::int32_t>(hidden_ * static_cast<std::int64_t>(bytes_of(number_)));
  return device_->launch(kernels::cw_gather_rows, {blocks_for(pass.cells, kRowsPerBlock), 1, kRowThreads},
                         {state_.data(), first_.data<std::int32_t>(), first_state_.data(), pass.cells, row_bytes});
}

/// A layer of which only row 0 of every cell is wanted, from state_ and first_state_ to first_state_.
Result<> DeviceEncoder::first_rows_layer(const Layer& layer, const GpuPass& pass) {
  const auto num_offsets = static_cast<std::size_t>(pass.cells) + 1;
  std::vector<std::int64_t> single(num_offsets);
  std::iota(single.begin(), single.end(), std::int64_t{0});
  CW_TRY(cells_to_gpu(single, {pass.offsets, num_offsets}, first_cells_));
  CW_TRY(reserve_layer(pass.rows, pass.cells));
  CW_TRY(reserve_rows(queries_, pass.cells, hidden_));
  const auto stored = static_cast<std::int64_t>(bytes_of(number_));
  CW_TRY(multiply(state_.data(), pass.rows, layer.projection, hidden_, 2 * hidden_, hidden_, false,
                  projected_.data<char>() + hidden_ * stored, 3 * hidden_));
  CW_TRY(multiply(first_state_.data(), pass.cells, layer.projection, 0, hidden_, hidden_, false, queries_.data(),
                  hidden_));
  CW_TRY(attend_rows(queries_.data(), hidden_, projected_.data(), first_cells_, context_.data()));
  return rest_of_layer(layer, first_state_.data(), pass.cells, first_state_.data());
}

// ---- whole calls

Result<> DeviceEncoder::run(const GpuPass& pass) {
  const std::scoped_lock lock(one_at_a_time_);
  CW_TRY(device_->use());
  if (pass.tokens != nullptr) {
    CW_TRY(embed(pass));
  } else {
    CW_TRY(rows_to_gpu(pass.hidden, pass.rows, hidden_, state_));
  }
  const bool first_rows = pass.first_row_only != 0;
  const int whole = first_rows && pass.to > pass.from ? pass.to - 1 : pass.to;
  if (whole > pass.from) {
    const std::span offsets(pass.offsets, static_cast<std::size_t>(pass.cells) + 1);
    CW_TRY(cells_to_gpu(offsets, offsets, cells_));
    CW_TRY(reserve_layer(pass.rows, pass.rows));
    for (int layer = pass.from; layer < whole; ++layer) {
      CW_TRY(whole_layer(layers_[static_cast<std::size_t>(layer)], pass.rows, cells_));
    }
  }
  if (!first_rows) return rows_from_gpu(state_, pass.rows, hidden_, pass.out);
  CW_TRY(take_first_rows(pass));
  if (whole < pass.to) CW_TRY(first_rows_layer(layers_[static_cast<std::size_t>(whole)], pass));
  return rows_from_gpu(first_state_, pass.cells, hidden_, pass.out);
}

Result<> DeviceEncoder::project(int layer, const float* hidden, std::int64_t rows, float* out) {
  const std::scoped_lock lock(one_at_a_time_);
  CW_TRY(device_->use());
  CW_TRY(rows_to_gpu(hidden, rows, hidden_, state_));
  CW_TRY(reserve_rows(projected_, rows, 3 * hidden_));
  CW_TRY(multiply(state_.data(), rows, layers_[static_cast<std::size_t>(layer)].projection, 0, 3 * hidden_, hidden_,
                  false, projected_.data(), 3 * hidden_));
  return rows_from_gpu(projected_, rows, 3 * hidden_, out);
}

Result<> DeviceEncoder::attend(const GpuAttention& attention) {
  const std::scoped_lock lock(one_at_a_time_);
  CW_TRY(device_->use());
  const auto num_offsets = static_cast<std::size_t>(attention.cells) + 1;
  const std::span query_offsets(attention.query_offsets, num_offsets);
  const std::span offsets(attention.offsets, num_offsets);
  CW_TRY(cells_to_gpu(query_offsets, offsets, first_cells_));
  CW_TRY(rows_to_gpu(attention.projected, offsets.back(), 3 * hidden_, projected_));
  const bool own = attention.queries == attention.projected;
  if (!own) CW_TRY(rows_to_gpu(attention.queries, query_offsets.back(), hidden_, queries_));
  CW_TRY(reserve_rows(context_, query_offsets.back(), hidden_));
  CW_TRY(attend_rows(own ? projected_.data() : queries_.data(), own ? 3 * hidden_ : hidden_, projected_.data(),
                     first_cells_, context_.data()));
  return rows_from_gpu(context_, query_offsets.back(), hidden_, attention.out);
}

Result<> DeviceEncoder::finish(int layer, const float* context, const float* hidden, std::int64_t rows, float* out) {
  const std::scoped_lock lock(one_at_a_time_);
  CW_TRY(device_->use());
  CW_TRY(reserve_layer(0, rows));
  CW_TRY(rows_to_gpu(context, rows, hidden_, context_));
  CW_TRY(rows_to_gpu(hidden, rows, hidden_, state_));
  CW_TRY(rest_of_layer(layers_[static_cast<std::size_t>(layer)], state_.data(), rows, state_.data()));
  return rows_from_gpu(state_, rows, hidden_, out);
}

}  // namespace cw::cuda
