// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/effect_scores.h"

#include <algorithm>
#include <cmath>

// One copy of the loops per kind of processor, chosen at load time.
#if defined(__x86_64__) && defined(__linux__) && !defined(__clang__)
#define CW_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CW_FOR_EACH_PROCESSOR
#endif

namespace cw {
namespace {

constexpr double kSmallestNorm = 1e-8;
constexpr std::int64_t kLanes = 8;

struct Products {
  double uv = 0.0;
  double uu = 0.0;
  double vv = 0.0;

  [[nodiscard]] double cosine() const noexcept {
    return uv / (std::max(std::sqrt(uu), kSmallestNorm) * std::max(std::sqrt(vv), kSmallestNorm));
  }
};

// Fixed lanes, so that every processor adds in the same order.
CW_FOR_EACH_PROCESSOR void add_products(const float* u, const float* v, std::int64_t width, double* sums) {
  double uv[kLanes] = {};
  double uu[kLanes] = {};
  double vv[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const auto a = static_cast<double>(u[i + lane]);
      const auto b = static_cast<double>(v[i + lane]);
      uv[lane] += a * b;
      uu[lane] += a * a;
      vv[lane] += b * b;
    }
  }
  for (; i < width; ++i) {
    const auto a = static_cast<double>(u[i]);
    const auto b = static_cast<double>(v[i]);
    uv[0] += a * b;
    uu[0] += a * a;
    vv[0] += b * b;
  }
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    sums[0] += uv[lane];
    sums[1] += uu[lane];
    sums[2] += vv[lane];
  }
}

Products products(const float* u, const float* v, std::int64_t width) noexcept {
  double sums[3] = {};
  add_products(u, v, width, sums);
  return {sums[0], sums[1], sums[2]};
}

}  // namespace

double cosine(const float* u, const float* v, std::int64_t width) noexcept { return products(u, v, width).cosine(); }

double cosine(std::span<const double> u, std::span<const double> v) noexcept {
  Products sums;
  for (std::size_t i = 0; i < u.size(); ++i) {
    sums.uv += u[i] * v[i];
    sums.uu += u[i] * u[i];
    sums.vv += v[i] * v[i];
  }
  return sums.cosine();
}

void row_cosines(const float* a, const float* b, std::int64_t width,
                 std::span<const std::pair<std::int32_t, std::int32_t>> pairs, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out[i] = cosine(a + pairs[i].first * width, b + pairs[i].second * width, width);
  }
}

std::vector<double> mean_row(const float* rows, std::int64_t num_rows, std::int64_t width) {
  std::vector<double> mean(static_cast<std::size_t>(width), 0.0);
  for (std::int64_t row = 0; row < num_rows; ++row) {
    const float* from = rows + row * width;
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += static_cast<double>(from[i]);
  }
  for (double& value : mean) value /= static_cast<double>(num_rows);
  return mean;
}

std::vector<double> whole_cell(const float* rows, std::int64_t num_rows, std::int64_t width, bool cls_mode) {
  return mean_row(rows, cls_mode ? 1 : num_rows, width);
}

std::vector<double> StateCentroids::shifts(std::span<const double> original, std::span<const double> perturbed) const {
  std::vector<double> result;
  for (const auto& state : centroids) result.push_back(cosine(perturbed, state) - cosine(original, state));
  return result;
}

double StateCentroids::progress(std::span<const double> original, std::span<const double> perturbed) const {
  double along = 0.0;
  double length = 0.0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    const double axis = centroids[1][i] - centroids[0][i];
    along += (perturbed[i] - original[i]) * axis;
    length += axis * axis;
  }
  return along / length;
}

}  // namespace cw
