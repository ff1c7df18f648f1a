// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/kernels/update.h"

#include <cmath>

namespace cw::cuda {

void set_rule(const AdamWRule& rule, double learning_rate, std::int64_t step, AdamWArguments& arguments) {
  const auto steps = static_cast<double>(step);
  arguments.rest1 = static_cast<float>(1.0 - rule.beta1);
  arguments.beta2 = static_cast<float>(rule.beta2);
  arguments.rest2 = static_cast<float>(1.0 - rule.beta2);
  arguments.epsilon = static_cast<float>(rule.epsilon);
  arguments.decay = static_cast<float>(1.0 - learning_rate * rule.weight_decay);
  arguments.step_size = static_cast<float>(learning_rate / (1.0 - std::pow(rule.beta1, steps)));
  arguments.root_of_rest2 = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(rule.beta2, steps)));
}

}  // namespace cw::cuda
