// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace cw {

/// Version of the programs, "0.1.0": written into every result's provenance.
[[nodiscard]] std::string_view version() noexcept;

}  // namespace cw
