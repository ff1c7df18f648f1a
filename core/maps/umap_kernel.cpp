// SPDX-License-Identifier: GPL-3.0-or-later
// Written as plain loops over sixteen lanes, which the compiler turns into vector code; GCC 12 takes comparisons of its
// own vector types apart.
#include "core/maps/umap_kernel.h"

#include "core/maps/simd.h"

#include <bit>

namespace cw {
namespace {

constexpr int kLanes = static_cast<int>(simd::kLanes);
constexpr float kLargestMove = 4.0F;  // umap-learn clips every force there

/// log2 of a positive normal number: exponent from the bits, quartic for the mantissa in [1, 2); error below 1.1e-4.
CW_INLINE float log2_of(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const auto exponent = static_cast<float>((bits >> 23) - 127);
  const auto m = std::bit_cast<float>((bits & 0x007FFFFF) | 0x3F800000);
  return exponent + (((-0.0800108769F * m + 0.635511117F) * m - 2.09940228F) * m + 4.04961689F) * m - 2.50561466F;
}

/// 2^x for |x| < 120: whole part into the exponent, quartic for the rest in [0, 1); relative error below 3e-6.
CW_INLINE float exp2_of(float x) {
  const auto whole = static_cast<std::int32_t>(x + 256.0F) - 256;  // rounds down
  const float f = x - static_cast<float>(whole);
  const float p = (((0.0134265511F * f + 0.0522408969F) * f + 0.241282688F) * f + 0.693044008F) * f + 1.0F;
  return std::bit_cast<float>(std::bit_cast<std::int32_t>(p) + whole * (1 << 23));
}

CW_INLINE float clipped(float v) {
  v = v > kLargestMove ? kLargestMove : v;
  return v < -kLargestMove ? -kLargestMove : v;
}

/// Sixteen points on their way, by axis.
template <int kAxes>
struct Moving {
  float at[kAxes][kLanes];
};

/// Places that the points move towards or away from, and how far they may: 0 for lanes without a move.
template <int kAxes>
struct Others {
  float at[kAxes][kLanes];
  float step[kLanes];
};

/// Differences on every axis and their squared length, with a little added that keeps the logarithm finite.
template <int kAxes>
CW_INLINE float differ(const Moving<kAxes>& moving, const Others<kAxes>& others, int lane, float* d) {
  float squared = 0.0F;
  for (int axis = 0; axis < kAxes; ++axis) {
    d[axis] = moving.at[axis][lane] - others.at[axis][lane];
    squared = axis == 0 ? d[axis] * d[axis] : squared + d[axis] * d[axis];
  }
  return squared + 1e-12F;
}

template <int kAxes>
CW_INLINE void towards(const UmapEpoch& epoch, const Others<kAxes>& others, Moving<kAxes>& moving) {
  const float strength = -2.0F * epoch.a * epoch.b;
  for (int lane = 0; lane < kLanes; ++lane) {
    float d[kAxes];
    const float squared = differ(moving, others, lane, d);
    const float p = exp2_of(epoch.b * log2_of(squared));
    const float force = strength * p / (squared * (1.0F + epoch.a * p));
    for (int axis = 0; axis < kAxes; ++axis) moving.at[axis][lane] += others.step[lane] * clipped(force * d[axis]);
  }
}

template <int kAxes>
CW_INLINE void away_from(const UmapEpoch& epoch, const Others<kAxes>& others, Moving<kAxes>& moving) {
  const float strength = 2.0F * epoch.b;
  for (int lane = 0; lane < kLanes; ++lane) {
    float d[kAxes];
    const float squared = differ(moving, others, lane, d);
    const float p = exp2_of(epoch.b * log2_of(squared));
    const float force = strength / ((0.001F + squared) * (1.0F + epoch.a * p));
    for (int axis = 0; axis < kAxes; ++axis) moving.at[axis][lane] += others.step[lane] * clipped(force * d[axis]);
  }
}

/// Draws a point for every lane (xorshift32, Marsaglia 2003, doi:10.18637/jss.v008.i14); a point is not pushed by
/// itself.
template <int kAxes>
CW_INLINE void draw(const UmapEpoch& epoch, const std::int32_t* points, const float* step, std::uint32_t* random,
                    Others<kAxes>& others) {
  const float scale = static_cast<float>(epoch.num_points) * 0x1.0p-24F;
  const std::int32_t last_point = epoch.num_points - 1;
  std::int32_t index[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    std::uint32_t state = random[lane];
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    random[lane] = state;
    const auto drawn = static_cast<std::int32_t>(static_cast<float>(static_cast<std::int32_t>(state >> 8)) * scale);
    index[lane] = drawn < last_point ? drawn : last_point;
    others.step[lane] = index[lane] == points[lane] ? 0.0F : step[lane];
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int axis = 0; axis < kAxes; ++axis) others.at[axis][lane] = epoch.from[kAxes * index[lane] + axis];
  }
}

template <int kAxes>
CW_INLINE void move_along(const UmapEpoch& epoch, const UmapLanes& lanes) {
  Moving<kAxes> moving{};
  Others<kAxes> others{};
  std::uint32_t random[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::int32_t point = lanes.points[lane] < 0 ? 0 : lanes.points[lane];
    for (int axis = 0; axis < kAxes; ++axis) moving.at[axis][lane] = epoch.from[kAxes * point + axis];
    random[lane] = lanes.random[lane];
  }
  float step[kLanes];
  for (std::int32_t move = 0; move < lanes.num_moves; ++move) {
    const std::int32_t* targets = lanes.targets + static_cast<std::ptrdiff_t>(move) * kLanes;
    for (int lane = 0; lane < kLanes; ++lane) {
      step[lane] = move < lanes.counts[lane] ? epoch.step : 0.0F;
      others.step[lane] = step[lane];
      for (int axis = 0; axis < kAxes; ++axis) others.at[axis][lane] = epoch.from[kAxes * targets[lane] + axis];
    }
    // umap-learn follows every edge from both of its ends, and each time moves both ends: twice for this one
    towards(epoch, others, moving);
    towards(epoch, others, moving);
    for (int sample = 0; sample < epoch.negative_samples; ++sample) {
      draw(epoch, lanes.points, step, random, others);
      away_from(epoch, others, moving);
    }
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::int32_t point = lanes.points[lane];
    if (point < 0) continue;
    for (int axis = 0; axis < kAxes; ++axis) epoch.to[kAxes * point + axis] = moving.at[axis][lane];
  }
}

}  // namespace

CW_SIMD void move_points(const UmapEpoch& epoch, const UmapLanes& lanes) {
  if (epoch.num_axes == 3) {
    move_along<3>(epoch, lanes);
  } else {
    move_along<2>(epoch, lanes);
  }
}

}  // namespace cw
