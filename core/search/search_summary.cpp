// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/search_summary.h"

#include "core/evaluate/number_text.h"

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

/// Values of the trials that were trained to the end, rising.
std::vector<double> values_of_whole_runs(const SearchPlan& plan) {
  std::vector<double> values;
  for (const auto& trial : plan.trials()) {
    if (static_cast<int>(trial.values.size()) == plan.options().num_rungs) values.push_back(trial.values.back());
  }
  std::sort(values.begin(), values.end());
  return values;
}

std::int64_t count(const SearchPlan& plan, TrialState state) {
  return std::count_if(plan.trials().begin(), plan.trials().end(),
                       [state](const SearchTrial& trial) { return trial.state == state; });
}

std::string verdict_of(const SearchRecord& record) {
  const std::string trials = std::to_string(record.plan.trials().size()) + " trials";
  const double value = record.value_of(*record.winner);
  if (*record.winner == kBaselineTrial) {
    return "None of " + trials + " did better on the validation part than the settings given (" + record.metric + " " +
           number_text(value) + "): keep those.";
  }
  std::string text =
      "The best of " + trials + " has " + record.metric + " " + number_text(value) + " on the validation part";
  if (record.baseline && record.baseline->value) {
    text += ", the settings given have " + number_text(*record.baseline->value);
  }
  return text + ". Being the best of many flatters it there: the test part, which no trial has seen, is what counts.";
}

}  // namespace

Json search_summary(const SearchRecord& record, const Json& settings, const std::filesystem::path& out,
                    const Json& best_run) {
  const SearchPlan& plan = record.plan;
  const std::vector<double> whole = values_of_whole_runs(plan);
  double seconds = 0.0;
  std::int64_t steps = 0;
  for (const auto& [trial, cost] : record.costs) {
    seconds += cost.seconds;
    steps += cost.steps;
  }
  Json summary = {
      {"trials", plan.trials().size()},
      {"trained_to_the_end", whole.size()},
      {"stopped", count(plan, TrialState::kStopped)},
      {"failed", count(plan, TrialState::kFailed)},
      {"metric", record.metric},
      {"best",
       {{"trial", name_of_trial(*record.winner)}, {"value", record.value_of(*record.winner)}, {"settings", settings}}},
      {"baseline", record.baseline && record.baseline->value
                       ? Json{{"value", *record.baseline->value}, {"settings", record.base}}
                       : Json()}};
  if (!whole.empty()) {
    summary["spread"] = {{"lowest", whole.front()}, {"median", whole[whole.size() / 2]}, {"highest", whole.back()}};
  }
  summary["verdict"] = verdict_of(record);
  summary["steps"] = steps;
  summary["seconds"] = seconds;
  summary["settings_file"] = (out / "best.json").string();
  summary["table"] = (out / "trials.csv").string();
  summary["run"] = (out / "best").string();
  summary["best_run"] = best_run;
  return summary;
}

}  // namespace cw
