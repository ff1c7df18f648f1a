// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/output_check.h"

#include "core/base/files.h"

#include <cerrno>
#include <fstream>

namespace cw {

Result<> require_writable(const std::filesystem::path& output, bool overwrite) {
  if (output.empty()) return {};
  CW_ASSIGN(const PendingOutput probe, PendingOutput::create(output, overwrite));  // removes the file at the end
  errno = 0;
  if (!std::ofstream(probe.path())) return error_from_errno("writing", output.string());
  return {};
}

}  // namespace cw
