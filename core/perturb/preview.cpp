// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/preview.h"

#include "core/perturb/prepared_run.h"
#include "core/stats/descriptive.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kDefaultCells = 64;
constexpr std::size_t kMostListed = 200;

struct Collected {
  std::vector<double> values;
  std::vector<double> progress;
};

std::vector<Collected> by_perturbation(const EffectsHeader& header, const EffectRows& rows) {
  std::vector<Collected> collected(header.perturbations.size());
  const auto columns = static_cast<std::size_t>(header.num_columns());
  for (std::size_t i = 0; i < rows.cell.size(); ++i) {
    if (std::isnan(rows.cosine[i * columns])) continue;
    Collected& of = collected[static_cast<std::size_t>(rows.perturbation[i])];
    if (header.states.empty()) {
      of.values.push_back(1.0 - static_cast<double>(rows.cosine[i]));
    } else {
      of.values.push_back(static_cast<double>(rows.cosine[i * columns + 1]));
      of.progress.push_back(static_cast<double>(rows.progress[i]));
    }
  }
  return collected;
}

Json result_of(const EffectsHeader& header, const EffectRows& rows) {
  const auto collected = by_perturbation(header, rows);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < collected.size(); ++i) {
    if (!collected[i].values.empty()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return mean(collected[a].values) > mean(collected[b].values); });
  if (order.size() > kMostListed) order.resize(kMostListed);
  Json list = Json::array();
  for (const std::size_t i : order) {
    const Perturbation& p = header.perturbations[i];
    Json entry{{"kind", p.kind},
               {"genes", p.symbols},
               {"ensembl_ids", p.ensembl_ids},
               {"role", p.role},
               {"n_cells", collected[i].values.size()},
               {"effect", mean(collected[i].values)},
               {"sd", collected[i].values.size() < 2 ? 0.0 : sample_sd(collected[i].values)},
               {"values", collected[i].values}};
    if (!header.states.empty()) entry["progress"] = mean(collected[i].progress);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

Result<PreviewSession> PreviewSession::load(const PerturbOptions& options, JobContext& ctx) {
  PreviewSession session;
  EncoderOptions encoder_options;
  encoder_options.num_threads = options.num_threads;
  CW_ASSIGN(session.model_, open_model(options.model, options.dictionary, encoder_options));
  CW_ASSIGN(session.cells_, open_cells(options.input, session.model_, options.num_threads, ctx));
  return session;
}

Result<Json> PreviewSession::preview(const PerturbOptions& asked, JobContext& ctx) {
  const auto start = std::chrono::steady_clock::now();
  PerturbOptions options = asked;
  if (options.preview == 0) options.preview = kDefaultCells;
  CW_TRY(options.validate());
  const CentroidSource centroids = [&](const Json& key, const auto& make) -> Result<NamedCentroids> {
    const auto found = centroids_.find(key.dump());
    if (found != centroids_.end()) return found->second;
    CW_ASSIGN(NamedCentroids made, make());
    return centroids_.emplace(key.dump(), std::move(made)).first->second;
  };
  CW_ASSIGN(const PreparedRun run, prepare_run(options, model_, cells_, centroids, ctx));
  const VariantForward forward(*model_.encoder, read_out_of(run, options));
  originals_.prepare(forward.read_out());
  const BlockRunner runner(run.plan, forward, run.centroids.states, score_options_of(run, options), &originals_);
  EffectRows rows;
  const auto blocks = run.plan.blocks(forward.cost(), kDefaultCells, 1e11);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ctx.report(static_cast<std::int64_t>(i), std::ssize(blocks), "Previewing");
    CW_ASSIGN(const BlockResult block, runner.run(blocks[i], ctx));
    rows.append(block.rows);
  }
  ctx.report(std::ssize(blocks), std::ssize(blocks), "Previewing");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return Json{{"cells", run.plan.num_cells()},
              {"seconds", seconds},
              {"states", run.header.states},
              {"perturbations", result_of(run.header, rows)},
              {"not_applied", run.not_applied}};
}

}  // namespace cw
