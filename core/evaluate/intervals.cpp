// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/intervals.h"

#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/stats/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace cw {
namespace {

constexpr Interval kNone{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

/// `draws` rows of figures, row d of the weights that `weigh(d, weights)` makes.
template <class Weigh>
Result<std::vector<double>> draw_figures(std::int64_t num_rows, std::int64_t draws, std::size_t count,
                                         const WeightedFigures& figures, const Weigh& weigh, int num_threads,
                                         JobContext& ctx) {
  std::vector<double> drawn(static_cast<std::size_t>(draws) * count);
  const auto workers = static_cast<std::size_t>(effective_threads(num_threads));
  std::vector<std::vector<double>> weights(workers, std::vector<double>(static_cast<std::size_t>(num_rows)));
  // in waves, so that progress and cancelling stay on this thread
  const auto wave = static_cast<std::int64_t>(workers) * 4;
  for (std::int64_t first = 0; first < draws; first += wave) {
    if (ctx.cancelled()) return cancelled_error("scoring");
    ctx.report(first, draws, "Intervals");
    parallel_for(first, std::min(draws, first + wave), 1, num_threads,
                 [&](std::int64_t begin, std::int64_t end, int worker) {
                   for (std::int64_t d = begin; d < end; ++d) {
                     auto& mine = weights[static_cast<std::size_t>(worker)];
                     weigh(d, std::span<double>(mine));
                     figures(mine, std::span(drawn).subspan(static_cast<std::size_t>(d) * count, count));
                   }
                 });
  }
  ctx.report(draws, draws, "Intervals");
  return drawn;
}

std::vector<double> column_of(const std::vector<double>& drawn, std::size_t count, std::size_t figure) {
  std::vector<double> values;
  for (std::size_t at = figure; at < drawn.size(); at += count) values.push_back(drawn[at]);
  return values;
}

Interval jackknife_interval(const std::vector<double>& left_out, double value, double level) {
  const auto g = static_cast<double>(left_out.size());
  const double centre = mean(left_out);
  double squares = 0.0;
  for (const double v : left_out) squares += (v - centre) * (v - centre);
  if (!std::isfinite(squares) || !std::isfinite(value)) return kNone;
  const double half = student_quantile(0.5 + level / 2.0, g - 1.0) * std::sqrt(squares * (g - 1.0) / g);
  return {value - half, value + half};
}

Interval percentile_interval(std::vector<double> resampled, double level) {
  std::erase_if(resampled, [](double v) { return !std::isfinite(v); });
  if (resampled.empty()) return kNone;
  const double low = quantile_in_place(resampled, (1.0 - level) / 2.0);
  return {low, quantile_in_place(resampled, (1.0 + level) / 2.0)};
}

std::int64_t distinct(std::span<const std::int32_t> values) {
  return static_cast<std::int64_t>(std::set<std::int32_t>(values.begin(), values.end()).size());
}

bool all_known(std::span<const std::int32_t> values) {
  return std::all_of(values.begin(), values.end(), [](std::int32_t v) { return v >= 0; });
}

}  // namespace

Replicates choose_replicates(std::span<const std::int32_t> groups, const std::string& group_unit,
                             std::span<const std::int32_t> folds, const std::string& unit, std::int64_t num_rows) {
  for (const auto& [clusters, name] : {std::pair(groups, group_unit), std::pair(folds, std::string("folds"))}) {
    if (clusters.empty() || !all_known(clusters)) continue;
    const std::int64_t count = distinct(clusters);
    if (count >= 2) return {name, {clusters.begin(), clusters.end()}, count};
  }
  return {unit, {}, num_rows};
}

Result<Estimates> estimate(std::int64_t num_rows, std::size_t count, const WeightedFigures& figures,
                           const Replicates& replicates, const IntervalOptions& options, JobContext& ctx) {
  Estimates result;
  result.over = replicates.over;
  result.num_replicates = replicates.count;
  result.values.resize(count);
  figures({}, result.values);
  if (replicates.clustered()) {
    const std::set<std::int32_t> ids(replicates.cluster.begin(), replicates.cluster.end());
    const std::vector<std::int32_t> clusters(ids.begin(), ids.end());
    const auto leave_out = [&](std::int64_t d, std::span<double> weights) {
      for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] = replicates.cluster[i] == clusters[static_cast<std::size_t>(d)] ? 0.0 : 1.0;
      }
    };
    CW_ASSIGN(const auto drawn, draw_figures(num_rows, static_cast<std::int64_t>(clusters.size()), count, figures,
                                             leave_out, options.num_threads, ctx));
    for (std::size_t f = 0; f < count; ++f) {
      result.intervals.push_back(jackknife_interval(column_of(drawn, count, f), result.values[f], options.level));
    }
    return result;
  }
  const auto resample = [&](std::int64_t d, std::span<double> weights) {
    std::fill(weights.begin(), weights.end(), 0.0);
    const CounterRandom random(options.seed, static_cast<std::uint64_t>(d));
    for (std::uint64_t i = 0; i < weights.size(); ++i) weights[random.below(i, weights.size())] += 1.0;
  };
  CW_ASSIGN(const auto drawn,
            draw_figures(num_rows, options.num_resamples, count, figures, resample, options.num_threads, ctx));
  for (std::size_t f = 0; f < count; ++f) {
    result.intervals.push_back(percentile_interval(column_of(drawn, count, f), options.level));
  }
  return result;
}

}  // namespace cw
