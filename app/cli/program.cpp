// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/program.h"

#include "app/cli/commands.h"
#include "core/api/device_request.h"
#include "core/base/version.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <string_view>

namespace cw {
namespace {

void add_global_options(CLI::App& app, GlobalOptions& global) {
  app.add_flag("--json", global.json, "One JSON object on standard output instead of text")->group("Everywhere");
  app.add_flag("--quiet", global.quiet, "No progress line")->group("Everywhere");
  app.add_flag("--verbose", global.verbose, "Say more on standard error")->group("Everywhere");
  app.add_flag("--overwrite", global.overwrite, "Replace existing output")->group("Everywhere");
  app.add_flag("--detach", global.detach, "Start the job and return at once")->group("Everywhere");
  app.add_option("--threads", global.threads, "Processor threads to use, 0 = all")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str()
      ->group("Everywhere");
  app.add_option("--seed", global.seed, "Seed of everything random")->capture_default_str()->group("Everywhere");
  app.add_option("--device", global.device, "auto, cpu, cuda or cuda:N")->capture_default_str()->group("Everywhere");
  app.add_option("--machine", global.machine, "Run the job there; see 'cellwright machines list' [this PC]")
      ->type_name("NAME")
      ->group("Everywhere");
  app.add_option("--ask", global.asked, "What a cluster is asked for: partition, account, time, memory, gpus, cpus")
      ->type_name("KEY=VALUE")
      ->group("Everywhere");
  app.add_option("--log", global.log, "Also write the log to this file")->type_name("FILE")->group("Everywhere");
}

// Commands that compute on a graphics card; one that is asked for and not used would be a surprise.
constexpr std::array<std::string_view, 3> kOnDevice{"embed", "perturb", "predict"};

Result<> check_device(const std::string& device, const CLI::App& app) {
  const auto request = device_request(device);
  if (!request.ok()) return request.error();
  if (!request.value().required) return {};
  for (const CLI::App* command : app.get_subcommands()) {
    if (std::find(kOnDevice.begin(), kOnDevice.end(), command->get_name()) != kOnDevice.end()) continue;
    return Error{ErrorCode::kUnsupported, "E-DEV-012",
                 "'cellwright " + command->get_name() + "' computes on the processor, but --device is " + device +
                     "; embed, perturb and predict take a GPU, use cpu or auto for the others"};
  }
  return {};
}

Result<> start_log(const GlobalOptions& global) {
  try {
    auto logger = global.log.empty() ? spdlog::stderr_color_mt("cellwright")
                                     : spdlog::basic_logger_mt("cellwright", global.log.string());
    logger->set_level(global.verbose ? spdlog::level::debug : spdlog::level::warn);
    if (!global.log.empty()) logger->set_level(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
  } catch (const spdlog::spdlog_ex& problem) {
    return Error{ErrorCode::kIo, "E-IO-004",
                 global.log.string() + ": cannot write the log: " + problem.what() + "; choose another file"};
  }
  return {};
}

// The commands that answer at once have no engine that could fail in their place.
int act(const CliContext& context) {
  try {
    return context.action();
  } catch (const std::bad_alloc&) {
    return context.fail({ErrorCode::kOutOfMemory, "E-JOB-006", "memory ran out; close other programs"});
  } catch (const std::exception& bug) {
    return context.fail({ErrorCode::kInternal, "E-JOB-007", std::string("internal error (a bug): ") + bug.what()});
  }
}

}  // namespace

int run_program(int argc, char** argv) {
  CLI::App app{"Cellwright: Geneformer for biologists. From single-cell counts to an honest ranked gene list."};
  app.name("cellwright");
  app.set_version_flag("--version", "cellwright " + std::string(version()));
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(42);
  CliContext context;
  add_global_options(app, context.global);
  add_embed_command(app, context);
  add_evaluate_commands(app, context);
  add_perturb_command(app, context);
  add_predict_command(app, context);
  add_pretrain_command(app, context);
  add_finetune_commands(app, context);
  add_search_command(app, context);
  add_recipe_commands(app, context);
  add_stats_command(app, context);
  add_tokenize_commands(app, context);
  add_example_command(app, context);
  add_jobs_commands(app, context);
  add_machines_commands(app, context);
  add_agent_commands(app, context);
  add_map_commands(app, context);
  add_merge_command(app, context);
  add_model_commands(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& problem) {
    return context.fail({ErrorCode::kInvalidArgument, "E-ARG-003", std::string(problem.what()) + "; see --help"});
  }
  if (!context.action) {
    std::printf("%s", app.help().c_str());
    return 0;
  }
  if (const auto device = check_device(context.global.device, app); !device.ok()) return context.fail(device.error());
  if (const auto logging = start_log(context.global); !logging.ok()) return context.fail(logging.error());
  return act(context);
}

}  // namespace cw
