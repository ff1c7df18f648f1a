// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/runtime/driver.h"

#include "plugins/cuda/runtime/shared_library.h"

#include <string>

namespace cw::cuda {
namespace {

constexpr int kOldestDriver = 13000;  // device code of the 13.0 compiler

#define CW_QUOTED(name) #name
#define CW_SYMBOL(name) CW_QUOTED(name)

Error no_gpu(const std::string& why) {
  return {ErrorCode::kUnsupported, "E-DEV-004",
          "no GPU driver: " + why + "; install the driver of the graphics card, or use --device cpu"};
}

Result<Driver> load_driver() {
  void* const library = load_first({"libcuda.so.1"});
  if (library == nullptr) return no_gpu("libcuda.so.1 is not on this machine");
  Driver loaded;
#define CW_FIND(name) \
  if (!find_function(library, CW_SYMBOL(name), loaded.name)) return no_gpu("libcuda.so.1 has no " CW_SYMBOL(name));
  CW_DRIVER_FUNCTIONS(CW_FIND)
#undef CW_FIND
  int version = 0;
  if (loaded.cuDriverGetVersion(&version) == CUDA_SUCCESS && version < kOldestDriver) {
    return Error{ErrorCode::kUnsupported, "E-DEV-009",
                 "the GPU driver is for CUDA " + std::to_string(version / 1000) + "." +
                     std::to_string(version % 1000 / 10) +
                     ", CUDA 13.0 is needed; install driver 580 or newer, or use --device cpu"};
  }
  const CUresult status = loaded.cuInit(0);
  if (status == CUDA_ERROR_NO_DEVICE) return no_gpu("the driver finds no GPU");
  if (status != CUDA_SUCCESS) {
    const char* name = nullptr;
    loaded.cuGetErrorName(status, &name);
    return no_gpu(std::string("it does not start (") + (name == nullptr ? "unknown error" : name) + ")");
  }
  return loaded;
}

}  // namespace

Result<const Driver*> driver() {
  static const Result<Driver> kLoaded = load_driver();
  if (!kLoaded.ok()) return kLoaded.error();
  return &kLoaded.value();
}

Result<> checked(const Driver& driver, CUresult status, std::string_view doing) {
  if (status == CUDA_SUCCESS) return {};
  if (status == CUDA_ERROR_OUT_OF_MEMORY) {
    return Error{ErrorCode::kOutOfMemory, "E-DEV-008",
                 std::string(doing) +
                     ": the GPU has not enough free memory; use fewer tokens per batch, end other programs on the "
                     "GPU, or use --device cpu"};
  }
  const char* name = nullptr;
  const char* text = nullptr;
  driver.cuGetErrorName(status, &name);
  driver.cuGetErrorString(status, &text);
  return Error{ErrorCode::kInternal, "E-DEV-006",
               std::string(doing) + ": the GPU stopped with " + (name == nullptr ? "an unknown error" : name) +
                   (text == nullptr ? "" : std::string(" (") + text + ")") + "; use --device cpu"};
}

}  // namespace cw::cuda
