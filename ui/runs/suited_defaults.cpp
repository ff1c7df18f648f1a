// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/suited_defaults.h"

#include "ui/runs/run_settings.h"

#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kSmallModel = 128.0;        // width up to which the published rate hardly moves a model
constexpr double kRateOfSmall = 5e-4;        // of all recipes measured here
constexpr double kCellsOfTenPasses = 1e4;    // beyond, the published classifier's single pass is approached
constexpr std::int64_t kManyCells = 10'000;  // that the paper's gene classifiers saw

}  // namespace

Json suited_defaults(const QString& kind, const RunSize& size) {
  Json options = default_options(kind);
  if (!kind.startsWith(QLatin1String("finetune"))) return options;
  const bool small = size.shape.hidden > 0.0 && size.shape.hidden <= kSmallModel;
  if (small) options["learning_rate"] = kRateOfSmall;
  if (kind == QLatin1String("finetune-genes")) {
    if (size.cells > static_cast<double>(kManyCells)) options["max_cells"] = kManyCells;
    return options;
  }
  const double passes = options["epochs"].get<double>();
  if (size.cells > kCellsOfTenPasses) {
    options["epochs"] = std::max(1.0, std::round(passes * kCellsOfTenPasses / size.cells));
  }
  return options;
}

}  // namespace cw::ui
