// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/rank_list.h"

#include "core/base/check.h"
#include "core/effects/target_rank.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace cw {
namespace {

using Tokens = std::vector<std::int32_t>;
constexpr std::array<std::string_view, 5> kNames = {"delete", "overexpress", "inhibit", "activate", "rank"};

bool contains(std::span<const std::int32_t> list, std::int32_t token) {
  return std::find(list.begin(), list.end(), token) != list.end();
}

/// Position at which a moved gene should end, in a list of `num_genes` of which `num_moved` are taken out together.
std::int64_t target_position(const RankChange& change, std::int64_t position, std::int64_t num_genes,
                             std::int64_t num_moved) {
  if (change.operation == RankOperation::kRank) return relative_target(change.position, num_genes);
  const int quartiles = change.operation == RankOperation::kInhibit ? change.quartiles : -change.quartiles;
  return quartile_target(position, num_genes, num_moved, quartiles);
}

/// The genes of the list with those at `moved` (ascending positions) put where the change wants them.
Tokens reordered(const RankChange& change, std::span<const std::int32_t> genes,
                 const std::vector<std::int64_t>& moved) {
  const auto num_genes = static_cast<std::int64_t>(genes.size());
  std::vector<std::pair<std::int64_t, std::int64_t>> wishes;  // wanted place, present one
  for (const std::int64_t position : moved) {
    wishes.emplace_back(target_position(change, position, num_genes, static_cast<std::int64_t>(moved.size())),
                        position);
  }
  std::sort(wishes.begin(), wishes.end());
  // places ascend with the wishes; those that would leave the list close up at its end
  std::vector<std::int64_t> places(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places[i] = i == 0 ? wishes[i].first : std::max(wishes[i].first, places[i - 1] + 1);
  }
  for (std::size_t i = wishes.size(); i-- > 0;) {
    const auto last_free = num_genes - static_cast<std::int64_t>(wishes.size() - i);
    places[i] = std::max<std::int64_t>(0, std::min(places[i], last_free));
  }
  Tokens result(genes.size());
  std::vector<bool> taken(genes.size(), false);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    result[static_cast<std::size_t>(places[i])] = genes[static_cast<std::size_t>(wishes[i].second)];
    taken[static_cast<std::size_t>(places[i])] = true;
  }
  std::size_t next = 0;
  for (std::int64_t position = 0; position < num_genes; ++position) {
    if (std::binary_search(moved.begin(), moved.end(), position)) continue;
    while (taken[next]) ++next;
    result[next++] = genes[static_cast<std::size_t>(position)];
  }
  return result;
}

/// The original of an overexpression that pushed genes off the end, or empty where nothing was lost.
Tokens shortened_original(std::span<const std::int32_t> cell, const Tokens& perturbed, std::int64_t num_inserted,
                          std::int64_t num_lost, const RankLimits& limits) {
  if (!limits.match_upstream) {
    if (num_lost == 0) return {};
    Tokens kept;
    std::copy_if(cell.begin(), cell.end(), std::back_inserter(kept),
                 [&](std::int32_t token) { return contains(perturbed, token); });
    return kept;
  }
  // the published rule measures the overflow after the insertion, so it cuts too much near the limit
  const auto length = static_cast<std::int64_t>(cell.size());
  const auto overflow =
      std::max<std::int64_t>(0, static_cast<std::int64_t>(perturbed.size()) + num_inserted - limits.max_length);
  if (overflow == 0 || overflow >= length) return {};
  Tokens kept(cell.begin(), cell.begin() + (length - overflow));
  if (limits.special_tokens) kept.back() = cell.back();
  return kept;
}

