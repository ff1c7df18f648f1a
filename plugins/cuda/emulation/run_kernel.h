// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/emulation/fibres.h"

namespace cw::emulated {

/// Runs a kernel as a launch on a GPU would: run_kernel(cw_add_norm_float, shape, arguments).
template <class Arguments>
void run_kernel(void (*kernel)(Arguments), const LaunchShape& shape, const Arguments& arguments,
                ThreadOrder order = ThreadOrder::kForward) {
  run_grid(shape, order, [&] { kernel(arguments); });
}

}  // namespace cw::emulated
