// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/umap_layout.h"

#include "core/base/parallel.h"
#include "core/maps/fixed_random.h"
#include "core/maps/umap_kernel.h"

#include <umappp/find_ab.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

namespace cw {
namespace {

constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kFewCells = 10'000;

/// The edges that are followed at all, with how often per epoch. Rows are ordered so that neighbouring ones are about
/// equally busy and fill the lanes of the kernel.
struct Schedule {
  std::vector<std::int32_t> points;   ///< of each row; padded to whole lanes with -1
  std::vector<std::int64_t> offsets;  ///< [rows + 1]
  std::vector<std::int32_t> targets;
  std::vector<float> rates;  ///< in (0, 1]
  std::int64_t longest_row = 0;
};

/// All points, the busiest first.
std::vector<std::int32_t> by_business(const FuzzyGraph& graph) {
  std::vector<float> business;
  for (std::int64_t i = 0; i < graph.num_rows(); ++i) {
    const auto weights = graph.weights_of(i);
    business.push_back(std::accumulate(weights.begin(), weights.end(), 0.0F));
  }
  std::vector<std::int32_t> points(business.size());
  std::iota(points.begin(), points.end(), 0);
  std::stable_sort(points.begin(), points.end(), [&](std::int32_t a, std::int32_t b) {
    return business[static_cast<std::size_t>(a)] > business[static_cast<std::size_t>(b)];
  });
  return points;
}

Schedule make_schedule(const FuzzyGraph& graph, int num_epochs) {
  Schedule schedule;
  schedule.points = by_business(graph);
  const float largest = graph.weights.empty() ? 1.0F : *std::max_element(graph.weights.begin(), graph.weights.end());
  const float smallest = largest / static_cast<float>(num_epochs);  // weaker edges would never be due
  schedule.offsets.push_back(0);
  for (const auto point : schedule.points) {
    const auto ids = graph.ids_of(point);
    const auto weights = graph.weights_of(point);
    for (std::size_t e = 0; e < ids.size(); ++e) {
      if (weights[e] < smallest) continue;
      schedule.targets.push_back(ids[e]);
      schedule.rates.push_back(weights[e] / largest);
    }
    const auto end = static_cast<std::int64_t>(schedule.targets.size());
    schedule.longest_row = std::max(schedule.longest_row, end - schedule.offsets.back());
    schedule.offsets.push_back(end);
  }
  const auto padded = (static_cast<std::int64_t>(schedule.points.size()) + kLanes - 1) / kLanes * kLanes;
  schedule.points.resize(static_cast<std::size_t>(padded), -1);
  schedule.offsets.resize(static_cast<std::size_t>(padded) + 1, schedule.offsets.back());
  return schedule;
}

/// Each axis spread over [0, 10] as umap-learn does, with a little noise so that equal points can part.
std::vector<float> scaled_start(MatrixView start, std::uint64_t seed) {
  const std::int64_t axes = start.num_columns;
  std::vector<float> places(static_cast<std::size_t>(start.num_rows * axes));
  for (std::int64_t axis = 0; axis < axes; ++axis) {
    float low = start.data[axis];
    float high = low;
    for (std::int64_t i = 0; i < start.num_rows; ++i) {
      low = std::min(low, start.data[axes * i + axis]);
      high = std::max(high, start.data[axes * i + axis]);
    }
    const double scale = high > low ? 10.0 / (static_cast<double>(high) - low) : 0.0;
    for (std::int64_t i = 0; i < start.num_rows; ++i) {
      const double noise =
          unit_interval(random_bits(seed, static_cast<std::uint64_t>(axis), static_cast<std::uint64_t>(i)));
      const double place = (static_cast<double>(start.data[axes * i + axis]) - low) * scale;
      // where a whole axis is equal, the noise alone has to open it
      places[static_cast<std::size_t>(axes * i + axis)] =
          static_cast<float>(place + (scale > 0.0 ? 1e-3 : 10.0) * noise);
    }
  }
  return places;
}

/// Moves the points of sixteen rows along their edges that are due. `targets` has room for the longest row and one
/// more.
void run_lanes(const Schedule& schedule, const UmapEpoch& epoch, int number, std::uint64_t seed, std::int64_t first_row,
               std::vector<std::int32_t>& targets) {
  std::array<std::uint32_t, kLanes> random{};
  std::array<std::int32_t, kLanes> counts{};
  const std::int32_t* points = schedule.points.data() + first_row;
  const auto now = static_cast<float>(number);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const auto row = static_cast<std::size_t>(first_row) + lane;
    const auto bits = random_bits(seed, static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(points[lane]));
    random[lane] = static_cast<std::uint32_t>(bits >> 32) | 1U;
    std::size_t count = 0;
    for (auto e = static_cast<std::size_t>(schedule.offsets[row]);
         e < static_cast<std::size_t>(schedule.offsets[row + 1]); ++e) {
      const float rate = schedule.rates[e];
      targets[count * kLanes + lane] = schedule.targets[e];  // written over unless it is due
      count += static_cast<std::int32_t>(now * rate) > static_cast<std::int32_t>((now - 1.0F) * rate) ? 1U : 0U;
    }
    counts[lane] = static_cast<std::int32_t>(count);
  }
  move_points(epoch,
              {points, random.data(), targets.data(), counts.data(), *std::max_element(counts.begin(), counts.end())});
}

}  // namespace

