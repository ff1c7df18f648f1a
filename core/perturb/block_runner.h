// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/gene_effect_table.h"
#include "core/perturb/effect_scores.h"
#include "core/perturb/original_cache.h"
#include "core/perturb/run_plan.h"
#include "core/perturb/variant_forward.h"

#include <cstdint>
#include <vector>

namespace cw {

/// How read-outs become numbers.
struct ScoreOptions {
  bool cls_mode = false;              ///< compare <cls>; else the genes
  bool gene_effects = false;          ///< also the cosine of every other gene
  bool match_upstream = false;        ///< gene effects of "overexpress all" one gene off, as published (6.7 C)
  std::int64_t tokens_per_batch = 0;  ///< tokens that pass through the model together
};

struct BlockResult {
  EffectRows rows;
  std::vector<GeneCosine> gene_cosines;  ///< with gene effects
};

/// Computes blocks of a plan: the cells as they are, then their perturbed versions in dense packs.
///
/// Source   geneformer-behaviour 6.7; beyond 1.
/// Repeat   a row's numbers depend on its cell and perturbation only: not on the block, pack size or threads.
/// Errors   kCancelled, kRefused (tokens of another vocabulary), kOutOfMemory.
class BlockRunner {
 public:
  /// `cache`: cells that are known already are taken from it, others are added; nullptr = every cell is computed. It
  /// must be prepared for the read-out of `forward`.
  BlockRunner(const RunPlan& plan, const VariantForward& forward, const StateCentroids& states, ScoreOptions options,
              OriginalCache* cache = nullptr)
      : plan_(plan), forward_(forward), states_(states), options_(options), cache_(cache) {}

  [[nodiscard]] Result<BlockResult> run(const PlanBlock& block, JobContext& ctx) const;

 private:
  struct CellWork;
  struct Item;
  struct Originals;
  [[nodiscard]] Result<Originals> originals(std::int64_t begin, std::int64_t end, JobContext& ctx) const;
  [[nodiscard]] Result<> run_cells(const PlanBlock& block, std::int64_t begin, std::int64_t end, BlockResult& result,
                                   JobContext& ctx) const;
  [[nodiscard]] Result<> run_pack(std::span<const Item> items, BlockResult& result, JobContext& ctx) const;
  void score(const Item& item, const ReadOuts& read_outs, double* values, double& progress,
             std::vector<GeneCosine>& genes) const;
  void append_gene_cosines(const Item& item, std::span<const std::int32_t> perturbed,
                           std::span<const std::pair<std::int32_t, std::int32_t>> pairs,
                           std::span<const double> cosines, std::vector<GeneCosine>& genes) const;

  const RunPlan& plan_;
  const VariantForward& forward_;
  const StateCentroids& states_;
  ScoreOptions options_;
  OriginalCache* cache_;
};

}  // namespace cw
