// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/run_search.h"

#include "core/api/finetune_options.h"
#include "core/base/files.h"
#include "core/base/parallel.h"
#include "core/evaluate/metrics.h"
#include "core/evaluate/number_comparison.h"
#include "core/search/default_space.h"
#include "core/search/search_record.h"
#include "core/search/search_summary.h"
#include "core/search/search_tokens.h"
#include "core/search/trial_job.h"
#include "core/weights/model_config.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <thread>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr double kFinish = 0.3;  // of a whole run, for judging the best one
constexpr double kGeneValidation =
    0.2;  // of a fold's training genes: an eighth of 490 genes would be too few to judge by
constexpr double kThousandths = 1000.0;
constexpr std::chrono::milliseconds kLook{50};

/// The options of every trial, those searched as the user gave them.
Result<Json> base_of(const FinetuneSearchOptions& options) {
  CW_ASSIGN(Json base, searched_options(options));
  if (options.kind == "finetune-genes") {
    // one fold: the genes that the others would test are among those that this one validates on
    if (base["fold"] == 0) base["fold"] = 1;
    if (base["validation"] == 0.0) base["validation"] = kGeneValidation;
  }
  return base;
}

bool is_maximised(const std::string& metric) {
  for (std::size_t i = 0; i < kNumMetrics; ++i) {
    if (metric == name_of(static_cast<Metric>(i))) return larger_is_better(static_cast<Metric>(i));
  }
  const auto* const number = std::find(kNumberFigures.begin(), kNumberFigures.end(), metric);
  return number < kNumberFigures.begin() + kRmse;  // correlations; not losses and errors
}

/// What a search in the folder must have been asked for, to be gone on with.
Json fingerprint_of(const FinetuneSearchOptions& options) {
  Json asked = to_json(options);
  for (const char* key : {"output", "parallel", "num_threads", "overwrite", "baseline"}) asked.erase(key);
  for (const char* key : {"input", "model", "dictionary", "counts", "output", "num_threads", "overwrite", "resume"}) {
    if (asked["finetune"].is_object()) asked["finetune"].erase(key);
  }
  return asked;
}

Result<SearchRecord> new_record(const FinetuneSearchOptions& options, const Json& base) {
  CW_ASSIGN(const ModelConfig model, read_model_config(fs::path(base.at("model").get<std::string>()) / "config.json"));
  const auto texts = options.search.empty() ? default_search(options.kind, base, model.layers) : options.search;
  SearchOptions search;
  Json given = Json::object();
  for (const auto& text : texts) {
    CW_ASSIGN(SearchSetting setting, parse_search_setting(base, text));
    given[setting.name] = base.at(setting.name);
    search.settings.push_back(std::move(setting));
  }
  const std::string metric = metric_of(base);
  search.num_trials = static_cast<int>(options.trials);
  search.maximise = is_maximised(metric);
  search.sampler = options.sampler;
  search.num_rungs = static_cast<int>(options.rungs);
  search.keep = options.keep;
  search.seed = options.seed;
  CW_ASSIGN(SearchPlan plan, SearchPlan::create(std::move(search)));
  SearchRecord record{std::move(plan), fingerprint_of(options), std::move(given), metric, {}, {}, {}};
  if (options.baseline) record.baseline.emplace();
  return record;
}

/// The jobs of an earlier search in the folder; whatever else is there is somebody's own.
void remove_trials(const fs::path& out) {
  std::error_code status;
  std::vector<fs::path> jobs{out / "best"};
  for (const auto& entry : fs::directory_iterator(out / "trials", status)) jobs.push_back(entry.path());
  for (const auto& job : jobs) {
    if (JobFolder::open(job).ok()) fs::remove_all(job, status);
  }
  fs::remove_all(out / kSearchState / "cells.tokens.h5", status);
}

Result<SearchRecord> begin_or_resume(const FinetuneSearchOptions& options, const Json& base) {
  const fs::path out = options.output;
  auto found = load_record(out);
  const bool same = found.ok() && found->has_value() && (*found)->fingerprint == fingerprint_of(options);
  if (same) return std::move(**found);
  if (!found.ok() && !options.overwrite) return found.error();
  if (found.ok() && found->has_value() && !options.overwrite) {
    return Error{ErrorCode::kInvalidArgument, "E-SRC-003",
                 options.output + ": holds a search that was asked for something else; choose another --out, give " +
                     "--overwrite, or go on with that one: cellwright resume " + options.output};
  }
  remove_trials(out);
  return new_record(options, base);
}

/// A trial that is at work.
struct RunningTrial {
  std::int64_t trial = 0;
  double from = 0.0, to = 1.0;  ///< shares of a whole run
  TrialJob job;
  std::optional<JobState> ended;
};

