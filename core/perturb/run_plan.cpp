// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/run_plan.h"

#include "core/perturb/rank_controls.h"

#include <algorithm>
#include <random>

namespace cw {
namespace {

constexpr std::int64_t kMostCellsPerBlock = 256;

std::vector<std::int32_t> tokens_seen(const TokenizedCells& cells, const std::vector<std::int64_t>& rows,
                                      const Dictionary& dictionary) {
  std::vector<bool> seen(static_cast<std::size_t>(dictionary.num_tokens()), false);
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : rows) {
    cells.copy_tokens(row, tokens);
    for (const std::int32_t token : tokens) {
      if (dictionary.is_gene(token)) seen[static_cast<std::size_t>(token)] = true;
    }
  }
  std::vector<std::int32_t> list;
  for (std::size_t token = 0; token < seen.size(); ++token) {
    if (seen[token]) list.push_back(static_cast<std::int32_t>(token));
  }
  return list;
}

}  // namespace

std::vector<std::int64_t> balanced_order(const std::vector<std::int64_t>& rows,
                                         const std::vector<std::string>& donor_of_row, std::uint64_t seed) {
  std::map<std::string, std::vector<std::int64_t>> rows_of;
  for (const std::int64_t row : rows) {
    rows_of[donor_of_row.empty() ? std::string() : donor_of_row[static_cast<std::size_t>(row)]].push_back(row);
  }
  std::mt19937_64 random(seed);
  std::vector<std::pair<double, std::int64_t>> places;
  for (auto& [donor, members] : rows_of) {
    for (std::size_t i = members.size(); i-- > 1;) std::swap(members[i], members[random() % (i + 1)]);
    // the j-th of n cells of a donor stands at a random place of the j-th n-th of the run
    for (std::size_t j = 0; j < members.size(); ++j) {
      const double jitter = static_cast<double>(random() >> 11) * 0x1.0p-53;
      places.emplace_back((static_cast<double>(j) + jitter) / static_cast<double>(members.size()), members[j]);
    }
  }
  std::sort(places.begin(), places.end());
  std::vector<std::int64_t> order;
  order.reserve(places.size());
  for (const auto& [place, row] : places) order.push_back(row);
  return order;
}

std::int32_t RunPlan::add(const Dictionary& dictionary, const RankChange& change, std::vector<std::int32_t> tokens,
                          std::string role, std::int32_t partner) {
  const std::string kind(name_of(change.operation));
  if (role != "null") {
    const auto [place, is_new] =
        index_of_.try_emplace({kind, tokens}, static_cast<std::int32_t>(perturbations_.size()));
    if (!is_new) return place->second;
  }
  Perturbation p;
  p.kind = kind;
  p.role = std::move(role);
  p.partner = partner;
  for (const std::int32_t token : tokens) {
    p.ensembl_ids.push_back(dictionary.ensembl_id(token));
    p.symbols.push_back(dictionary.symbol(token));
  }
  p.tokens = std::move(tokens);
  perturbations_.push_back(std::move(p));
  changes_.push_back(change);
  of_all_.push_back(false);
  return static_cast<std::int32_t>(perturbations_.size()) - 1;
}

void RunPlan::add_all(const ResolvedRequest& request, std::int32_t anchor, const Dictionary& dictionary,
                      const std::vector<std::int32_t>& seen) {
  Rule rule;
  rule.all = true;
  rule.single_of.assign(static_cast<std::size_t>(num_tokens_), -1);
  if (anchor >= 0) {
    rule.needs_anchor = true;
    rule.anchor = add(dictionary, request.change, {anchor}, "anchor");
    rule.pair_of.assign(static_cast<std::size_t>(num_tokens_), -1);
  }
  for (const std::int32_t token : seen) {
    if (token == anchor) continue;
    const std::int32_t single = add(dictionary, request.change, {token}, "single");
    of_all_[static_cast<std::size_t>(single)] = true;
    rule.single_of[static_cast<std::size_t>(token)] = single;
    if (anchor < 0) continue;
    rule.pair_of[static_cast<std::size_t>(token)] = add(dictionary, request.change, {anchor, token}, "pair");
  }
  rules_.push_back(std::move(rule));
}

void RunPlan::add_listed(const ResolvedRequest& request, const std::string& how, std::int32_t anchor,
                         const Dictionary& dictionary) {
  Rule rule;
  const auto list = [&](std::vector<std::int32_t> tokens, const char* role) {
    const std::int32_t index = add(dictionary, request.change, std::move(tokens), role);
    if (std::find(rule.perturbations.begin(), rule.perturbations.end(), index) == rule.perturbations.end()) {
      rule.perturbations.push_back(index);
    }
    return index;
  };
  if (anchor >= 0) {
    rule.needs_anchor = true;
    rule.anchor = add(dictionary, request.change, {anchor}, "anchor");
  }
  for (const auto& group : request.groups) {
    if (how == "together") {
      list(group, group.size() == 1 ? "single" : "group");
      continue;
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i] == anchor) continue;
      list({group[i]}, "single");
      if (anchor >= 0) list({anchor, group[i]}, "pair");
      if (how != "pairs") continue;
      for (std::size_t j = 0; j < i; ++j) list({group[j], group[i]}, "pair");
    }
  }
  rules_.push_back(std::move(rule));
}

void RunPlan::add_controls(const PerturbOptions& options, const Dictionary& dictionary) {
  const RankControls controls(cells_, rows_, dictionary);
  std::mt19937_64 random(options.seed);
  for (Rule& rule : rules_) {
    const std::vector<std::int32_t> named = rule.perturbations;
    for (const std::int32_t index : named) {
      const auto stand_ins =
          controls.draw(perturbations_[static_cast<std::size_t>(index)].tokens, options.null_count, random());
      for (const auto& tokens : stand_ins) {
        rule.perturbations.push_back(add(dictionary, change_of(index), tokens, "null", index));
      }
    }
  }
}

