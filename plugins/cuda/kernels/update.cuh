// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/kernels/loss.cuh"
#include "plugins/cuda/kernels/update.h"

namespace cw::cuda {

CW_DEVICE void squares(const SquaresArguments& a) {
  CW_SHARED(double, shared);
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.x) * kSquaresPerBlock;
  const std::int64_t end = begin + kSquaresPerBlock < a.count ? begin + kSquaresPerBlock : a.count;
  double sum = 0.0;
  for (std::int64_t i = begin + threadIdx.x; i < end; i += kSquareThreads) {
    sum += static_cast<double>(a.from[i]) * static_cast<double>(a.from[i]);
  }
  sum = over_block(sum, shared, [](double x, double y) { return x + y; });
  if (threadIdx.x == 0) a.to[blockIdx.x] = sum;
}

CW_KERNEL(kSquareThreads) cw_squares(SquaresArguments a) { squares(a); }

CW_KERNEL(kWarp) cw_clip(ClipArguments a) {
  double sum = 0.0;
  for (std::int64_t i = threadIdx.x; i < a.count; i += kWarp) sum += a.squares[i];
  for (int mask = kWarp / 2; mask > 0; mask /= 2) sum += from_lane_xor(sum, mask);
  const double norm = sqrt(sum);
  if (threadIdx.x != 0) return;
  if (a.norm != nullptr) *a.norm = norm;
  // The small constant is torch's.
  *a.factor = a.largest > 0.0 && norm > a.largest ? static_cast<float>(a.largest / (norm + 1e-6)) : 1.0F;
}

CW_KERNEL(kElementThreads) cw_adamw(AdamWArguments a) {
  const float factor = a.gradient_factor == nullptr ? 1.0F : *a.gradient_factor;
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kElementsPerBlock + threadIdx.x;
  for (std::int64_t i = first; i < first + kElementsPerBlock && i < a.count; i += kElementThreads) {
    const float g = a.gradients[i] * factor;
    const float m = a.first_moment[i] + (g - a.first_moment[i]) * a.rest1;
    const float v = a.second_moment[i] * a.beta2 + g * g * a.rest2;
    const float value = a.values[i] * a.decay - a.step_size * m / (sqrtf(v) * a.root_of_rest2 + a.epsilon);
    a.first_moment[i] = m;
    a.second_moment[i] = v;
    a.values[i] = value;
    if (a.copies != nullptr) static_cast<BFloat16*>(a.copies)[i] = from_float<BFloat16>(value);
  }
}

}  // namespace cw::cuda
