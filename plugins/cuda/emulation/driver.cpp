// SPDX-License-Identifier: GPL-3.0-or-later
// libcuda.so.1 for machines without a GPU: the functions of runtime/driver.h over host memory, launches on fibres. The
// tests put its folder into LD_LIBRARY_PATH; then libcellwright_cuda.so runs on it as it would on a GPU's driver, from
// the C interface to the arguments of every kernel. Memory begins as NaN and has a guard behind it.
//   CELLWRIGHT_EMULATED_GPUS   how many GPUs there are (1)
//   CELLWRIGHT_EMULATED_BYTES  memory of each (1 GiB)
//   CELLWRIGHT_EMULATED_VERSION, CELLWRIGHT_EMULATED_CAPABILITY  of the driver (13000) and of the GPUs (8)
#include "plugins/cuda/emulation/run_kernel.h"
#include "plugins/cuda/kernels/all_kernels.cuh"
#include "plugins/cuda/kernels/kernel_list.h"

#include <cuda.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

// NOLINTBEGIN(readability-identifier-naming,performance-no-int-to-ptr): CUDA's names, and its addresses are numbers

namespace {

constexpr std::uint32_t kFatbinMagic = 0xba55ed50;
constexpr std::size_t kGuardBytes = 64;
constexpr unsigned char kGuard = 0xa5;
constexpr std::size_t kSharedWithoutAsking = std::size_t{48} * 1024;

std::size_t from_environment(const char* name, std::size_t otherwise) {
  const char* given = std::getenv(name);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

std::size_t memory_bytes() { return from_environment("CELLWRIGHT_EMULATED_BYTES", std::size_t{1} << 30U); }

/// Of a block: what cards for workstations have, less than those of computing centres.
std::size_t shared_bytes() { return std::size_t{99} * 1024; }

/// What was allocated: address and size.
std::map<CUdeviceptr, std::size_t>& allocations() {
  static std::map<CUdeviceptr, std::size_t> all;
  return all;
}

std::size_t used_bytes() {
  std::size_t used = 0;
  for (const auto& [address, bytes] : allocations()) used += bytes;
  return used;
}

/// Whether these bytes lie in one allocation.
bool is_allocated(CUdeviceptr address, std::size_t bytes) {
  auto after = allocations().upper_bound(address);
  if (after == allocations().begin()) return false;
  --after;
  return address + bytes <= after->first + after->second;
}

CUresult complain(const std::string& what) {
  std::fprintf(stderr, "emulated GPU: %s\n", what.c_str());
  return CUDA_ERROR_LAUNCH_FAILED;
}

}  // namespace

struct CUfunc_st {
  const char* name;
  void (*run)(const cw::emulated::LaunchShape&, void*);
  std::size_t most_shared_bytes;
};

namespace {

CUfunc_st functions[] = {
#define CW_FUNCTION(name, Arguments)                                                                       \
  {#name,                                                                                                  \
   [](const cw::emulated::LaunchShape& shape, void* arguments) {                                           \
     cw::emulated::run_kernel(cw::cuda::name, shape, *static_cast<const cw::cuda::Arguments*>(arguments)); \
   },                                                                                                      \
   kSharedWithoutAsking},
    CW_CUDA_KERNELS(CW_FUNCTION)
#undef CW_FUNCTION
};

}  // namespace

CUresult cuInit(unsigned /*flags*/) {
  return from_environment("CELLWRIGHT_EMULATED_GPUS", 1) == 0 ? CUDA_ERROR_NO_DEVICE : CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
  *version = static_cast<int>(from_environment("CELLWRIGHT_EMULATED_VERSION", 13000));
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult error, const char** name) {
  *name = error == CUDA_ERROR_LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : "CUDA_ERROR_INVALID_VALUE";
  return CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult /*error*/, const char** text) {
  *text = "emulated";
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
  *count = static_cast<int>(from_environment("CELLWRIGHT_EMULATED_GPUS", 1));
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int index) {
  *device = index;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char* name, int size, CUdevice device) {
  std::snprintf(name, static_cast<std::size_t>(size), "Emulated GPU %d", device);
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice /*device*/) {
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = static_cast<int>(from_environment("CELLWRIGHT_EMULATED_CAPABILITY", 8));
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = 0;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      *value = static_cast<int>(shared_bytes());
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      *value = 1;
      return CUDA_SUCCESS;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  *context = reinterpret_cast<CUcontext>(static_cast<std::uintptr_t>(device) + 1);
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice /*device*/) { return CUDA_SUCCESS; }

CUresult cuCtxSetCurrent(CUcontext context) { return context == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS; }

CUresult cuMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  *total_bytes = memory_bytes();
  *free_bytes = *total_bytes - used_bytes();
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  std::uint32_t magic = 0;
  std::memcpy(&magic, image, sizeof(magic));
  if (magic != kFatbinMagic) return CUDA_ERROR_INVALID_IMAGE;
  *module = reinterpret_cast<CUmodule>(functions);
  return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule /*module*/) { return CUDA_SUCCESS; }

CUresult cuModuleGetFunction(CUfunction* function, CUmodule /*module*/, const char* name) {
  for (CUfunc_st& known : functions) {
    if (std::strcmp(known.name, name) != 0) continue;
    *function = &known;
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 ||
      static_cast<std::size_t>(value) > shared_bytes()) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  function->most_shared_bytes = static_cast<std::size_t>(value);
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream /*stream*/,
                        void** parameters, void** /*extra*/) {
  if (shared_bytes > function->most_shared_bytes) return complain(std::string(function->name) + ": shared memory");
  try {
    function->run({{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes}, parameters[0]);
  } catch (const cw::emulated::KernelFault& fault) {
    return complain(std::string(function->name) + ": " + fault.what());
  }
  return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream* stream, unsigned /*flags*/) {
  *stream = reinterpret_cast<CUstream>(functions);
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream /*stream*/) { return CUDA_SUCCESS; }
CUresult cuStreamSynchronize(CUstream /*stream*/) { return CUDA_SUCCESS; }

CUresult cuMemAlloc(CUdeviceptr* address, std::size_t bytes) {
  if (used_bytes() + bytes > memory_bytes()) return CUDA_ERROR_OUT_OF_MEMORY;
  const std::size_t room = (bytes + kGuardBytes + 255) / 256 * 256;
  void* memory = std::aligned_alloc(256, room);
  if (memory == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
  std::memset(memory, 0xff, bytes);
  std::memset(static_cast<unsigned char*>(memory) + bytes, kGuard, kGuardBytes);
  *address = reinterpret_cast<CUdeviceptr>(memory);
  allocations()[*address] = bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemFree(CUdeviceptr address) {
  const auto found = allocations().find(address);
  if (found == allocations().end()) return CUDA_ERROR_INVALID_VALUE;
  const auto* memory = reinterpret_cast<const unsigned char*>(address);
  for (std::size_t i = found->second; i < found->second + kGuardBytes; ++i) {
    if (memory[i] == kGuard) continue;
    complain("something wrote beyond the end of " + std::to_string(found->second) + " bytes");
    std::abort();
  }
  allocations().erase(found);
  std::free(reinterpret_cast<void*>(address));
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream /*stream*/) {
  if (!is_allocated(to, bytes)) return CUDA_ERROR_INVALID_VALUE;
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream /*stream*/) {
  if (!is_allocated(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return CUDA_SUCCESS;
}

// NOLINTEND(readability-identifier-naming,performance-no-int-to-ptr)
