// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/gpu_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <utility>

namespace cw {
namespace {

namespace fs = std::filesystem;

Error no_gpu_part(const char* why) {
  std::string message = "this installation of Cellwright has no GPU part: ";
  message.append(kGpuLibrary).append(" ").append(why).append("; use --device cpu or auto");
  return {ErrorCode::kUnsupported, "E-DEV-001", std::move(message)};
}

void* open_library() {
  std::error_code status;
  const fs::path program = fs::read_symlink("/proc/self/exe", status);
  const fs::path above = program.parent_path().parent_path();
  for (const fs::path& folder : {above / "lib", above / "lib" / "cellwright"}) {
    const fs::path library = folder / kGpuLibrary;
    if (!fs::exists(library, status)) continue;
    if (void* opened = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL); opened != nullptr) return opened;
  }
  return ::dlopen(kGpuLibrary, RTLD_NOW | RTLD_LOCAL);  // a bundle's loader knows its folder
}

Result<const GpuInterface*> load_interface() {
  void* const library = open_library();
  if (library == nullptr) return no_gpu_part("is not there");
  const auto get = reinterpret_cast<const GpuInterface* (*)()>(::dlsym(library, kGpuInterfaceSymbol));
  if (get == nullptr) return no_gpu_part("is damaged");
  const GpuInterface* found = get();
  if (found->version != kGpuInterfaceVersion) return no_gpu_part("is of another version");
  return found;
}

}  // namespace

Result<const GpuInterface*> gpu_interface() {
  static const Result<const GpuInterface*> kLoaded = load_interface();
  return kLoaded;
}

Error error_of(const GpuError& error) { return {static_cast<ErrorCode>(error.code), error.id, error.message}; }

}  // namespace cw
