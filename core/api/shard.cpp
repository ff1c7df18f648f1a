// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/shard.h"

#include "core/api/option_json.h"
#include "core/base/words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cw {
namespace {

constexpr std::int64_t kMostShards = 10'000;

// Nothing that these say changes a number of the result.
constexpr std::array<std::string_view, 9> kFreeKeys = {
    "shard", "output", "csv", "num_threads", "tokens_per_batch", "overwrite", "cells", "device", "why_no_gpu"};

std::string last_key(const std::string& pointer) { return pointer.substr(pointer.rfind('/') + 1); }

bool is_path(const Json& value) { return value.is_string() && value.get_ref<const std::string&>().starts_with('/'); }

bool may_differ(const std::string& pointer, const Json& one, const Json& other) {
  const std::string key = last_key(pointer);
  return std::find(kFreeKeys.begin(), kFreeKeys.end(), key) != kFreeKeys.end() || (is_path(one) && is_path(other));
}

// Place and both values of the first difference that counts; "" where there is none.
std::string difference(const Json& one, const Json& other) {
  const Json a = one.flatten();
  const Json b = other.flatten();
  for (const auto& [pointer, value] : a.items()) {
    const auto found = b.find(pointer);
    const Json there = found == b.end() ? Json() : *found;
    if (value != there && !may_differ(pointer, value, there)) {
      return pointer.substr(1) + " (" + value.dump() + " and " + there.dump() + ")";
    }
  }
  for (const auto& [pointer, value] : b.items()) {
    if (!a.contains(pointer) && !may_differ(pointer, Json(), value)) return pointer.substr(1) + " (only in one)";
  }
  return {};
}

std::int64_t number_at(const Json& provenance, const char* place) {
  const Json::json_pointer pointer(place);
  if (!provenance.is_object() || !provenance.contains(pointer)) return 0;
  const Json& value = provenance.at(pointer);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

}  // namespace

Result<> check_shard(std::int64_t shard, std::int64_t shards) {
  if (shards >= 1 && shards <= kMostShards && shard >= 1 && shard <= shards) return {};
  return option_error("--shard", std::to_string(shard) + "/" + std::to_string(shards),
                      "i/n with i from 1 to n, and n at most " + std::to_string(kMostShards));
}

std::pair<std::size_t, std::size_t> range_of_shard(std::span<const double> weights, std::int64_t shard,
                                                   std::int64_t shards) {
  double total = 0.0;
  for (const double weight : weights) total += weight;
  // an item belongs to the part in which its middle lies
  const auto begin_of = [&](std::int64_t part) {
    double before = 0.0;
    std::size_t item = 0;
    for (; item < weights.size(); ++item) {
      const double middle = before + 0.5 * weights[item];
      if (middle * static_cast<double>(shards) >= total * static_cast<double>(part - 1)) break;
      before += weights[item];
    }
    return item;
  };
  return {shard == 1 ? 0 : begin_of(shard), shard == shards ? weights.size() : begin_of(shard + 1)};
}

void drop_whole_shard(Json& options) {
  if (options.value("shards", std::int64_t{1}) > 1) return;
  options.erase("shard");
  options.erase("shards");
}

Result<std::vector<std::size_t>> order_of_parts(std::span<const PartRecord> parts) {
  CW_ASSERT(!parts.empty());
  const std::int64_t shards = number_at(parts.front().provenance, "/options/shards");
  std::vector<std::size_t> order(static_cast<std::size_t>(std::clamp<std::int64_t>(shards, 0, kMostShards)),
                                 parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PartRecord& part = parts[i];
    const std::int64_t shard = number_at(part.provenance, "/options/shard");
    if (shard < 1 || number_at(part.provenance, "/options/shards") < 2) {
      return Error{ErrorCode::kRefused, "E-MRG-001",
                   part.name + ": is not a part of a run; name what 'embed' or 'perturb' made with --shard i/n"};
    }
    const std::string differs = difference(parts.front().provenance, part.provenance);
    if (!differs.empty() || shard > shards) {
      return Error{ErrorCode::kRefused, "E-MRG-002",
                   part.name + ": is a part of another run than " + parts.front().name + ": they differ in " + differs};
    }
    auto& place = order[static_cast<std::size_t>(shard - 1)];
    if (place != parts.size()) {
      return Error{ErrorCode::kRefused, "E-MRG-003",
                   part.name + " and " + parts[place].name + ": both are part " + std::to_string(shard) + " of " +
                       std::to_string(shards) + "; name each part once"};
    }
    place = i;
  }
  constexpr std::size_t kMostNamed = 20;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] == parts.size()) missing.push_back(std::to_string(i + 1));
  }
  if (missing.empty()) return order;
  return Error{ErrorCode::kRefused, "E-MRG-003",
               "of " + std::to_string(shards) + " parts these are missing: " + listed(missing, kMostNamed) +
                   "; compute them with --shard, or name them too"};
}

}  // namespace cw
