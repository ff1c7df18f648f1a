// SPDX-License-Identifier: GPL-3.0-or-later
// All kernels: what nvcc compiles (kernels.cu) and what the emulated driver runs.
#pragma once
#include "plugins/cuda/kernels/attention.cuh"
#include "plugins/cuda/kernels/attention_gradient.cuh"
#include "plugins/cuda/kernels/loss.cuh"
#include "plugins/cuda/kernels/row_kernels.cuh"
#include "plugins/cuda/kernels/tensor_attention.cuh"
#include "plugins/cuda/kernels/tensor_attention_gradient.cuh"
#include "plugins/cuda/kernels/training_rows.cuh"
#include "plugins/cuda/kernels/update.cuh"
