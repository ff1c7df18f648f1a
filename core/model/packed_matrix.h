// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/kernels/kernels.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cw {

/// How weights and the inputs of linear layers are stored. Sums, residuals, LayerNorm and softmax are float32 in all.
enum class Precision : std::uint8_t {
  kFloat32,
  kBFloat16,  ///< weights and inputs rounded to bfloat16
  kInt8       ///< weights: symmetric, one scale per output; inputs: 8 bits per row with scale and offset, as they come
};

/// 64-byte aligned floats (or words of 32 bits), not initialised.
class AlignedWords {
 public:
  AlignedWords() = default;
  explicit AlignedWords(std::int64_t count);
  [[nodiscard]] float* floats() const noexcept { return words_.get(); }
  [[nodiscard]] void* data() const noexcept { return words_.get(); }
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }

 private:
  struct Free {
    void operator()(float* words) const noexcept;
  };
  std::unique_ptr<float, Free> words_;
  std::int64_t size_ = 0;
};

/// A linear layer's weight and bias, arranged for the kernels of this processor. Where the processor lacks the
/// precision's instructions, the rounded values are kept as float32: same numbers, without the speed.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// `weight`: row-major [outputs, inputs]; `bias`: [outputs].
  PackedMatrix(const float* weight, const float* bias, std::int64_t outputs, std::int64_t inputs, Precision precision,
               const KernelSet& kernels);

  [[nodiscard]] std::int64_t inputs() const noexcept { return inputs_; }
  [[nodiscard]] std::int64_t outputs() const noexcept { return outputs_; }
  /// Words of scratch that `apply` needs for a block of `rows` rows.
  [[nodiscard]] std::int64_t scratch_words(std::int64_t rows) const noexcept;

  /// y = x W^T + bias [+ residual] [relu] on the calling thread. Fill all of `call` but `matrix`.
  void apply(LinearCall call) const;

 private:
  void pack_float32(const float* weight);
  void pack_bfloat16(const float* weight);
  void pack_int8(const float* weight);

  const KernelSet* kernels_ = nullptr;
  void (*kernel_)(const LinearCall&) = nullptr;
  Precision precision_ = Precision::kFloat32;
  bool emulated_ = false;
  std::int64_t inputs_ = 0;
  std::int64_t outputs_ = 0;
  std::int64_t padded_outputs_ = 0;
  std::int64_t depth_ = 0;
  AlignedWords words_, bias_, scale_, column_sum_;
};

}  // namespace cw
