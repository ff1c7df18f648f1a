// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cw {

/// Part `shard` of `shards` of a run that is split by cells. Parts are counted from 1; a whole run is 1 of 1.
/// Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<> check_shard(std::int64_t shard, std::int64_t shards);

/// First and one past the last of the items of a part, so that all parts have about the same share of the weights, in
/// order and without gaps. A part may be empty. Depends on nothing but its arguments, on any machine.
[[nodiscard]] std::pair<std::size_t, std::size_t> range_of_shard(std::span<const double> weights, std::int64_t shard,
                                                                 std::int64_t shards);

/// The options of a result as its record holds them: `shard` and `shards` only where it is a part.
void drop_whole_shard(Json& options);

/// The name by which messages call a part, and the record of where it comes from.
struct PartRecord {
  std::string name;
  Json provenance;
};

/// Order of the parts of one run: place i of the result is part i + 1. What does not change a number (paths, threads,
/// size of the batches) may differ between them. Errors: kRefused E-MRG-001 (not a part), E-MRG-002 (parts of
/// different runs: names what differs), E-MRG-003 (parts missing or there twice).
[[nodiscard]] Result<std::vector<std::size_t>> order_of_parts(std::span<const PartRecord> parts);

}  // namespace cw
