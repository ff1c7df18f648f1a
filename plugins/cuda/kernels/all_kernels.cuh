// SPDX-License-Identifier: GPL-3.0-or-later
// All kernels: what nvcc compiles (kernels.cu) and what the emulated driver runs.
#pragma once
#include "plugins/cuda/kernels/row_kernels.cuh"
