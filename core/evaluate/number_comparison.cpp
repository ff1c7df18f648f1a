// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/number_comparison.h"

#include "core/evaluate/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

std::string title_of(const NumberComparison& comparison, std::size_t model) {
  const std::string& features = comparison.features[model];
  return features.empty() ? comparison.models[model] : comparison.models[model] + " on " + features;
}

Result<> check_models(std::span<const double> truth, std::span<const NumberModel> models) {
  if (models.size() < 2) {
    return Error{ErrorCode::kInvalidArgument, "E-EVA-014",
                 "a comparison needs two models, " + std::to_string(models.size()) + " given"};
  }
  for (const NumberModel& model : models) {
    if (model.predicted.size() == truth.size()) continue;
    return Error{ErrorCode::kShape, "E-EVA-013",
                 "'" + model.model + "' gives " + std::to_string(model.predicted.size()) + " numbers for " +
                     std::to_string(truth.size()) +
                     " cells; a comparison needs the same cells in the same order: use one split for all models"};
  }
  return {};
}

bool is_defined(Interval interval) { return std::isfinite(interval.low) && std::isfinite(interval.high); }

std::string verdict_of(const NumberComparison& comparison, double level) {
  const std::string& first = comparison.models[0];
  const std::string other = title_of(comparison, comparison.best);
  const Estimates& difference = comparison.differences[comparison.best - 1];
  const Interval interval = difference.intervals[kRmse];
  std::string text;
  if (!is_defined(interval)) {
    text = "Whether " + first + " or the best simple baseline (" + other + ") is better cannot be said";
  } else if (interval.high < 0.0) {
    text = "The " + first + " model is clearly better than the best simple baseline (" + other + ")";
  } else if (interval.low > 0.0) {
    text = "A simple baseline (" + other + ") is clearly better than the " + first + " model";
  } else {
    text = "There is no clear difference between the " + first + " model and the best simple baseline (" + other + ")";
  }
  text += ": root mean squared error " + number_text(comparison.figures[0].values[kRmse]) + " against " +
          number_text(comparison.figures[comparison.best].values[kRmse]) + ", difference " +
          signed_text(difference.values[kRmse]);
  if (is_defined(interval)) {
    text += " (" + number_text(100.0 * level, 0) + " % interval " + signed_text(interval.low) + " to " +
            signed_text(interval.high) + " over " + std::to_string(difference.num_replicates) + " " + difference.over +
            ")";
  }
  text += ".";
  if (!comparison.flags.empty()) {
    text += " The interval counts cells as if they were independent; between donors it would be wider.";
  }
  return text;
}

Json figures_json(const Estimates& estimates) {
  Json json;
  for (std::size_t m = 0; m < kNumberFigures.size(); ++m) {
    json[std::string(kNumberFigures[m])] = {
        {"value", estimates.values[m]}, {"low", estimates.intervals[m].low}, {"high", estimates.intervals[m].high}};
  }
  return json;
}

}  // namespace

Result<NumberComparison> compare_number_models(std::span<const double> truth, std::span<const NumberModel> models,
                                               const Replicates& replicates, const IntervalOptions& options,
                                               JobContext& ctx) {
  CW_TRY(check_models(truth, models));
  NumberComparison comparison;
  comparison.num_rows = static_cast<std::int64_t>(truth.size());
  if (!replicates.clustered()) comparison.flags.emplace_back("cells-not-donors");
  const double share = 1.0 / static_cast<double>(models.size());
  for (std::size_t i = 0; i < models.size(); ++i) {
    JobContext part = ctx.slice(share * static_cast<double>(i), share * static_cast<double>(i + 1));
    comparison.models.push_back(models[i].model);
    comparison.features.push_back(models[i].features);
    JobContext scoring = part.slice(0.0, 0.5);
    CW_ASSIGN(Estimates figures, estimate_regression(truth, models[i].predicted, replicates, options, scoring));
    comparison.figures.push_back(std::move(figures));
    if (i == 0) continue;
    const WeightedFigures minus = [&](std::span<const double> weights, std::span<double> out) {
      const auto ours = figures_of(score_regression(truth, models[0].predicted, weights));
      const auto theirs = figures_of(score_regression(truth, models[i].predicted, weights));
      for (std::size_t m = 0; m < ours.size(); ++m) out[m] = ours[m] - theirs[m];
    };
    JobContext pairing = part.slice(0.5, 1.0);
    CW_ASSIGN(Estimates difference,
              estimate(comparison.num_rows, kNumberFigures.size(), minus, replicates, options, pairing));
    comparison.differences.push_back(std::move(difference));
    const auto rmse = [&](std::size_t model) { return comparison.figures[model].values[kRmse]; };
    if (comparison.best == 0 || rmse(i) < rmse(comparison.best)) comparison.best = i;
  }
  comparison.verdict = verdict_of(comparison, options.level);
  return comparison;
}

