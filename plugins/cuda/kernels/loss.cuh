// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/kernels/loss.h"
#include "plugins/cuda/kernels/row_kernels.cuh"

namespace cw::cuda {

/// `combine` over what all threads of the block give, in every thread; always in the same order.
template <class T, class Combine>
CW_DEVICE T over_block(T value, T* shared, const Combine& combine) {
  for (int mask = kWarp / 2; mask > 0; mask /= 2) value = combine(value, from_lane_xor(value, mask));
  const int warps = static_cast<int>(blockDim.x) / kWarp;
  __syncthreads();  // whoever used `shared` before is done with it
  if (own_lane() == 0) shared[threadIdx.x / kWarp] = value;
  __syncthreads();
  T total = shared[0];
  for (int w = 1; w < warps; ++w) total = combine(total, shared[w]);
  return total;
}

CW_DEVICE void cross_entropy(const CrossEntropyArguments& a) {
  CW_SHARED(double, shared);
  const std::int64_t row = blockIdx.x;
  float* logits = a.logits + row * a.size;
  const int own = static_cast<int>(threadIdx.x);
  const auto larger = [](float x, float y) { return fmaxf(x, y); };
  const auto plus = [](double x, double y) { return x + y; };
  float here = logits[0];
  for (int i = own; i < a.size; i += kLossThreads) here = fmaxf(here, logits[i]);
  const float highest = over_block(here, reinterpret_cast<float*>(shared), larger);
  float sum = 0.0F;
  for (int i = own; i < a.size; i += kLossThreads) sum += expf(logits[i] - highest);
  const double total = over_block(static_cast<double>(sum), shared, plus);
  const int target = a.targets[row];
  if (own == 0) a.losses[row] = log(total) + static_cast<double>(highest) - static_cast<double>(logits[target]);
  __syncthreads();
  if (a.factor == 0.0F) return;
  const float share = static_cast<float>(static_cast<double>(a.factor) / total);
  for (int i = own; i < a.size; i += kLossThreads) {
    const float gradient = expf(logits[i] - highest) * share - (i == target ? a.factor : 0.0F);
    if (a.gradient == nullptr) {
      logits[i] = gradient;
    } else {
      static_cast<BFloat16*>(a.gradient)[row * a.size + i] = from_float<BFloat16>(gradient);
    }
  }
}

CW_KERNEL(kLossThreads) cw_cross_entropy(CrossEntropyArguments a) { cross_entropy(a); }

template <class T>
CW_DEVICE void look_up_gradient(const LookUpGradientArguments& a) {
  const std::int64_t place = own_row(a.num_ids);
  if (place < 0) return;
  float* to = a.to + static_cast<std::int64_t>(a.ids[place]) * a.width;
  for (int i = own_lane(); i < a.width; i += kWarp) {
    float sum = 0.0F;
    for (std::int32_t k = a.starts[place]; k < a.starts[place + 1]; ++k) {
      sum += to_float(static_cast<const T*>(a.from)[static_cast<std::int64_t>(a.rows[k]) * a.width + i]);
    }
    to[i] += sum;
  }
}

CW_KERNEL(kRowThreads) cw_look_up_gradient_float(LookUpGradientArguments a) { look_up_gradient<float>(a); }
CW_KERNEL(kRowThreads) cw_look_up_gradient_bfloat16(LookUpGradientArguments a) { look_up_gradient<BFloat16>(a); }

}  // namespace cw::cuda
