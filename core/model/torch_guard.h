// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <c10/util/Exception.h>

#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace cw {

/// The Error for an exception that LibTorch threw: out of memory is kOutOfMemory (E-DEV-003), the rest kInternal
/// (E-MOD-090).
[[nodiscard]] Error error_from_torch(const c10::Error& thrown, std::string_view doing);
[[nodiscard]] Error error_from_bad_alloc(std::string_view doing);

/// An Error on its way through functions that return tensors; guard_torch turns it back.
class ThrownError : public std::runtime_error {
 public:
  explicit ThrownError(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// Calls `work` and turns what LibTorch and a GPU throw into an Error; the only place where it is caught. `work`
/// returns a Result<T>, a plain T or nothing. `doing` names the step for the user: "embedding cells".
template <class Work>
[[nodiscard]] auto guard_torch(std::string_view doing, Work&& work) {
  using Returned = std::invoke_result_t<Work>;
  const auto call = [&]() {
    if constexpr (std::is_void_v<Returned>) {
      std::forward<Work>(work)();
      return Result<>();
    } else if constexpr (std::is_constructible_v<Returned, Error>) {
      return std::forward<Work>(work)();
    } else {
      return Result<Returned>(std::forward<Work>(work)());
    }
  };
  using Guarded = decltype(call());
  try {
    return call();
  } catch (const ThrownError& thrown) {
    return Guarded(thrown.error().in(doing));
  } catch (const c10::Error& thrown) {
    return Guarded(error_from_torch(thrown, doing));
  } catch (const std::bad_alloc&) {
    return Guarded(error_from_bad_alloc(doing));
  }
}

}  // namespace cw
