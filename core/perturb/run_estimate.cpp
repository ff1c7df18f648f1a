// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/run_estimate.h"

#include "core/embed/cell_selection.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kTimedUnits = 24;  // perturbed cells per timed piece
constexpr std::size_t kTimedPieces = 3;   // the first one warms caches and is left out where there are more
constexpr double kLeastError = 0.15;      // of the time: other programs come and go
constexpr double kGradientPasses = 3.0;   // a pass with its gradient costs about three without
constexpr std::int64_t kUnitsPerBlock = 256;
constexpr double kAnyWork = 1e18;

struct Rate {
  double per_second = 1.0;  ///< operations
  double error = 1.0;       ///< share
};

Result<Rate> measure(const PreparedRun& run, const PerturbOptions& options, const VariantForward& forward,
                     JobContext& ctx) {
  ScoreOptions scores = score_options_of(run, options);
  scores.gene_effects = false;
  const StateCentroids no_states;
  const BlockRunner runner(run.plan, forward, no_states, scores);
  const auto blocks = run.plan.blocks(forward.cost(), kTimedUnits, kAnyWork);
  std::vector<double> rates;
  for (std::size_t i = 0; i < std::min(kTimedPieces, blocks.size()); ++i) {
    const auto start = std::chrono::steady_clock::now();
    CW_ASSIGN([[maybe_unused]] const BlockResult block, runner.run(blocks[i], ctx));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    rates.push_back(blocks[i].work / std::max(seconds, 1e-6));
  }
  if (rates.empty()) return Rate{};
  if (rates.size() > 1) rates.erase(rates.begin());
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  double sum = 0.0;
  for (const double rate : rates) sum += rate;
  const double mean = sum / static_cast<double>(rates.size());
  return Rate{mean, std::max(kLeastError, (*high - *low) / (2.0 * mean))};
}

/// Operations of embedding every cell of the states, and how many those are.
Result<std::pair<double, std::int64_t>> state_work(const PreparedRun& run, const PerturbOptions& options,
                                                   const PassCost& cost) {
  std::pair<double, std::int64_t> work{0.0, 0};
  if (options.state_column.empty()) return work;
  CW_ASSIGN(const auto states, column_texts(run.cells, options.state_column));
  std::vector<std::string> wanted = options.alternatives;
  wanted.insert(wanted.end(), {options.start, options.goal});
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (std::find(wanted.begin(), wanted.end(), states[i]) == wanted.end()) continue;
    work.first += cost.of(run.cells.length(static_cast<std::int64_t>(i)));
    ++work.second;
  }
  return work;
}

/// Share of the run's work that a screen does: gradients on one half of the cells, the chosen genes on the other.
double screen_share(const PreparedRun& run, const PerturbOptions& options, double all, const PassCost& cost) {
  double cells = 0.0;
  for (const std::int64_t row : run.plan.rows()) cells += cost.of(run.cells.length(row));
  const double chosen = std::min(1.0, static_cast<double>(options.screen_top + options.screen_sample) /
                                          std::max<double>(1.0, static_cast<double>(run.header.perturbations.size())));
  return std::min(1.0, (kGradientPasses * cells / 2.0 + chosen * all / 2.0) / std::max(all, 1.0));
}

}  // namespace

double memory_of_run(const PreparedRun& run, const PerturbOptions& options) {
  const ModelConfig& config = run.model.encoder->config();
  const auto d = static_cast<double>(config.hidden);
  const auto f = static_cast<double>(config.ffn);
  const double weights = static_cast<double>(config.vocab_size + config.max_positions) * d +
                         static_cast<double>(config.layers) * (4 * d * d + 2 * d * f);
  const double pack = static_cast<double>(std::max(options.tokens_per_batch, config.max_positions));
  return 4.0 * (weights + pack * d * (10 + 3 * 5)) + static_cast<double>(run.header.perturbations.size()) * 200.0;
}

Result<Json> estimate_run(const PreparedRun& run, const PerturbOptions& options, JobContext& ctx) {
  const VariantForward forward(*run.model.encoder, read_out_of(run, options));
  CW_ASSIGN(const Rate rate, measure(run, options, forward, ctx));
  double work = 0.0;
  for (const PlanBlock& block : run.plan.blocks(forward.cost(), kUnitsPerBlock, kAnyWork)) work += block.work;
  const double share = options.method == "screen" ? screen_share(run, options, work, forward.cost()) : 1.0;
  CW_ASSIGN(const auto states, state_work(run, options, forward.cost()));
  const double seconds = (work * share + states.first) / rate.per_second;
  const Json& provenance = run.header.provenance;
  return Json{{"passes", std::llround(static_cast<double>(run.plan.num_units()) * share)},
              {"cells", run.plan.num_cells()},
              {"perturbations", run.header.perturbations.size()},
              {"state_cells", states.second},
              {"memory_bytes", memory_of_run(run, options)},
              {"seconds", seconds},
              {"seconds_error", seconds * rate.error},
              {"not_applied", run.not_applied},
              {"unknown_genes", provenance.value("unknown_genes", Json::array())},
              {"pretraining", provenance.value("pretraining", Json())}};
}

}  // namespace cw
