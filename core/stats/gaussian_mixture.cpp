// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/gaussian_mixture.h"

#include "core/base/check.h"
#include "core/stats/descriptive.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

namespace cw {
namespace {

struct EmSettings {
  double tolerance;
  double added_variance;
  int max_iterations;
};

double log_density(const TwoNormals& model, int component, double value) {
  const double deviation = value - model.mean[component];
  return -0.5 * (std::log(2.0 * std::numbers::pi * model.variance[component]) +
                 deviation * deviation / model.variance[component]) +
         std::log(model.weight[component]);
}

void maximise(std::span<const double> values, std::span<const double> share_of_second, double added_variance,
              TwoNormals& model) {
  double total[2] = {10.0 * std::numeric_limits<double>::epsilon(), 10.0 * std::numeric_limits<double>::epsilon()};
  double sum[2] = {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double share[2] = {1.0 - share_of_second[i], share_of_second[i]};
    for (int k = 0; k < 2; ++k) {
      total[k] += share[k];
      sum[k] += share[k] * values[i];
    }
  }
  for (int k = 0; k < 2; ++k) model.mean[k] = sum[k] / total[k];
  double squares[2] = {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double share[2] = {1.0 - share_of_second[i], share_of_second[i]};
    for (int k = 0; k < 2; ++k) squares[k] += share[k] * (values[i] - model.mean[k]) * (values[i] - model.mean[k]);
  }
  for (int k = 0; k < 2; ++k) {
    model.variance[k] = squares[k] / total[k] + added_variance;
    model.weight[k] = total[k] / (total[0] + total[1]);
  }
}

// Responsibilities of the second component; returns the mean log-likelihood.
double expect(std::span<const double> values, const TwoNormals& model, std::span<double> share_of_second) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double first = log_density(model, 0, values[i]);
    const double second = log_density(model, 1, values[i]);
    const double larger = std::max(first, second);
    sum += larger + std::log1p(std::exp(std::min(first, second) - larger));
    share_of_second[i] = 1.0 / (1.0 + std::exp(first - second));
  }
  return sum / static_cast<double>(values.size());
}

void order_by_mean(TwoNormals& model) {
  if (model.mean[0] <= model.mean[1]) return;
  std::swap(model.mean[0], model.mean[1]);
  std::swap(model.weight[0], model.weight[1]);
  std::swap(model.variance[0], model.variance[1]);
}

TwoNormals fit(std::span<const double> values, std::vector<double> share_of_second, const EmSettings& settings) {
  TwoNormals model{};
  maximise(values, share_of_second, settings.added_variance, model);
  model.log_likelihood = -std::numeric_limits<double>::infinity();
  while (!model.converged && model.iterations < settings.max_iterations) {
    const double before = model.log_likelihood;
    model.log_likelihood = expect(values, model, share_of_second);
    maximise(values, share_of_second, settings.added_variance, model);
    model.converged = std::abs(model.log_likelihood - before) < settings.tolerance;
    ++model.iterations;
  }
  order_by_mean(model);
  return model;
}

// numpy's RandomState.random_sample: 53 bits of two 32-bit words.
double random_sample(std::mt19937& generator) {
  const std::uint32_t high = static_cast<std::uint32_t>(generator()) >> 5;
  const std::uint32_t low = static_cast<std::uint32_t>(generator()) >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double squared(double x) { return x * x; }

// Potential of k-means++ when `candidate` is added to the squared distances so far.
double potential_with(std::span<const double> values, std::span<const double> closest, double candidate) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += std::min(closest[i], squared(values[i] - candidate));
  return sum;
}

