// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/recipes/recipe.h"

namespace cw {

/// What a recipe that has run came to, in Markdown: the paper's figure, those of this run, the comparison with simple
/// models, and what was measured before with the demonstration model. `results` = summaries of the jobs by step.
[[nodiscard]] std::string recipe_report(const Recipe& recipe, const Json& results);

/// The figures of a recipe with their values, null where a step has none.
[[nodiscard]] Json recipe_figures(const Recipe& recipe, const Json& results);

}  // namespace cw