bool is_failed_trial(const JobState& state) {
  return state.error_id == "E-TRN-008" || state.error_code == name_of(ErrorCode::kOutOfMemory);
}

class Search {
 public:
  Search(const FinetuneSearchOptions& options, Json base, SearchRecord record, JobContext& ctx)
      : options_(options), base_(std::move(base)), record_(std::move(record)), ctx_(ctx), out_(options.output) {}

  Result<Json> run() {
    CW_TRY(save_record(record_, out_));
    finished_ = trained_before();
    if (!record_.winner) CW_TRY(run_trials());
    CW_TRY(choose());
    return finish();
  }

 private:
  [[nodiscard]] fs::path folder_of(std::int64_t trial) const { return out_ / "trials" / name_of_trial(trial); }
  [[nodiscard]] double total() const {
    return record_.plan.total_budget(true) + (record_.baseline ? 1.0 : 0.0) + kFinish;
  }

  /// What an earlier search has done, in whole runs.
  [[nodiscard]] double trained_before() const {
    double runs = record_.baseline && record_.baseline->value ? 1.0 : 0.0;
    for (const auto& trial : record_.plan.trials()) {
      if (!trial.values.empty()) runs += record_.plan.budget_of(static_cast<int>(trial.values.size()) - 1);
    }
    return runs;
  }

  Result<> run_trials() {
    auto outcome = fill_and_harvest();
    if (outcome.ok()) return outcome;
    for (auto& running : running_) running.job.stop();
    return outcome;
  }

  Result<> fill_and_harvest() {
    for (;;) {
      while (static_cast<std::int64_t>(running_.size()) < options_.parallel) {
        CW_ASSIGN(const bool begun, begin_next());
        if (!begun) break;
      }
      if (running_.empty()) return {};
      CW_TRY(wait_for_first());
      CW_TRY(harvest());
    }
  }

  /// The baseline first, then what the plan says. False: nothing can begin now.
  Result<bool> begin_next() {
    if (record_.baseline && record_.baseline->state == TrialState::kWaiting) {
      record_.baseline->state = TrialState::kRunning;
      CW_TRY(begin(kBaselineTrial, 0.0, 1.0));
      return true;
    }
    const auto task = record_.plan.next();
    if (!task) return false;
    CW_TRY(begin(task->trial, task->rung == 0 ? 0.0 : record_.plan.budget_of(task->rung - 1), task->budget));
    return true;
  }

  Result<> begin(std::int64_t trial, double from, double to) {
    Json options = with_settings(base_, record_.settings_of(trial));
    options["pause_after"] = to;
    options["num_threads"] = std::max<std::int64_t>(1, effective_threads(options_.num_threads) / options_.parallel);
    CW_ASSIGN(TrialJob job, TrialJob::begin(folder_of(trial), options_.kind, options));
    running_.push_back({trial, from, to, std::move(job), {}});
    tell(trial, TrialState::kRunning);
    return save_record(record_, out_);
  }

  Result<> wait_for_first() {
    for (;;) {
      if (ctx_.cancelled()) return cancelled_error("searching");
      for (auto& running : running_) {
        if (running.ended) continue;
        CW_ASSIGN(running.ended, running.job.poll());
      }
      report();
      if (running_.front().ended) return {};
      std::this_thread::sleep_for(kLook);
    }
  }

  Result<> harvest() {
    const RunningTrial done = std::move(running_.front());
    running_.pop_front();
    const JobState& state = *done.ended;
    if (state.phase == JobPhase::kCancelled) return cancelled_error("searching");
    if (state.phase != JobPhase::kDone && !is_failed_trial(state)) {
      return Error{error_code_of(state.error_code), state.error_id, state.error_message}.in(
          folder_of(done.trial).string());
    }
    double value = std::numeric_limits<double>::quiet_NaN();
    if (state.phase == JobPhase::kDone) {
      const Json figure = state.result.value("figure", Json());
      if (!figure.is_number()) {
        return Error{ErrorCode::kInvalidArgument, "E-SRC-004",
                     "a trial has no " + record_.metric + " on its validation part, so trials cannot be compared; " +
                         "give --validation a larger share, or choose another --metric"};
      }
      value = figure.get<double>();
      TrialCost& cost = record_.costs[done.trial];
      cost.steps = state.result.value("steps", std::int64_t{0});
      cost.planned_steps = state.result.value("planned_steps", std::int64_t{0});
      cost.seconds = state.result.value("seconds", 0.0);
    }
    CW_TRY(note_result(done, value, state.error_message));
    CW_TRY(save_record(record_, out_));
    forget_losers();
    return {};
  }

