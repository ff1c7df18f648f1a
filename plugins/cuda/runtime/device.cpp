// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/runtime/device.h"

#include <utility>

/// The compiled kernels, from the build.
extern "C" const unsigned char cw_cuda_kernel_image[];  // NOLINT(readability-identifier-naming): a C symbol

namespace cw::cuda {
namespace {

constexpr int kOldestCapability = 80;

}  // namespace

DeviceMemory::~DeviceMemory() {
  if (address_ == 0) return;
  if (device_->use().ok()) device_->driver().cuMemFree(address_);
}

Result<int> num_devices() {
  CW_ASSIGN(const Driver* loaded, driver());
  int count = 0;
  CW_TRY(checked(*loaded, loaded->cuDeviceGetCount(&count), "counting GPUs"));
  return count;
}

Result<std::shared_ptr<Device>> Device::open(int index) {
  CW_ASSIGN(const Driver* loaded, cuda::driver());
  auto device = std::shared_ptr<Device>(new Device(*loaded));
  CW_TRY(device->begin(index));
  return device;
}

Result<> Device::begin(int index) {
  CW_ASSIGN(const int count, num_devices());
  if (index < 0 || index >= count) {
    return Error{ErrorCode::kNotFound, "E-DEV-005",
                 "there is no GPU " + std::to_string(index) + "; this machine has " + std::to_string(count) +
                     ", counted from 0"};
  }
  index_ = index;
  CW_TRY(checked(driver_, driver_.cuDeviceGet(&device_, index), "opening the GPU"));
  char name[256] = "";
  CW_TRY(checked(driver_, driver_.cuDeviceGetName(name, sizeof(name) - 1, device_), "opening the GPU"));
  name_ = name;
  CW_ASSIGN(const int major, attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  CW_ASSIGN(const int minor, attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
  capability_ = major * 10 + minor;
  CW_ASSIGN(shared_bytes_, attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  if (capability_ < kOldestCapability) {
    return Error{ErrorCode::kUnsupported, "E-DEV-009",
                 name_ + " has compute capability " + std::to_string(major) + "." + std::to_string(minor) +
                     ", 8.0 is needed (Ampere, from 2020); use --device cpu"};
  }
  CW_TRY(checked(driver_, driver_.cuDevicePrimaryCtxRetain(&context_, device_), "starting on " + name_));
  CW_TRY(use());
  CW_TRY(checked(driver_, driver_.cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING), "starting on " + name_));
  return checked(driver_, driver_.cuModuleLoadData(&module_, cw_cuda_kernel_image), "loading the kernels on " + name_);
}

Result<int> Device::attribute(CUdevice_attribute which) const {
  int value = 0;
  CW_TRY(checked(driver_, driver_.cuDeviceGetAttribute(&value, which, device_), "opening the GPU"));
  return value;
}

Result<> Device::describe(GpuDescription& description) const {
  CW_TRY(use());
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  CW_TRY(checked(driver_, driver_.cuMemGetInfo(&free_bytes, &total_bytes), "asking " + name_ + " for its memory"));
  CW_ASSIGN(const int multiprocessors, attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
  description = {};
  name_.copy(description.name, sizeof(description.name) - 1);
  description.total_bytes = static_cast<std::int64_t>(total_bytes);
  description.free_bytes = static_cast<std::int64_t>(free_bytes);
  description.capability = capability_;
  description.multiprocessors = multiprocessors;
  return {};
}

Device::~Device() {
  if (context_ == nullptr || !use().ok()) return;
  if (module_ != nullptr) driver_.cuModuleUnload(module_);
  if (stream_ != nullptr) driver_.cuStreamDestroy(stream_);
  driver_.cuDevicePrimaryCtxRelease(device_);
}

Result<> Device::use() const { return checked(driver_, driver_.cuCtxSetCurrent(context_), "using " + name_); }

Result<DeviceMemory> Device::allocate(std::size_t bytes) const {
  CUdeviceptr address = 0;
  CW_TRY(checked(driver_, driver_.cuMemAlloc(&address, bytes == 0 ? 1 : bytes),
                 "taking " + std::to_string(bytes >> 20U) + " MiB of " + name_));
  return DeviceMemory(shared_from_this(), address, bytes);
}

Result<> Device::reserve(DeviceMemory& memory, std::size_t bytes) const {
  if (memory.data() != nullptr && memory.bytes() >= bytes) return {};
  memory = DeviceMemory();
  CW_ASSIGN(memory, allocate(bytes));
  return {};
}

Result<> Device::upload(void* to, const void* from, std::size_t bytes) const {
  if (bytes == 0) return {};
  // from memory that is not pinned the driver returns when it has taken the bytes
  return checked(driver_, driver_.cuMemcpyHtoDAsync(reinterpret_cast<CUdeviceptr>(to), from, bytes, stream_),
                 "copying to " + name_);
}

Result<> Device::download(void* to, const void* from, std::size_t bytes) const {
  if (bytes > 0) {
    CW_TRY(checked(driver_, driver_.cuMemcpyDtoHAsync(to, reinterpret_cast<CUdeviceptr>(from), bytes, stream_),
                   "copying from " + name_));
  }
  return synchronise();
}

Result<> Device::synchronise() const {
  return checked(driver_, driver_.cuStreamSynchronize(stream_), "computing on " + name_);
}

Result<CUfunction> Device::function_of(const char* kernel) {
  if (const auto found = functions_.find(kernel); found != functions_.end()) return found->second;
  CUfunction function = nullptr;
  const std::string doing = std::string("loading kernel ") + kernel;
  CW_TRY(checked(driver_, driver_.cuModuleGetFunction(&function, module_, kernel), doing));
  CW_TRY(checked(driver_,
                 driver_.cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared_bytes_),
                 doing));
  functions_.emplace(kernel, function);
  return function;
}

Result<> Device::start(const char* kernel, const Launch& launch, void* arguments) {
  if (launch.blocks_x == 0 || launch.blocks_y == 0) return {};
  CW_ASSIGN(CUfunction const function, function_of(kernel));
  void* parameters[] = {arguments};
  return checked(driver_,
                 driver_.cuLaunchKernel(function, launch.blocks_x, launch.blocks_y, 1, launch.threads, 1, 1,
                                        static_cast<unsigned>(launch.shared_bytes), stream_, parameters, nullptr),
                 std::string("starting kernel ") + kernel);
}

}  // namespace cw::cuda
