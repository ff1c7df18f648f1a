// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace cw {

/// What kind of failure it is: decides the exit code of a program and how the window shows it.
enum class ErrorCode {
  kCancelled,        ///< the user stopped it; an outcome, not a failure
  kInvalidArgument,  ///< wrong usage: an option out of range or contradicting another
  kNotFound,         ///< a file, column, gene or state that does not exist
  kIo,               ///< reading or writing failed
  kParse,            ///< a file is damaged or not what its name says
  kShape,            ///< sizes that do not fit each other
  kOutOfMemory,      ///< memory or device memory
  kNoSpace,          ///< disk full or quota reached
  kUnsupported,      ///< legal, but not something we read or compute
  kRefused,          ///< data that would give a wrong result (normalised counts, other species, other vocabulary)
  kInternal          ///< a bug of ours
};

/// A failure that input, files or hardware caused, as one sentence that a user can act on.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string id;       ///< stable short name, "E-IO-004"; docs/errors/ lists all of them
  std::string message;  ///< names the file, what is wrong (both values) and what to do

  Error() = default;
  Error(ErrorCode error_code, std::string_view error_id, std::string error_message)
      : code(error_code), id(error_id), message(std::move(error_message)) {}

  /// The same error with the place put in front: "where: message".
  [[nodiscard]] Error in(std::string_view where) const;
};

/// Exit code of a program that ends with this error (docs/cli: 1 bug, 2 usage, 3 input, 4 cancelled, 5 resources).
[[nodiscard]] int exit_code(ErrorCode code) noexcept;

/// "cancelled", "not-found", ...: the name that events and JSON output use.
[[nodiscard]] std::string_view name_of(ErrorCode code) noexcept;

/// The code that `name_of` gives this name; kInternal for any other text.
[[nodiscard]] ErrorCode error_code_of(std::string_view name) noexcept;

/// An Error for the current `errno` after a failed call on `path`: "disk full" becomes kNoSpace, "no such file"
/// kNotFound.
[[nodiscard]] Error error_from_errno(std::string_view doing, std::string_view path);

}  // namespace cw
