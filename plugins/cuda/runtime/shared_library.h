// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <dlfcn.h>

#include <initializer_list>

namespace cw::cuda {

/// The first of these libraries that the machine has, null if none; stays loaded.
[[nodiscard]] inline void* load_first(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL); library != nullptr) return library;
  }
  return nullptr;
}

/// Sets `function` to a symbol of `library`; false where it has none of this name.
template <class Function>
[[nodiscard]] bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace cw::cuda
