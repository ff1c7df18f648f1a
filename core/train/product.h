// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/kernels.h"
#include "core/train/workers.h"

#include <cstdint>

namespace cw {

/// A whole matrix product for all threads: C[rows, columns] (+)= A B, optionally starting from `bias` in every row and
/// ending with max(0, .). The result does not depend on the number of threads.
struct Product {
  Operand a;
  Operand b;
  float* c = nullptr;
  std::int64_t c_stride = 0;
  std::int64_t rows = 0, columns = 0, inner = 0;
  bool accumulate = false;
  const float* bias = nullptr;  ///< [columns]; not together with `accumulate`
  bool relu = false;
};

void multiply(const Product& product, const Workers& workers);

}  // namespace cw
