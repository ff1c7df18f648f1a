// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/packed_matrix.h"

#include "core/base/check.h"
#include "core/model/kernels/rounding.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cw {
namespace {

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

std::int64_t inputs_per_word(Precision precision, bool emulated) {
  if (emulated || precision == Precision::kFloat32) return 1;
  return precision == Precision::kBFloat16 ? 2 : 4;
}

/// Symmetric: the largest weight of an output becomes +-127.
float int8_scale(const float* weights, std::int64_t count) {
  float largest = 0.0F;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(weights[i]));
  return largest > 0.0F ? largest / 127.0F : 1.0F;
}

}  // namespace

AlignedWords::AlignedWords(std::int64_t count) : size_(round_up(count, 16)) {
  words_.reset(static_cast<float*>(std::aligned_alloc(64, static_cast<std::size_t>(size_) * sizeof(float))));
  if (words_ == nullptr && size_ > 0) throw std::bad_alloc();  // caught by guard_torch like LibTorch's own
}

void AlignedWords::Free::operator()(float* words) const noexcept { std::free(words); }

PackedMatrix::PackedMatrix(const float* weight, const float* bias, std::int64_t outputs, std::int64_t inputs,
                           Precision precision, const KernelSet& kernels)
    : kernels_(&kernels), kernel_(kernels.linear_float32), precision_(precision), inputs_(inputs), outputs_(outputs) {
  const auto native = precision == Precision::kBFloat16 ? kernels.linear_bfloat16
                      : precision == Precision::kInt8   ? kernels.linear_int8
                                                        : kernels.linear_float32;
  emulated_ = native == nullptr;
  if (!emulated_) kernel_ = native;
  const std::int64_t per_word = inputs_per_word(precision, emulated_);
  padded_outputs_ = round_up(outputs, kernels.panel_columns);
  depth_ = (inputs + per_word - 1) / per_word;
  words_ = AlignedWords(padded_outputs_ * depth_);
  std::memset(words_.data(), 0, static_cast<std::size_t>(words_.size()) * sizeof(float));
  bias_ = AlignedWords(padded_outputs_);
  std::fill_n(bias_.floats(), padded_outputs_, 0.0F);
  std::copy_n(bias, outputs, bias_.floats());
  if (emulated_ || precision == Precision::kFloat32) {
    pack_float32(weight);
  } else if (precision == Precision::kBFloat16) {
    pack_bfloat16(weight);
  } else {
    pack_int8(weight);
  }
}

void PackedMatrix::pack_float32(const float* weight) {
  const std::int64_t width = kernels_->panel_columns;
  for (std::int64_t out = 0; out < outputs_; ++out) {
    const float* row = weight + out * inputs_;
    const float scale = precision_ == Precision::kInt8 ? int8_scale(row, inputs_) : 1.0F;
    float* panel = words_.floats() + out / width * width * depth_ + out % width;
    for (std::int64_t in = 0; in < inputs_; ++in) {
      float value = row[in];
      if (precision_ == Precision::kBFloat16) value = from_bfloat16(to_bfloat16(value));
      if (precision_ == Precision::kInt8) value = std::nearbyint(value / scale) * scale;
      panel[in * width] = value;
    }
  }
}

void PackedMatrix::pack_bfloat16(const float* weight) {
  const std::int64_t width = kernels_->panel_columns;
  auto* halves = static_cast<std::uint16_t*>(words_.data());
  for (std::int64_t out = 0; out < outputs_; ++out) {
    std::uint16_t* panel = halves + 2 * (out / width * width * depth_ + out % width);
    for (std::int64_t in = 0; in < inputs_; ++in) {
      panel[in / 2 * width * 2 + in % 2] = to_bfloat16(weight[out * inputs_ + in]);
    }
  }
}

void PackedMatrix::pack_int8(const float* weight) {
  const std::int64_t width = kernels_->panel_columns;
  auto* bytes = static_cast<std::int8_t*>(words_.data());
  scale_ = AlignedWords(padded_outputs_);
  column_sum_ = AlignedWords(padded_outputs_);
  std::fill_n(scale_.floats(), padded_outputs_, 0.0F);
  std::fill_n(column_sum_.floats(), padded_outputs_, 0.0F);
  for (std::int64_t out = 0; out < outputs_; ++out) {
    const float* row = weight + out * inputs_;
    const float scale = int8_scale(row, inputs_);
    std::int8_t* panel = bytes + 4 * (out / width * width * depth_ + out % width);
    std::int64_t sum = 0;
    for (std::int64_t in = 0; in < inputs_; ++in) {
      const auto value = static_cast<std::int8_t>(std::nearbyint(row[in] / scale));
      panel[in / 4 * width * 4 + in % 4] = value;
      sum += value;
    }
    scale_.floats()[out] = scale;
    column_sum_.floats()[out] = static_cast<float>(sum);
  }
}

std::int64_t PackedMatrix::scratch_words(std::int64_t rows) const noexcept { return rows * (inputs_ + 2) + 16; }

void PackedMatrix::apply(LinearCall call) const {
  const PanelMatrix panels{words_.data(), bias_.floats(), scale_.floats(), column_sum_.floats(),
                           inputs_,       outputs_,       depth_};
  call.matrix = &panels;
  if (emulated_) {
    auto* rounded = static_cast<float*>(call.scratch);
    for (std::int64_t row = 0; row < call.rows; ++row) {
      const float* from = call.x + row * call.x_stride;
      float* to = rounded + row * inputs_;
      if (precision_ == Precision::kBFloat16) {
        std::transform(from, from + inputs_, to, [](float value) { return from_bfloat16(to_bfloat16(value)); });
      } else {
        round_to_8_bits(from, to, inputs_);
      }
    }
    call.x = rounded;
    call.x_stride = inputs_;
  }
  kernel_(call);
}

}  // namespace cw
