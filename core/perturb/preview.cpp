// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/preview.h"

#include "core/perturb/gradient_scores.h"
#include "core/perturb/map_shift.h"
#include "core/perturb/prepared_run.h"
#include "core/perturb/run_estimate.h"
#include "core/stats/descriptive.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr std::int64_t kDefaultCells = 64;
constexpr std::size_t kMostListed = 400;

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
  std::vector<double> means(collected.size(), 0.0);
  for (const std::size_t i : order) means[i] = mean(collected[i].values);
  if (order.size() > kMostListed) {
    // both ends of the scale: what moves towards the goal, and what moves away from it
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return std::abs(means[a]) > std::abs(means[b]); });
    order.resize(kMostListed);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return means[a] > means[b]; });
  Json list = Json::array();
  for (const std::size_t i : order) {
    const Perturbation& p = header.perturbations[i];
    Json entry{{"kind", p.kind},
               {"genes", p.symbols},
               {"ensembl_ids", p.ensembl_ids},
               {"role", p.role},
               {"n_cells", collected[i].values.size()},
               {"effect", means[i]},
               {"sd", collected[i].values.size() < 2 ? 0.0 : sample_sd(collected[i].values)},
               {"values", collected[i].values}};
    if (!header.states.empty()) entry["progress"] = mean(collected[i].progress);
    list.push_back(std::move(entry));
  }
  return list;
}

/// Deletion of every gene of each cell at once, estimated from gradients (docs/science.md, the screen).
Result<EffectRows> screened_rows(const PreparedRun& run, const PerturbOptions& options, const ModelWeights& weights,
                                 const std::function<bool()>& out_of_time, JobContext& ctx) {
  const GradientScreen screen(weights, run.model.encoder->config(), run, static_cast<int>(options.screen_probes),
                              options.seed);
  const auto columns = static_cast<std::size_t>(run.header.num_columns());
  std::vector<std::int32_t> index_of(static_cast<std::size_t>(run.model.dictionary->num_tokens()), -1);
  for (std::size_t i = 0; i < run.header.perturbations.size(); ++i) {
    const auto& tokens = run.header.perturbations[i].tokens;
    if (tokens.size() == 1) index_of[static_cast<std::size_t>(tokens.front())] = static_cast<std::int32_t>(i);
  }
  EffectRows rows;
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < run.plan.num_cells(); ++cell) {
    if (ctx.cancelled()) return cancelled_error("previewing");
    if (cell > 0 && out_of_time()) break;
    ctx.report(cell, run.plan.num_cells(), "Previewing");
    const std::int64_t row = run.plan.rows()[static_cast<std::size_t>(cell)];
    run.cells.copy_tokens(row, tokens);
    CW_ASSIGN(const std::vector<double> scores, screen.corrected(tokens, row, ctx));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::int32_t perturbation = index_of[static_cast<std::size_t>(tokens[i])];
      if (perturbation < 0) continue;
      rows.cell.push_back(static_cast<std::int32_t>(cell));
      rows.perturbation.push_back(perturbation);
      rows.rank.push_back(static_cast<std::int32_t>(i));
      rows.cosine.resize(rows.cosine.size() + columns, std::numeric_limits<float>::quiet_NaN());
      // the same layout as exact rows: similarity without states, else the shift to the goal
      const auto place = (rows.cell.size() - 1) * columns + (run.header.states.empty() ? 0 : 1);
      rows.cosine[place] = static_cast<float>(run.header.states.empty() ? 1.0 - scores[i] : scores[i]);
      if (!run.header.states.empty()) {
        rows.cosine[place - 1] = 0.0F;
        rows.progress.push_back(std::numeric_limits<float>::quiet_NaN());
      }
    }
  }
  ctx.report(run.plan.num_cells(), run.plan.num_cells(), "Previewing");
  return rows;
}

}  // namespace

Result<PreviewSession> PreviewSession::load(const PerturbOptions& options, JobContext& ctx) {
  PreviewSession session;
  EncoderOptions encoder_options;
  encoder_options.num_threads = options.num_threads;
  encoder_options.device = options.device;
  CW_ASSIGN(session.model_, open_model(options.model, options.dictionary, encoder_options));
  CW_ASSIGN(session.cells_, open_cells(options.input, session.model_, options.num_threads, ctx));
  return session;
}

