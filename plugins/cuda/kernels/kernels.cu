// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/kernels/all_kernels.cuh"
