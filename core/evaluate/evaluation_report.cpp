// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluation_report.h"

#include "core/evaluate/number_text.h"
#include "core/io/table_writers.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

constexpr std::size_t kMostPoints = 1000;

Json figure_json(double value, Interval interval) {
  return Json{{"value", value}, {"low", interval.low}, {"high", interval.high}};
}

Result<> write_per_class(const std::filesystem::path& path, const Predictions& predictions, const ModelScores& scores) {
  std::vector<Column> columns{Column::of_strings("class", predictions.classes),
                              Column::of_integers("n_" + predictions.unit, scores.support),
                              Column::of_integers("n_" + predictions.group_unit, scores.support_groups)};
  for (std::size_t m = 0; m < kNumClassMetrics; ++m) {
    std::vector<double> value, low, high;
    for (std::size_t c = 0; c < predictions.classes.size(); ++c) {
      value.push_back(scores.scores.classes[c][m]);
      low.push_back(scores.classes[c][m].low);
      high.push_back(scores.classes[c][m].high);
    }
    const std::string name(name_of(static_cast<ClassMetric>(m)));
    columns.push_back(Column::of_reals(name, value));
    columns.push_back(Column::of_reals(name + "_low", low));
    columns.push_back(Column::of_reals(name + "_high", high));
  }
  return write_csv(path, columns, true);
}

Result<> write_confusion(const std::filesystem::path& path, const Predictions& predictions, const ModelScores& scores) {
  const std::size_t size = predictions.classes.size();
  std::vector<Column> columns{Column::of_strings("true", predictions.classes)};
  for (std::size_t c = 0; c < size; ++c) {
    std::vector<std::int64_t> counts;
    for (std::size_t truth = 0; truth < size; ++truth) {
      counts.push_back(static_cast<std::int64_t>(scores.scores.confusion[truth * size + c]));
    }
    columns.push_back(Column::of_integers(predictions.classes[c], counts));
  }
  return write_csv(path, columns, true);
}

Result<> write_curves(const std::filesystem::path& path, const Predictions& predictions, const Scorer& scorer,
                      bool roc) {
  std::vector<std::string> names;
  std::vector<double> x, y, thresholds;
  for (std::size_t c = 0; c < predictions.classes.size(); ++c) {
    const Curve curve = thinned(roc ? scorer.ranked(c).roc() : scorer.ranked(c).precision_recall(), kMostPoints);
    names.insert(names.end(), curve.x.size(), predictions.classes[c]);
    x.insert(x.end(), curve.x.begin(), curve.x.end());
    y.insert(y.end(), curve.y.begin(), curve.y.end());
    for (const double t : curve.threshold) thresholds.push_back(std::isfinite(t) ? t : std::nan(""));
  }
  const std::vector<Column> columns{
      Column::of_strings("class", names), Column::of_reals(roc ? "false_positive_rate" : "recall", x),
      Column::of_reals(roc ? "true_positive_rate" : "precision", y), Column::of_reals("threshold", thresholds)};
  return write_csv(path, columns, true);
}

/// Reliability of the predicted class ("any") and of every class.
struct CalibrationRows {
  std::vector<std::string> names;
  std::vector<double> low, high, mean, observed;
  std::vector<std::int64_t> count;

  void append(const std::string& name, const std::vector<double>& probability, const std::vector<std::uint8_t>& right) {
    for (const auto& bin : reliability(probability, right)) {
      names.push_back(name);
      low.push_back(bin.low);
      high.push_back(bin.high);
      count.push_back(bin.count);
      mean.push_back(bin.mean_probability);
      observed.push_back(bin.observed);
    }
  }
};

Result<> write_calibration(const std::filesystem::path& path, const Predictions& predictions, const Scorer& scorer) {
  CalibrationRows rows;
  std::vector<double> probability(scorer.rows().size());
  std::vector<std::uint8_t> right(scorer.rows().size());
  for (std::size_t c = 0; c <= predictions.classes.size(); ++c) {
    const bool any = c == predictions.classes.size();
    for (std::size_t i = 0; i < right.size(); ++i) {
      const auto row = scorer.rows()[i];
      const auto of_class = any ? predictions.predicted(row) : static_cast<std::int32_t>(c);
      probability[i] = predictions.row(row)[of_class];
      right[i] = predictions.truth[static_cast<std::size_t>(row)] == of_class ? 1 : 0;
    }
    rows.append(any ? "predicted class" : predictions.classes[c], probability, right);
  }
  const std::vector<Column> columns{
      Column::of_strings("class", rows.names),         Column::of_reals("bin_low", rows.low),
      Column::of_reals("bin_high", rows.high),         Column::of_integers("n_" + predictions.unit, rows.count),
      Column::of_reals("mean_probability", rows.mean), Column::of_reals("observed", rows.observed)};
  return write_csv(path, columns, true);
}

std::string with_interval(double value, Interval interval) {
  if (!std::isfinite(interval.low)) return number_text(value);
  return number_text(value) + " (" + number_text(interval.low) + " to " + number_text(interval.high) + ")";
}

std::string meaning_of(Metric metric) {
  switch (metric) {
    case Metric::kAccuracy:
      return "share that is right";
    case Metric::kBalancedAccuracy:
      return "share that is right, mean over classes, so that rare ones count";
    case Metric::kMacroF1:
      return "precision and recall together, mean over classes";
    case Metric::kMacroAuroc:
      return "chance that a cell of a class gets a higher score than one of another; 0.5 = guessing";
    case Metric::kMacroAuprc:
      return "average precision, mean over classes; guessing gives the class's share";
    case Metric::kLogLoss:
      return "penalty for being sure and wrong; 0 is best";
    case Metric::kBrier:
      return "squared error of the probabilities; 0 is best";
    case Metric::kCalibrationError:
      return "how far probabilities are from how often they are right; 0 is best";
  }
  return "";
}

