// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/version.h"

namespace cw {

std::string_view version() noexcept { return CW_VERSION; }

}  // namespace cw
