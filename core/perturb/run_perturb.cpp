// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/run_perturb.h"

#include "core/api/shard.h"
#include "core/base/clock.h"
#include "core/effects/effects_file.h"
#include "core/effects/gene_effect_table.h"
#include "core/model/torch_guard.h"
#include "core/perturb/preview.h"
#include "core/perturb/run_estimate.h"
#include "core/perturb/running_ranking.h"
#include "core/perturb/screen.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kUnitsPerBlock = 256;
constexpr double kWorkPerBlock = 1e12;  // operations: some seconds on two cores
constexpr std::chrono::seconds kBetweenRankings{2};
constexpr double kReestimateAt = 0.2;
constexpr int kTimedPasses = 8;
constexpr double kSecondsToTime = 0.3;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double total_work(const std::vector<PlanBlock>& blocks) {
  double work = 0.0;
  for (const auto& block : blocks) work += block.work;
  return work;
}

/// Parts of a run are made of its blocks, so that nothing depends on the number of parts.
std::vector<PlanBlock> blocks_of_part(const std::vector<PlanBlock>& blocks, const PerturbOptions& options) {
  std::vector<double> work;
  for (const auto& block : blocks) work.push_back(block.work);
  const auto [begin, end] = range_of_shard(work, options.shard, options.shards);
  return {blocks.begin() + static_cast<std::ptrdiff_t>(begin), blocks.begin() + static_cast<std::ptrdiff_t>(end)};
}

/// Operations per second of short passes, before anything is known. The fastest counts: other programs only add time.
Result<double> measured_rate(const PreparedRun& run, const VariantForward& forward, JobContext& ctx) {
  return guard_torch("measuring the speed", [&]() -> Result<double> {
    std::vector<std::int32_t> tokens;
    run.cells.copy_tokens(run.plan.rows().front(), tokens);
    const auto pass = [&]() -> Result<double> {
      const auto start = Clock::now();
      CW_ASSIGN([[maybe_unused]] const auto cell, forward.originals({tokens}, ctx));
      return seconds_since(start);
    };
    CW_ASSIGN([[maybe_unused]] const double cold, pass());
    const auto start = Clock::now();
    double fastest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kTimedPasses && (i == 0 || seconds_since(start) < kSecondsToTime); ++i) {
      CW_ASSIGN(const double warm, pass());
      fastest = std::min(fastest, warm);
    }
    return forward.cost().of(std::ssize(tokens)) / std::max(fastest, 1e-6);
  });
}

/// How long the run takes, from the operations of each block and the rate measured so far.
class Estimate {
 public:
  Estimate(double total, double rate, std::int64_t passes, double memory_bytes)
      : total_(total), rate_(rate), passes_(passes), memory_bytes_(memory_bytes) {}

  void done(double work, double seconds) {
    work_ += work;
    seconds_ += seconds;
  }
  void emit(JobContext& ctx, double already_done) const {
    const double rate = work_ > 0 ? work_ / std::max(seconds_, 1e-6) : rate_;
    ctx.event("estimate", Json{{"passes", passes_},
                               {"memory_bytes", memory_bytes_},
                               {"seconds", (total_ - already_done - work_) / rate + seconds_},
                               {"seconds_left", (total_ - already_done - work_) / rate},
                               {"share_of_work", share(already_done)},
                               {"measured", work_ > 0}});
  }
  [[nodiscard]] double share(double already_done) const { return (already_done + work_) / std::max(total_, 1.0); }

 private:
  double total_;
  double rate_;
  std::int64_t passes_;
  double memory_bytes_;
  double work_ = 0.0;
  double seconds_ = 0.0;
};

/// Goes on where the same run stopped, also with --overwrite; replaces another one only with it.
Result<EffectsWriter> open_writer(const std::filesystem::path& folder, const EffectsHeader& header, bool overwrite) {
  auto writer = EffectsWriter::open(folder, header, false);
  const bool replace =
      writer.ok() ? writer->finished() : writer.error().id == "E-EFF-003" || writer.error().id == "E-EFF-001";
  if (overwrite && replace) return EffectsWriter::open(folder, header, true);
  return writer;
}

/// The loop over blocks with all that it keeps.
class ExactRun {
 public:
  ExactRun(const PreparedRun& run, const PerturbOptions& options, JobContext& ctx)
      : run_(run),
        options_(options),
        ctx_(ctx),
        forward_(*run.model.encoder, read_out_of(run, options)),
        runner_(run_.plan, forward_, run_.centroids.states, score_options_of(run, options)),
        ranking_(run_.header),
        blocks_(blocks_of_part(run_.plan.blocks(forward_.cost(), kUnitsPerBlock, kWorkPerBlock), options)) {
    for (const auto& block : blocks_) num_units_ += block.num_units;
  }

  Result<Json> to(const std::filesystem::path& folder) {
    CW_ASSIGN(EffectsWriter writer, open_writer(folder, run_.header, options_.overwrite));
    CW_TRY(keep_centroids(folder, run_.centroids));
    const auto start = Clock::now();
    const std::int64_t num_before = writer.num_blocks();
    if (writer.finished()) {
      ctx_.warn("W-PRT-006", folder.string() + " holds the complete result of this run already; nothing is computed");
    } else {
      CW_TRY(compute(writer, folder));
    }
    Json summary{{"passes", num_units_},
                 {"cells", run_.plan.num_cells()},
                 {"perturbations", run_.header.perturbations.size()},
                 {"blocks", blocks_.size()},
                 {"blocks_before", num_before},
                 {"seconds", seconds_since(start)},
                 {"not_applied", run_.not_applied},
                 {"effects", (folder / kEffectsFileName).string()}};
    if (ranking_rows_ > 0) summary["ranking"] = ranking_.publish(10);
    return summary;
  }

