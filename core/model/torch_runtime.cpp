// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/torch_runtime.h"

#include "core/base/parallel.h"

#include <ATen/Parallel.h>

namespace cw {

void configure_torch(int num_threads) { at::set_num_threads(effective_threads(num_threads)); }

Result<DeviceKind> choose_device(std::string_view name) {
  if (name == "auto" || name == "cpu") return DeviceKind::kCpu;
  const bool is_cuda = name == "cuda" || name.starts_with("cuda:");
  if (is_cuda) {
    return Error{ErrorCode::kUnsupported, "E-DEV-001",
                 "device \"" + std::string(name) +
                     "\": this build of Cellwright computes on the CPU only; use --device cpu or auto"};
  }
  return Error{ErrorCode::kInvalidArgument, "E-DEV-002",
               "device \"" + std::string(name) + "\" is not known; use auto, cpu or cuda[:i]"};
}

}  // namespace cw
