// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/recipes/recipe_report.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

Json small_recipe() {
  return Json::parse(R"json({"cellwright_recipe": 1, "name": "small", "title": "Small", "about": "A.", "measured": "M.",
    "paper": {"citation": "C.", "reported": "R."},
    "data": [{"name": "cells", "what": "counts", "source": "here", "usual": []}],
    "settings": [{"name": "label", "what": "column", "value": "type"}, {"name": "epochs", "what": "E", "value": 2.0}],
    "steps": [{"name": "learn", "what": "Learn", "kind": "finetune-cells", "options": {"input": "{cells}",
      "model": "{model}", "output": "{out}/run-{label}", "label": "{label}", "epochs": "{epochs}", "seed": "{seed}"}}],
    "figures": [{"text": "accuracy", "step": "learn", "at": "/test/accuracy"},
                {"text": "absent", "step": "learn", "at": "/test/no/such"}]})json");
}

RecipeInputs some_inputs() {
  RecipeInputs inputs;
  inputs.out = "/tmp/out";
  inputs.model = "/tmp/model";
  inputs.data["cells"] = "/tmp/cells.h5ad";
  inputs.seed = 7;
  return inputs;
}

std::string error_of(const Recipe& recipe, const RecipeInputs& inputs) {
  const auto jobs = fill_in(recipe, inputs);
  return jobs.ok() ? "none" : jobs.error().id;
}

TEST(Recipe, FillsInNamesAndKeepsTypes) {
  const auto recipe = recipe_from_json(small_recipe(), "here").value();
  auto inputs = some_inputs();
  inputs.settings = {{"epochs", "0.5"}, {"label", "donor {x}"}};
  const auto jobs = fill_in(recipe, inputs).value();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].spec.kind, "finetune-cells");
  EXPECT_EQ(jobs[0].output, "/tmp/out/run-donor {x}") << "what is filled in is not filled in again";
  EXPECT_EQ(jobs[0].spec.options["input"], "/tmp/cells.h5ad");
  EXPECT_EQ(jobs[0].spec.options["epochs"], Json(0.5));
  EXPECT_EQ(jobs[0].spec.options["seed"], Json(7));
}

TEST(Recipe, RefusesWhatItCannotFillIn) {
  auto json = small_recipe();
  const auto recipe = recipe_from_json(json, "here").value();
  auto inputs = some_inputs();
  inputs.data.clear();
  EXPECT_EQ(error_of(recipe, inputs), "E-RCP-003");
  inputs = some_inputs();
  inputs.data["genes"] = "x";
  EXPECT_EQ(error_of(recipe, inputs), "E-RCP-004");
  inputs = some_inputs();
  inputs.settings["epoch"] = "1";
  EXPECT_EQ(error_of(recipe, inputs), "E-RCP-004");
  inputs.settings = {{"epochs", "many"}};
  EXPECT_EQ(error_of(recipe, inputs), "E-RCP-004");
  inputs.settings = {{"epochs", "-1"}};
  EXPECT_EQ(error_of(recipe, inputs), "E-ARG-002") << "the job's own check";
  json["steps"][0]["options"]["label"] = "{lable}";
  EXPECT_EQ(error_of(recipe_from_json(json, "here").value(), some_inputs()), "E-RCP-001");
  json.erase("paper");
  EXPECT_EQ(recipe_from_json(json, "here").error().id, "E-RCP-001");
  EXPECT_EQ(find_recipe("no-such-recipe").error().id, "E-RCP-002");
}

TEST(Recipe, TheReportShowsWhatThereIs) {
  const auto recipe = recipe_from_json(small_recipe(), "here").value();
  const Json results = {{"learn",
                         {{"test",
                           {{"accuracy", 0.75},
                            {"verdict", "No better than chance."},
                            {"comparison", {{{"model", "fine-tuned"}, {"accuracy", 0.75}}}}}}}}};
  const Json figures = recipe_figures(recipe, results);
  EXPECT_EQ(figures[0]["value"], Json(0.75));
  EXPECT_TRUE(figures[1]["value"].is_null());
  const std::string report = recipe_report(recipe, results);
  for (const char* text : {"- accuracy: 0.750", "| fine-tuned | 0.750 |", "No better than chance.", "R. (C.)", "M."}) {
    EXPECT_NE(report.find(text), std::string::npos) << text << " in\n" << report;
  }
  EXPECT_EQ(report.find("absent"), std::string::npos);
}

// Whoever runs a bundled recipe gets jobs that are accepted; what was measured is said in each.
TEST(Recipe, EveryBundledRecipeGivesJobsThatCanBeStarted) {
  const auto recipes = bundled_recipes();
  ASSERT_TRUE(recipes.ok()) << recipes.error().message;
  EXPECT_GE(recipes->size(), 7U);
  for (const auto& recipe : *recipes) {
    RecipeInputs inputs;
    inputs.out = "/tmp/out";
    for (const auto& data : recipe.data) {
      const std::string place = place_of(data, inputs);
      inputs.data[data.name] = place.empty() ? "/tmp/" + data.name : place;
    }
    const auto jobs = fill_in(recipe, inputs);
    EXPECT_TRUE(jobs.ok()) << recipe.name << ": " << jobs.error().message;
    EXPECT_GT(recipe.measured.size(), 60U) << recipe.name;
    EXPECT_FALSE(recipe.reported.empty() || recipe.citation.empty()) << recipe.name;
    for (const auto& figure : recipe.figures) {
      const auto is = [&](const RecipeStep& step) { return step.name == figure.step; };
      EXPECT_TRUE(std::any_of(recipe.steps.begin(), recipe.steps.end(), is)) << figure.step;
    }
  }
}

}  // namespace
}  // namespace cw
