// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw::cuda {

/// Sums of squares of 64 Ki elements each, in double: to[block] for every block of 256 threads.
struct SquaresArguments {
  const float* from;
  double* to;  ///< one per block
  std::int64_t count;
};
inline constexpr int kSquareThreads = 256;
inline constexpr std::int64_t kSquaresPerBlock = std::int64_t{1} << 16U;

/// Norm of all gradients and what they are to be multiplied by, so that it is at most `largest`, as
/// torch.nn.utils.clip_grad_norm_ does. One block of 32 threads.
struct ClipArguments {
  const double* squares;  ///< [count] of cw_squares, of all groups
  double* norm;           ///< null, or where the norm before clipping goes
  float* factor;          ///< 1 where nothing is clipped
  std::int64_t count;
  double largest;  ///< 0 = no limit
};

/// One step of AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it, on float32 master weights, with a
/// copy in bf16 for the products of the next step.
struct AdamWArguments {
  float* values;
  void* copies;  ///< null, or [count] of bf16
  const float* gradients;
  float* first_moment;
  float* second_moment;
  const float* gradient_factor;  ///< null, or that of cw_clip
  std::int64_t count;
  float rest1;         ///< 1 - beta1
  float beta2, rest2;  ///< beta2, 1 - beta2
  float epsilon;
  float decay;          ///< 1 - learning rate * weight decay
  float step_size;      ///< learning rate / (1 - beta1^step)
  float root_of_rest2;  ///< 1 / sqrt(1 - beta2^step)
};

/// What the options of AdamW are.
struct AdamWRule {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
};
/// Fills in what depends on the rule, the learning rate and the step (counted from 1), in double precision.
void set_rule(const AdamWRule& rule, double learning_rate, std::int64_t step, AdamWArguments& arguments);

}  // namespace cw::cuda
