// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/kernels/kernel_list.h"
#include "plugins/cuda/runtime/driver.h"
#include "plugins/sdk/gpu_backend.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

namespace cw::cuda {

/// Blocks, threads of a block, bytes of shared memory.
struct Launch {
  unsigned blocks_x = 1;
  unsigned blocks_y = 1;
  unsigned threads = 1;
  std::size_t shared_bytes = 0;
};

class Device;

/// Memory of a GPU, given back at the end.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(std::shared_ptr<const Device> device, CUdeviceptr address, std::size_t bytes)
      : device_(std::move(device)), address_(address), bytes_(bytes) {}
  DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// An address of the GPU: never read on the host.
  template <class T = void>
  [[nodiscard]] T* data() const noexcept {
    return reinterpret_cast<T*>(address_);  // NOLINT(performance-no-int-to-ptr): that is what a CUdeviceptr is
  }

 private:
  void swap(DeviceMemory& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(address_, other.address_);
    std::swap(bytes_, other.bytes_);
  }

  std::shared_ptr<const Device> device_;
  CUdeviceptr address_ = 0;
  std::size_t bytes_ = 0;
};

/// One GPU: its primary context (shared with cuBLASLt and NCCL), one stream in which everything happens in order, the
/// kernels. Functions are for the thread that called `use` last.
class Device : public std::enable_shared_from_this<Device> {
 public:
  /// Errors: those of driver(); kNotFound E-DEV-005; kUnsupported E-DEV-009 (compute capability below 8.0).
  [[nodiscard]] static Result<std::shared_ptr<Device>> open(int index);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] int index() const noexcept { return index_; }
  /// Name, memory, kind. Errors: kInternal E-DEV-006.
  Result<> describe(GpuDescription& description) const;
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const Driver& driver() const noexcept { return driver_; }
  [[nodiscard]] CUstream stream() const noexcept { return stream_; }

  /// Makes this GPU the calling thread's.
  Result<> use() const;
  [[nodiscard]] Result<DeviceMemory> allocate(std::size_t bytes) const;
  /// `memory` with room for at least `bytes`; what it held is lost if it has to grow.
  Result<> reserve(DeviceMemory& memory, std::size_t bytes) const;
  /// Copies into the stream; `from` may change when the function has returned.
  Result<> upload(void* to, const void* from, std::size_t bytes) const;
  /// Waits for the stream.
  Result<> download(void* to, const void* from, std::size_t bytes) const;
  Result<> synchronise() const;

  /// Starts a kernel in the stream.
  template <class Arguments>
  Result<> launch(const Kernel<Arguments>& kernel, const Launch& launch, Arguments arguments) {
    return start(kernel.name, launch, &arguments);
  }

 private:
  explicit Device(const Driver& loaded) : driver_(loaded) {}
  Result<> begin(int index);
  [[nodiscard]] Result<int> attribute(CUdevice_attribute which) const;
  Result<> start(const char* kernel, const Launch& launch, void* arguments);
  Result<CUfunction> function_of(const char* kernel);

  const Driver& driver_;
  int index_ = 0;
  int capability_ = 0;
  int shared_bytes_ = 0;  ///< that a block can have: 163 KiB on an A100, 99 on cards for workstations
  std::string name_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
  CUmodule module_ = nullptr;
  std::unordered_map<std::string, CUfunction> functions_;
};

/// How many GPUs there are. Errors: those of driver().
[[nodiscard]] Result<int> num_devices();

}  // namespace cw::cuda
