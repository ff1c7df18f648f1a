// SPDX-License-Identifier: GPL-3.0-or-later
// Float32 linear layer, attention and LayerNorm.
#include "core/model/kernels/linear.inl"
// attention.inl and layer_norm.inl build on the vectors that linear.inl brings
#include "core/model/kernels/attention.inl"
#include "core/model/kernels/layer_norm.inl"

void linear_float32(const LinearCall& call) { linear_rows<Float32Dot>(call, call.x, call.x_stride); }

/// Keys and values are read where they are; weights are stored as they come.
struct Float32Attention {
  using Dot = Float32Dot;
  static constexpr std::int64_t kKeysPerWord = 1;
  static std::int64_t words(std::int64_t head_width) { return head_width; }
  static void query_words(const float* from, std::int64_t head_width, float scale, float* to) {
    for (std::int64_t d = 0; d < head_width; ++d) to[d] = from[d] * scale;
  }
  static void store_weights(float* to, const Floats (&weights)[kKeysPerWord]) { store(to, weights[0]); }
};

void attention_float32(const AttentionCall& call) {
  attend<Float32Attention>(call, {call.k, call.kv_stride, call.v, call.kv_stride}, static_cast<float*>(call.scratch));
}

/// The float32 kernels compiled here.
inline KernelSet float32_kernels(const char* name) {
  KernelSet set;
  set.name = name;
  set.panel_columns = kPanelColumns;
  set.linear_float32 = linear_float32;
  set.attention_float32 = attention_float32;
  set.layer_norm = layer_norm;
  return set;
}
