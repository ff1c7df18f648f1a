// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_outlook.h"

#include "core/base/parallel.h"
#include "core/evaluate/association.h"
#include "core/evaluate/split_report.h"
#include "core/weights/model_tools.h"
#include "ui/theme/numbers.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr std::int64_t kFewCells = 20;
constexpr double kUneven = 0.8;              // share of the most frequent class
constexpr double kVocabulary = 25'426;       // of V1
constexpr double kFlopsPerProcessor = 4e10;  // forward and backward of models of these sizes; only for "about"
constexpr double kBytesPerParameter = 16.0;  // value, gradient, two moments
constexpr double kKeptPerLayer = 12.0;       // numbers of hidden width that the backward pass needs again, per token
constexpr double kProgram = 3e8;             // bytes before any model

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Runs", text); }

double number(const Json& json, const char* key, double fallback) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>() : fallback;
}

QString name_of(const ClassParts& one) { return QString::fromStdString(one.name); }

std::int64_t cells_of(const ClassParts& one) { return one.cells[static_cast<std::size_t>(Part::kTest)]; }

QString facts_of(const std::vector<ClassParts>& classes, const SplitDesign& design, std::int64_t cells) {
  const auto rarest = std::min_element(classes.begin(), classes.end(), [](const ClassParts& a, const ClassParts& b) {
    return cells_of(a) < cells_of(b);
  });
  QString text = design.by_group() ? tr("%1 classes in %2 cells of %3 donors (%4).")
                                         .arg(classes.size())
                                         .arg(count_text(cells))
                                         .arg(design.group_names.size())
                                         .arg(QString::fromStdString(design.group_column))
                                   : tr("%1 classes in %2 cells; no donors are known, so cells of one donor may be "
                                        "both trained on and tested.")
                                         .arg(classes.size())
                                         .arg(count_text(cells));
  text += QLatin1Char(' ') + tr("Rarest: %1, %2 cells").arg(name_of(*rarest), count_text(cells_of(*rarest)));
  if (design.by_group()) text += tr(" of %1 donors").arg(rarest->total_donors);
  return text + QLatin1Char('.');
}

// What stands in the way, most serious first.
RunOutlook judge(const std::vector<ClassParts>& classes, const SplitDesign& design, const Table& table,
                 std::int64_t cells) {
  RunOutlook outlook;
  QStringList single;
  QStringList few;
  std::int64_t most = 0;
  for (const ClassParts& one : classes) {
    most = std::max(most, cells_of(one));
    if (design.by_group() && one.total_donors < 2) single << name_of(one);
    if (cells_of(one) < kFewCells) few << name_of(one);
  }
  QStringList doubts;
  if (!single.isEmpty()) {
    doubts << tr("All cells of %1 are from one donor: no other donor can test it. Choose another label, keep nothing "
                 "together, or leave the class out.")
                  .arg(single.mid(0, 3).join(QStringLiteral(", ")));
  }
  if (!few.isEmpty()) {
    doubts << tr("%1 has fewer than %2 cells: its figures will say little.")
                  .arg(few.mid(0, 3).join(QStringLiteral(", ")))
                  .arg(kFewCells);
  }
  if (static_cast<double>(most) > kUneven * static_cast<double>(cells)) {
    doubts << tr("One class holds %1 of the cells: look at the macro-F1, not at the accuracy.")
                  .arg(percent_text(static_cast<double>(most) / static_cast<double>(cells)));
  }
  if (const auto found = label_associations(design, table, {}); found && !found->empty() && found->front().confounded) {
    doubts << tr("The label goes along with “%1”: the model may learn that instead.")
                  .arg(QString::fromStdString(found->front().column));
  }
  outlook.verdict = doubts.isEmpty() ? tr("Nothing in the labels stands in the way.") : doubts.join(QLatin1Char(' '));
  outlook.kind = doubts.isEmpty() ? RunOutlook::Kind::kGood : RunOutlook::Kind::kUncertain;
  const auto tested = static_cast<std::int64_t>(classes.size()) - single.size();
  if (design.by_group() && tested < 2) outlook.kind = RunOutlook::Kind::kImpossible;
  return outlook;
}

}  // namespace

RunOutlook outlook_of(const Table& cells, const std::string& label, const std::string& group) {
  const auto design = split_design(cells, label, group);
  if (!design) {
    return {RunOutlook::Kind::kImpossible, QString::fromStdString(design.error().message), {}};
  }
  std::vector<ClassParts> classes = class_parts(*design, whole_split(*design, Part::kTest));
  const std::int64_t usable = cells_of(classes.back());  // "all"
  classes.pop_back();
  if (classes.empty()) return {RunOutlook::Kind::kImpossible, tr("No cell has this label."), {}};
  RunOutlook outlook = judge(classes, *design, cells, usable);
  outlook.facts = facts_of(classes, *design, usable);
  return outlook;
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

RunForecast forecast_run(const ModelShape& shape, const Json& options, double cells, double genes) {
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
  forecast.seconds = minutes > 0.0 ? minutes * 60.0 : tokens * perToken / (kFlopsPerProcessor * effective_threads(0));
  const double together = std::min(batch, number(options, "batch_size", 1e9) * length);
  forecast.bytes =
      kProgram + shape.parameters * kBytesPerParameter +
      together * shape.layers * (1.0 - frozen) * (shape.hidden * kKeptPerLayer + shape.ffn) * sizeof(float);
  return forecast;
}

QString forecast_text(const RunForecast& forecast) {
  if (forecast.seconds <= 0.0) return {};
  QString text = tr("About %1 on this PC and %2 of memory: a rough guess, the first steps know better.")
                     .arg(duration_text(forecast.seconds), bytes_text(forecast.bytes));
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (forecast.bytes > memory) {
    text += QLatin1Char(' ') +
            tr("This PC has %1: choose a smaller size or fewer genes per batch.").arg(bytes_text(memory));
  }
  return text;
}

}  // namespace cw::ui
