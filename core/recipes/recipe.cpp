// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/recipes/recipe.h"

#include "core/api/job_kinds.h"
#include "core/base/files.h"

#include <algorithm>
#include <optional>

namespace cw {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts_of(const Json& json) { return json.get<std::vector<std::string>>(); }

RecipeStep step_of(const Json& json) {
  return {json.at("name").get<std::string>(), json.at("what").get<std::string>(), json.at("kind").get<std::string>(),
          json.at("options")};
}

using Values = std::map<std::string, Json>;

/// "{cells}" becomes the value as it is; "{out}/cells.tokens.h5" becomes a text.
Result<Json> filled(const std::string& text, const Values& values, const std::string& where) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    if (open == std::string::npos) {
      result += text.substr(at);
      break;
    }
    const auto close = text.find('}', open);
    const std::string name = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
    const auto value = values.find(name);
    if (value == values.end()) {
      return Error{
          ErrorCode::kParse, "E-RCP-001",
          std::string(where).append(": '").append(text).append("' names {").append(name).append("}, which is nothing")};
    }
    if (open == 0 && close + 1 == text.size()) return value->second;
    result += text.substr(at, open - at);
    result += value->second.is_string() ? value->second.get<std::string>() : value->second.dump();
    at = close + 1;
  }
  return Json(std::move(result));
}

Result<> fill(Json& value, const Values& values, const std::string& where) {
  if (value.is_string()) {
    CW_ASSIGN(value, filled(value.get<std::string>(), values, where));
  } else if (value.is_structured()) {
    for (Json& part : value) CW_TRY(fill(part, values, where));
  }
  return {};
}

/// A typed text as the setting is.
Result<Json> setting_value(const RecipeSetting& setting, const std::string& text) {
  if (setting.value.is_string()) return Json(text);
  const Json parsed = Json::parse(text, nullptr, false);
  const bool fits = setting.value.is_number() ? parsed.is_number() : parsed.type() == setting.value.type();
  if (fits) return parsed;
  return Error{ErrorCode::kInvalidArgument, "E-RCP-004",
               "--set " + setting.name + "=" + text + ": expected a value such as " + setting.value.dump()};
}

template <class Known>
Result<> require_known(const std::map<std::string, std::string>& given, const std::vector<Known>& known,
                       const char* option) {
  for (const auto& [name, value] : given) {
    std::string list;
    for (const auto& entry : known) list += (list.empty() ? "" : ", ") + entry.name;
    const auto is = [&name = name](const Known& entry) { return entry.name == name; };
    if (std::any_of(known.begin(), known.end(), is)) continue;
    return Error{
        ErrorCode::kInvalidArgument, "E-RCP-004",
        std::string(option) + " " + name + ": the recipe has no such name; it has " + (list.empty() ? "none" : list)};
  }
  return {};
}

Result<Values> values_of(const Recipe& recipe, const RecipeInputs& inputs) {
  CW_TRY(require_known(inputs.data, recipe.data, "--data"));
  CW_TRY(require_known(inputs.settings, recipe.settings, "--set"));
  CW_ASSIGN(const fs::path resources, resources_folder());
  Values values{{"out", inputs.out.string()},
                {"seed", inputs.seed},
                {"threads", inputs.num_threads},
                {"model", inputs.model.empty() ? (resources / "models" / "demo").string() : inputs.model}};
  for (const auto& data : recipe.data) {
    const std::string place = place_of(data, inputs);
    if (place.empty()) {
      return Error{ErrorCode::kNotFound, "E-RCP-003",
                   recipe.name + ": '" + data.name + "' is not shipped (" + data.what + "; " + data.source +
                       "); name your file: --data " + data.name + "=FILE"};
    }
    values[data.name] = place;
  }
  for (const auto& setting : recipe.settings) {
    const auto given = inputs.settings.find(setting.name);
    values[setting.name] = setting.value;
    if (given != inputs.settings.end()) {
      CW_ASSIGN(values[setting.name], setting_value(setting, given->second));
    }
  }
  return values;
}

}  // namespace

