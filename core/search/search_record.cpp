// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/search_record.h"

#include "core/base/files.h"
#include "core/io/table_writers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace cw {
namespace {

constexpr const char* kFormat = "cellwright-search-run";
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Json to_json(const BaselineTrial& baseline) {
  Json json{{"state", name_of(baseline.state)}, {"value", baseline.value ? Json(*baseline.value) : Json()}};
  if (!baseline.note.empty()) json["note"] = baseline.note;
  return json;
}

BaselineTrial baseline_of(const Json& json) {
  BaselineTrial baseline;
  if (json.at("value").is_number()) baseline.value = json.at("value").get<double>();
  baseline.note = json.value("note", "");
  if (json.at("state") == name_of(TrialState::kFailed)) baseline.state = TrialState::kFailed;
  if (baseline.value) baseline.state = TrialState::kDone;  // one that ran then has to be begun again
  return baseline;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// The rows of trials.csv, column by column.
class TrialTable {
 public:
  explicit TrialTable(const SearchRecord& record) : record_(record) {
    for (const auto& setting : record.plan.options().settings) names_.push_back(setting.name);
    settings_.resize(names_.size());
    values_.resize(static_cast<std::size_t>(record.plan.options().num_rungs));
    if (record.baseline) add_baseline(*record.baseline);
    for (const auto& trial : record.plan.trials()) add(trial);
  }

  [[nodiscard]] std::vector<Column> columns() {
    std::vector<Column> columns;
    columns.push_back(Column::of_strings("trial", std::move(trial_)));
    columns.push_back(Column::of_strings("state", std::move(state_)));
    columns.push_back(Column::of_integers("rung", std::move(rung_)));
    columns.push_back(Column::of_reals("share", std::move(share_)));
    columns.push_back(Column::of_reals("value", std::move(value_)));
    for (std::size_t rung = 0; rung < values_.size(); ++rung) {
      columns.push_back(Column::of_reals("value_" + std::to_string(rung + 1), std::move(values_[rung])));
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      columns.push_back(Column::of_strings(names_[i], std::move(settings_[i])));
    }
    columns.push_back(Column::of_integers("steps", std::move(steps_)));
    columns.push_back(Column::of_reals("seconds", std::move(seconds_)));
    columns.push_back(Column::of_strings("note", std::move(note_)));
    return columns;
  }

 private:
  void add_common(std::int64_t id, TrialState state, const Json& settings, const std::string& note) {
    trial_.push_back(name_of_trial(id));
    state_.emplace_back(name_of(state));
    for (std::size_t i = 0; i < names_.size(); ++i) settings_[i].push_back(text_of(settings.at(names_[i])));
    const auto cost = record_.costs.find(id);
    steps_.push_back(cost == record_.costs.end() ? 0 : cost->second.steps);
    seconds_.push_back(cost == record_.costs.end() ? 0.0 : cost->second.seconds);
    note_.push_back(note);
  }

  void add_baseline(const BaselineTrial& baseline) {
    add_common(kBaselineTrial, baseline.state, record_.base, baseline.note);
    rung_.push_back(static_cast<std::int64_t>(values_.size()));
    share_.push_back(baseline.value ? 1.0 : 0.0);
    value_.push_back(baseline.value.value_or(kNone));
    for (auto& column : values_) column.push_back(kNone);
    values_.back().back() = value_.back();
  }

  void add(const SearchTrial& trial) {
    add_common(trial.id, trial.state, trial.settings, trial.note);
    rung_.push_back(trial.rung + 1);
    const auto done = static_cast<int>(trial.values.size());
    share_.push_back(done == 0 ? 0.0 : record_.plan.budget_of(done - 1));
    value_.push_back(done == 0 ? kNone : trial.values.back());
    for (std::size_t rung = 0; rung < values_.size(); ++rung) {
      values_[rung].push_back(rung < trial.values.size() ? trial.values[rung] : kNone);
    }
  }

  const SearchRecord& record_;
  std::vector<std::string> names_;
  std::vector<std::string> trial_, state_, note_;
  std::vector<std::int64_t> rung_, steps_;
  std::vector<double> share_, value_, seconds_;
  std::vector<std::vector<double>> values_;         // [rungs][rows]
  std::vector<std::vector<std::string>> settings_;  // [settings][rows]
};

Json to_json(const SearchRecord& record) {
  Json costs = Json::object();
  for (const auto& [trial, cost] : record.costs) {
    costs[name_of_trial(trial)] = {
        {"trial", trial}, {"steps", cost.steps}, {"planned_steps", cost.planned_steps}, {"seconds", cost.seconds}};
  }
  return {{"format", kFormat},
          {"version", 1},
          {"metric", record.metric},
          {"winner", record.winner ? Json(*record.winner) : Json()},
          {"baseline", record.baseline ? to_json(*record.baseline) : Json()},
          {"base", record.base},
          {"costs", costs},
          {"fingerprint", record.fingerprint},
          {"plan", record.plan.to_json()}};
}

}  // namespace

std::string name_of_trial(std::int64_t trial) {
  if (trial == kBaselineTrial) return "baseline";
  char name[24];
  std::snprintf(name, sizeof name, "%04lld", static_cast<long long>(trial));
  return name;
}

std::optional<std::int64_t> SearchRecord::best() const {
  const auto found = plan.best();
  const bool has_baseline = baseline && baseline->value.has_value();
  if (!found) return has_baseline ? std::optional(kBaselineTrial) : std::nullopt;
  const bool whole = static_cast<int>(found->values.size()) == plan.options().num_rungs;
  if (!has_baseline) return found->id;
  const double gain = found->values.back() - *baseline->value;
  const bool better = plan.options().maximise ? gain > 0.0 : gain < 0.0;
  return whole && better ? found->id : kBaselineTrial;
}

Json SearchRecord::settings_of(std::int64_t trial) const {
  return trial == kBaselineTrial ? base : plan.trials()[static_cast<std::size_t>(trial)].settings;
}

double SearchRecord::value_of(std::int64_t trial) const {
  if (trial == kBaselineTrial) return baseline && baseline->value ? *baseline->value : kNone;
  const auto& values = plan.trials()[static_cast<std::size_t>(trial)].values;
  return values.empty() ? kNone : values.back();
}

Result<> save_record(const SearchRecord& record, const std::filesystem::path& folder) {
  std::error_code ignored;  // writing into it says what is wrong
  std::filesystem::create_directories(folder / kSearchState, ignored);
  CW_TRY(write_json(folder / kSearchState / "search.json", to_json(record)));
  return write_csv(folder / "trials.csv", TrialTable(record).columns(), true);
}

Result<std::optional<SearchRecord>> load_record(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kSearchState / "search.json";
  std::error_code status;
  if (!std::filesystem::exists(path, status)) return std::optional<SearchRecord>();
  CW_ASSIGN(const Json json, read_json(path));
  try {
    CW_ASSIGN(SearchPlan plan, SearchPlan::from_json(json.at("plan")));
    SearchRecord record{
        std::move(plan), json.at("fingerprint"), json.at("base"), json.at("metric").get<std::string>(), {}, {}, {}};
    if (!json.at("baseline").is_null()) record.baseline = baseline_of(json.at("baseline"));
    if (json.at("winner").is_number()) record.winner = json.at("winner").get<std::int64_t>();
    for (const Json& cost : json.at("costs")) {
      record.costs[cost.at("trial").get<std::int64_t>()] = {cost.at("steps").get<std::int64_t>(),
                                                            cost.at("planned_steps").get<std::int64_t>(),
                                                            cost.at("seconds").get<double>()};
    }
    return std::optional(std::move(record));
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-EVA-020",
                 path.string() + ": this is no state of a search (" + problem.what() + "); start the search anew"};
  }
}

}  // namespace cw
