// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_spec.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// A file that a recipe works on.
struct RecipeData {
  std::string name;    ///< "cells"
  std::string what;    ///< what must be in it
  std::string source;  ///< where it is from, licence
  std::vector<std::string>
      usual;  ///< where it is looked for, relative to the resources; the first that is there counts
};

/// A value that the user may change.
struct RecipeSetting {
  std::string name, what;
  Json value;  ///< unless the user gives another; of the same type
};

/// One job of a recipe. Texts of its options may hold {NAME} of data and settings, {model},
/// {out}, {seed} and {threads}.
struct RecipeStep {
  std::string name, what, kind;
  Json options;
};

/// A figure that is shown at the end.
struct RecipeFigure {
  std::string text;  ///< what it is
  std::string step;  ///< in whose summary
  std::string at;    ///< JSON pointer there
};

/// A published analysis as a list of jobs: a JSON file, so that a new one needs no program.
struct Recipe {
  std::string name, title, about;
  std::string citation, reported;  ///< of the paper
  std::string measured;            ///< what came out here, with which model, and where a simple model wins
  std::vector<RecipeData> data;
  std::vector<RecipeSetting> settings;
  std::vector<RecipeStep> steps;
  std::vector<RecipeFigure> figures;
};

/// The bundled recipes, sorted by name. Errors: kNotFound (resources), kParse E-RCP-001.
[[nodiscard]] Result<std::vector<Recipe>> bundled_recipes();

/// A bundled recipe by its name, or that of a file. Errors: kNotFound E-RCP-002, naming those there are; kParse
/// E-RCP-001.
[[nodiscard]] Result<Recipe> find_recipe(const std::string& name_or_file);

/// Errors: kParse E-RCP-001; `where` goes into it.
[[nodiscard]] Result<Recipe> recipe_from_json(const Json& json, const std::string& where);

/// What a recipe is run with.
struct RecipeInputs {
  std::filesystem::path out;                          ///< folder of all its jobs, absolute
  std::string model;                                  ///< "" = the demonstration model
  std::map<std::string, std::string> data, settings;  ///< given by the user
  std::uint64_t seed = 42;
  int num_threads = 0;
};

/// A job that is ready to run.
struct RecipeJob {
  std::string step;
  std::string what;
  JobSpec spec;
  std::filesystem::path output;
};

/// Fills in a recipe. Every job is checked, though the files that earlier ones write are not there yet. Errors:
/// kNotFound E-RCP-003 (data that must be named), kInvalidArgument E-RCP-004 (no such data or setting, a value of
/// another type), those of check_job.
[[nodiscard]] Result<std::vector<RecipeJob>> fill_in(const Recipe& recipe, const RecipeInputs& inputs);

/// Where the file that a recipe needs is: as given, else the first usual place where there is one, else "".
[[nodiscard]] std::string place_of(const RecipeData& data, const RecipeInputs& inputs);

}  // namespace cw
