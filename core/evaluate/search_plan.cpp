// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/search_plan.h"

#include "core/base/random.h"
#include "core/evaluate/parzen_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr std::string_view kFormat = "cellwright-search";
constexpr std::array<std::string_view, 5> kStates{"waiting", "running", "done", "stopped", "failed"};

Error option_problem(const std::string& what) {
  return {ErrorCode::kInvalidArgument, "E-EVA-019", "this search cannot be run: " + what};
}

Json setting_json(const SearchSetting& setting) {
  Json json{{"name", setting.name}};
  if (!setting.choices.empty()) {
    json["choices"] = setting.choices;
    return json;
  }
  json["low"] = setting.low;
  json["high"] = setting.high;
  json["logarithmic"] = setting.logarithmic;
  json["whole"] = setting.whole;
  return json;
}

SearchSetting setting_of(const Json& json) {
  SearchSetting setting;
  setting.name = json.at("name").get<std::string>();
  setting.choices = json.value("choices", std::vector<std::string>{});
  setting.low = json.value("low", 0.0);
  setting.high = json.value("high", 1.0);
  setting.logarithmic = json.value("logarithmic", false);
  setting.whole = json.value("whole", false);
  return setting;
}

SearchOptions options_of(const Json& json) {
  SearchOptions options;
  for (const auto& setting : json.at("settings")) options.settings.push_back(setting_of(setting));
  options.num_trials = json.at("num_trials").get<int>();
  options.maximise = json.at("maximise").get<bool>();
  options.sampler = json.at("sampler").get<std::string>();
  options.num_rungs = json.at("num_rungs").get<int>();
  options.keep = json.at("keep").get<double>();
  options.full_budget = json.at("full_budget").get<double>();
  options.seed = json.at("seed").get<std::uint64_t>();
  return options;
}

SearchTrial trial_of(const Json& json) {
  SearchTrial trial;
  trial.id = json.at("id").get<std::int64_t>();
  trial.settings = json.at("settings");
  trial.rung = json.at("rung").get<int>();
  trial.values = json.at("values").get<std::vector<double>>();
  trial.note = json.value("note", "");
  const auto state = json.at("state").get<std::string>();
  const auto found = std::find(kStates.begin(), kStates.end(), state);
  trial.state = found == kStates.end() ? TrialState::kFailed : static_cast<TrialState>(found - kStates.begin());
  return trial;
}

}  // namespace

Result<> SearchOptions::validate() const {
  if (settings.empty()) return option_problem("no setting is searched; name at least one with its range");
  if (num_trials < 1) return option_problem(std::to_string(num_trials) + " trials; give 1 or more");
  if (num_rungs < 1) return option_problem(std::to_string(num_rungs) + " rungs; give 1 or more");
  if (keep <= 0.0 || keep >= 1.0)
    return option_problem("share kept " + std::to_string(keep) + "; give 0 to 1, both out");
  if (full_budget <= 0.0) return option_problem("budget " + std::to_string(full_budget) + "; give more than 0");
  if (sampler != "tpe" && sampler != "random") return option_problem("sampler '" + sampler + "'; use tpe or random");
  for (const auto& setting : settings) {
    if (setting.name.empty()) return option_problem("a setting has no name");
    if (!setting.choices.empty()) continue;
    const bool fits = setting.low <= setting.high && (!setting.logarithmic || setting.low > 0.0) &&
                      std::isfinite(setting.low) && std::isfinite(setting.high);
    if (!fits) {
      return option_problem("'" + setting.name + "' runs from " + std::to_string(setting.low) + " to " +
                            std::to_string(setting.high) +
                            "; the lower end must not be above the upper one, and above 0 on a logarithm");
    }
  }
  return {};
}

std::string_view name_of(TrialState state) noexcept { return kStates[static_cast<std::size_t>(state)]; }

Result<SearchPlan> SearchPlan::create(SearchOptions options) {
  CW_TRY(options.validate());
  return SearchPlan(std::move(options));
}

Result<SearchPlan> SearchPlan::from_json(const Json& json) {
  try {
    if (json.at("format") != kFormat) throw Json::other_error::create(501, "another format", nullptr);
    CW_ASSIGN(SearchPlan plan, create(options_of(json.at("options"))));
    for (const auto& trial : json.at("trials")) {
      plan.trials_.push_back(trial_of(trial));
      // nobody runs it any more
      if (plan.trials_.back().state == TrialState::kRunning) plan.trials_.back().state = TrialState::kWaiting;
    }
    return plan;
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-EVA-020",
                 std::string("this is no state of a search (") + problem.what() + "); start the search anew"};
  }
}

Json SearchPlan::to_json() const {
  Json settings = Json::array();
  for (const auto& setting : options_.settings) settings.push_back(setting_json(setting));
  Json trials = Json::array();
  for (const auto& trial : trials_) {
    Json row{{"id", trial.id},
             {"settings", trial.settings},
             {"rung", trial.rung},
             {"values", trial.values},
             {"state", name_of(trial.state)}};
    if (!trial.note.empty()) row["note"] = trial.note;
    trials.push_back(std::move(row));
  }
  return Json{{"format", kFormat},
              {"version", 1},
              {"options",
               {{"settings", settings},
                {"num_trials", options_.num_trials},
                {"maximise", options_.maximise},
                {"sampler", options_.sampler},
                {"num_rungs", options_.num_rungs},
                {"keep", options_.keep},
                {"full_budget", options_.full_budget},
                {"seed", options_.seed}}},
              {"trials", trials}};
}

double SearchPlan::budget_of(int rung) const {
  return options_.full_budget * std::pow(options_.keep, options_.num_rungs - 1 - rung);
}