Result<Recipe> recipe_from_json(const Json& json, const std::string& where) {
  try {
    Recipe recipe;
    if (json.at("cellwright_recipe") != 1) throw Json::other_error::create(501, "another version", nullptr);
    recipe.name = json.at("name").get<std::string>();
    recipe.title = json.at("title").get<std::string>();
    recipe.about = json.at("about").get<std::string>();
    recipe.citation = json.at("paper").at("citation").get<std::string>();
    recipe.reported = json.at("paper").at("reported").get<std::string>();
    recipe.measured = json.at("measured").get<std::string>();
    for (const Json& data : json.at("data")) {
      recipe.data.push_back({data.at("name").get<std::string>(), data.at("what").get<std::string>(),
                             data.at("source").get<std::string>(), texts_of(data.at("usual"))});
    }
    for (const Json& setting : json.at("settings")) {
      recipe.settings.push_back(
          {setting.at("name").get<std::string>(), setting.at("what").get<std::string>(), setting.at("value")});
    }
    for (const Json& step : json.at("steps")) recipe.steps.push_back(step_of(step));
    for (const Json& figure : json.at("figures")) {
      recipe.figures.push_back({figure.at("text").get<std::string>(), figure.at("step").get<std::string>(),
                                figure.at("at").get<std::string>()});
    }
    return recipe;
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-RCP-001",
                 where + ": this is no recipe (" + problem.what() + "); compare it with one in resources/recipes"};
  }
}

Result<std::vector<Recipe>> bundled_recipes() {
  CW_ASSIGN(const fs::path resources, resources_folder());
  std::vector<Recipe> recipes;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(resources / "recipes", status)) {
    if (entry.path().string().find(".recipe.json") == std::string::npos) continue;
    CW_ASSIGN(const Json json, read_json(entry.path()));
    CW_ASSIGN(Recipe recipe, recipe_from_json(json, entry.path().string()));
    recipes.push_back(std::move(recipe));
  }
  std::sort(recipes.begin(), recipes.end(), [](const Recipe& a, const Recipe& b) { return a.name < b.name; });
  return recipes;
}

Result<Recipe> find_recipe(const std::string& name_or_file) {
  CW_ASSIGN(const std::vector<Recipe> recipes, bundled_recipes());
  std::string names;
  for (const auto& recipe : recipes) {
    if (recipe.name == name_or_file) return recipe;
    names += (names.empty() ? "" : ", ") + recipe.name;
  }
  std::error_code status;
  if (fs::is_regular_file(name_or_file, status)) {
    CW_ASSIGN(const Json json, read_json(name_or_file));
    return recipe_from_json(json, name_or_file);
  }
  return Error{ErrorCode::kNotFound, "E-RCP-002",
               "there is no recipe '" + name_or_file + "'; there are " + names + ", or give a file"};
}

std::string place_of(const RecipeData& data, const RecipeInputs& inputs) {
  if (const auto given = inputs.data.find(data.name); given != inputs.data.end()) return given->second;
  const auto resources = resources_folder();
  std::error_code status;
  for (const auto& usual : data.usual) {
    if (!resources.ok()) break;
    const fs::path place = (*resources / usual).lexically_normal();
    if (fs::exists(place, status)) return place.string();
  }
  return "";
}

Result<std::vector<RecipeJob>> fill_in(const Recipe& recipe, const RecipeInputs& inputs) {
  CW_ASSIGN(const Values values, values_of(recipe, inputs));
  std::vector<RecipeJob> jobs;
  for (const auto& step : recipe.steps) {
    Json options = step.options;
    CW_TRY(fill(options, values, recipe.name));
    CW_TRY(check_job(step.kind, options));
    RecipeJob job{step.name, step.what, new_job(step.kind, options), options.value("output", "")};
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace cw
