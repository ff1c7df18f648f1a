// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/cli_context.h"

#include <CLI/CLI.hpp>

namespace cw {

// One function per file command_NAME.cpp: adds the subcommand, whose callback sets `context.action`. A command that
// computes fills its options, checks them and submits them as a job:
//     context.action = [&context] {
//       options.num_threads = context.global.threads;
//       if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
//       return context.run_job(new_job("embed", to_json(options)), options.out, false, embed_text);
//     };
// The options live in a static of the file, because CLI11 writes into them while it parses.
void add_agent_commands(CLI::App& app, CliContext& context);
void add_embed_command(CLI::App& app, CliContext& context);
void add_evaluate_commands(CLI::App& app, CliContext& context);
void add_example_command(CLI::App& app, CliContext& context);
void add_finetune_commands(CLI::App& app, CliContext& context);
void add_jobs_commands(CLI::App& app, CliContext& context);
void add_machines_commands(CLI::App& app, CliContext& context);
void add_map_commands(CLI::App& app, CliContext& context);
void add_merge_command(CLI::App& app, CliContext& context);
void add_model_commands(CLI::App& app, CliContext& context);
void add_perturb_command(CLI::App& app, CliContext& context);
void add_predict_command(CLI::App& app, CliContext& context);
void add_pretrain_command(CLI::App& app, CliContext& context);
void add_recipe_commands(CLI::App& app, CliContext& context);
void add_search_command(CLI::App& app, CliContext& context);
void add_stats_command(CLI::App& app, CliContext& context);
void add_tokenize_commands(CLI::App& app, CliContext& context);

}  // namespace cw
