// SPDX-License-Identifier: GPL-3.0-or-later
// recipe list|show|run NAME: published analyses, one command each
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "core/api/job_kinds.h"
#include "core/base/files.h"
#include "core/recipes/recipe_report.h"

#include <cstdio>

namespace cw {
namespace {

struct Asked {
  std::string name;
  std::string out;
  std::string model;
  std::vector<std::string> data, settings;  // NAME=VALUE
};

int list_recipes(const CliContext& context) {
  const auto recipes = bundled_recipes();
  if (!recipes.ok()) return context.fail(recipes.error());
  Json rows = Json::array();
  std::string text;
  for (const auto& recipe : *recipes) {
    rows.push_back({{"name", recipe.name}, {"title", recipe.title}});
    char line[200];
    std::snprintf(line, sizeof line, "%-20s  %s", recipe.name.c_str(), recipe.title.c_str());
    text += (text.empty() ? "" : "\n") + std::string(line);
  }
  return context.print(rows, text);
}

Json json_of(const Recipe& recipe) {
  Json data = Json::array();
  for (const auto& entry : recipe.data) {
    data.push_back({{"name", entry.name},
                    {"what", entry.what},
                    {"source", entry.source},
                    {"file", place_of(entry, RecipeInputs())}});
  }
  Json settings = Json::array();
  for (const auto& entry : recipe.settings) {
    settings.push_back({{"name", entry.name}, {"what", entry.what}, {"value", entry.value}});
  }
  Json steps = Json::array();
  for (const auto& step : recipe.steps) {
    steps.push_back({{"name", step.name}, {"what", step.what}, {"kind", step.kind}, {"options", step.options}});
  }
  return {{"name", recipe.name},         {"title", recipe.title},
          {"about", recipe.about},       {"paper", {{"citation", recipe.citation}, {"reported", recipe.reported}}},
          {"measured", recipe.measured}, {"data", data},
          {"settings", settings},        {"steps", steps}};
}

int show_recipe(const CliContext& context, const std::string& name) {
  const auto recipe = find_recipe(name);
  if (!recipe.ok()) return context.fail(recipe.error());
  const Json json = json_of(*recipe);
  std::string text = recipe->title + "\n" + recipe->about + "\n\npaper: " + recipe->reported + "\n  " +
                     recipe->citation + "\nmeasured: " + recipe->measured + "\n\ndata";
  for (const Json& entry : json["data"]) {
    const std::string file = entry["file"];
    text += "\n  " + entry["name"].get<std::string>() + ": " + entry["what"].get<std::string>() + "\n    " +
            entry["source"].get<std::string>() + "\n    " +
            (file.empty() ? "not shipped: --data " + entry["name"].get<std::string>() + "=FILE" : file);
  }
  for (const auto& setting : recipe->settings) {
    text += "\n  --set " + setting.name + "=" + setting.value.dump() + ": " + setting.what;
  }
  text += "\n\nsteps";
  for (const auto& step : recipe->steps) text += "\n  " + step.name + " (" + step.kind + "): " + step.what;
  return context.print(json, text);
}

Result<std::map<std::string, std::string>> pairs_of(const std::vector<std::string>& texts, const char* option) {
  std::map<std::string, std::string> pairs;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{ErrorCode::kInvalidArgument, "E-ARG-002",
                   std::string(option) + " is '" + text + "'; expected NAME=VALUE"};
    }
    pairs[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return pairs;
}

Result<RecipeInputs> inputs_of(const CliContext& context, const Asked& asked) {
  RecipeInputs inputs;
  CW_ASSIGN(inputs.data, pairs_of(asked.data, "--data"));
  CW_ASSIGN(inputs.settings, pairs_of(asked.settings, "--set"));
  for (auto& [name, path] : inputs.data) make_absolute(path);
  std::string out = asked.out.empty() ? "cellwright-" + asked.name : asked.out;
  make_absolute(out);
  inputs.out = out;
  inputs.model = asked.model;
  make_absolute(inputs.model);
  inputs.seed = context.global.seed;
  inputs.num_threads = context.global.threads;
  return inputs;
}

Result<Json> run_steps(const CliContext& context, const Recipe& recipe, const RecipeInputs& inputs) {
  CW_ASSIGN(const std::vector<RecipeJob> jobs, fill_in(recipe, inputs));
  Json results = Json::object();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const RecipeJob& job = jobs[i];
    if (!context.global.json && !context.global.quiet) {
      std::fprintf(stderr, "%zu of %zu: %s\n", i + 1, jobs.size(), job.what.c_str());
    }
    JobSpec spec = job.spec;
    if (context.global.overwrite) spec.options["overwrite"] = true;
    auto result = context.compute_or_go_on(spec, job.output, output_is_folder(spec.kind));
    if (!result.ok()) return result.error();
    results[job.step] = std::move(*result);
  }
  return results;
}

int run_recipe(const CliContext& context, const Asked& asked) {
  const auto outcome = [&]() -> Result<std::pair<Json, std::string>> {
    if (context.global.detach) {
      return Error{ErrorCode::kInvalidArgument, "E-ARG-002",
                   "--detach is given, but a recipe runs its jobs one after the other; leave it out"};
    }
    CW_ASSIGN(const Recipe recipe, find_recipe(asked.name));
    CW_ASSIGN(const RecipeInputs inputs, inputs_of(context, asked));
    CW_ASSIGN(const Json results, run_steps(context, recipe, inputs));
    const std::string report = recipe_report(recipe, results);
    const Json json = {{"recipe", recipe.name},
                       {"output", inputs.out.string()},
                       {"figures", recipe_figures(recipe, results)},
                       {"steps", results}};
    CW_TRY(write_json(inputs.out / "recipe.json", json));
    CW_TRY(write_file_atomically(inputs.out / "report.md", report));
    return std::pair(json, report + "\nEverything is in " + inputs.out.string());
  }();
  return outcome.ok() ? context.print(outcome->first, outcome->second) : context.fail(outcome.error());
}

}  // namespace

void add_recipe_commands(CLI::App& app, CliContext& context) {
  static Asked asked;
  auto* recipe = app.add_subcommand("recipe", "Published analyses, one command each");
  recipe->require_subcommand(1);
  auto* list = recipe->add_subcommand("list", "The recipes there are");
  list->footer("Example: cellwright recipe list");
  list->callback([&context] { context.action = [&context] { return list_recipes(context); }; });
  auto* show = recipe->add_subcommand("show", "What a recipe does, needs, and what came out before");
  show->footer("Example: cellwright recipe show cell-types");
  show->add_option("NAME", asked.name, "Name of the recipe, or a file")->required();
  show->callback([&context] { context.action = [&context] { return show_recipe(context, asked.name); }; });
  auto* run = recipe->add_subcommand("run", "Run a recipe; one that was stopped goes on");
  run->footer("Example: cellwright recipe run cell-types --model MODEL --out cell-types");
  run->add_option("NAME", asked.name, "Name of the recipe, or a file")->required();
  run->add_option("--out", asked.out, "Folder for everything [cellwright-NAME]")->type_name("DIR");
  run->add_option("--model", asked.model, "Model to start from [the demonstration model]")->type_name("DIR");
  run->add_option("--data", asked.data, "A file that the recipe needs: NAME=FILE; may be repeated");
  run->add_option("--set", asked.settings, "Another value of one of its settings: NAME=VALUE; may be repeated");
  run->callback([&context] { context.action = [&context] { return run_recipe(context, asked); }; });
}

}  // namespace cw
