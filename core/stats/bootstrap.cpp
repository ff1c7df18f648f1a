// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/bootstrap.h"

#include "core/base/check.h"

#include <limits>
#include <numeric>
#include <random>

namespace cw {
namespace {

// Uniform in [0, bound) by Lemire's multiplication with rejection: std::uniform_int_distribution differs between
// standard libraries.
std::uint32_t draw_below(std::uint32_t bound, std::mt19937& generator) {
  const std::uint32_t reject_below = (0U - bound) % bound;
  while (true) {
    const std::uint64_t product = static_cast<std::uint64_t>(generator()) * bound;
    if (static_cast<std::uint32_t>(product) >= reject_below) return static_cast<std::uint32_t>(product >> 32);
  }
}

std::mt19937 generator_of(std::uint64_t seed, int resample) {
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(resample)};
  return std::mt19937(words);
}

}  // namespace

CellBootstrap::CellBootstrap(std::int64_t num_cells, int num_resamples, std::uint64_t seed)
    : num_cells_(num_cells), num_resamples_(num_resamples) {
  const int num_blocks = (num_resamples + kLanes - 1) / kLanes;
  counts_.assign(static_cast<std::size_t>(num_blocks) * static_cast<std::size_t>(num_cells) * kLanes, 0);
  for (int resample = 0; resample < num_resamples; ++resample) {
    std::mt19937 generator = generator_of(seed, resample);
    const std::size_t block = static_cast<std::size_t>(resample / kLanes) * static_cast<std::size_t>(num_cells);
    for (std::int64_t draw = 0; draw < num_cells; ++draw) {
      const std::size_t cell = draw_below(static_cast<std::uint32_t>(num_cells), generator);
      std::uint8_t& count = counts_[(block + cell) * kLanes + static_cast<std::size_t>(resample % kLanes)];
      if (count < std::numeric_limits<std::uint8_t>::max()) ++count;
    }
  }
}

Interval CellBootstrap::mean_interval(std::span<const std::int32_t> cells, std::span<const float> values,
                                      double level) const {
  CW_ASSERT(cells.size() == values.size());
  double center = 0.0;
  for (const float value : values) center += value;
  center /= static_cast<double>(values.size());

  std::vector<double> means;
  means.reserve(static_cast<std::size_t>(num_resamples_));
  for (int first = 0; first < num_resamples_; first += kLanes) {
    const std::size_t block = static_cast<std::size_t>(first / kLanes) * static_cast<std::size_t>(num_cells_);
    float sums[kLanes] = {};
    float drawn[kLanes] = {};
    for (std::size_t i = 0; i < values.size(); ++i) {
      // Deviations from the mean, so that float sums keep the digits of the interval's width.
      const auto deviation = static_cast<float>(values[i] - center);
      const std::uint8_t* counts = &counts_[(block + static_cast<std::size_t>(cells[i])) * kLanes];
      for (int lane = 0; lane < kLanes; ++lane) {
        const auto count = static_cast<float>(counts[lane]);
        sums[lane] += count * deviation;
        drawn[lane] += count;
      }
    }
    for (int lane = 0; lane < std::min(kLanes, num_resamples_ - first); ++lane) {
      if (drawn[lane] > 0.0F) means.push_back(static_cast<double>(sums[lane]) / static_cast<double>(drawn[lane]));
    }
  }
  const double tail = 0.5 * (1.0 - level);
  const double low = quantile_in_place(means, tail);
  return {center + low, center + quantile_in_place(means, 1.0 - tail)};
}

Interval bootstrap_mean_interval(std::span<const float> values, int num_resamples, std::uint64_t seed, double level) {
  std::vector<std::int32_t> cells(values.size());
  std::iota(cells.begin(), cells.end(), 0);
  return CellBootstrap(static_cast<std::int64_t>(values.size()), num_resamples, seed)
      .mean_interval(cells, values, level);
}

}  // namespace cw
