// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/check.h"
#include "core/base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace cw {

/// A T, or the Error that prevented it. Functions that input, files or hardware can make fail return this.
template <class T = void>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & {
    CW_ASSERT(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] const T& value() const& {
    CW_ASSERT(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    CW_ASSERT(ok());
    return std::get<0>(std::move(state_));
  }
  [[nodiscard]] const Error& error() const {
    CW_ASSERT(!ok());
    return std::get<1>(state_);
  }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const Error& error() const {
    CW_ASSERT(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace cw

/// Leaves the calling function with the error of `expression` (a Result<void>), if there is one.
#define CW_TRY(expression)                                        \
  do {                                                            \
    if (auto cw_try_result = (expression); !cw_try_result.ok()) { \
      return cw_try_result.error();                               \
    }                                                             \
  } while (false)

#define CW_CONCAT_INNER(a, b) a##b
#define CW_CONCAT(a, b) CW_CONCAT_INNER(a, b)
#define CW_ASSIGN_INNER(temporary, target, expression) \
  auto temporary = (expression);                       \
  if (!temporary.ok()) return temporary.error();       \
  target = std::move(temporary).value()

/// `CW_ASSIGN(auto table, read_table(path));` takes the value, or leaves the calling function with the error.
#define CW_ASSIGN(target, expression) CW_ASSIGN_INNER(CW_CONCAT(cw_assign_, __LINE__), target, expression)
