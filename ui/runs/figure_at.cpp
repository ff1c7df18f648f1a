// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/figure_at.h"

#include "ui/theme/numbers.h"

#include <algorithm>

namespace cw::ui {

QString figure_at(const RunEventsPtr& events, std::string_view figure, std::int64_t step) {
  constexpr int kDigits = 4;
  const Curve* curve = events ? events->curve(figure) : nullptr;
  if (!curve || curve->size() == 0) return QStringLiteral("–");
  if (step < 0) return number_text(curve->values.back(), kDigits);
  const auto after = std::upper_bound(curve->steps.begin(), curve->steps.end(), static_cast<double>(step));
  if (after == curve->steps.begin()) return QStringLiteral("–");
  return number_text(curve->values[static_cast<std::size_t>(after - curve->steps.begin()) - 1], kDigits);
}

}  // namespace cw::ui
