// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/device_request.h"

#include <charconv>
#include <string>
#include <system_error>

namespace cw {

Result<DeviceRequest> device_request(std::string_view name) {
  if (name == "auto") return DeviceRequest{};
  if (name == "cpu") return DeviceRequest{false, false, 0};
  if (name == "cuda") return DeviceRequest{true, true, 0};
  DeviceRequest request{true, true, 0};
  constexpr std::string_view kNumbered = "cuda:";
  if (name.starts_with(kNumbered)) {
    const char* const end = name.data() + name.size();
    const auto [read, problem] = std::from_chars(name.data() + kNumbered.size(), end, request.index);
    if (problem == std::errc() && read == end && request.index >= 0) return request;
  }
  return Error{ErrorCode::kInvalidArgument, "E-DEV-002",
               "device \"" + std::string(name) + "\" is not known; use auto, cpu, cuda or cuda:0, cuda:1, ..."};
}

}  // namespace cw