UmapCurve umap_curve(double min_dist, double spread) {
  const auto [a, b] = umappp::find_ab<double>(spread, min_dist);
  return {a, b};
}

Result<std::vector<float>> umap_layout(const FuzzyGraph& graph, MatrixView start, const UmapOptions& options,
                                       JobContext& ctx) {
  const std::int64_t n = graph.num_rows();
  if (start.num_rows != n || start.num_columns < 2 || start.num_columns > 3) {
    return Error{ErrorCode::kShape, "E-MAP-003",
                 "the start of the map is " + std::to_string(start.num_rows) + " x " +
                     std::to_string(start.num_columns) + "; expected " + std::to_string(n) + " x 2 or x 3"};
  }
  std::vector<float> places = scaled_start(start, options.seed);
  std::vector<float> moved = places;
  const int num_epochs = options.num_epochs > 0 ? options.num_epochs : (n <= kFewCells ? 500 : 200);
  const Schedule schedule = make_schedule(graph, num_epochs);
  const UmapCurve curve = umap_curve(options.min_dist, options.spread);
  const auto num_groups = static_cast<std::int64_t>(schedule.points.size()) / kLanes;
  const std::vector<std::int32_t> room(static_cast<std::size_t>((schedule.longest_row + 1) * kLanes), 0);
  std::vector<std::vector<std::int32_t>> targets(static_cast<std::size_t>(effective_threads(options.num_threads)),
                                                 room);
  for (int number = 0; number < num_epochs; ++number) {
    if (ctx.cancelled()) return cancelled_error("UMAP");
    ctx.report(number, num_epochs, "UMAP");
    UmapEpoch epoch;
    epoch.from = places.data();
    epoch.to = moved.data();
    epoch.num_axes = static_cast<int>(start.num_columns);
    epoch.num_points = static_cast<std::int32_t>(n);
    epoch.a = static_cast<float>(curve.a);
    epoch.b = static_cast<float>(curve.b);
    epoch.step = 1.0F - static_cast<float>(number) / static_cast<float>(num_epochs);
    epoch.negative_samples = options.negative_samples;
    parallel_for(0, num_groups, 32, options.num_threads, [&](std::int64_t begin, std::int64_t end, int worker) {
      for (std::int64_t g = begin; g < end; ++g) {
        run_lanes(schedule, epoch, number, options.seed, g * kLanes, targets[static_cast<std::size_t>(worker)]);
      }
    });
    places.swap(moved);
  }
  ctx.report(num_epochs, num_epochs, "UMAP");
  return places;
}

}  // namespace cw
