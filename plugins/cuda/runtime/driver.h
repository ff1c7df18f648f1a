// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cuda.h>

#include <string_view>

// Functions of the driver that are used. cuda.h maps some names to versions of theirs (cuMemAlloc to cuMemAlloc_v2):
// the names here are mapped alike.
#define CW_DRIVER_FUNCTIONS(X) \
  X(cuInit)                    \
  X(cuDriverGetVersion)        \
  X(cuGetErrorName)            \
  X(cuGetErrorString)          \
  X(cuDeviceGetCount)          \
  X(cuDeviceGet)               \
  X(cuDeviceGetName)           \
  X(cuDeviceGetAttribute)      \
  X(cuDevicePrimaryCtxRetain)  \
  X(cuDevicePrimaryCtxRelease) \
  X(cuCtxSetCurrent)           \
  X(cuMemGetInfo)              \
  X(cuModuleLoadData)          \
  X(cuModuleUnload)            \
  X(cuModuleGetFunction)       \
  X(cuFuncSetAttribute)        \
  X(cuLaunchKernel)            \
  X(cuStreamCreate)            \
  X(cuStreamDestroy)           \
  X(cuStreamSynchronize)       \
  X(cuMemAlloc)                \
  X(cuMemFree)                 \
  X(cuMemcpyHtoDAsync)         \
  X(cuMemcpyDtoHAsync)

namespace cw::cuda {

/// libcuda.so.1, which comes with the GPU's driver.
struct Driver {
#define CW_DECLARE(name) decltype(&::name) name = nullptr;
  CW_DRIVER_FUNCTIONS(CW_DECLARE)
#undef CW_DECLARE
};

/// The driver, loaded and initialised once. Errors: kUnsupported E-DEV-004 (none, or no GPU), E-DEV-009 (too old).
[[nodiscard]] Result<const Driver*> driver();

/// Nothing, or the driver's word for what went wrong: kOutOfMemory E-DEV-008, kInternal E-DEV-006.
[[nodiscard]] Result<> checked(const Driver& driver, CUresult status, std::string_view doing);

}  // namespace cw::cuda
