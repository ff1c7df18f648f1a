// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/maps/fixed_random.h"
#include "core/maps/matrix_view.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace cw::test {

/// tests/golden/maps/mixture.json: data, and what the Python libraries of the field make of it.
inline const Json& golden_mixture() {
  static const Json golden = read_json(std::string(CW_SOURCE_DIR) + "/tests/golden/maps/mixture.json").value();
  return golden;
}

struct Mixture {
  std::vector<float> values;
  std::vector<std::int32_t> labels;
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;

  [[nodiscard]] MatrixView view() const { return {values.data(), num_rows, num_columns}; }
};

inline const Mixture& golden_cells() {
  static const Mixture mixture{
      golden_mixture()["x"].get<std::vector<float>>(), golden_mixture()["groups"].get<std::vector<std::int32_t>>(),
      golden_mixture()["cells"].get<std::int64_t>(), golden_mixture()["width"].get<std::int64_t>()};
  return mixture;
}

inline double normal_draw(std::uint64_t stream, std::uint64_t index) {
  const double u = unit_interval(random_bits(1, stream, 2 * index)) + 1e-12;
  const double v = unit_interval(random_bits(1, stream, 2 * index + 1));
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::acos(-1.0) * v);
}

/// Clusters with a latent space of ten dimensions each plus noise: the mixtures that the methods were chosen on.
inline Mixture latent_mixture(std::int64_t rows, std::int64_t columns, std::int32_t clusters) {
  Mixture m;
  m.num_rows = rows;
  m.num_columns = columns;
  m.values.resize(static_cast<std::size_t>(rows * columns));
  constexpr std::int64_t kLatent = 10;
  std::vector<double> centres;
  std::vector<double> axes;
  for (std::int64_t i = 0; i < clusters * columns; ++i)
    centres.push_back(2.0 * normal_draw(1, static_cast<std::uint64_t>(i)));
  for (std::int64_t i = 0; i < clusters * kLatent * columns; ++i)
    axes.push_back(0.5 * normal_draw(2, static_cast<std::uint64_t>(i)));
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto label = static_cast<std::int32_t>(
        random_below(random_bits(1, 3, static_cast<std::uint64_t>(i)), static_cast<std::uint32_t>(clusters)));
    m.labels.push_back(label);
    double latent[kLatent];
    for (std::int64_t l = 0; l < kLatent; ++l) latent[l] = normal_draw(4, static_cast<std::uint64_t>(i * kLatent + l));
    for (std::int64_t j = 0; j < columns; ++j) {
      double value = centres[static_cast<std::size_t>(label * columns + j)];
      for (std::int64_t l = 0; l < kLatent; ++l)
        value += latent[l] * axes[static_cast<std::size_t>((label * kLatent + l) * columns + j)];
      value += 0.3 * normal_draw(5, static_cast<std::uint64_t>(i * columns + j));
      m.values[static_cast<std::size_t>(i * columns + j)] = static_cast<float>(value);
    }
  }
  return m;
}

}  // namespace cw::test