// sklearn.cluster.kmeans_plusplus for two clusters: two trials for the second centre.
std::vector<double> seed_centres(std::span<const double> values) {
  constexpr int kTrials = 2;  // 2 + int(log(2))
  std::mt19937 generator(0);  // the same words as RandomState(0)
  const auto n = static_cast<double>(values.size());
  // RandomState.choice with equal probabilities searches the cumulative sum from the right.
  std::vector<double> cumulative(values.size());
  double sum = 0.0;
  for (double& entry : cumulative) entry = (sum += 1.0 / n);
  for (double& entry : cumulative) entry /= sum;
  const double drawn = random_sample(generator);
  const auto first = std::min(
      static_cast<std::size_t>(std::upper_bound(cumulative.begin(), cumulative.end(), drawn) - cumulative.begin()),
      values.size() - 1);
  std::vector<double> closest(values.size());
  sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    closest[i] = squared(values[i] - values[first]);
    cumulative[i] = (sum += closest[i]);
  }
  double best_centre = values[first];
  double best_potential = std::numeric_limits<double>::infinity();
  for (int trial = 0; trial < kTrials; ++trial) {
    const double wanted = random_sample(generator) * sum;
    const auto place = std::lower_bound(cumulative.begin(), cumulative.end(), wanted) - cumulative.begin();
    const double candidate = values[std::min(static_cast<std::size_t>(place), values.size() - 1)];
    const double potential = potential_with(values, closest, candidate);
    if (potential < best_potential) {
      best_potential = potential;
      best_centre = candidate;
    }
  }
  return {values[first], best_centre};
}

// Lloyd's iteration with scikit-learn's two ways to stop; labels as shares of the second cluster.
std::vector<double> two_means_like_sklearn(std::span<const double> original) {
  constexpr int kMaxIterations = 300;
  std::vector<double> values(original.begin(), original.end());
  const double shift = mean(original);
  for (double& value : values) value -= shift;
  const double tolerance = 1e-4 * squared(population_sd(original));
  std::vector<double> centre = seed_centres(values);
  std::vector<double> label(values.size(), -1.0);
  const auto assign = [&] {
    bool changed = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double now = squared(values[i] - centre[1]) < squared(values[i] - centre[0]) ? 1.0 : 0.0;
      changed = changed || now != label[i];
      label[i] = now;
    }
    return changed;
  };
  for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
    const bool changed = assign();
    double sum[2] = {};
    double count[2] = {};
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum[label[i] == 1.0] += values[i];
      count[label[i] == 1.0] += 1.0;
    }
    double moved = 0.0;
    for (std::size_t k = 0; k < 2; ++k) {
      if (count[k] == 0.0) continue;
      moved += squared(sum[k] / count[k] - centre[k]);
      centre[k] = sum[k] / count[k];
    }
    if (!changed) break;
    if (moved <= tolerance) {
      assign();
      break;
    }
  }
  return label;
}

// The split of the sorted values with the smallest sum of squares within the two parts.
std::vector<double> best_two_means(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  double total = 0.0;
  for (const double value : sorted) total += value;
  double left = 0.0;
  double best = -std::numeric_limits<double>::infinity();
  double threshold = sorted.back();
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    left += sorted[i];
    const auto count = static_cast<double>(i + 1);
    // Least within = largest between the parts.
    const double between = left * left / count + squared(total - left) / (n - count);
    if (between > best) {
      best = between;
      threshold = sorted[i];
    }
  }
  std::vector<double> label(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) label[i] = values[i] > threshold ? 1.0 : 0.0;
  return label;
}

}  // namespace

int TwoNormals::component_of(double value) const noexcept {
  return log_density(*this, 1, value) > log_density(*this, 0, value) ? 1 : 0;
}

TwoNormals fit_two_normals_like_sklearn(std::span<const double> values) {
  CW_ASSERT(values.size() >= 2);
  return fit(values, two_means_like_sklearn(values), {1e-3, 1e-6, 100});
}

TwoNormals fit_two_normals(std::span<const double> values) {
  CW_ASSERT(values.size() >= 2);
  const double center = mean(values);
  const double sd = population_sd(values);
  const double scale = sd > 0.0 ? sd : 1.0;
  std::vector<double> standard(values.begin(), values.end());
  for (double& value : standard) value = (value - center) / scale;
  TwoNormals model = fit(standard, best_two_means(standard), {1e-9, 1e-6, 2000});
  for (int k = 0; k < 2; ++k) {
    model.mean[k] = center + scale * model.mean[k];
    model.variance[k] *= scale * scale;
  }
  model.log_likelihood -= std::log(scale);
  return model;
}

}  // namespace cw
