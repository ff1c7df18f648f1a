// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/running_ranking.h"

#include "core/stats/rank_correlation.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

constexpr std::size_t kCompared = 50;
constexpr double kStableTau = 0.95;

}  // namespace

RunningRanking::RunningRanking(const EffectsHeader& header) : header_(header), means_(header.perturbations.size()) {}

void RunningRanking::add(const EffectRows& rows) {
  const auto columns = static_cast<std::size_t>(header_.num_columns());
  const bool with_states = !header_.states.empty();
  for (std::size_t i = 0; i < rows.cell.size(); ++i) {
    const auto value = static_cast<double>(with_states ? rows.cosine[i * columns + 1] : 1.0F - rows.cosine[i]);
    if (std::isnan(value)) continue;
    means_[static_cast<std::size_t>(rows.perturbation[i])].add(value);
    last_cell_ = std::max(last_cell_, rows.cell[i]);
  }
  num_rows_ += rows.size();
}

Json RunningRanking::publish(std::size_t most) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < means_.size(); ++i) {
    const bool is_control = header_.perturbations[i].role == "null";
    if (!is_control && means_[i].n >= std::min<std::int64_t>(kFewestCellsOfGene, last_cell_ + 1)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return means_[a].mean() > means_[b].mean(); });
  Json top = Json::array();
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    const Perturbation& p = header_.perturbations[order[i]];
    std::string gene;
    for (const auto& symbol : p.symbols) gene += (gene.empty() ? "" : "+") + symbol;
    top.push_back(Json{{"perturbation", order[i]},
                       {"kind", p.kind},
                       {"gene", gene},
                       {"effect", means_[order[i]].mean()},
                       {"n_cells", means_[order[i]].n}});
  }
  // against the latest state that held at most half of the present rows
  Json tau = nullptr;
  const Checkpoint* half = nullptr;
  for (const auto& checkpoint : checkpoints_) {
    if (2 * checkpoint.num_rows <= num_rows_) half = &checkpoint;
  }
  if (half != nullptr && order.size() > 1) {
    std::vector<double> now;
    std::vector<double> before;
    for (std::size_t i = 0; i < std::min(kCompared, order.size()); ++i) {
      if (half->means[order[i]].n == 0) continue;
      now.push_back(means_[order[i]].mean());
      before.push_back(half->means[order[i]].mean());
    }
    const double value = kendall(now, before).value;
    num_stable_ = value >= kStableTau ? num_stable_ + 1 : 0;
    if (!std::isnan(value)) tau = value;
  }
  // states older than a half can never be asked for again
  while (checkpoints_.size() > 1 && 2 * checkpoints_[1].num_rows <= num_rows_) checkpoints_.erase(checkpoints_.begin());
  if (checkpoints_.empty() || num_rows_ >= checkpoints_.back().num_rows * 11 / 10 + 1) {
    checkpoints_.push_back({num_rows_, means_});
  }
  return Json{{"cells", last_cell_ + 1},
              {"rows", num_rows_},
              {"top", std::move(top)},
              {"tau", tau},
              {"stable", num_stable_ >= 2}};
}

}  // namespace cw