Result<RunPlan> RunPlan::make(const PerturbOptions& options, const ResolvedRequests& requests,
                              const Dictionary& dictionary, const TokenizedCells& cells, std::vector<std::int64_t> rows,
                              const RankLimits& limits) {
  RunPlan plan;
  plan.cells_ = cells;
  plan.rows_ = std::move(rows);
  plan.limits_ = limits;
  plan.num_tokens_ = dictionary.num_tokens();
  std::vector<std::int32_t> seen;
  for (const auto& request : requests.requests) {
    if (request.all) {
      if (seen.empty()) seen = tokens_seen(plan.cells_, plan.rows_, dictionary);
      plan.add_all(request, requests.anchor, dictionary, seen);
    } else {
      plan.add_listed(request, options.how, requests.anchor, dictionary);
    }
  }
  if (options.null_count > 0) plan.add_controls(options, dictionary);
  plan.count_units();
  if (plan.num_units_ == 0) {
    return Error{ErrorCode::kRefused, "E-PRT-003",
                 "none of the perturbations applies to any of the " + std::to_string(plan.num_cells()) +
                     " cells: no cell has the genes (a group must be there as a whole); choose other genes or cells"};
  }
  return plan;
}

bool RunPlan::applies(std::int32_t perturbation, std::span<const std::int32_t> tokens,
                      const std::vector<std::int32_t>& position_of) const {
  const auto i = static_cast<std::size_t>(perturbation);
  const auto& genes = perturbations_[i].tokens;
  const std::int64_t num_special = limits_.special_tokens ? 2 : 0;
  const auto num_genes = static_cast<std::int64_t>(tokens.size()) - num_special;
  if (changes_[i].operation == RankOperation::kOverexpress) {
    return num_special + static_cast<std::int64_t>(genes.size()) < limits_.max_length;
  }
  if (changes_[i].operation == RankOperation::kDelete && num_genes <= static_cast<std::int64_t>(genes.size())) {
    return false;
  }
  return std::all_of(genes.begin(), genes.end(),
                     [&](std::int32_t gene) { return position_of[static_cast<std::size_t>(gene)] >= 0; });
}

std::vector<std::int32_t> RunPlan::units_of(std::span<const std::int32_t> tokens) const {
  const std::size_t head = limits_.special_tokens ? 1 : 0;
  if (tokens.size() < 2 * head + 1) return {};
  std::vector<std::int32_t> position_of(static_cast<std::size_t>(num_tokens_), -1);
  const auto genes = tokens.subspan(head, tokens.size() - 2 * head);
  for (std::size_t i = 0; i < genes.size(); ++i) {
    position_of[static_cast<std::size_t>(genes[i])] = static_cast<std::int32_t>(i);
  }
  std::vector<std::int32_t> units;
  // two requests may name the same perturbation, and published token files hold some genes twice
  std::vector<bool> is_taken(perturbations_.size(), false);
  const auto take = [&](std::int32_t index) {
    if (index < 0 || is_taken[static_cast<std::size_t>(index)] || !applies(index, tokens, position_of)) return;
    is_taken[static_cast<std::size_t>(index)] = true;
    units.push_back(index);
  };
  for (const Rule& rule : rules_) {
    if (rule.needs_anchor) {
      if (!applies(rule.anchor, tokens, position_of)) continue;
      take(rule.anchor);
    }
    for (const std::int32_t index : rule.perturbations) take(index);
    if (!rule.all) continue;
    for (std::size_t i = 0; i < genes.size(); ++i) {
      const auto gene = static_cast<std::size_t>(genes[i]);
      const std::int32_t single = rule.single_of[gene];
      // the gene on top is in front already (geneformer-behaviour 6.3)
      const bool moves =
          single >= 0 && (i > 0 || changes_[static_cast<std::size_t>(single)].operation != RankOperation::kOverexpress);
      if (moves) take(single);
      if (!rule.pair_of.empty()) take(rule.pair_of[gene]);
    }
  }
  return units;
}

void RunPlan::count_units() {
  cells_of_.assign(perturbations_.size(), 0);
  units_per_cell_.clear();
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : rows_) {
    cells_.copy_tokens(row, tokens);
    const auto units = units_of(tokens);
    for (const std::int32_t unit : units) ++cells_of_[static_cast<std::size_t>(unit)];
    units_per_cell_.push_back(static_cast<std::int64_t>(units.size()));
    num_units_ += static_cast<std::int64_t>(units.size());
  }
}

std::vector<PlanBlock> RunPlan::blocks(const PassCost& cost, std::int64_t most_units, double most_work) const {
  std::vector<PlanBlock> result;
  PlanBlock block;
  const auto finish = [&] {
    if (block.num_units > 0) result.push_back(block);
    block = PlanBlock{};
  };
  for (std::int64_t cell = 0; cell < num_cells(); ++cell) {
    const double work = cost.of(cells_.length(rows_[static_cast<std::size_t>(cell)]));
    for (std::int64_t unit = 0; unit < units_per_cell_[static_cast<std::size_t>(cell)]; ++unit) {
      if (block.num_units == 0) {
        block.first_cell = cell;
        block.first_unit = unit;
      }
      if (block.num_units == 0 || block.last_cell != cell) block.work += work;  // the cell as it is
      block.work += work;
      block.last_cell = cell;
      block.end_unit = unit + 1;
      ++block.num_units;
      const bool full = block.num_units >= most_units || block.work + work > most_work ||
                        block.last_cell - block.first_cell + 1 > kMostCellsPerBlock;
      if (full) finish();
    }
  }
  finish();
  return result;
}

}  // namespace cw
