// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/cell_order.h"

#include "core/train/keyed_random.h"

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

constexpr std::int64_t kBatchesPerMegaBatch = 50;

std::vector<std::int64_t> shuffled(std::int64_t count, KeyedRandom random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

// Sorts every mega-batch and moves the one with the longest cell to the front, so that a run that does not fit into
// memory stops at once.
void sort_mega_batches(std::vector<std::int64_t>& order, std::span<const std::int64_t> lengths,
                       std::int64_t tokens_per_batch) {
  const auto length = [&](std::int64_t i) { return lengths[static_cast<std::size_t>(i)]; };
  const std::int64_t budget = tokens_per_batch * kBatchesPerMegaBatch;
  for (auto begin = order.begin(); begin != order.end();) {
    std::int64_t tokens = 0;
    auto end = begin;
    while (end != order.end() && (end == begin || tokens + length(*end) <= budget)) tokens += length(*end++);
    std::stable_sort(begin, end, [&](auto a, auto b) { return length(a) > length(b); });
    begin = end;
  }
  const auto longest =
      std::max_element(order.begin(), order.end(), [&](auto a, auto b) { return length(a) < length(b); });
  if (longest != order.end()) std::iter_swap(order.begin(), longest);
}

}  // namespace

CellSplit split_cells(std::int64_t num_cells, double share, std::uint64_t seed) {
  std::vector<std::int64_t> order = shuffled(num_cells, KeyedRandom(seed, RandomUse::kSplit, {}));
  auto kept_out = static_cast<std::int64_t>(share * static_cast<double>(num_cells));
  if (share > 0.0) kept_out = std::max<std::int64_t>(1, kept_out);
  kept_out = std::min(kept_out, num_cells);
  CellSplit split;
  split.validation.assign(order.begin(), order.begin() + kept_out);
  split.training.assign(order.begin() + kept_out, order.end());
  std::sort(split.validation.begin(), split.validation.end());
  std::sort(split.training.begin(), split.training.end());
  return split;
}

std::vector<std::vector<std::int64_t>> epoch_batches(std::span<const std::int64_t> lengths,
                                                     std::int64_t tokens_per_batch, CellOrder order, std::uint64_t seed,
                                                     std::uint64_t epoch, std::int64_t cells_per_batch) {
  std::vector<std::int64_t> cells =
      shuffled(static_cast<std::int64_t>(lengths.size()), KeyedRandom(seed, RandomUse::kOrder, {epoch}));
  if (order == CellOrder::kByLength) sort_mega_batches(cells, lengths, tokens_per_batch);
  std::vector<std::vector<std::int64_t>> batches;
  std::int64_t tokens = 0;
  const auto is_full = [&](const std::vector<std::int64_t>& batch) {
    return cells_per_batch > 0 && static_cast<std::int64_t>(batch.size()) >= cells_per_batch;
  };
  for (const std::int64_t cell : cells) {
    const std::int64_t length = lengths[static_cast<std::size_t>(cell)];
    if (batches.empty() || tokens + length > tokens_per_batch || is_full(batches.back())) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(cell);
    tokens += length;
  }
  return batches;
}

BatchShare share_of(std::span<const std::int64_t> batch, std::span<const std::int64_t> lengths, int rank,
                    int num_ranks) {
  std::int64_t total = 0;
  for (const std::int64_t cell : batch) total += lengths[static_cast<std::size_t>(cell)];
  // Where the tokens so far, in parts of num_ranks, reach the wanted share.
  const auto boundary = [&](std::int64_t part) {
    std::int64_t tokens = 0;
    std::size_t cells = 0;
    while (cells < batch.size() && tokens * num_ranks < total * part) {
      tokens += lengths[static_cast<std::size_t>(batch[cells++])];
    }
    return cells;
  };
  return {boundary(rank), rank + 1 == num_ranks ? batch.size() : boundary(rank + 1)};
}

}  // namespace cw