  Result<> note_result(const RunningTrial& done, double value, const std::string& problem) {
    const bool failed = std::isnan(value);
    if (done.trial == kBaselineTrial) {
      record_.baseline->state = failed ? TrialState::kFailed : TrialState::kDone;
      record_.baseline->note = problem;
      if (!failed) record_.baseline->value = value;
    } else {
      CW_TRY(record_.plan.report(done.trial, value, problem));
    }
    finished_ += done.to - done.from;
    tell(done.trial, failed ? TrialState::kFailed : TrialState::kDone);
    if (const auto best = record_.best(); best && !failed) {
      ++num_results_;
      ctx_.metric("trial_" + record_.metric, num_results_, value);
      ctx_.metric("best_" + record_.metric, num_results_, record_.value_of(*best));
    }
    return {};
  }

  /// What will not go on needs no checkpoint.
  void forget_losers() const {
    for (const auto& trial : record_.plan.trials()) {
      if (trial.state == TrialState::kStopped || trial.state == TrialState::kFailed) {
        forget_checkpoints(folder_of(trial.id));
      }
    }
  }

  void tell(std::int64_t trial, TrialState state) const {
    const double value = record_.value_of(trial);
    ctx_.event("trial", {{"trial", name_of_trial(trial)},
                         {"state", name_of(state)},
                         {"value", std::isnan(value) ? Json() : Json(value)},
                         {"settings", record_.settings_of(trial)}});
  }

  void report() const {
    double done = finished_;
    for (const auto& running : running_) {
      const double share = running.ended ? running.to : std::clamp(running.job.progress(), running.from, running.to);
      done += share - running.from;
    }
    const double share = std::min(1.0, done / total());
    ctx_.report(std::llround(kThousandths * share), static_cast<std::int64_t>(kThousandths),
                "Trying settings, thousandths");
  }

  Result<> choose() {
    if (record_.winner) return {};
    record_.winner = record_.best();
    if (record_.winner) return save_record(record_, out_);
    const auto& trials = record_.plan.trials();
    return Error{ErrorCode::kRefused, "E-SRC-005",
                 options_.output + ": no trial came to a result; the first one says: " +
                     (trials.empty() ? std::string("nothing") : trials.front().note)};
  }

  /// Goes on with the best trial as the fine-tuning it is: judged on the test part, its model written.
  Result<Json> finish() {
    const std::int64_t winner = *record_.winner;
    const fs::path best = out_ / "best";
    std::error_code status;
    if (!fs::exists(best / "spec.json", status)) {
      fs::rename(folder_of(winner), best, status);
      if (status) {
        errno = status.value();
        return error_from_errno("renaming", folder_of(winner).string());
      }
    }
    Json options = with_settings(base_, record_.settings_of(winner));
    options["pause_after"] = 0.0;
    options["num_threads"] = options_.num_threads;
    CW_ASSIGN(TrialJob job, TrialJob::begin(best, options_.kind, options));
    running_.clear();
    running_.push_back({winner, 0.0, kFinish, std::move(job), {}});
    finished_ = total() - kFinish;
    if (const auto waited = wait_for_first(); !waited.ok()) {
      running_.front().job.stop();
      return waited.error();
    }
    const JobState& state = *running_.front().ended;
    if (state.phase != JobPhase::kDone) {
      return Error{error_code_of(state.error_code), state.error_id, state.error_message}.in(best.string());
    }
    // the settings alone, so that they are good for other data and on other machines
    CW_TRY(write_json(out_ / "best.json", typed_settings(winner)));
    forget_checkpoints(out_ / "trials");
    return search_summary(record_, typed_settings(winner), out_, state.result);
  }

  /// Numbers and truth values as such, as the options have them.
  [[nodiscard]] Json typed_settings(std::int64_t trial) const {
    const Json options = with_settings(base_, record_.settings_of(trial));
    Json settings = Json::object();
    for (const auto& [name, value] : record_.base.items()) settings[name] = options.at(name);
    return settings;
  }

  const FinetuneSearchOptions& options_;
  Json base_;
  SearchRecord record_;
  JobContext& ctx_;
  fs::path out_;
  std::deque<RunningTrial> running_;
  double finished_ = 0.0;  ///< in whole runs
  std::int64_t num_results_ = 0;
};

}  // namespace

Result<Json> run_search(const FinetuneSearchOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_ASSIGN(Json base, base_of(options));
  CW_ASSIGN(SearchRecord record, begin_or_resume(options, base));
  CW_TRY(tokenize_once(base, options.num_threads, fs::path(options.output) / kSearchState, ctx));
  return Search(options, std::move(base), std::move(record), ctx).run();
}

}  // namespace cw
