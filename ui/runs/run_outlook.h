// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/data/table.h"

#include <QString>
#include <string>
#include <vector>

namespace cw::ui {

/// What the labels alone tell of a question, as core/evaluate/outlook.h writes it. One pass over the columns.
/// Errors: those of split_design and without_classes.
[[nodiscard]] Result<Json> labels_outlook(const Table& cells, const std::string& label, const std::string& group,
                                          const std::vector<std::string>& leftOut);

/// Time and memory of a run, rough.
struct RunForecast {
  double seconds = 0.0;  ///< 0 = not known
  double bytes = 0.0;
};

/// What decides them.
struct ModelShape {
  double hidden = 0.0;
  double layers = 0.0;
  double ffn = 0.0;
  double parameters = 0.0;
  double positions = 0.0;
};
/// Of a published size; all 0 for another name.
[[nodiscard]] ModelShape shape_of_preset(const std::string& preset);
/// Of a model as `describe_model` tells it.
[[nodiscard]] ModelShape shape_of_model(const Json& description);

/// `genes`: detected per cell. `options` of the job's kind: passes or minutes, frozen layers, genes per batch.
/// `processors` that compute; 0 = not known, nor then is the time.
[[nodiscard]] RunForecast forecast_run(const ModelShape& shape, const Json& options, double cells, double genes,
                                       int processors);
/// "About 12 min on this PC, 1.1 GB of memory." With a warning where the memory of this PC does not reach. `machine`:
/// another one, "" = this PC.
[[nodiscard]] QString forecast_text(const RunForecast& forecast, const QString& machine = {});

}  // namespace cw::ui
