// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_outlook.h"

#include "core/evaluate/outlook.h"
#include "core/weights/model_tools.h"
#include "ui/theme/numbers.h"

#include <unistd.h>

#include <QCoreApplication>
#include <algorithm>
#include <utility>

namespace cw::ui {
namespace {

constexpr double kVocabulary = 25'426;       // of V1
constexpr double kFlopsPerProcessor = 4e10;  // forward and backward of models of these sizes; only for "about"
constexpr double kBytesPerParameter = 16.0;  // value, gradient, two moments
constexpr double kKeptPerLayer = 12.0;       // numbers of hidden width that the backward pass needs again, per token
constexpr double kProgram = 3e8;             // bytes before any model

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Runs", text); }

double number(const Json& json, const char* key, double fallback) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>() : fallback;
}

}  // namespace

Result<Json> labels_outlook(const Table& cells, const std::string& label, const std::string& group,
                            const std::vector<std::string>& leftOut) {
  CW_ASSIGN(SplitDesign design, split_design(cells, label, group));
  if (!leftOut.empty()) {
    CW_ASSIGN(design, without_classes(design, leftOut));
  }
  CW_ASSIGN(std::vector<Association> associations, label_associations(design, cells, {}));
  return to_json(assess_labels(design, std::move(associations)));
}

ModelShape shape_of_preset(const std::string& preset) {
  const auto config = model_preset(preset);
  if (!config) return {};
  const auto hidden = static_cast<double>(config->hidden);
  const auto layers = static_cast<double>(config->layers);
  const auto ffn = static_cast<double>(config->ffn);
  const auto positions = static_cast<double>(config->max_positions);
  const double vocabulary = config->vocab_size > 0 ? static_cast<double>(config->vocab_size) : kVocabulary;
  return {hidden, layers, ffn, hidden * (vocabulary + positions) + layers * hidden * (4 * hidden + 2 * ffn), positions};
}

ModelShape shape_of_model(const Json& description) {
  const double hidden = number(description, "hidden", 0.0);
  return {hidden, number(description, "layers", 0.0), number(description, "ffn", 4 * hidden),
          number(description, "parameters", 0.0), number(description, "max_positions", 0.0)};
}

RunForecast forecast_run(const ModelShape& shape, const Json& options, double cells, double genes, int processors) {
  if (shape.hidden <= 0.0) return {};
  const double length = shape.positions > 0.0 ? std::min(genes, shape.positions) : genes;
  const double limit = number(options, "max_cells", 0.0);
  const double kept = limit > 0.0 ? std::min(limit, cells) : cells;
  const double trained = kept * std::max(0.0, 1.0 - number(options, "validation", 0.0) - number(options, "test", 0.0));
  const double frozen = std::clamp(number(options, "freeze_layers", 0.0) / std::max(shape.layers, 1.0), 0.0, 1.0);
  const double layer = 2.0 * shape.hidden * (4.0 * shape.hidden + 2.0 * shape.ffn) + 4.0 * length * shape.hidden;
  const double perToken = shape.layers * layer * (1.0 + 2.0 * (1.0 - frozen));
  const double minutes = number(options, "minutes", 0.0);
  const double steps = number(options, "steps", 0.0);
  const double batch = number(options, "tokens_per_batch", 0.0);
  const double tokens = steps > 0.0 ? steps * batch * number(options, "accumulate", 1.0)
                                    : number(options, "epochs", 0.0) * trained * length;
  RunForecast forecast;
  if (minutes > 0.0) {
    forecast.seconds = minutes * 60.0;
  } else if (processors > 0) {
    forecast.seconds = tokens * perToken / (kFlopsPerProcessor * processors);
  }
  const double together = std::min(batch, number(options, "batch_size", 1e9) * length);
  forecast.bytes =
      kProgram + shape.parameters * kBytesPerParameter +
      together * shape.layers * (1.0 - frozen) * (shape.hidden * kKeptPerLayer + shape.ffn) * sizeof(float);
  return forecast;
}

QString forecast_text(const RunForecast& forecast, const QString& machine) {
  if (forecast.bytes <= 0.0) return {};
  const QString memory_text = bytes_text(forecast.bytes);
  if (forecast.seconds <= 0.0) {
    return tr("About %1 of memory. How long it takes on %2 shows with its first steps.").arg(memory_text, machine);
  }
  QString text = tr("About %1 on %2 and %3 of memory: a rough guess, the first steps know better.")
                     .arg(duration_text(forecast.seconds), machine.isEmpty() ? tr("this PC") : machine, memory_text);
  if (!machine.isEmpty()) return text;
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (forecast.bytes > memory) {
    text += QLatin1Char(' ') +
            tr("This PC has %1: choose a smaller size or fewer genes per batch.").arg(bytes_text(memory));
  }
  return text;
}

}  // namespace cw::ui
