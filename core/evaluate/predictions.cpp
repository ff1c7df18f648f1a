// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/predictions.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

void softmax(double* row, std::int64_t size) {
  const double top = *std::max_element(row, row + size);
  double sum = 0.0;
  for (std::int64_t c = 0; c < size; ++c) sum += row[c] = std::exp(row[c] - top);
  for (std::int64_t c = 0; c < size; ++c) row[c] /= sum;
}

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::int32_t Predictions::predicted(std::int64_t i) const noexcept {
  const double* scores_of_row = row(i);
  return static_cast<std::int32_t>(std::max_element(scores_of_row, scores_of_row + num_classes()) - scores_of_row);
}

void append_rows(Predictions& all, const Predictions& more) {
  CW_ASSERT(all.classes == more.classes && all.probabilities == more.probabilities);
  CW_ASSERT(all.group_names == more.group_names);
  append(all.truth, more.truth);
  append(all.scores, more.scores);
  append(all.groups, more.groups);
  append(all.folds, more.folds);
  append(all.names, more.names);
}

Predictions mean_over_groups(const Predictions& occurrences) {
  const auto num_groups = occurrences.group_names.size();
  const auto num_classes = static_cast<std::size_t>(occurrences.num_classes());
  std::vector<double> sums(num_groups * num_classes, 0.0);
  std::vector<std::int64_t> counts(num_groups, 0);
  std::vector<std::int32_t> truth(num_groups, -1);
  std::vector<std::int32_t> folds(num_groups, -1);
  for (std::int64_t i = 0; i < occurrences.num_rows(); ++i) {
    const auto group = occurrences.groups[static_cast<std::size_t>(i)];
    if (group < 0) continue;
    const auto g = static_cast<std::size_t>(group);
    CW_ASSERT(counts[g] == 0 || truth[g] == occurrences.truth[static_cast<std::size_t>(i)]);
    truth[g] = occurrences.truth[static_cast<std::size_t>(i)];
    if (!occurrences.folds.empty()) folds[g] = occurrences.folds[static_cast<std::size_t>(i)];
    ++counts[g];
    for (std::size_t c = 0; c < num_classes; ++c) sums[g * num_classes + c] += occurrences.row(i)[c];
  }
  Predictions result;
  result.classes = occurrences.classes;
  result.unit = occurrences.group_unit;
  for (std::size_t g = 0; g < num_groups; ++g) {
    if (counts[g] == 0) continue;
    result.truth.push_back(truth[g]);
    result.names.push_back(occurrences.group_names[g]);
    if (!occurrences.folds.empty()) result.folds.push_back(folds[g]);
    for (std::size_t c = 0; c < num_classes; ++c) {
      result.scores.push_back(sums[g * num_classes + c] / static_cast<double>(counts[g]));
    }
  }
  to_probabilities(result);
  return result;
}

void to_probabilities(Predictions& logits) {
  for (std::int64_t i = 0; i < logits.num_rows(); ++i) {
    softmax(logits.scores.data() + i * logits.num_classes(), logits.num_classes());
  }
  logits.probabilities = true;
}

}  // namespace cw