/// The most frequent mistake, or "".
std::string worst_mistake(const Predictions& predictions, const Scores& scores) {
  const std::size_t size = predictions.classes.size();
  std::size_t from = 0, to = 0;
  double most = 0.0;
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b < size; ++b) {
      if (a == b || scores.confusion[a * size + b] <= most) continue;
      most = scores.confusion[a * size + b];
      from = a;
      to = b;
    }
  }
  if (most <= 0.0) return "";
  return "The most frequent mistake: " + number_text(most, 0) + " " + predictions.unit + " of '" +
         predictions.classes[from] + "' were called '" + predictions.classes[to] + "'.\n";
}

}  // namespace

Json to_json(const ModelScores& scores) {
  Json json{{"n_rows", scores.num_rows},
            {"n_donors", scores.num_groups},
            {"interval_over", scores.interval_over},
            {"replicates", scores.num_replicates},
            {"flags", scores.flags}};
  for (std::size_t m = 0; m < kNumMetrics; ++m) {
    json["metrics"][std::string(name_of(static_cast<Metric>(m)))] =
        figure_json(scores.scores.overall[m], scores.overall[m]);
  }
  return json;
}

Result<> write_evaluation_tables(const std::filesystem::path& folder, const Predictions& predictions,
                                 const ModelScores& scores) {
  const Scorer scorer(predictions);
  CW_TRY(write_per_class(folder / "per_class.csv", predictions, scores));
  CW_TRY(write_confusion(folder / "confusion.csv", predictions, scores));
  CW_TRY(write_curves(folder / "roc.csv", predictions, scorer, true));
  CW_TRY(write_curves(folder / "pr.csv", predictions, scorer, false));
  if (predictions.probabilities) CW_TRY(write_calibration(folder / "calibration.csv", predictions, scorer));
  return {};
}

std::string flag_text(const std::string& flag) {
  if (flag == "cells-not-donors") {
    return "Cells were counted as if they were independent, because no donors (or one) are known: the intervals are "
           "too "
           "narrow, and nothing is known of new donors.";
  }
  if (flag == "few-donors") return "Fewer than five donors were tested: the intervals are wide for a reason.";
  if (flag == "few-folds") return "Fewer than five folds: the intervals are wide for a reason.";
  if (flag == "few-genes") return "Fewer than five genes were tested: the intervals are wide for a reason.";
  if (flag == "class-with-one-donor")
    return "A class was tested on one donor only: its figures may be those of the donor.";
  if (flag == "class-not-tested") return "A class that the model knows was not among the tested cells.";
  return flag;
}

std::string evaluation_text(const std::string& title, const Predictions& predictions, const ModelScores& scores) {
  std::string text = "# " + title + "\n\n" + std::to_string(scores.num_rows) + " " + predictions.unit;
  if (scores.num_groups > 0) text += " of " + std::to_string(scores.num_groups) + " " + predictions.group_unit;
  text += ", " + std::to_string(predictions.classes.size()) + " classes. In brackets: 95 % interval over " +
          std::to_string(scores.num_replicates) + " " + scores.interval_over + ".\n\n";
  for (const auto& flag : scores.flags) text += "- **Note:** " + flag_text(flag) + "\n";
  text += scores.flags.empty() ? "" : "\n";
  text += "| figure | value | meaning |\n|---|---|---|\n";
  for (std::size_t m = 0; m < kNumMetrics; ++m) {
    if (!std::isfinite(scores.scores.overall[m])) continue;
    const auto metric = static_cast<Metric>(m);
    text += "| " + std::string(name_of(metric)) + " | " + with_interval(scores.scores.overall[m], scores.overall[m]) +
            " | " + meaning_of(metric) + " |\n";
  }
  text += "\n| class | " + predictions.unit + " | precision | recall | F1 | AUROC |\n|---|---|---|---|---|---|\n";
  for (std::size_t c = 0; c < predictions.classes.size(); ++c) {
    const auto figure = [&](ClassMetric metric) {
      const auto m = static_cast<std::size_t>(metric);
      return with_interval(scores.scores.classes[c][m], scores.classes[c][m]);
    };
    text += "| " + predictions.classes[c] + " | " + std::to_string(scores.support[c]) + " | " +
            figure(ClassMetric::kPrecision) + " | " + figure(ClassMetric::kRecall) + " | " + figure(ClassMetric::kF1) +
            " | " + figure(ClassMetric::kAuroc) + " |\n";
  }
  return text + "\n" + worst_mistake(predictions, scores.scores);
}

std::string comparison_text(const Comparison& comparison) {
  const auto main = static_cast<std::size_t>(comparison.main);
  std::string text = comparison.verdict + "\n\n| model | features | accuracy | " +
                     std::string(name_of(comparison.main)) + " | first minus this |\n|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    const auto& scores = comparison.scores[i];
    text += "| " + comparison.models[i] + " | " + comparison.features[i] + " | " +
            with_interval(scores.scores.overall[0], scores.overall[0]) + " | " +
            with_interval(scores.scores.overall[main], scores.overall[main]) + " | ";
    if (i > 0) {
      const auto& difference = comparison.differences[i - 1];
      text += with_interval(difference.value[main], difference.interval[main]);
    }
    text += " |\n";
  }
  return text;
}

}  // namespace cw
