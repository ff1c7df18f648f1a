// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/recipes/recipe_report.h"

#include <cstdio>

namespace cw {
namespace {

std::string shown(const Json& value) {
  if (!value.is_number_float()) return value.is_string() ? value.get<std::string>() : value.dump();
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value.get<double>());
  return text;
}

/// One table per step that compared models: every number that its rows have.
std::string comparison_of(const Json& rows) {
  std::string text;
  for (const Json& row : rows) {
    if (text.empty()) {
      std::string rule;
      for (const auto& [name, value] : row.items()) {
        text += "| " + name + " ";
        rule += "|---";
      }
      text += "|\n" + rule + "|\n";
    }
    for (const auto& [name, value] : row.items()) text += "| " + shown(value) + " ";
    text += "|\n";
  }
  return text;
}

}  // namespace

Json recipe_figures(const Recipe& recipe, const Json& results) {
  Json figures = Json::array();
  for (const auto& figure : recipe.figures) {
    const Json::json_pointer place(figure.at);
    const auto step = results.find(figure.step);
    const bool known = step != results.end() && step->contains(place);
    figures.push_back({{"text", figure.text}, {"value", known ? step->at(place) : Json()}});
  }
  return figures;
}

std::string recipe_report(const Recipe& recipe, const Json& results) {
  std::string text = "# " + recipe.title + "\n\n" + recipe.about + "\n\n";
  text += "Paper: " + recipe.reported + " (" + recipe.citation + ")\n";
  for (const Json& figure : recipe_figures(recipe, results)) {
    if (figure["value"].is_null()) continue;
    text += "\n- " + figure["text"].get<std::string>() + ": " + shown(figure["value"]);
  }
  text += "\n";
  for (const auto& [step, result] : results.items()) {
    const Json test = result.value("test", Json::object());
    if (!test.is_object() || !test.contains("comparison")) continue;
    text += "\n" + comparison_of(test["comparison"]);
    if (test.contains("verdict")) text += "\n" + test["verdict"].get<std::string>() + "\n";
  }
  return text + "\nMeasured before: " + recipe.measured + "\n";
}

}  // namespace cw
