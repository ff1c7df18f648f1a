// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// What all points of one epoch share.
struct UmapEpoch {
  const float* from = nullptr;  ///< [N, num_axes] places after the last epoch
  float* to = nullptr;          ///< [N, num_axes]
  int num_axes = 2;             ///< 2 or 3
  std::int32_t num_points = 0;
  float a = 1.0F;
  float b = 1.0F;
  float step = 1.0F;  ///< falls from 1 to 0
  int negative_samples = 5;
};

/// Sixteen points that move side by side, each along its own edges.
struct UmapLanes {
  const std::int32_t* points = nullptr;   ///< [16]; -1 = none
  const std::uint32_t* random = nullptr;  ///< [16] not 0
  const std::int32_t* targets = nullptr;  ///< [num_moves, 16]; the far ends of the edges that are due, any point beyond
  const std::int32_t* counts = nullptr;   ///< [16] how many are due
  std::int32_t num_moves = 0;             ///< largest of `counts`
};

void move_points(const UmapEpoch& epoch, const UmapLanes& lanes);

}  // namespace cw
