// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/block_runner.h"

#include "core/base/parallel.h"
#include "core/model/torch_guard.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace cw {

/// A cell of a block with its embedding.
struct BlockRunner::CellWork {
  std::int64_t cell = 0;  ///< index in the plan
  OriginalCell* original = nullptr;
  std::vector<double> embedding;  ///< with states
  std::vector<std::int32_t> units;
};

/// The cells of a stretch of the plan as they are.
struct BlockRunner::Originals {
  std::vector<OriginalCell> computed;  ///< those that the cache does not hold
  std::vector<OriginalCell*> cells;    ///< all, in the order of the plan
};

/// One row of the result to be.
struct BlockRunner::Item {
  const CellWork* work = nullptr;
  std::int32_t perturbation = 0;
  PerturbedCell change;
  std::size_t perturbed_list = 0;  ///< in the pack
  std::size_t original_list = 0;   ///< in the pack, where the original was shortened

  [[nodiscard]] std::int64_t num_tokens() const {
    return static_cast<std::int64_t>(change.tokens.size() + change.original.size());
  }
};

Result<BlockResult> BlockRunner::run(const PlanBlock& block, JobContext& ctx) const {
  return guard_torch("perturbing cells", [&]() -> Result<BlockResult> {
    BlockResult result;
    // cells are taken together up to the size of a pack, so that memory does not grow with the block
    std::int64_t begin = block.first_cell;
    while (begin <= block.last_cell) {
      std::int64_t num_tokens = 0;
      std::int64_t end = begin;
      while (end <= block.last_cell) {
        num_tokens += plan_.cells().length(plan_.rows()[static_cast<std::size_t>(end)]);
        if (end > begin && num_tokens > options_.tokens_per_batch) break;
        ++end;
      }
      CW_TRY(run_cells(block, begin, end, result, ctx));
      begin = end;
    }
    return result;
  });
}

Result<BlockRunner::Originals> BlockRunner::originals(std::int64_t begin, std::int64_t end, JobContext& ctx) const {
  Originals result;
  std::vector<std::vector<std::int32_t>> lists;
  std::vector<std::int64_t> rows;
  std::vector<std::size_t> places;
  for (std::int64_t cell = begin; cell < end; ++cell) {
    const std::int64_t row = plan_.rows()[static_cast<std::size_t>(cell)];
    result.cells.push_back(cache_ == nullptr ? nullptr : cache_->find(row));
    if (result.cells.back() != nullptr) continue;
    plan_.cells().copy_tokens(row, lists.emplace_back());
    rows.push_back(row);
    places.push_back(result.cells.size() - 1);
  }
  if (lists.empty()) return result;
  CW_ASSIGN(result.computed, forward_.originals(std::move(lists), ctx));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool keep = cache_ != nullptr && cache_->has_room();
    result.cells[places[i]] = keep ? cache_->add(rows[i], std::move(result.computed[i])) : &result.computed[i];
  }
  return result;
}

Result<> BlockRunner::run_cells(const PlanBlock& block, std::int64_t begin, std::int64_t end, BlockResult& result,
                                JobContext& ctx) const {
  CW_ASSIGN(const Originals found, originals(begin, end, ctx));
  std::vector<CellWork> works(found.cells.size());
  std::vector<Item> items;
  std::int64_t num_tokens = 0;
  for (std::size_t i = 0; i < works.size(); ++i) {
    CellWork& work = works[i];
    work.cell = begin + static_cast<std::int64_t>(i);
    OriginalCell& original = *found.cells[i];
    work.original = &original;
    const at::Tensor& rows = original.read_out();
    if (!states_.centroids.empty()) {
      work.embedding = whole_cell(rows.const_data_ptr<float>(), rows.size(0), rows.size(1), options_.cls_mode);
    }
    work.units = plan_.units_of(original.tokens());
    const std::int64_t first = work.cell == block.first_cell ? block.first_unit : 0;
    const std::int64_t last = work.cell == block.last_cell ? block.end_unit : std::ssize(work.units);
    for (std::int64_t unit = first; unit < last; ++unit) {
      Item item;
      item.work = &work;
      item.perturbation = work.units[static_cast<std::size_t>(unit)];
      const auto& genes = plan_.perturbations()[static_cast<std::size_t>(item.perturbation)].tokens;
      CW_ASSERT(
          apply_change(plan_.change_of(item.perturbation), original.tokens(), genes, plan_.limits(), item.change));
      if (!items.empty() && num_tokens + item.num_tokens() > options_.tokens_per_batch) {
        CW_TRY(run_pack(items, result, ctx));
        items.clear();
        num_tokens = 0;
      }
      num_tokens += item.num_tokens();
      items.push_back(std::move(item));
    }
  }
  if (items.empty()) return {};
  return run_pack(items, result, ctx);
}

