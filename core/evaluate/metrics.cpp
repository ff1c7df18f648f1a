// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace cw {
namespace {

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kFewGroups = 5;
constexpr int kCalibrationBins = 10;

/// The bin of a probability: edges belong to the bin below, as in scikit-learn.
std::size_t bin_of(double probability, int num_bins) {
  std::size_t bin = 0;
  while (bin + 1 < static_cast<std::size_t>(num_bins) &&
         static_cast<double>(bin + 1) / static_cast<double>(num_bins) < probability) {
    ++bin;
  }
  return bin;
}

/// Mean of the values that are defined.
double mean_of_defined(std::span<const double> values) {
  double sum = 0.0;
  double count = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1.0;
  }
  return count > 0.0 ? sum / count : kNotDefined;
}

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

/// Accuracy, recall, F1 and the like out of the confusion table.
void score_confusion(Scores& scores, std::size_t num_classes) {
  double right = 0.0;
  double all = 0.0;
  std::vector<double> recalls, f1s;
  for (std::size_t c = 0; c < num_classes; ++c) {
    const double hits = scores.confusion[c * num_classes + c];
    double truths = 0.0, predictions = 0.0;
    for (std::size_t other = 0; other < num_classes; ++other) {
      truths += scores.confusion[c * num_classes + other];
      predictions += scores.confusion[other * num_classes + c];
    }
    right += hits;
    all += truths;
    auto& values = scores.classes[c];
    const double recall = ratio(hits, truths);
    const double f1 = ratio(2.0 * hits, truths + predictions);
    values[static_cast<std::size_t>(ClassMetric::kPrecision)] = ratio(hits, predictions);
    values[static_cast<std::size_t>(ClassMetric::kRecall)] = truths > 0.0 ? recall : kNotDefined;
    values[static_cast<std::size_t>(ClassMetric::kF1)] = f1;
    if (truths > 0.0) recalls.push_back(recall);
    if (truths + predictions > 0.0) f1s.push_back(f1);
  }
  scores.overall[static_cast<std::size_t>(Metric::kAccuracy)] = all > 0.0 ? right / all : kNotDefined;
  scores.overall[static_cast<std::size_t>(Metric::kBalancedAccuracy)] = mean_of_defined(recalls);
  scores.overall[static_cast<std::size_t>(Metric::kMacroF1)] = mean_of_defined(f1s);
}

double weighted(std::span<const double> values, std::span<const double> weights) {
  if (weights.empty()) return mean(values);
  return weighted_mean(values, weights);
}

template <std::size_t N, class Name>
void flatten(const std::array<double, N>& values, Name& out) {
  out = std::copy(values.begin(), values.end(), out);
}

std::vector<std::string> flags_of(const ModelScores& scores, const Replicates& replicates, const Predictions& made) {
  std::vector<std::string> flags;
  if (!replicates.clustered() && made.unit != made.group_unit && made.unit == "cells") {
    flags.emplace_back("cells-not-donors");
  }
  if (replicates.clustered() && replicates.count < kFewGroups) flags.push_back("few-" + replicates.over);
  for (std::size_t c = 0; c < scores.support.size(); ++c) {
    if (scores.num_groups > 1 && scores.support_groups[c] == 1) {
      flags.emplace_back("class-with-one-donor");
      break;
    }
  }
  if (std::find(scores.support.begin(), scores.support.end(), 0) != scores.support.end()) {
    flags.emplace_back("class-not-tested");
  }
  return flags;
}

template <class T>
std::vector<T> take(const std::vector<T>& values, std::span<const std::int64_t> rows) {
  std::vector<T> result;
  if (values.empty()) return result;
  for (const auto row : rows) result.push_back(values[static_cast<std::size_t>(row)]);
  return result;
}

Interval clipped(Interval interval, double low, double high) {
  return {std::max(interval.low, low), std::min(interval.high, high)};
}

}  // namespace

