// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/torch_runtime.h"

#include "core/base/parallel.h"

#include <ATen/Parallel.h>

namespace cw {

void configure_torch(int num_threads) { at::set_num_threads(effective_threads(num_threads)); }

}  // namespace cw
