// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/map_shift.h"

#include "core/model/torch_guard.h"
#include "core/perturb/effect_scores.h"
#include "core/perturb/rank_list.h"
#include "core/perturb/variant_forward.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace cw {
namespace {

constexpr std::size_t kReferenceCells = 300;
constexpr std::size_t kNeighbours = 15;

struct Reference {
  std::vector<std::int64_t> rows;
  std::vector<std::vector<double>> embeddings;
};

using Weights = std::vector<double>;  // by reference cell

/// Computes cells, keeping those that fit into the cache.
class Cells {
 public:
  Cells(const PreparedRun& run, const VariantForward& forward, OriginalCache& cache)
      : run_(run), forward_(forward), cache_(cache) {}

  Result<OriginalCell*> of(std::int64_t row, JobContext& ctx) {
    if (OriginalCell* known = cache_.find(row)) return known;
    std::vector<std::int32_t> tokens;
    run_.cells.copy_tokens(row, tokens);
    CW_ASSIGN(own_, forward_.originals({std::move(tokens)}, ctx));
    return cache_.has_room() ? cache_.add(row, std::move(own_.front())) : &own_.front();
  }
  [[nodiscard]] std::vector<double> embedding_of(const OriginalCell& cell) const {
    const at::Tensor& rows = cell.read_out();
    return whole_cell(rows.const_data_ptr<float>(), rows.size(0), rows.size(1), run_.cls_mode);
  }

 private:
  const PreparedRun& run_;
  const VariantForward& forward_;
  OriginalCache& cache_;
  std::vector<OriginalCell> own_;
};

Result<Reference> reference_cells(const PreparedRun& run, const PerturbOptions& options, Cells& cells,
                                  JobContext& ctx) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(run.cells.num_cells()));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  Reference reference;
  for (const std::int64_t row : balanced_order(all, {}, options.seed)) {
    if (reference.rows.size() == kReferenceCells) break;
    if (run.cells.length(row) <= (run.cells.has_special_tokens() ? 2 : 0)) continue;
    ctx.report(std::ssize(reference.rows), kReferenceCells, "Embedding neighbours");
    CW_ASSIGN(const OriginalCell* const cell, cells.of(row, ctx));
    reference.rows.push_back(row);
    reference.embeddings.push_back(cells.embedding_of(*cell));
  }
  return reference;
}

/// Adds the weights of one placed list.
void place(const std::vector<double>& embedding, std::int64_t own_row, const Reference& reference, Weights& weights) {
  std::vector<std::pair<double, std::size_t>> near;
  for (std::size_t i = 0; i < reference.rows.size(); ++i) {
    if (reference.rows[i] == own_row) continue;
    near.emplace_back(
        1.0 - cosine(std::span<const double>(embedding), std::span<const double>(reference.embeddings[i])), i);
  }
  const std::size_t count = std::min(kNeighbours, near.size());
  if (count == 0) return;
  std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(count), near.end());
  near.resize(count);
  double mean = 0.0;
  for (const auto& [distance, index] : near) mean += distance / static_cast<double>(count);
  const double width = std::max(mean - near.front().first, 1e-12);
  double total = 0.0;
  for (auto& [distance, index] : near) {
    distance = std::exp(-(distance - near.front().first) / width);
    total += distance;
  }
  for (const auto& [weight, index] : near) weights[index] += weight / total;
}

Json to_json(const Weights& weights, double cells, const Reference& reference, const Table& names) {
  Json json = Json::object();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) json[names.index[static_cast<std::size_t>(reference.rows[i])]] = weights[i] / cells;
  }
  return json;
}

}  // namespace

Result<Json> place_changes(const PreparedRun& run, const PerturbOptions& options, OriginalCache& originals,
                           JobContext& ctx) {
  const auto start = std::chrono::steady_clock::now();
  const auto so_far = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const VariantForward forward(*run.model.encoder, {run.layer, run.cls_mode});
  originals.prepare(forward.read_out());
  return guard_torch("placing cells", [&]() -> Result<Json> {
    Cells cells(run, forward, originals);
    CW_ASSIGN(const Reference reference, reference_cells(run, options, cells, ctx));
    const double begun = so_far();
    const auto& perturbations = run.plan.perturbations();
    struct Places {
      Weights from, to;
      std::int64_t cells = 0;
    };
    const Weights none(reference.rows.size(), 0.0);
    std::vector<Places> places(perturbations.size(), Places{none, none, 0});
    std::int64_t seen = 0;
    for (; seen < run.plan.num_cells(); ++seen) {
      if (ctx.cancelled()) return cancelled_error("placing cells");
      if (seen > 0 && options.preview_seconds > 0 && so_far() - begun > options.preview_seconds) break;
      ctx.report(seen, run.plan.num_cells(), "Placing cells");
      const std::int64_t row = run.plan.rows()[static_cast<std::size_t>(seen)];
      CW_ASSIGN(OriginalCell* const cell, cells.of(row, ctx));
      const std::vector<double> before = cells.embedding_of(*cell);
      for (const std::int32_t unit : run.plan.units_of(cell->tokens())) {
        PerturbedCell changed;
        const auto& genes = perturbations[static_cast<std::size_t>(unit)].tokens;
        if (!apply_change(run.plan.change_of(unit), cell->tokens(), genes, run.plan.limits(), changed)) continue;
        const Variant variant{cell, std::move(changed.tokens)};
        CW_ASSIGN(const ReadOuts rows, forward.run(std::span(&variant, 1), ctx));
        Places& of = places[static_cast<std::size_t>(unit)];
        place(before, row, reference, of.from);
        place(whole_cell(rows.of(0), rows.num_rows(0), rows.rows.size(1), run.cls_mode), row, reference, of.to);
        ++of.cells;
      }
    }
    Json list = Json::array();
    for (std::size_t i = 0; i < perturbations.size(); ++i) {
      if (places[i].cells == 0) continue;
      const auto count = static_cast<double>(places[i].cells);
      const Table& names = run.cells.cells();
      list.push_back({{"kind", perturbations[i].kind},
                      {"genes", perturbations[i].symbols},
                      {"ensembl_ids", perturbations[i].ensembl_ids},
                      {"n_cells", places[i].cells},
                      {"from", to_json(places[i].from, count, reference, names)},
                      {"to", to_json(places[i].to, count, reference, names)}});
    }
    return Json{{"cells", seen},
                {"reference", reference.rows.size()},
                {"neighbours", std::min(kNeighbours, reference.rows.size())},
                {"seconds", so_far()},
                {"perturbations", std::move(list)}};
  });
}

}  // namespace cw
