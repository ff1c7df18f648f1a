// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/neighbor_lists.h"
#include "core/maps/padded_rows.h"

#include <cstdint>

namespace cw {

struct DescentOptions {
  std::int64_t list_length = 20;     ///< neighbours kept per row; the last ones of a list are the least certain
  std::int64_t num_trees = 8;        ///< more: better start, longer
  std::int64_t leaf_size = 64;       ///< more: better start, longer; at least twice the list length
  std::int64_t max_candidates = 24;  ///< new and used candidates per row and step
  std::int64_t max_steps = 15;
  double stop_below = 0.002;  ///< ends when a step changes less than this share of the entries
  std::uint64_t seed = 42;
  int num_threads = 0;
};

/// Approximate nearest neighbours of every row, as squared Euclidean distances. Errors: kCancelled.
[[nodiscard]] Result<NeighborLists> nn_descent(const PaddedRows& rows, const DescentOptions& options, JobContext& ctx);

}  // namespace cw
