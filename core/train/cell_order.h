// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Cells kept out of training: a fixed, seeded share, the same for every run on the same cells.
struct CellSplit {
  std::vector<std::int64_t> training;
  std::vector<std::int64_t> validation;
};

/// Of `num_cells` cells, floor(share * num_cells) become validation cells, at least one if share > 0.
[[nodiscard]] CellSplit split_cells(std::int64_t num_cells, double share, std::uint64_t seed);

enum class CellOrder {
  kPacked,   ///< random order
  kByLength  ///< random mega-batches of 50 batches, longest cells first in each (spec 4.2)
};

/// The batches of one epoch: each is a list of positions in `lengths`, at most `tokens_per_batch` tokens in all (a
/// longer cell makes a batch of its own) and at most `cells_per_batch` cells (0 = any number). Every cell occurs once.
/// Depends on the arguments only.
[[nodiscard]] std::vector<std::vector<std::int64_t>> epoch_batches(std::span<const std::int64_t> lengths,
                                                                   std::int64_t tokens_per_batch, CellOrder order,
                                                                   std::uint64_t seed, std::uint64_t epoch,
                                                                   std::int64_t cells_per_batch = 0);

/// What one of `num_ranks` processes computes of a batch: cells that follow each other, with about as many tokens as
/// the others' have. Together the processes have every cell once; some may have none.
struct BatchShare {
  std::size_t begin = 0;
  std::size_t end = 0;
};
[[nodiscard]] BatchShare share_of(std::span<const std::int64_t> batch, std::span<const std::int64_t> lengths, int rank,
                                  int num_ranks);

}  // namespace cw
