// SPDX-License-Identifier: GPL-3.0-or-later
// The library's C interface (plugins/sdk/gpu_backend.h).
#include "plugins/cuda/runtime/encoder.h"
#include "plugins/sdk/gpu_backend.h"

#include <algorithm>
#include <exception>
#include <new>

struct cw::GpuEncoder {
  std::unique_ptr<cw::cuda::DeviceEncoder> encoder;
};

namespace cw::cuda {
namespace {

template <std::size_t kSize>
void copy_text(const std::string& from, char (&to)[kSize]) {
  const std::size_t length = std::min(from.size(), kSize - 1);
  std::copy_n(from.data(), length, to);
  to[length] = '\0';
}

/// Calls `work` and gives its error, or what it threw, to the caller as plain data.
template <class Work>
std::int32_t report(GpuError* error, const Work& work) {
  Error failed;
  try {
    const Result<> done = work();
    if (done.ok()) return 1;
    failed = done.error();
  } catch (const std::bad_alloc&) {
    failed = {ErrorCode::kOutOfMemory, "E-DEV-003", "computing on the GPU: not enough memory on this machine"};
  } catch (const std::exception& thrown) {
    failed = {ErrorCode::kInternal, "E-DEV-006", std::string("computing on the GPU: ") + thrown.what()};
  }
  error->code = static_cast<std::int32_t>(failed.code);
  copy_text(failed.id, error->id);
  copy_text(failed.message, error->message);
  return 0;
}

std::int32_t count_devices(std::int32_t* count, GpuError* error) {
  return report(error, [&]() -> Result<> {
    CW_ASSIGN(*count, num_devices());
    return {};
  });
}

std::int32_t describe(std::int32_t index, GpuDescription* description, GpuError* error) {
  return report(error, [&]() -> Result<> {
    CW_ASSIGN(const auto device, Device::open(index));
    return device->describe(*description);
  });
}

std::int32_t create_encoder(std::int32_t device, const GpuModel* model, GpuEncoder** encoder, GpuError* error) {
  return report(error, [&]() -> Result<> {
    CW_ASSIGN(auto created, DeviceEncoder::create(device, *model));
    *encoder = new GpuEncoder{std::move(created)};
    return {};
  });
}

void destroy_encoder(GpuEncoder* encoder) { delete encoder; }

std::int32_t run(GpuEncoder* encoder, const GpuPass* pass, GpuError* error) {
  return report(error, [&] { return encoder->encoder->run(*pass); });
}

std::int32_t project(GpuEncoder* encoder, std::int32_t layer, const float* hidden, std::int64_t rows, float* out,
                     GpuError* error) {
  return report(error, [&] { return encoder->encoder->project(layer, hidden, rows, out); });
}

std::int32_t attend(GpuEncoder* encoder, const GpuAttention* attention, GpuError* error) {
  return report(error, [&] { return encoder->encoder->attend(*attention); });
}

std::int32_t finish(GpuEncoder* encoder, std::int32_t layer, const float* context, const float* hidden,
                    std::int64_t rows, float* out, GpuError* error) {
  return report(error, [&] { return encoder->encoder->finish(layer, context, hidden, rows, out); });
}

constexpr GpuInterface kInterface = {
    kGpuInterfaceVersion, count_devices, describe, create_encoder, destroy_encoder, run, project, attend, finish};

}  // namespace
}  // namespace cw::cuda

extern "C" __attribute__((visibility("default"))) const cw::GpuInterface* cw_gpu_interface() {
  return &cw::cuda::kInterface;
}
