// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/search_plan.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace cw {

/// The number of the trial with the settings as the user gave them.
inline constexpr std::int64_t kBaselineTrial = -1;

/// Below the run folder: what a search goes on from. A job that overwrites it removes what is there.
inline constexpr const char* kSearchState = "checkpoints";

/// "baseline", "0007": folder of a trial below trials/, and its name in tables.
[[nodiscard]] std::string name_of_trial(std::int64_t trial);

/// What running a trial cost.
struct TrialCost {
  std::int64_t steps = 0, planned_steps = 0;
  double seconds = 0.0;
};

/// The run with the settings as given: trained to the end, like the trials of the last rung.
struct BaselineTrial {
  TrialState state = TrialState::kWaiting;
  std::optional<double> value;
  std::string note;
};

/// Where a search stands. Written atomically after every trial, with the table beside it; a search that was killed goes
/// on from it.
struct SearchRecord {
  SearchPlan plan;
  Json fingerprint;  ///< what the search was asked, apart from places
  Json base;         ///< value of every searched setting as the user gave it
  std::string metric;
  std::optional<BaselineTrial> baseline;  ///< nothing: not wanted
  std::map<std::int64_t, TrialCost> costs;
  std::optional<std::int64_t> winner;  ///< once all trials have ended

  /// The best trial of those that were trained to the end, the baseline among them (which wins a tie: nothing need be
  /// changed); else the best of those that came farthest. Nothing without any result.
  [[nodiscard]] std::optional<std::int64_t> best() const;
  /// Settings and last value of a trial.
  [[nodiscard]] Json settings_of(std::int64_t trial) const;
  [[nodiscard]] double value_of(std::int64_t trial) const;
};

/// Writes checkpoints/search.json and trials.csv (one row per trial, the baseline first) into `folder`. Errors: kIo,
/// kNoSpace.
Result<> save_record(const SearchRecord& record, const std::filesystem::path& folder);

/// Nothing where there is none. Errors: kParse E-EVA-020, kIo.
[[nodiscard]] Result<std::optional<SearchRecord>> load_record(const std::filesystem::path& folder);

}  // namespace cw
