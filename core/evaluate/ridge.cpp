// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/ridge.h"

#include "core/base/parallel.h"
#include "core/evaluate/feature_scaling.h"
#include "core/maps/leading_eigenvectors.h"
#include "core/stats/descriptive.h"

#include <algorithm>
#include <array>
#include <limits>

namespace cw {
namespace {

constexpr std::array kPenalties{0.1, 1.0, 10.0, 100.0, 1'000.0, 10'000.0, 100'000.0};
constexpr std::size_t kFewestRows = 3;

// A^T A, upper triangle, of `rows` rows of `width`.
std::vector<double> gram_of(const std::vector<double>& rows, std::int64_t width, int num_threads) {
  std::vector<double> gram(static_cast<std::size_t>(width * width), 0.0);
  const auto count = static_cast<std::int64_t>(rows.size()) / std::max<std::int64_t>(width, 1);
  parallel_for(0, width, 8, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = 0; i < count; ++i) {
      const double* row = rows.data() + i * width;
      for (std::int64_t j = begin; j < end; ++j) {
        double* out = gram.data() + j * width;
        for (std::int64_t k = j; k < width; ++k) out[k] += row[j] * row[k];
      }
    }
  });
  return gram;
}

// Every row times every eigenvector: coordinates in which the penalty acts on each column by itself.
std::vector<double> rotated(const std::vector<double>& rows, const EigenPairs& axes, std::int64_t width,
                            int num_threads) {
  std::vector<double> result(rows.size());
  const auto count = static_cast<std::int64_t>(rows.size()) / std::max<std::int64_t>(width, 1);
  parallel_for(0, count, 64, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      const double* row = rows.data() + i * width;
      for (std::int64_t c = 0; c < width; ++c) {
        const double* axis = axes.vectors.data() + c * width;
        double sum = 0.0;
        for (std::int64_t k = 0; k < width; ++k) sum += row[k] * axis[k];
        result[static_cast<std::size_t>(i * width + c)] = sum;
      }
    }
  });
  return result;
}

// Mean squared error of every row when it is left out, from one fit to all: e / (1 - h), h its leverage.
double left_out_error(const std::vector<double>& rows, const std::vector<double>& target,
                      const std::vector<double>& products, const EigenPairs& axes, double penalty) {
  const std::size_t width = products.size();
  double sum = 0.0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    double fitted = 0.0;
    double leverage = 1.0 / static_cast<double>(target.size());  // of the intercept
    for (std::size_t c = 0; c < width; ++c) {
      const double z = rows[i * width + c];
      fitted += z * products[c] / (axes.values[c] + penalty);
      leverage += z * z / (axes.values[c] + penalty);
    }
    const double error = (target[i] - fitted) / (1.0 - leverage);
    sum += error * error;
  }
  return sum / static_cast<double>(target.size());
}

}  // namespace

Result<RidgeFit> ridge_regression(MatrixView features, std::span<const double> target,
                                  std::span<const std::int64_t> train, std::span<const std::int64_t> test,
                                  int num_threads, JobContext& ctx) {
  if (train.size() < kFewestRows) {
    return Error{ErrorCode::kRefused, "E-EVA-011",
                 "the training part of " + std::to_string(train.size()) +
                     " cells is too small for a regression; split differently, or choose another label"};
  }
  const std::int64_t width = features.num_columns;
  const FeatureScaling scaling(features, train);
  std::vector<double> centred;
  for (const auto row : train) centred.push_back(target[static_cast<std::size_t>(row)]);
  const double centre = mean(centred);
  for (double& value : centred) value -= centre;
  const std::vector<double> scaled = scaling.apply(features, train);
  const EigenPairs axes = exact_eigenpairs(gram_of(scaled, width, num_threads).data(), width, width, width);
  if (ctx.cancelled()) return cancelled_error("fitting a ridge regression");
  const std::vector<double> rows = rotated(scaled, axes, width, num_threads);
  std::vector<double> products(static_cast<std::size_t>(width), 0.0);
  for (std::size_t i = 0; i < centred.size(); ++i) {
    for (std::size_t c = 0; c < products.size(); ++c) products[c] += rows[i * products.size() + c] * centred[i];
  }
  RidgeFit fit;
  double least = std::numeric_limits<double>::infinity();
  for (const double penalty : kPenalties) {
    if (ctx.cancelled()) return cancelled_error("fitting a ridge regression");
    const double error = left_out_error(rows, centred, products, axes, penalty);
    if (error < least) {
      least = error;
      fit.penalty = penalty;
    }
  }
  const std::vector<double> seen = rotated(scaling.apply(features, test), axes, width, num_threads);
  for (std::size_t i = 0; i < test.size(); ++i) {
    double value = centre;
    for (std::size_t c = 0; c < products.size(); ++c) {
      value += seen[i * products.size() + c] * products[c] / (axes.values[c] + fit.penalty);
    }
    fit.predicted.push_back(value);
  }
  return fit;
}

}  // namespace cw
