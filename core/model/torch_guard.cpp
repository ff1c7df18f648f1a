// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/torch_guard.h"

namespace cw {

Error error_from_bad_alloc(std::string_view doing) {
  return {ErrorCode::kOutOfMemory, "E-DEV-003",
          std::string(doing) +
              ": not enough memory; use fewer tokens per batch or a smaller model, or close other "
              "programs"};
}

Error error_from_torch(const c10::Error& thrown, std::string_view doing) {
  const std::string what = thrown.what_without_backtrace();
  // the CPU allocator throws a plain c10::Error, only its text tells
  const bool memory = dynamic_cast<const c10::OutOfMemoryError*>(&thrown) != nullptr ||
                      what.find("can't allocate memory") != std::string::npos ||
                      what.find("not enough memory") != std::string::npos;
  if (memory) return error_from_bad_alloc(doing);
  return {ErrorCode::kInternal, "E-MOD-090", std::string(doing) + ": the tensor library stopped with: " + what};
}

}  // namespace cw