Json to_json(const NumberComparison& comparison) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    Json row{{"model", comparison.models[i]},
             {"features", comparison.features[i]},
             {"n_rows", comparison.num_rows},
             {"interval_over", comparison.figures[i].over},
             {"replicates", comparison.figures[i].num_replicates},
             {"metrics", figures_json(comparison.figures[i])}};
    if (i > 0) row["first_minus_this"] = figures_json(comparison.differences[i - 1]);
    rows.push_back(std::move(row));
  }
  return Json{{"models", rows},
              {"main_metric", kNumberFigures[kRmse]},
              {"best_baseline", title_of(comparison, comparison.best)},
              {"verdict", comparison.verdict},
              {"flags", comparison.flags}};
}

std::vector<Column> comparison_table(const NumberComparison& comparison) {
  const std::size_t size = comparison.models.size();
  std::vector<Column> columns{Column::of_strings("model", comparison.models),
                              Column::of_strings("features", comparison.features),
                              Column::of_integers("n_cells", std::vector<std::int64_t>(size, comparison.num_rows))};
  const auto add = [&](const std::string& name, const auto& estimates_of, std::size_t figure) {
    std::array<std::vector<double>, 3> values;
    for (std::size_t i = 0; i < size; ++i) {
      const double none = std::numeric_limits<double>::quiet_NaN();
      const Estimates* estimates = estimates_of(i);
      values[0].push_back(estimates != nullptr ? estimates->values[figure] : none);
      values[1].push_back(estimates != nullptr ? estimates->intervals[figure].low : none);
      values[2].push_back(estimates != nullptr ? estimates->intervals[figure].high : none);
    }
    columns.push_back(Column::of_reals(name, std::move(values[0])));
    columns.push_back(Column::of_reals(name + "_low", std::move(values[1])));
    columns.push_back(Column::of_reals(name + "_high", std::move(values[2])));
  };
  const auto own = [&](std::size_t i) { return &comparison.figures[i]; };
  const auto paired = [&](std::size_t i) { return i == 0 ? nullptr : &comparison.differences[i - 1]; };
  for (std::size_t m = 0; m < kNumberFigures.size(); ++m) add(std::string(kNumberFigures[m]), own, m);
  add("difference", paired, kRmse);
  std::vector<std::string> over;
  std::vector<std::int64_t> replicates;
  for (const Estimates& figures : comparison.figures) {
    over.push_back(figures.over);
    replicates.push_back(figures.num_replicates);
  }
  columns.push_back(Column::of_strings("interval_over", std::move(over)));
  columns.push_back(Column::of_integers("replicates", std::move(replicates)));
  const std::string flags = comparison.flags.empty() ? "" : comparison.flags[0];
  columns.push_back(Column::of_strings("flags", std::vector<std::string>(size, flags)));
  return columns;
}

std::string comparison_text(const NumberComparison& comparison) {
  std::string text = "| model | sees | R2 | RMSE | MAE | Spearman |\n|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    const Estimates& figures = comparison.figures[i];
    text += "| " + comparison.models[i] + " | " + comparison.features[i];
    for (const std::size_t m : {std::size_t{0}, kRmse, std::size_t{4}, std::size_t{1}}) {
      text += " | " + number_text(figures.values[m]);
      if (is_defined(figures.intervals[m])) {
        text += " (" + number_text(figures.intervals[m].low) + " to " + number_text(figures.intervals[m].high) + ")";
      }
    }
    text += " |\n";
  }
  return text + "\n" + comparison.verdict + "\n";
}

}  // namespace cw
