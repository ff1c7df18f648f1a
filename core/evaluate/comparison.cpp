// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/comparison.h"

#include "core/evaluate/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

std::string title_of(const std::string& model, const std::string& features) {
  return features.empty() ? model : model + " on " + features;
}

Result<> check_models(std::span<const ComparedModel> models) {
  if (models.size() < 2) {
    return Error{ErrorCode::kInvalidArgument, "E-EVA-014",
                 "a comparison needs two models, " + std::to_string(models.size()) + " given"};
  }
  const Predictions& first = models[0].predictions;
  for (const auto& other : models.subspan(1)) {
    if (other.predictions.truth == first.truth && other.predictions.classes == first.classes) continue;
    return Error{ErrorCode::kShape, "E-EVA-013",
                 "'" + title_of(other.model, other.features) + "' was scored on " +
                     std::to_string(other.predictions.num_rows()) + " " + first.unit + ", '" + models[0].model +
                     "' on " + std::to_string(first.num_rows()) +
                     ", or their classes differ; a comparison needs the same " + first.unit +
                     " in the same order: use one split for all models"};
  }
  return {};
}

Result<PairedDifference> difference_of(const ComparedModel& first, const ComparedModel& other,
                                       const IntervalOptions& options, JobContext& ctx) {
  const Scorer ours(first.predictions);
  const Scorer theirs(other.predictions);
  const auto pick = [&](const std::vector<std::int32_t>& values) {
    std::vector<std::int32_t> picked;
    for (const auto row : ours.rows()) {
      if (!values.empty()) picked.push_back(values[static_cast<std::size_t>(row)]);
    }
    return picked;
  };
  const auto replicates = choose_replicates(pick(first.predictions.groups), first.predictions.group_unit,
                                            pick(first.predictions.folds), first.predictions.unit, ours.num_rows());
  const WeightedFigures figures = [&](std::span<const double> weights, std::span<double> out) {
    const Scores a = ours.score(weights);
    const Scores b = theirs.score(weights);
    for (std::size_t m = 0; m < kNumMetrics; ++m) out[m] = a.overall[m] - b.overall[m];
  };
  CW_ASSIGN(const Estimates estimates, estimate(ours.num_rows(), kNumMetrics, figures, replicates, options, ctx));
  PairedDifference difference{other.model, other.features, {}, {}};
  for (std::size_t m = 0; m < kNumMetrics; ++m) {
    difference.value[m] = estimates.values[m];
    const double most = upper_limit(static_cast<Metric>(m));
    difference.interval[m] = {std::max(estimates.intervals[m].low, -most), std::min(estimates.intervals[m].high, most)};
  }
  return difference;
}

/// As in a sentence: "macro-F1", "balanced accuracy".
std::string words_of(Metric metric) {
  if (metric == Metric::kMacroF1) return "macro-F1";
  std::string words(name_of(metric));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

/// Which model wins and whether that is clear, for somebody who has not seen the table.
std::string verdict_of(const Comparison& comparison, double level) {
  const auto main = static_cast<std::size_t>(comparison.main);
  const auto& ours = comparison.scores[0];
  const auto& theirs = comparison.scores[comparison.best];
  const auto& difference = comparison.differences[comparison.best - 1];
  const std::string first = comparison.models[0];
  const std::string other = title_of(comparison.models[comparison.best], comparison.features[comparison.best]);
  const double value = difference.value[main];
  const Interval interval = difference.interval[main];
  std::string text;
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) {
    text = "Whether " + first + " or the best simple baseline (" + other + ") is better cannot be said";
  } else if (interval.low > 0.0) {
    text = "The " + first + " model is clearly better than the best simple baseline (" + other + ")";
  } else if (interval.high < 0.0) {
    text = "A simple baseline (" + other + ") is clearly better than the " + first + " model";
  } else {
    text = "There is no clear difference between the " + first + " model and the best simple baseline (" + other + ")";
  }
  text += ": " + words_of(comparison.main) + " " + number_text(ours.scores.overall[main]) + " against " +
          number_text(theirs.scores.overall[main]) + ", difference " + signed_text(value);
  if (std::isfinite(interval.low) && std::isfinite(interval.high)) {
    text += " (" + number_text(100.0 * level, 0) + " % interval " + signed_text(interval.low) + " to " +
            signed_text(interval.high) + " over " + std::to_string(ours.num_replicates) + " " + ours.interval_over +
            ")";
  }
  text += ".";
  if (std::find(ours.flags.begin(), ours.flags.end(), "cells-not-donors") != ours.flags.end()) {
    text += " The interval counts cells as if they were independent; between donors it would be wider.";
  }
  return text;
}

Json interval_json(double value, Interval interval) {
  Json json{{"value", value}, {"low", interval.low}, {"high", interval.high}};
  return json;
}

}  // namespace

