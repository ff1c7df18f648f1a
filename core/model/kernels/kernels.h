// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

namespace cw {

/// A weight matrix as the inner loops read it: panels of `panel_columns` output columns, each panel holding all
/// `depth` steps one after the other. A step is one 32-bit word per column: one float, two bf16 or four int8 inputs.
/// Columns and steps that the matrix lacks are zero. Owned elsewhere (packed_matrix.h).
struct PanelMatrix {
  const void* words = nullptr;        ///< [num_panels, depth, panel_columns], 32 bits each
  const float* bias = nullptr;        ///< [num_panels * panel_columns]
  const float* scale = nullptr;       ///< int8: [num_panels * panel_columns], weight = scale * integer
  const float* column_sum = nullptr;  ///< int8: [num_panels * panel_columns], sum of a column's integers
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  std::int64_t depth = 0;  ///< steps: inputs / inputs per word, rounded up
};

/// y = x * W^T + bias [+ residual], then max(0, .) if `relu`, for a block of rows, on the calling thread.
struct LinearCall {
  const float* x = nullptr;  ///< [rows, inputs], rows `x_stride` floats apart
  std::int64_t x_stride = 0;
  std::int64_t rows = 0;
  const PanelMatrix* matrix = nullptr;
  const float* residual = nullptr;  ///< [rows, outputs] or null; must not be `y`
  std::int64_t residual_stride = 0;
  bool relu = false;
  float* y = nullptr;  ///< [rows, outputs]; must not overlap x
  std::int64_t y_stride = 0;
  void* scratch = nullptr;  ///< rows * (depth + 2) words; 64-byte aligned; not used by float32
};

/// Widest attention head that the kernels' work space holds.
inline constexpr std::int64_t kWidestHead = 256;

/// out = softmax(q k^T / sqrt(head_width)) v for some queries of one head of one cell, on the calling thread.
struct AttentionCall {
  const float* q = nullptr;  ///< [queries, head_width], rows `stride` floats apart; k and v alike with [keys, .]
  const float* k = nullptr;
  const float* v = nullptr;
  std::int64_t q_stride = 0;
  std::int64_t kv_stride = 0;
  std::int64_t queries = 0;
  std::int64_t keys = 0;
  std::int64_t head_width = 0;
  float* out = nullptr;  ///< [queries, head_width], rows `out_stride` floats apart
  std::int64_t out_stride = 0;
  void* scratch = nullptr;  ///< attention_scratch_words(...) words; 64-byte aligned
};

/// out = (x - mean) / sqrt(var + eps) * weight + bias per row; `out` may be `x`.
struct LayerNormCall {
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const float* weight = nullptr;
  const float* bias = nullptr;
  float eps = 0.0F;
  float* out = nullptr;
  std::int64_t out_stride = 0;
};

/// The inner loops for one kind of processor. Functions that a processor lacks are null: the caller then computes the
/// same thing from float32 values that were rounded like the missing kind.
struct KernelSet {
  const char* name = "";           ///< "avx512", "avx2", "baseline"
  std::int64_t panel_columns = 0;  ///< of PanelMatrix
  void (*linear_float32)(const LinearCall&) = nullptr;
  void (*linear_bfloat16)(const LinearCall&) = nullptr;
  void (*linear_int8)(const LinearCall&) = nullptr;
  void (*attention_float32)(const AttentionCall&) = nullptr;
  void (*attention_bfloat16)(const AttentionCall&) = nullptr;
  void (*layer_norm)(const LayerNormCall&) = nullptr;
};

/// Words of AttentionCall::scratch, enough for every kernel set.
[[nodiscard]] std::int64_t attention_scratch_words(std::int64_t keys, std::int64_t head_width) noexcept;

/// All sets that this processor can run, best first; never empty.
[[nodiscard]] const std::vector<KernelSet>& kernel_sets();
/// The first of them.
[[nodiscard]] inline const KernelSet& best_kernels() { return kernel_sets().front(); }

}  // namespace cw
