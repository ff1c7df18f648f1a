// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/rank_controls.h"

#include "core/stats/cell_mean.h"
#include "core/stats/descriptive.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace cw {
namespace {

constexpr std::size_t kMostCells = 2000;
constexpr std::size_t kNeighbours = 200;

}  // namespace

RankControls::RankControls(const TokenizedCells& cells, const std::vector<std::int64_t>& rows,
                           const Dictionary& dictionary) {
  std::vector<std::vector<float>> ranks(static_cast<std::size_t>(dictionary.num_tokens()));
  std::vector<std::int32_t> tokens;
  // rows come in random order, so the first ones are a sample
  for (std::size_t i = 0; i < std::min(rows.size(), kMostCells); ++i) {
    cells.copy_tokens(rows[i], tokens);
    std::erase_if(tokens, [&](std::int32_t token) { return !dictionary.is_gene(token); });
    for (std::size_t position = 0; position < tokens.size(); ++position) {
      ranks[static_cast<std::size_t>(tokens[position])].push_back(static_cast<float>(position) /
                                                                  static_cast<float>(tokens.size()));
    }
  }
  const std::size_t fewest = std::min(static_cast<std::size_t>(kFewestCellsOfGene), rows.size());
  median_.assign(ranks.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t token = 0; token < ranks.size(); ++token) {
    if (ranks[token].empty() || ranks[token].size() < fewest) continue;
    median_[token] = median({ranks[token].begin(), ranks[token].end()});
    order_.push_back(static_cast<std::int32_t>(token));
  }
  std::stable_sort(order_.begin(), order_.end(), [&](std::int32_t a, std::int32_t b) {
    return median_[static_cast<std::size_t>(a)] < median_[static_cast<std::size_t>(b)];
  });
}

std::vector<std::int32_t> RankControls::nearest(std::int32_t gene, const std::vector<std::int32_t>& left_out,
                                                std::size_t count) const {
  std::vector<std::int32_t> candidates;
  for (const std::int32_t token : order_) {
    if (std::find(left_out.begin(), left_out.end(), token) == left_out.end()) candidates.push_back(token);
  }
  const double wanted = median_[static_cast<std::size_t>(gene)];
  if (std::isnan(wanted) || candidates.size() <= count) return candidates;
  const auto distance = [&](std::int32_t token) { return std::abs(median_[static_cast<std::size_t>(token)] - wanted); };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](std::int32_t a, std::int32_t b) { return distance(a) < distance(b); });
  candidates.resize(count);
  return candidates;
}

std::vector<std::vector<std::int32_t>> RankControls::draw(const std::vector<std::int32_t>& genes, std::int64_t count,
                                                          std::uint64_t seed) const {
  const auto wanted = static_cast<std::size_t>(count);
  std::vector<std::vector<std::int32_t>> candidates;
  for (const std::int32_t gene : genes) {
    candidates.push_back(nearest(gene, genes, std::max(kNeighbours, 2 * wanted)));
    if (candidates.back().empty()) return {};
  }
  std::mt19937_64 random(seed);
  std::set<std::vector<std::int32_t>> drawn;
  std::vector<std::vector<std::int32_t>> lists;
  // a list that was drawn already, or holds a gene twice, is drawn again; the limit ends small vocabularies
  for (std::size_t attempt = 0; attempt < 50 * wanted && lists.size() < wanted; ++attempt) {
    std::vector<std::int32_t> list;
    for (const auto& choices : candidates) list.push_back(choices[random() % choices.size()]);
    const std::set<std::int32_t> distinct(list.begin(), list.end());
    if (distinct.size() == list.size() && drawn.insert(list).second) lists.push_back(std::move(list));
  }
  return lists;
}

}  // namespace cw