std::string_view name_of(Metric metric) noexcept {
  static constexpr std::array<std::string_view, kNumMetrics> kNames{
      "accuracy", "balanced_accuracy", "macro_f1", "macro_auroc", "macro_auprc", "log_loss", "brier", "ece"};
  return kNames[static_cast<std::size_t>(metric)];
}

double upper_limit(Metric metric) noexcept {
  if (metric == Metric::kLogLoss) return std::numeric_limits<double>::infinity();
  return metric == Metric::kBrier ? 2.0 : 1.0;
}

bool larger_is_better(Metric metric) noexcept { return metric < Metric::kLogLoss; }

std::string_view name_of(ClassMetric metric) noexcept {
  static constexpr std::array<std::string_view, kNumClassMetrics> kNames{"precision", "recall", "f1", "auroc", "auprc"};
  return kNames[static_cast<std::size_t>(metric)];
}

Scorer::Scorer(const Predictions& predictions)
    : num_classes_(predictions.classes.size()), probabilities_(predictions.probabilities) {
  for (std::int64_t i = 0; i < predictions.num_rows(); ++i) {
    const auto truth = predictions.truth[static_cast<std::size_t>(i)];
    if (truth < 0) continue;
    rows_.push_back(i);
    truth_.push_back(truth);
    predicted_.push_back(predictions.predicted(i));
    if (!probabilities_) continue;
    const double* row = predictions.row(i);
    confidence_.push_back(row[predicted_.back()]);
    log_loss_.push_back(-std::log(std::max(row[truth], std::numeric_limits<double>::epsilon())));
    double squares = 0.0;
    for (std::size_t c = 0; c < num_classes_; ++c) {
      const double off = row[c] - (static_cast<std::int32_t>(c) == truth ? 1.0 : 0.0);
      squares += off * off;
    }
    brier_.push_back(num_classes_ == 2 ? squares / 2.0 : squares);
  }
  std::vector<double> column(rows_.size());
  std::vector<std::uint8_t> positive(rows_.size());
  for (std::size_t c = 0; c < num_classes_; ++c) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      column[i] = predictions.row(rows_[i])[c];
      positive[i] = truth_[i] == static_cast<std::int32_t>(c) ? 1 : 0;
    }
    ranked_.emplace_back(column, positive);
  }
}

Scores Scorer::score(std::span<const double> weights) const {
  Scores scores;
  scores.classes.resize(num_classes_);
  scores.confusion.assign(num_classes_ * num_classes_, 0.0);
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    scores.confusion[static_cast<std::size_t>(truth_[i]) * num_classes_ + static_cast<std::size_t>(predicted_[i])] +=
        weights.empty() ? 1.0 : weights[i];
  }
  score_confusion(scores, num_classes_);
  std::vector<double> roc(num_classes_), precision(num_classes_);
  for (std::size_t c = 0; c < num_classes_; ++c) {
    roc[c] = scores.classes[c][static_cast<std::size_t>(ClassMetric::kAuroc)] = ranked_[c].roc_area(weights);
    precision[c] = scores.classes[c][static_cast<std::size_t>(ClassMetric::kAuprc)] =
        ranked_[c].average_precision(weights);
  }
  auto& overall = scores.overall;
  overall[static_cast<std::size_t>(Metric::kMacroAuroc)] = mean_of_defined(roc);
  overall[static_cast<std::size_t>(Metric::kMacroAuprc)] = mean_of_defined(precision);
  if (!probabilities_) {
    for (const auto metric : {Metric::kLogLoss, Metric::kBrier, Metric::kCalibrationError}) {
      overall[static_cast<std::size_t>(metric)] = kNotDefined;
    }
    return scores;
  }
  overall[static_cast<std::size_t>(Metric::kLogLoss)] = weighted(log_loss_, weights);
  overall[static_cast<std::size_t>(Metric::kBrier)] = weighted(brier_, weights);
  std::array<double, kCalibrationBins> gap{};
  double all = 0.0;
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[i];
    gap[bin_of(confidence_[i], kCalibrationBins)] +=
        weight * ((truth_[i] == predicted_[i] ? 1.0 : 0.0) - confidence_[i]);
    all += weight;
  }
  double error = 0.0;
  for (const double bin : gap) error += std::abs(bin);
  overall[static_cast<std::size_t>(Metric::kCalibrationError)] = all > 0.0 ? error / all : kNotDefined;
  return scores;
}

