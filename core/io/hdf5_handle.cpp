// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_handle.h"

#include "core/io/hdf5_filters.h"

#include <hdf5.h>

#include <mutex>
#include <type_traits>

namespace cw {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t>, "H5Handle stores identifiers as 64-bit integers");

// At the end of a program the library closes again what it could not close on a full disk, and crashes. Everything has
// an owner that closes it, so there is nothing left to do then. The library wants to know before its first call.
[[maybe_unused]] const herr_t kNothingAtExit = H5dont_atexit();

herr_t keep_first_message(unsigned /*depth*/, const H5E_error2_t* error, void* text) {
  if (error->desc != nullptr && *error->desc != '\0') {
    *static_cast<std::string*>(text) = error->desc;
    return 1;  // stops the walk: it starts at the innermost call, whose message says the cause
  }
  return 0;
}

}  // namespace

H5Handle& H5Handle::operator=(H5Handle&& other) noexcept {
  if (this != &other) std::swap(id_, other.id_);
  return *this;
}

H5Handle::~H5Handle() {
  if (id_ >= 0) H5Idec_ref(id_);
}

void prepare_hdf5() {
  static std::once_flag once;
  std::call_once(once, [] {
    H5open();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    register_hdf5_filters();
  });
}

std::string h5_last_message() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first_message, &text);
  return text;
}

Error h5_error(std::string_view id, std::string_view file, std::string_view object, std::string_view doing) {
  const std::string reason = h5_last_message();
  // ENOSPC, EDQUOT and EFBIG, of which HDF5 keeps the number only
  const bool full = reason.find("errno = 28,") != std::string::npos ||
                    reason.find("errno = 122,") != std::string::npos || reason.find("errno = 27,") != std::string::npos;
  std::string message = std::string(file) + ": " + std::string(doing) + " '" + std::string(object) + "' failed";
  if (full) {
    return {ErrorCode::kNoSpace, "E-IO-003",
            message + ": the disk is full or the quota is reached; free some space or choose another folder"};
  }
  // when reading it would be the file that asks for too much
  if (id == "E-H5-007" && reason.find("memory allocation failed") != std::string::npos) {
    return {ErrorCode::kOutOfMemory, "E-H5-015", message + ": there is not enough memory"};
  }
  return {ErrorCode::kIo, id, reason.empty() ? message : message + ": " + reason};
}

}  // namespace cw
