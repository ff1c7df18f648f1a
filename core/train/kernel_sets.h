// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/kernels.h"

namespace cw {

/// One set per instruction set; `train_kernels` picks. For the selection and its tests only.
const TrainKernels& kernels_avx512() noexcept;
const TrainKernels& kernels_avx2() noexcept;
const TrainKernels& kernels_generic() noexcept;

}  // namespace cw