std::vector<ReliabilityBin> reliability(std::span<const double> probability, std::span<const std::uint8_t> right,
                                        int num_bins) {
  std::vector<ReliabilityBin> bins(static_cast<std::size_t>(num_bins));
  for (std::size_t b = 0; b < bins.size(); ++b) {
    bins[b].low = static_cast<double>(b) / num_bins;
    bins[b].high = static_cast<double>(b + 1) / num_bins;
  }
  for (std::size_t i = 0; i < probability.size(); ++i) {
    auto& bin = bins[bin_of(probability[i], num_bins)];
    ++bin.count;
    bin.mean_probability += probability[i];
    bin.observed += right[i] != 0 ? 1.0 : 0.0;
  }
  for (auto& bin : bins) {
    const auto count = static_cast<double>(bin.count);
    bin.mean_probability = bin.count > 0 ? bin.mean_probability / count : kNotDefined;
    bin.observed = bin.count > 0 ? bin.observed / count : kNotDefined;
  }
  return bins;
}

Result<ModelScores> score_model(const Predictions& predictions, const IntervalOptions& options, JobContext& ctx) {
  const Scorer scorer(predictions);
  if (scorer.num_rows() == 0) {
    return Error{ErrorCode::kRefused, "E-EVA-010",
                 "none of the " + std::to_string(predictions.num_rows()) + " " + predictions.unit +
                     " has a known class among those of the model, so nothing can be scored; check the label column"};
  }
  const std::size_t num_classes = predictions.classes.size();
  ModelScores result;
  result.scores = scorer.score({});
  result.num_rows = scorer.num_rows();
  const auto truth = take(predictions.truth, scorer.rows());
  const auto groups = take(predictions.groups, scorer.rows());
  const auto folds = take(predictions.folds, scorer.rows());
  result.support.assign(num_classes, 0);
  std::vector<std::set<std::int32_t>> groups_of(num_classes);
  std::set<std::int32_t> all_groups;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++result.support[static_cast<std::size_t>(truth[i])];
    if (groups.empty() || groups[i] < 0) continue;
    groups_of[static_cast<std::size_t>(truth[i])].insert(groups[i]);
    all_groups.insert(groups[i]);
  }
  result.num_groups = static_cast<std::int64_t>(all_groups.size());
  for (const auto& of_class : groups_of) result.support_groups.push_back(static_cast<std::int64_t>(of_class.size()));

  const auto replicates = choose_replicates(groups, predictions.group_unit, folds, predictions.unit, scorer.num_rows());
  const std::size_t count = kNumMetrics + num_classes * kNumClassMetrics;
  const WeightedFigures figures = [&](std::span<const double> weights, std::span<double> out) {
    const Scores scores = scorer.score(weights);
    auto at = out.begin();
    flatten(scores.overall, at);
    for (const auto& of_class : scores.classes) flatten(of_class, at);
  };
  CW_ASSIGN(const Estimates estimates, estimate(scorer.num_rows(), count, figures, replicates, options, ctx));
  for (std::size_t m = 0; m < kNumMetrics; ++m) {
    result.overall[m] = clipped(estimates.intervals[m], 0.0, upper_limit(static_cast<Metric>(m)));
  }
  result.classes.resize(num_classes);
  for (std::size_t c = 0; c < num_classes; ++c) {
    for (std::size_t m = 0; m < kNumClassMetrics; ++m) {
      result.classes[c][m] = clipped(estimates.intervals[kNumMetrics + c * kNumClassMetrics + m], 0.0, 1.0);
    }
  }
  result.interval_over = estimates.over;
  result.num_replicates = estimates.num_replicates;
  result.flags = flags_of(result, replicates, predictions);
  return result;
}

}  // namespace cw
