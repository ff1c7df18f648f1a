// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
namespace cw {

/// Sets how many threads LibTorch uses (0 = all processors that this process may run on). Called once, by the program,
/// before the first tensor is made.
void configure_torch(int num_threads);

}  // namespace cw
