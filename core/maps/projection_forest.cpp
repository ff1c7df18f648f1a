// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/projection_forest.h"

#include "core/maps/dense_kernels.h"
#include "core/maps/fixed_random.h"

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

struct Projected {
  float position;
  std::int32_t row;
  bool operator<(const Projected& other) const {
    return position < other.position || (position == other.position && row < other.row);
  }
};

/// Orders `range` so that its first half lies on one side of the dividing plane.
void divide(const PaddedRows& rows, std::span<std::int32_t> range, std::uint64_t bits, std::vector<Projected>& scratch,
            std::vector<float>& direction) {
  const auto size = static_cast<std::uint32_t>(range.size());
  const std::uint32_t a = random_below(bits, size);
  const std::uint32_t b = (a + 1 + random_below(scramble(bits), size - 1)) % size;
  const float* from = rows.row(range[a]);
  const float* to = rows.row(range[b]);
  for (std::size_t j = 0; j < direction.size(); ++j) direction[j] = to[j] - from[j];
  scratch.clear();
  for (const std::int32_t row : range) {
    scratch.push_back({dot_product(rows.row(row), direction.data(), rows.width()), row});
  }
  std::nth_element(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(size / 2), scratch.end());
  for (std::size_t i = 0; i < range.size(); ++i) range[i] = scratch[i].row;
}

}  // namespace

ProjectionTree projection_tree(const PaddedRows& rows, std::int64_t leaf_size, std::uint64_t seed, std::uint64_t tree) {
  ProjectionTree result;
  result.order.resize(static_cast<std::size_t>(rows.num_rows()));
  std::iota(result.order.begin(), result.order.end(), 0);
  std::vector<Projected> scratch;
  std::vector<float> direction(static_cast<std::size_t>(rows.width()));
  struct Range {
    std::int64_t begin, end;
  };
  std::vector<Range> open{{0, rows.num_rows()}};
  while (!open.empty()) {
    const Range range = open.back();
    open.pop_back();
    if (range.end - range.begin <= leaf_size) {
      result.leaf_end.push_back(range.end);
      continue;
    }
    const auto size = static_cast<std::size_t>(range.end - range.begin);
    const auto stream = static_cast<std::uint64_t>(range.begin) * 64 + tree;
    divide(rows, {result.order.data() + range.begin, size}, random_bits(seed, stream, size), scratch, direction);
    const std::int64_t middle = range.begin + static_cast<std::int64_t>(size / 2);
    open.push_back({middle, range.end});  // the left half is next, so leaves come in order
    open.push_back({range.begin, middle});
  }
  return result;
}

}  // namespace cw
