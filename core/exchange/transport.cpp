// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/transport.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::size_t kGrain = 16;  // one cache line of floats

}  // namespace

ElementRange part_of(std::size_t count, int num_ranks, int rank) noexcept {
  const std::size_t grains = (count + kGrain - 1) / kGrain;
  const auto ranks = static_cast<std::size_t>(num_ranks);
  const std::size_t size = (grains + ranks - 1) / ranks * kGrain;
  const auto place = static_cast<std::size_t>(rank);
  return {std::min(count, place * size), std::min(count, (place + 1) * size)};
}

Result<std::span<std::byte>> Transport::allocate(std::size_t bytes) {
  allocated_.push_back(std::make_unique<std::byte[]>(bytes));
  return std::span(allocated_.back().get(), bytes);
}

Result<> Transport::all_reduce(Values values) {
  CW_TRY(reduce_scatter(values));
  return all_gather(values);
}

}  // namespace cw