 private:
  Result<> compute(EffectsWriter& writer, const std::filesystem::path& folder) {
    std::optional<GeneEffectTable> genes;
    if (options_.gene_effects) {
      CW_ASSIGN(genes, GeneEffectTable::open(folder, writer.num_blocks()));
    }
    std::int64_t num_units = 0;
    double work_before = 0.0;
    CW_TRY(resume(writer, num_units, work_before));
    CW_ASSIGN(const double rate, measured_rate(run_, forward_, ctx_));
    Estimate estimate(total_work(blocks_), rate, num_units_, memory_of_run(run_, options_));
    estimate.emit(ctx_, work_before);
    bool reestimated = false;
    auto last_ranking = Clock::now();
    ctx_.report(num_units, num_units_, "Perturbing");
    for (auto block = static_cast<std::size_t>(writer.num_blocks()); block < blocks_.size(); ++block) {
      const auto start = Clock::now();
      CW_ASSIGN(const BlockResult result, runner_.run(blocks_[block], ctx_));
      if (genes) CW_TRY(genes->append(static_cast<std::int64_t>(block), result.gene_cosines));
      CW_TRY(writer.append(result.rows));
      estimate.done(blocks_[block].work, seconds_since(start));
      add_to_ranking(result.rows);
      num_units += blocks_[block].num_units;
      ctx_.report(num_units, num_units_, "Perturbing");
      ctx_.metric("passes_per_second", num_units, static_cast<double>(blocks_[block].num_units) / seconds_since(start));
      const bool ranks = Clock::now() - last_ranking >= kBetweenRankings || block + 1 == blocks_.size();
      const bool after_a_fifth = !reestimated && estimate.share(work_before) >= kReestimateAt;
      if (ranks || after_a_fifth) estimate.emit(ctx_, work_before);
      reestimated = reestimated || after_a_fifth;
      if (ranks) {
        ctx_.event("result", ranking_.publish());
        last_ranking = Clock::now();
      }
    }
    if (!genes) return writer.finish();
    const bool is_part = options_.shards > 1;
    if (is_part) CW_TRY(genes->settle());  // before effects.h5 says that all is there
    CW_TRY(writer.finish([&](const auto& on_part) { return genes->summarise(on_part); }));
    is_part ? genes->keep_sums() : genes->remove_files();
    return {};
  }

  Result<> resume(const EffectsWriter& writer, std::int64_t& num_units, double& work) {
    const auto num_done = static_cast<std::size_t>(writer.num_blocks());
    if (num_done == 0) return {};
    CW_TRY(writer.replay([&](const EffectRows& rows) -> Result<> {
      add_to_ranking(rows);
      return {};
    }));
    for (std::size_t i = 0; i < num_done; ++i) {
      num_units += blocks_[i].num_units;
      work += blocks_[i].work;
    }
    ctx_.event("resumed", Json{{"block", num_done}, {"blocks", blocks_.size()}});
    return {};
  }

  void add_to_ranking(const EffectRows& rows) {
    ranking_.add(rows);
    ranking_rows_ += rows.size();
  }

  const PreparedRun& run_;
  const PerturbOptions& options_;
  JobContext& ctx_;
  VariantForward forward_;
  BlockRunner runner_;
  RunningRanking ranking_;
  std::vector<PlanBlock> blocks_;
  std::int64_t num_units_ = 0;
  std::int64_t ranking_rows_ = 0;
};

}  // namespace

Result<Json> run_exact(const PreparedRun& run, const PerturbOptions& options, const std::filesystem::path& folder,
                       JobContext& ctx) {
  return ExactRun(run, options, ctx).to(folder);
}

Result<Json> run_perturb(const PerturbOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  if (options.preview > 0) {
    CW_ASSIGN(PreviewSession session, PreviewSession::load(options, ctx));
    return session.preview(options, ctx);
  }
  EncoderOptions encoder_options;
  encoder_options.num_threads = options.num_threads;
  encoder_options.device = options.device;
  CW_ASSIGN(const OpenModel model, open_model(options.model, options.dictionary, encoder_options));
  CW_ASSIGN(const TokenizedCells cells, open_cells(options.input, model, options.num_threads, ctx));
  const std::filesystem::path folder = options.output;
  const CentroidSource centroids = [&](const Json& key, const auto& make) { return kept_centroids(folder, key, make); };
  CW_ASSIGN(const PreparedRun run, prepare_run(options, model, cells, centroids, ctx));
  if (const Json& known = run.header.provenance.at("pretraining"); known.at("seen") == Json(true)) {
    ctx.warn("W-PRT-007", known.at("because").get<std::string>());
  }
  if (options.method == "screen") return run_screen(run, options, folder, ctx);
  return run_exact(run, options, folder, ctx);
}

}  // namespace cw
