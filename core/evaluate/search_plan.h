// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/search_space.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// What a search looks for and how long.
struct SearchOptions {
  std::vector<SearchSetting> settings;
  int num_trials = 20;          ///< different settings tried
  bool maximise = true;         ///< larger values are better
  std::string sampler = "tpe";  ///< "tpe" or "random"
  int num_rungs = 3;            ///< successive halving: 1 = every trial runs with the full budget
  double keep = 1.0 / 3.0;      ///< share of a rung that goes on with 1 / keep of the budget
  double full_budget = 1.0;     ///< of the last rung, in any unit (epochs)
  std::uint64_t seed = 42;

  /// Errors: kInvalidArgument E-EVA-019.
  [[nodiscard]] Result<> validate() const;
};

enum class TrialState : std::uint8_t { kWaiting, kRunning, kDone, kStopped, kFailed };
/// "waiting", "running", "done", "stopped" (not among the best of its rung), "failed".
[[nodiscard]] std::string_view name_of(TrialState state) noexcept;

/// One set of settings.
struct SearchTrial {
  std::int64_t id = 0;
  Json settings;               ///< {"learning_rate": 3e-5, ...}
  int rung = 0;                ///< the one that it is on
  std::vector<double> values;  ///< result of every rung that is done
  TrialState state = TrialState::kWaiting;
  std::string note;  ///< why it failed
};

/// A piece of work: run this trial with this budget, then report.
struct SearchTask {
  std::int64_t trial = 0;
  int rung = 0;
  double budget = 1.0;
  Json settings;
};

/// Plans a hyperparameter search, whatever runs the trials, here or on other machines, one or several at a time.
///
/// Sampler   random draws for the first third (at least five), then the tree-structured Parzen estimator (Bergstra et
/// al.
///           2011) on the trials that are done, independent for each setting. Trial i draws from (seed, i), so the same
///           results reported in the same order give the same search.
/// Halving   when every trial of a rung has ended, its best `keep` (at least one) go up to the next, which gives 1 /
/// keep
///           times the budget (Jamieson and Talwalkar 2016). What a search costs is known before: total_budget.
/// Resume    to_json holds everything; tasks that were running then are given out again.
class SearchPlan {
 public:
  /// Errors: kInvalidArgument E-EVA-019.
  [[nodiscard]] static Result<SearchPlan> create(SearchOptions options);
  /// Errors: kParse E-EVA-020 (not a search of this program).
  [[nodiscard]] static Result<SearchPlan> from_json(const Json& json);
  [[nodiscard]] Json to_json() const;

  /// Work that can begin now; nothing while only running tasks could bring more, or when all is done.
  [[nodiscard]] std::optional<SearchTask> next();
  /// The result of a task. `value` NaN: failed, with `note`. Errors: kInvalidArgument E-EVA-021 (no such task runs).
  [[nodiscard]] Result<> report(std::int64_t trial, double value, const std::string& note = "");
  [[nodiscard]] bool finished() const;
  /// The trial with the best value on the highest rung that any reached; nothing before the first result.
  [[nodiscard]] std::optional<SearchTrial> best() const;
  [[nodiscard]] const std::vector<SearchTrial>& trials() const noexcept { return trials_; }
  [[nodiscard]] const SearchOptions& options() const noexcept { return options_; }
  [[nodiscard]] double budget_of(int rung) const;
  /// What all trials take together if none fails, in units of full_budget's; `going_on`: a trial that goes up only
  /// takes what the next rung gives beyond the last.
  [[nodiscard]] double total_budget(bool going_on = false) const;

 private:
  explicit SearchPlan(SearchOptions options) : options_(std::move(options)) {}
  [[nodiscard]] bool better(double a, double b) const noexcept { return options_.maximise ? a > b : a < b; }
  [[nodiscard]] SearchTask start(SearchTrial& trial, int rung) const;
  [[nodiscard]] std::size_t num_kept(std::size_t num_finished) const;
  [[nodiscard]] std::vector<std::size_t> winners(int rung) const;
  [[nodiscard]] std::optional<std::size_t> promotable() const;
  [[nodiscard]] Json draw_settings(std::int64_t id) const;
  void stop_losers();

  SearchOptions options_;
  std::vector<SearchTrial> trials_;
};

}  // namespace cw
