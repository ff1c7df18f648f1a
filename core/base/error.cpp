// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <cerrno>
#include <cstring>

namespace cw {

Error Error::in(std::string_view where) const {
  Error outer = *this;
  outer.message = std::string(where) + ": " + message;
  return outer;
}

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInternal:
      return 1;
    case ErrorCode::kInvalidArgument:
      return 2;
    case ErrorCode::kNotFound:
    case ErrorCode::kIo:
    case ErrorCode::kParse:
    case ErrorCode::kShape:
    case ErrorCode::kUnsupported:
    case ErrorCode::kRefused:
      return 3;
    case ErrorCode::kCancelled:
      return 4;
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kNoSpace:
      return 5;
  }
  return 1;
}

std::string_view name_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInvalidArgument:
      return "invalid-argument";
    case ErrorCode::kNotFound:
      return "not-found";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kParse:
      return "parse";
    case ErrorCode::kShape:
      return "shape";
    case ErrorCode::kOutOfMemory:
      return "out-of-memory";
    case ErrorCode::kNoSpace:
      return "no-space";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kRefused:
      return "refused";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

ErrorCode error_code_of(std::string_view name) noexcept {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    if (name_of(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::kInternal;
}

Error error_from_errno(std::string_view doing, std::string_view path) {
  const int number = errno;
  const std::string message = std::string(path) + ": " + std::string(doing) + " failed: " + std::strerror(number);
  switch (number) {
    case ENOENT:
      return {ErrorCode::kNotFound, "E-IO-001", std::string(path) + ": no such file or folder; check the name"};
    case ENOTDIR:
      return {ErrorCode::kNotFound, "E-IO-001",
              std::string(path) + ": no such file or folder: a part of this path is a file; check the name"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::kIo, "E-IO-002", message + "; check the permissions"};
    case EISDIR:
      return {ErrorCode::kIo, "E-IO-004", std::string(path) + ": is a folder; give a file"};
    case ENOMEM:
      return {ErrorCode::kOutOfMemory, "E-JOB-006", message + "; close other programs, or give fewer cells"};
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {ErrorCode::kNoSpace, "E-IO-003", message + "; free some space or choose another folder"};
    default:
      return {ErrorCode::kIo, "E-IO-004", message};
  }
}

}  // namespace cw