/// Listed genes to the front in list order; what is too long loses its lowest-ranked genes.
void overexpress(std::span<const std::int32_t> cell, std::span<const std::int32_t> genes, std::size_t num_present,
                 const RankLimits& limits, PerturbedCell& out) {
  const std::size_t head = limits.special_tokens ? 1 : 0;
  out.tokens.assign(cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(head));
  out.tokens.insert(out.tokens.end(), genes.begin(), genes.end());
  for (std::size_t i = head; i < cell.size(); ++i) {
    if (!contains(genes, cell[i])) out.tokens.push_back(cell[i]);
  }
  const auto limit = static_cast<std::size_t>(limits.max_length);
  const std::size_t lost = out.tokens.size() > limit ? out.tokens.size() - limit : 0;
  if (lost > 0) {
    out.tokens.resize(limit);
    if (limits.special_tokens) out.tokens.back() = cell.back();
  }
  out.original = shortened_original(cell, out.tokens, static_cast<std::int64_t>(genes.size() - num_present),
                                    static_cast<std::int64_t>(lost), limits);
}

}  // namespace

std::string_view name_of(RankOperation operation) noexcept { return kNames[static_cast<std::size_t>(operation)]; }

RankOperation rank_operation(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  CW_ASSERT(found != kNames.end());
  return static_cast<RankOperation>(found - kNames.begin());
}

bool apply_change(const RankChange& change, std::span<const std::int32_t> cell, std::span<const std::int32_t> genes,
                  const RankLimits& limits, PerturbedCell& out) {
  const std::size_t head = limits.special_tokens ? 1 : 0;
  if (cell.size() < 2 * head + 1 || genes.empty()) return false;
  const auto list = cell.subspan(head, cell.size() - 2 * head);
  std::vector<std::int64_t> positions;
  for (const std::int32_t gene : genes) {
    const auto found = std::find(list.begin(), list.end(), gene);
    if (found != list.end()) positions.push_back(found - list.begin());
  }
  out.rank = -1;
  out.original.clear();
  for (const std::int32_t gene : genes) {
    const auto found = std::find(list.begin(), list.end(), gene);
    if (found == list.end()) continue;
    out.rank = static_cast<std::int32_t>(found - list.begin());
    break;
  }
  if (change.operation == RankOperation::kOverexpress) {
    if (2 * head + genes.size() >= static_cast<std::size_t>(limits.max_length)) return false;
    overexpress(cell, genes, positions.size(), limits, out);
    return true;
  }
  if (positions.size() != genes.size()) return false;
  std::sort(positions.begin(), positions.end());
  out.tokens.assign(cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(head));
  if (change.operation == RankOperation::kDelete) {
    if (genes.size() == list.size()) return false;
    std::copy_if(list.begin(), list.end(), std::back_inserter(out.tokens),
                 [&](std::int32_t token) { return !contains(genes, token); });
  } else {
    const Tokens moved = reordered(change, list, positions);
    out.tokens.insert(out.tokens.end(), moved.begin(), moved.end());
  }
  if (head > 0) out.tokens.push_back(cell.back());
  return true;
}

std::vector<std::pair<std::int32_t, std::int32_t>> unperturbed_genes(std::span<const std::int32_t> perturbed,
                                                                     std::span<const std::int32_t> original,
                                                                     std::span<const std::int32_t> genes,
                                                                     bool special_tokens) {
  const std::size_t skipped = special_tokens ? 1 : 0;
  // published token files hold some genes twice: the n-th of one list belongs to the n-th of the other
  std::unordered_map<std::int32_t, std::int32_t> next_of_gene;
  next_of_gene.reserve(original.size());
  std::vector<std::int32_t> next_of_position(original.size(), -1);
  for (std::size_t i = original.size() - skipped; i-- > skipped;) {
    const auto [place, is_last] = next_of_gene.try_emplace(original[i], static_cast<std::int32_t>(i));
    if (!is_last) next_of_position[i] = std::exchange(place->second, static_cast<std::int32_t>(i));
  }
  std::vector<std::pair<std::int32_t, std::int32_t>> rows;
  rows.reserve(perturbed.size());
  for (std::size_t i = skipped; i + skipped < perturbed.size(); ++i) {
    const auto found = next_of_gene.find(perturbed[i]);
    if (found == next_of_gene.end() || found->second < 0 || contains(genes, perturbed[i])) continue;
    rows.emplace_back(static_cast<std::int32_t>(i), found->second);
    found->second = next_of_position[static_cast<std::size_t>(found->second)];
  }
  return rows;
}

}  // namespace cw