SearchTask SearchPlan::start(SearchTrial& trial, int rung) const {
  trial.rung = rung;
  trial.state = TrialState::kRunning;
  return {trial.id, rung, budget_of(rung), trial.settings};
}

std::size_t SearchPlan::num_kept(std::size_t num_finished) const {
  // the small amount keeps 3 * (1 / 3) from being less than 1
  const auto kept = static_cast<std::size_t>(options_.keep * static_cast<double>(num_finished) + 1e-9);
  return num_finished == 0 ? 0 : std::max<std::size_t>(kept, 1);
}

double SearchPlan::total_budget(bool going_on) const {
  auto trials = static_cast<std::size_t>(options_.num_trials);
  double total = 0.0;
  for (int rung = 0; rung < options_.num_rungs; ++rung) {
    const double done = going_on && rung > 0 ? budget_of(rung - 1) : 0.0;
    total += static_cast<double>(trials) * (budget_of(rung) - done);
    trials = num_kept(trials);
  }
  return total;
}

/// The trials that go up from a rung; none while one of its trials has not ended.
std::vector<std::size_t> SearchPlan::winners(int rung) const {
  if (static_cast<int>(trials_.size()) < options_.num_trials || rung + 1 >= options_.num_rungs) return {};
  if (rung > 0) {
    const auto below = winners(rung - 1);
    const auto waits = [&](std::size_t place) { return trials_[place].rung < rung; };
    if (below.empty() || std::any_of(below.begin(), below.end(), waits)) return {};
  }
  std::vector<std::size_t> finished;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    const auto& trial = trials_[i];
    const bool at_work = trial.state == TrialState::kRunning || trial.state == TrialState::kWaiting;
    if (at_work && trial.rung <= rung) return {};
    if (trial.values.size() > static_cast<std::size_t>(rung)) finished.push_back(i);
  }
  const auto place = static_cast<std::size_t>(rung);
  std::stable_sort(finished.begin(), finished.end(), [&](std::size_t a, std::size_t b) {
    return better(trials_[a].values[place], trials_[b].values[place]);
  });
  finished.resize(num_kept(finished.size()));
  return finished;
}

std::optional<std::size_t> SearchPlan::promotable() const {
  for (int rung = 0; rung + 1 < options_.num_rungs; ++rung) {
    for (const auto place : winners(rung)) {
      if (trials_[place].rung == rung && trials_[place].state == TrialState::kDone) return place;
    }
  }
  return std::nullopt;
}

Json SearchPlan::draw_settings(std::int64_t id) const {
  const auto num_random = std::max<std::int64_t>(5, options_.num_trials / 3);
  std::vector<Observation> seen;
  for (const auto& trial : trials_) {
    if (trial.values.empty()) continue;
    // results of higher rungs say more than any of a lower one
    const double value = options_.maximise ? -trial.values.back() : trial.values.back();
    seen.push_back({trial.settings, static_cast<int>(trial.values.size()), value});
  }
  const bool random = options_.sampler == "random" || static_cast<std::int64_t>(seen.size()) < num_random;
  return random ? random_settings(options_.settings, options_.seed, id)
                : parzen_settings(options_.settings, seen, options_.seed, id);
}

std::optional<SearchTask> SearchPlan::next() {
  for (auto& trial : trials_) {
    if (trial.state == TrialState::kWaiting) return start(trial, trial.rung);
  }
  if (const auto place = promotable()) return start(trials_[*place], trials_[*place].rung + 1);
  if (static_cast<int>(trials_.size()) >= options_.num_trials) return std::nullopt;
  SearchTrial trial;
  trial.id = static_cast<std::int64_t>(trials_.size());
  trial.settings = draw_settings(trial.id);
  trials_.push_back(std::move(trial));
  return start(trials_.back(), 0);
}

Result<> SearchPlan::report(std::int64_t id, double value, const std::string& note) {
  const auto found = std::find_if(trials_.begin(), trials_.end(), [id](const auto& trial) {
    return trial.id == id && trial.state == TrialState::kRunning;
  });
  if (found == trials_.end()) {
    return Error{ErrorCode::kInvalidArgument, "E-EVA-021",
                 "trial " + std::to_string(id) + " is not running, so it cannot have a result"};
  }
  if (!std::isfinite(value)) {
    found->state = TrialState::kFailed;
    found->note = note.empty() ? "no finite result" : note;
  } else {
    found->values.push_back(value);
    found->state = TrialState::kDone;
  }
  stop_losers();
  return {};
}

void SearchPlan::stop_losers() {
  for (int rung = 0; rung + 1 < options_.num_rungs; ++rung) {
    const auto kept = winners(rung);
    if (kept.empty()) continue;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      const bool lost = std::find(kept.begin(), kept.end(), i) == kept.end();
      if (lost && trials_[i].state == TrialState::kDone && trials_[i].rung == rung) {
        trials_[i].state = TrialState::kStopped;
      }
    }
  }
}

bool SearchPlan::finished() const {
  return static_cast<int>(trials_.size()) >= options_.num_trials && !promotable() &&
         std::none_of(trials_.begin(), trials_.end(), [](const auto& trial) {
           return trial.state == TrialState::kRunning || trial.state == TrialState::kWaiting;
         });
}

std::optional<SearchTrial> SearchPlan::best() const {
  const SearchTrial* best = nullptr;
  for (const auto& trial : trials_) {
    if (trial.values.empty()) continue;
    const bool higher = best == nullptr || trial.values.size() > best->values.size();
    const bool same = best != nullptr && trial.values.size() == best->values.size();
    if (higher || (same && better(trial.values.back(), best->values.back()))) best = &trial;
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

}  // namespace cw