CentroidSource PreviewSession::known_centroids() {
  return [this](const Json& key, const auto& make) -> Result<NamedCentroids> {
    const std::string name = key.dump();
    const auto found = centroids_.find(name);
    if (found != centroids_.end()) return found->second;
    CW_ASSIGN(NamedCentroids made, make());
    return centroids_.emplace(name, std::move(made)).first->second;
  };
}

Result<Json> PreviewSession::cell(const CellRequest& request, JobContext& ctx) {
  return probe_cell(request, model_, cells_, known_centroids(), originals_, ctx);
}

Result<Json> PreviewSession::preview(const PerturbOptions& asked, JobContext& ctx) {
  const auto start = std::chrono::steady_clock::now();
  PerturbOptions options = asked;
  if (options.preview == 0) options.preview = kDefaultCells;
  CW_TRY(options.validate());
  CW_ASSIGN(const PreparedRun run, prepare_run(options, model_, cells_, known_centroids(), ctx));
  const auto so_far = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const double prepared = so_far();  // means of new states are not counted: they are kept for the next preview
  const auto out_of_time = [&] { return options.preview_seconds > 0 && so_far() - prepared > options.preview_seconds; };
  EffectRows rows;
  if (options.method == "screen") {
    CW_ASSIGN(const ModelWeights* weights, gradient_weights());
    CW_ASSIGN(rows, screened_rows(run, options, *weights, out_of_time, ctx));
  } else {
    CW_ASSIGN(rows, exact_rows(run, options, out_of_time, ctx));
  }
  const std::int64_t num_seen = rows.cell.empty() ? 0 : *std::max_element(rows.cell.begin(), rows.cell.end()) + 1;
  return Json{{"cells", num_seen},
              {"cells_asked", run.plan.num_cells()},
              {"seconds", so_far()},
              {"estimated", options.method == "screen"},
              {"states", run.header.states},
              {"perturbations", result_of(run.header, rows)},
              {"not_applied", run.not_applied}};
}

Result<EffectRows> PreviewSession::exact_rows(const PreparedRun& run, const PerturbOptions& options,
                                              const std::function<bool()>& out_of_time, JobContext& ctx) {
  const VariantForward forward(*model_.encoder, read_out_of(run, options));
  originals_.prepare(forward.read_out());
  const BlockRunner runner(run.plan, forward, run.centroids.states, score_options_of(run, options), &originals_);
  EffectRows rows;
  const auto blocks = run.plan.blocks(forward.cost(), kDefaultCells, 1e11);
  for (std::size_t i = 0; i < blocks.size() && (i == 0 || !out_of_time()); ++i) {
    ctx.report(static_cast<std::int64_t>(i), std::ssize(blocks), "Previewing");
    CW_ASSIGN(const BlockResult block, runner.run(blocks[i], ctx));
    rows.append(block.rows);
  }
  ctx.report(std::ssize(blocks), std::ssize(blocks), "Previewing");
  return rows;
}

Result<const ModelWeights*> PreviewSession::gradient_weights() {
  if (!weights_) {
    CW_ASSIGN(const ModelFolder opened, open_model_folder(model_.path));
    CW_ASSIGN(ModelWeights loaded, load_weights(opened));
    weights_ = std::make_shared<const ModelWeights>(std::move(loaded));
  }
  return weights_.get();
}

Result<Json> PreviewSession::estimate(const PerturbOptions& asked, JobContext& ctx) {
  PerturbOptions options = asked;
  options.preview = 0;
  if (options.output.empty()) options.output = std::string(1, '.');  // nothing is written
  CW_TRY(options.validate());
  const CentroidSource none = [](const Json&, const auto&) -> Result<NamedCentroids> { return NamedCentroids{}; };
  CW_ASSIGN(const PreparedRun run, prepare_run(options, model_, cells_, none, ctx));
  return estimate_run(run, options, ctx);
}

Result<Json> PreviewSession::place(const PerturbOptions& asked, JobContext& ctx) {
  PerturbOptions options = asked;
  if (options.preview == 0) options.preview = kDefaultCells;
  CW_TRY(options.validate());
  const CentroidSource none = [](const Json&, const auto&) -> Result<NamedCentroids> { return NamedCentroids{}; };
  CW_ASSIGN(const PreparedRun run, prepare_run(options, model_, cells_, none, ctx));
  return place_changes(run, options, originals_, ctx);
}

}  // namespace cw