Result<Comparison> compare_models(std::span<const ComparedModel> models, const IntervalOptions& options,
                                  JobContext& ctx) {
  CW_TRY(check_models(models));
  Comparison comparison;
  const double share = 1.0 / static_cast<double>(models.size());
  for (std::size_t i = 0; i < models.size(); ++i) {
    JobContext part = ctx.slice(share * static_cast<double>(i), share * static_cast<double>(i + 1));
    comparison.models.push_back(models[i].model);
    comparison.features.push_back(models[i].features);
    JobContext scoring = part.slice(0.0, 0.5);
    CW_ASSIGN(auto scores, score_model(models[i].predictions, options, scoring));
    for (const auto& flag : scores.flags) {
      if (std::find(comparison.flags.begin(), comparison.flags.end(), flag) == comparison.flags.end()) {
        comparison.flags.push_back(flag);
      }
    }
    comparison.scores.push_back(std::move(scores));
    if (i == 0) continue;
    JobContext pairing = part.slice(0.5, 1.0);
    CW_ASSIGN(auto difference, difference_of(models[0], models[i], options, pairing));
    comparison.differences.push_back(std::move(difference));
    if (comparison.best == 0 ||
        comparison.scores[i].scores[comparison.main] > comparison.scores[comparison.best].scores[comparison.main]) {
      comparison.best = i;
    }
  }
  comparison.verdict = verdict_of(comparison, options.level);
  return comparison;
}

Json to_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    const ModelScores& scores = comparison.scores[i];
    Json row{{"model", comparison.models[i]},
             {"features", comparison.features[i]},
             {"n_rows", scores.num_rows},
             {"n_donors", scores.num_groups},
             {"interval_over", scores.interval_over},
             {"replicates", scores.num_replicates}};
    for (std::size_t m = 0; m < kNumMetrics; ++m) {
      row["metrics"][std::string(name_of(static_cast<Metric>(m)))] =
          interval_json(scores.scores.overall[m], scores.overall[m]);
    }
    if (i > 0) {
      const auto& difference = comparison.differences[i - 1];
      for (std::size_t m = 0; m < kNumMetrics; ++m) {
        row["first_minus_this"][std::string(name_of(static_cast<Metric>(m)))] =
            interval_json(difference.value[m], difference.interval[m]);
      }
    }
    row["flags"] = scores.flags;
    rows.push_back(std::move(row));
  }
  return Json{{"models", rows},
              {"main_metric", name_of(comparison.main)},
              {"best_baseline", title_of(comparison.models[comparison.best], comparison.features[comparison.best])},
              {"verdict", comparison.verdict},
              {"flags", comparison.flags}};
}

std::vector<Column> comparison_table(const Comparison& comparison) {
  const std::size_t size = comparison.models.size();
  std::vector<std::int64_t> rows, donors;
  std::vector<std::string> over, flags;
  std::vector<std::vector<double>> figures(3 * kNumMetrics + 3);
  const auto main = static_cast<std::size_t>(comparison.main);
  for (std::size_t i = 0; i < size; ++i) {
    const ModelScores& scores = comparison.scores[i];
    rows.push_back(scores.num_rows);
    donors.push_back(scores.num_groups);
    over.push_back(scores.interval_over);
    std::string joined;
    for (const auto& flag : scores.flags) joined += (joined.empty() ? "" : ";") + flag;
    flags.push_back(joined);
    for (std::size_t m = 0; m < kNumMetrics; ++m) {
      figures[3 * m].push_back(scores.scores.overall[m]);
      figures[3 * m + 1].push_back(scores.overall[m].low);
      figures[3 * m + 2].push_back(scores.overall[m].high);
    }
    const double none = std::numeric_limits<double>::quiet_NaN();
    const auto* difference = i == 0 ? nullptr : &comparison.differences[i - 1];
    figures[3 * kNumMetrics].push_back(difference != nullptr ? difference->value[main] : none);
    figures[3 * kNumMetrics + 1].push_back(difference != nullptr ? difference->interval[main].low : none);
    figures[3 * kNumMetrics + 2].push_back(difference != nullptr ? difference->interval[main].high : none);
  }
  std::vector<Column> columns{Column::of_strings("model", comparison.models),
                              Column::of_strings("features", comparison.features), Column::of_integers("n_cells", rows),
                              Column::of_integers("n_donors", donors)};
  for (std::size_t m = 0; m <= kNumMetrics; ++m) {
    const std::string name = m < kNumMetrics ? std::string(name_of(static_cast<Metric>(m))) : "difference";
    columns.push_back(Column::of_reals(name, std::move(figures[3 * m])));
    columns.push_back(Column::of_reals(name + "_low", std::move(figures[3 * m + 1])));
    columns.push_back(Column::of_reals(name + "_high", std::move(figures[3 * m + 2])));
  }
  columns.push_back(Column::of_strings("interval_over", over));
  columns.push_back(Column::of_strings("flags", flags));
  return columns;
}

}  // namespace cw
