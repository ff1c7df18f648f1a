// SPDX-License-Identifier: GPL-3.0-or-later
// LibTorch for the (T) domains. Keep it this small: gcc pays for every inline function in it at each use.
#pragma once
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function_hook.h>
