// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// Which elements a dropout layer keeps: element `i` of row `r` is kept if a hash of (key, r, i) is below a threshold.
/// Nothing is stored: the backward pass asks again, and a resumed run draws the same elements.
struct DropoutRule {
  std::uint64_t key = 0;
  float probability = 0.0F;    ///< of an element to be set to zero, [0, 1)
  std::int64_t first_row = 0;  ///< number of the first row that the layer sees, where others see the rows before it
};

/// One head of one cell for the attention kernels. `q`, `k` and `v` are [length, width] with `row_stride` between rows.
struct AttentionHead {
  const float* q = nullptr;
  const float* k = nullptr;
  const float* v = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t length = 0;
  std::int64_t width = 0;
  float scale = 1.0F;   ///< 1 / sqrt(width)
  DropoutRule dropout;  ///< on the attention probabilities; row = query position, element = key position
};

/// Results of a forward pass that the backward pass needs, and the gradients it gives. Rows as in AttentionHead;
/// `output` and `d_output` have `output_stride` between rows, `dq`, `dk`, `dv` have the row stride of the inputs.
struct AttentionGradient {
  const float* output = nullptr;
  const float* d_output = nullptr;
  const float* log_sum_exp = nullptr;  ///< [length]
  std::int64_t output_stride = 0;
  float* dq = nullptr;
  float* dk = nullptr;
  float* dv = nullptr;
};

/// y = LayerNorm(dropout(x) + residual) over rows of `width`.
struct NormRows {
  std::int64_t width = 0;
  std::int64_t first_row = 0;  ///< index of the first row given, for the dropout rule
  std::int64_t num_rows = 0;
  float epsilon = 1e-12F;
  DropoutRule dropout;
  const float* weight = nullptr;  ///< [width]
};

/// A matrix operand: element (i, j) lies at data[i * row_stride + j * column_stride].
struct Operand {
  const float* data = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;
};

/// One block of rows and columns of a product C = A B (+ C): disjoint blocks may be computed at the same time, and
/// a value does not depend on how C was cut, because its sum runs over `inner` in one fixed order.
struct ProductBlock {
  Operand a;  ///< [rows, inner], already moved to the first row of the block
  Operand b;  ///< [inner, columns], already moved to the first column
  float* c = nullptr;
  std::int64_t c_stride = 0;
  std::int64_t rows = 0, columns = 0, inner = 0;
  bool accumulate = false;
};

/// The inner loops of training, compiled once per instruction set. Plain functions on raw rows: callers divide the work
/// among threads. Scratch sizes are in floats; scratch is aligned to 64 bytes.
struct TrainKernels {
  const char* name;  ///< "avx512", "avx2", "generic"

  std::int64_t (*attention_scratch)(std::int64_t length, std::int64_t width);
  /// Writes output [length, width] (rows `output_stride` apart) and log_sum_exp [length].
  void (*attention_forward)(const AttentionHead& head, float* output, std::int64_t output_stride, float* log_sum_exp,
                            float* scratch);
  /// Overwrites dq, dk, dv.
  void (*attention_backward)(const AttentionHead& head, const AttentionGradient& gradient, float* scratch);

  /// `sum` receives dropout(x) + residual, `mean_rstd` two values per row, `y` the result.
  void (*norm_forward)(const NormRows& rows, const float* x, const float* residual, const float* bias, float* sum,
                       float* mean_rstd, float* y);
  /// Adds to d_weight and d_bias [width]; overwrites dx and d_residual.
  void (*norm_backward)(const NormRows& rows, const float* sum, const float* mean_rstd, const float* dy, float* dx,
                        float* d_residual, float* d_weight, float* d_bias);
  /// y = dropout(x) for rows of `width`; its own gradient when applied to dy.
  void (*dropout)(const NormRows& rows, const float* x, float* y);

  /// -log softmax(logits)[target]; `logits` become its gradient times `weight` if `weight` is not 0.
  double (*cross_entropy)(float* logits, std::int64_t size, std::int64_t target, float weight);

  std::int64_t product_scratch;
  void (*product)(const ProductBlock& block, float* scratch);
};

/// The kernels for this processor.
[[nodiscard]] const TrainKernels& train_kernels() noexcept;

}  // namespace cw
