// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/commands.h"

#include <functional>
#include <string>

namespace cw {

/// What the options of a fine-tuning are collected for, where it is not to run that one job.
struct FinetuneUse {
  std::string command;                                           ///< "search", for the example
  std::function<void(CLI::App&)> add_options;                    ///< those of its own
  std::function<int(const std::string& kind, const Json&)> act;  ///< with the options of the job; gives the exit code
};

/// Adds `cells`, `genes` and `multitask` with all their options below `parent`. `use` must live as long as the program.
void add_finetune_kinds(CLI::App& parent, CliContext& context, const FinetuneUse& use);

}  // namespace cw