Result<> BlockRunner::run_pack(std::span<const Item> items, BlockResult& result, JobContext& ctx) const {
  std::vector<Item> placed(items.begin(), items.end());
  std::vector<Variant> variants;
  for (Item& item : placed) {
    item.perturbed_list = variants.size();
    variants.push_back({item.work->original, item.change.tokens});
    if (item.change.original.empty()) continue;
    item.original_list = variants.size();
    variants.push_back({item.work->original, item.change.original});
  }
  CW_ASSIGN(const ReadOuts read_outs, forward_.run(variants, ctx));
  const std::size_t columns = std::max<std::size_t>(1, states_.centroids.size());
  std::vector<double> values(placed.size() * columns);
  std::vector<double> progress(placed.size());
  std::vector<std::vector<GeneCosine>> genes(placed.size());
  parallel_for(0, std::ssize(placed), 1, forward_.encoder().num_threads(),
               [&](std::int64_t first, std::int64_t last, int) {
                 for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
                   score(placed[i], read_outs, values.data() + i * columns, progress[i], genes[i]);
                 }
               });
  for (std::size_t i = 0; i < placed.size(); ++i) {
    result.rows.cell.push_back(static_cast<std::int32_t>(placed[i].work->cell));
    result.rows.perturbation.push_back(placed[i].perturbation);
    result.rows.rank.push_back(placed[i].change.rank);
    for (std::size_t c = 0; c < columns; ++c) result.rows.cosine.push_back(static_cast<float>(values[i * columns + c]));
    if (!states_.centroids.empty()) result.rows.progress.push_back(static_cast<float>(progress[i]));
    result.gene_cosines.insert(result.gene_cosines.end(), genes[i].begin(), genes[i].end());
  }
  return {};
}

void BlockRunner::score(const Item& item, const ReadOuts& read_outs, double* values, double& progress,
                        std::vector<GeneCosine>& genes) const {
  const std::int64_t width = read_outs.rows.size(1);
  const bool is_shortened = !item.change.original.empty();
  const at::Tensor& whole = item.work->original->read_out();
  const float* original = is_shortened ? read_outs.of(item.original_list) : whole.const_data_ptr<float>();
  const std::int64_t num_original = is_shortened ? read_outs.num_rows(item.original_list) : whole.size(0);
  const float* perturbed = read_outs.of(item.perturbed_list);
  if (!states_.centroids.empty()) {
    const auto before =
        is_shortened ? whole_cell(original, num_original, width, options_.cls_mode) : item.work->embedding;
    const auto after = whole_cell(perturbed, read_outs.num_rows(item.perturbed_list), width, options_.cls_mode);
    const auto shifts = states_.shifts(before, after);
    std::copy(shifts.begin(), shifts.end(), values);
    progress = states_.progress(before, after);
  } else if (options_.cls_mode) {
    values[0] = cosine(perturbed, original, width);
  }
  const bool by_gene = states_.centroids.empty() && !options_.cls_mode;
  if (!by_gene && !options_.gene_effects) return;
  const auto& tokens = is_shortened ? item.change.original : item.work->original->tokens();
  const auto& moved = plan_.perturbations()[static_cast<std::size_t>(item.perturbation)].tokens;
  const auto pairs = unperturbed_genes(item.change.tokens, tokens, moved, plan_.limits().special_tokens);
  std::vector<double> cosines(pairs.size());
  row_cosines(perturbed, original, width, pairs, cosines);
  if (by_gene) {
    values[0] = pairs.empty()
                    ? std::numeric_limits<double>::quiet_NaN()
                    : std::accumulate(cosines.begin(), cosines.end(), 0.0) / static_cast<double>(pairs.size());
  }
  if (options_.gene_effects) append_gene_cosines(item, item.change.tokens, pairs, cosines, genes);
}

void BlockRunner::append_gene_cosines(const Item& item, std::span<const std::int32_t> perturbed,
                                      std::span<const std::pair<std::int32_t, std::int32_t>> pairs,
                                      std::span<const double> cosines, std::vector<GeneCosine>& genes) const {
  // the published code leaves the top gene out of the names but not out of the values
  const bool is_off_by_one = options_.match_upstream && plan_.is_of_all(item.perturbation) &&
                             plan_.change_of(item.perturbation).operation == RankOperation::kOverexpress;
  const std::size_t lag = is_off_by_one ? 1 : 0;
  for (std::size_t i = 0; i + lag < pairs.size(); ++i) {
    const std::int32_t named = perturbed[static_cast<std::size_t>(pairs[i + lag].first)];
    genes.push_back({item.perturbation, named, static_cast<float>(cosines[i])});
  }
}

}  // namespace cw
