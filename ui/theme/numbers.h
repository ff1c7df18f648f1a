// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>

namespace cw::ui {

/// Numbers as the window shows them: thousands apart, true minus sign, thin space before a unit. Files never use these.
[[nodiscard]] QString count_text(std::int64_t value);
/// `digits` significant digits, from the thousands on all before the point ("10,342"); values under 0.0001 and from a
/// million on with a power ("1e−6"); "–" for NaN.
[[nodiscard]] QString number_text(double value, int digits = 3);
/// A fixed number of decimals; with `sign` positive values carry a plus; what is rounded to 0 carries none. "–" for
/// NaN.
[[nodiscard]] QString fixed_text(double value, int decimals, bool sign = false);
/// A share in [0, 1] as "61 %"; under 1 % with one digit.
[[nodiscard]] QString percent_text(double share);
/// "850 MB", "1.2 GB".
[[nodiscard]] QString bytes_text(double bytes);
/// "45 s", "9 min", "2 h 5 min".
[[nodiscard]] QString duration_text(double seconds);

}  // namespace cw::ui
