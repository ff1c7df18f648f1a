// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace cw {

/// "0.913"; "not defined" for NaN.
[[nodiscard]] std::string number_text(double value, int decimals = 3);
/// "+0.013", "-0.2".
[[nodiscard]] std::string signed_text(double value, int decimals = 3);

}  // namespace cw
