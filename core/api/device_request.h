// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <string_view>

namespace cw {

/// Where a model is asked to compute.
struct DeviceRequest {
  bool gpu = true;        ///< a GPU may be used
  bool required = false;  ///< nothing else will do
  int index = 0;          ///< of the GPU
};

/// "auto" (a GPU where one can be used), "cpu", "cuda" or "cuda:i". Errors: kInvalidArgument E-DEV-002.
[[nodiscard]] Result<DeviceRequest> device_request(std::string_view name);

}  // namespace cw
