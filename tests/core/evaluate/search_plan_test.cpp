// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/search_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cw {
namespace {

SearchOptions options_of(int num_trials, const std::string& sampler = "tpe") {
  SearchOptions options;
  options.settings = {{"learning_rate", 1e-6, 1e-2, true, false, {}},
                      {"frozen_layers", 0, 6, false, true, {}},
                      {"schedule", 0, 1, false, false, {"linear", "cosine", "constant"}}};
  options.num_trials = num_trials;
  options.sampler = sampler;
  return options;
}

/// Best at 1e-4, 4 layers, cosine; more budget shows it more clearly.
double made_up_result(const Json& settings, double budget) {
  const double rate = std::log10(settings["learning_rate"].get<double>()) + 4.0;
  const double layers = settings["frozen_layers"].get<double>() - 4.0;
  const double schedule = settings["schedule"] == "cosine" ? 0.0 : 0.5;
  return -(rate * rate + 0.1 * layers * layers + schedule) - 0.1 / budget;
}

SearchPlan run_to_end(SearchOptions options) {
  auto plan = SearchPlan::create(std::move(options)).value();
  while (const auto task = plan.next()) {
    EXPECT_TRUE(plan.report(task->trial, made_up_result(task->settings, task->budget)).ok());
  }
  return plan;
}

TEST(SearchPlan, KeepsSettingsInTheirRanges) {
  const auto plan = run_to_end(options_of(40));
  ASSERT_EQ(plan.trials().size(), 40U);
  for (const auto& trial : plan.trials()) {
    EXPECT_GE(trial.settings["learning_rate"], 1e-6);
    EXPECT_LE(trial.settings["learning_rate"], 1e-2);
    EXPECT_TRUE(trial.settings["frozen_layers"].is_number_integer());
    EXPECT_GE(trial.settings["frozen_layers"], 0);
    EXPECT_LE(trial.settings["frozen_layers"], 6);
    const std::string schedule = trial.settings["schedule"];
    EXPECT_TRUE(schedule == "linear" || schedule == "cosine" || schedule == "constant") << schedule;
  }
  EXPECT_TRUE(plan.finished());
}

TEST(SearchPlan, HalvingSpendsTheBudgetOnTheBest) {
  const auto plan = run_to_end(options_of(27));
  EXPECT_NEAR(plan.budget_of(0), 1.0 / 9.0, 1e-12);
  EXPECT_NEAR(plan.budget_of(2), 1.0, 1e-12);
  int full = 0, stopped = 0;
  for (const auto& trial : plan.trials()) {
    full += trial.values.size() == 3 ? 1 : 0;
    stopped += trial.state == TrialState::kStopped ? 1 : 0;
  }
  EXPECT_EQ(full, 3);
  EXPECT_NEAR(plan.total_budget(), 27.0 / 9.0 + 9.0 / 3.0 + 3.0, 1e-9);
  EXPECT_NEAR(plan.total_budget(true), 27.0 / 9.0 + 9.0 * (1.0 / 3.0 - 1.0 / 9.0) + 3.0 * (2.0 / 3.0), 1e-9);
  EXPECT_EQ(full + stopped, 27);
  const auto best = plan.best().value();
  EXPECT_EQ(best.values.size(), 3U);
  for (const auto& trial : plan.trials()) {
    if (trial.values.size() < 3) continue;
    EXPECT_LE(trial.values.back(), best.values.back());
  }
}

TEST(SearchPlan, TheParzenSamplerFindsBetterSettingsThanChance) {
  double parzen = 0.0;
  double random = 0.0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const auto* sampler : {"tpe", "random"}) {
      auto options = options_of(30, sampler);
      options.seed = seed;
      options.num_rungs = 1;
      (sampler == std::string("tpe") ? parzen : random) += run_to_end(options).best()->values.back() / 20.0;
    }
  }
  EXPECT_GT(parzen, random + 0.02) << parzen << " against " << random;
}

TEST(SearchPlan, GoesOnWhereItStopped) {
  const auto whole = run_to_end(options_of(20));
  auto plan = SearchPlan::create(options_of(20)).value();
  for (int step = 0; step < 11; ++step) {
    const auto task = plan.next();
    ASSERT_TRUE(plan.report(task->trial, made_up_result(task->settings, task->budget)).ok());
  }
  const auto lost = plan.next().value();  // given out, never reported
  plan = SearchPlan::from_json(Json::parse(plan.to_json().dump())).value();
  const auto again = plan.next().value();
  EXPECT_EQ(again.trial, lost.trial);
  EXPECT_EQ(again.settings, lost.settings);
  ASSERT_TRUE(plan.report(again.trial, made_up_result(again.settings, plan.budget_of(again.rung))).ok());
  while (const auto task = plan.next()) {
    ASSERT_TRUE(plan.report(task->trial, made_up_result(task->settings, task->budget)).ok());
  }
  EXPECT_EQ(plan.to_json(), whole.to_json());
}

TEST(SearchPlan, RunsSeveralTrialsAtOnceAndSurvivesFailures) {
  auto plan = SearchPlan::create(options_of(6)).value();
  std::vector<SearchTask> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(plan.next().value());
  EXPECT_EQ(tasks[3].trial, 3);
  ASSERT_TRUE(plan.report(1, std::numeric_limits<double>::quiet_NaN(), "loss is not finite").ok());
  EXPECT_EQ(plan.trials()[1].state, TrialState::kFailed);
  EXPECT_EQ(plan.trials()[1].note, "loss is not finite");
  EXPECT_EQ(plan.report(1, 0.5).error().id, "E-EVA-021");
  EXPECT_FALSE(plan.finished());
  for (const int trial : {0, 2, 3}) ASSERT_TRUE(plan.report(trial, 0.1 * trial).ok());
  while (const auto task = plan.next()) ASSERT_TRUE(plan.report(task->trial, 0.1).ok());
  EXPECT_TRUE(plan.finished());
}

TEST(SearchPlan, RefusesWhatMakesNoSense) {
  const auto id = [](SearchOptions options) { return SearchPlan::create(std::move(options)).error().id; };
  EXPECT_EQ(id({}), "E-EVA-019");
  auto options = options_of(0);
  EXPECT_EQ(id(options), "E-EVA-019");
  options = options_of(5);
  options.settings[0].low = 0.0;
  EXPECT_EQ(id(options), "E-EVA-019");
  options = options_of(5, "grid");
  EXPECT_EQ(id(options), "E-EVA-019");
  EXPECT_EQ(SearchPlan::from_json(Json{{"format", "something"}}).error().id, "E-EVA-020");
}

}  // namespace
}  // namespace cw
