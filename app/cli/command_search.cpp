// SPDX-License-Identifier: GPL-3.0-or-later
// search cells|genes|multitask INPUT: settings with which a fine-tuning does best
#include "app/cli/finetune_use.h"
#include "app/cli/option_texts.h"
#include "core/api/search_options.h"

#include <cstdio>

namespace cw {
namespace {

std::string number(const Json& value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value.is_number() ? value.get<double>() : 0.0);
  return text;
}

std::string shown(const Json& value) {
  if (value.is_number_float()) return number(value);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string search_text(const Json& result) {
  const Json& best = result["best"];
  char line[256];
  std::snprintf(line, sizeof line, "%lld trials: %lld trained to the end, %lld stopped early, %lld failed; %.0f s",
                result.value("trials", 0LL), result.value("trained_to_the_end", 0LL), result.value("stopped", 0LL),
                result.value("failed", 0LL), result.value("seconds", 0.0));
  std::string text = line;
  text += "\nbest trial: " + best.value("trial", "");
  for (const auto& [name, value] : best["settings"].items()) text += "\n  " + name + " " + shown(value);
  if (result.contains("spread")) {
    const Json& spread = result["spread"];
    text += "\n" + result.value("metric", "") + " of those trained to the end: " + number(spread["lowest"]) + " to " +
            number(spread["highest"]) + ", median " + number(spread["median"]);
  }
  text += "\n" + result.value("verdict", "");
  const Json& run = result["best_run"];
  if (run.contains("test") && run["test"].contains("verdict")) {
    text += "\ntest part: " + run["test"].value("verdict", "");
  }
  if (run.contains("test") && run["test"].contains("macro_f1")) {
    text +=
        "\ntest part: accuracy " + number(run["test"]["accuracy"]) + ", macro-F1 " + number(run["test"]["macro_f1"]);
  }
  return text + "\nrun: " + result.value("run", "") + "\nsettings for --options: " + result.value("settings_file", "");
}

void add_search_options(CLI::App& command, FinetuneSearchOptions& o, bool& without_baseline) {
  const std::string group = "Search";
  const auto number_option = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->capture_default_str()->group(group);
  };
  command
      .add_option("--search", o.search,
                  "Setting and where to look: NAME=LOW:HIGH, NAME=LOW:HIGH:log or NAME=A,B,C; may be repeated "
                  "[learning rate, weight decay, warm-up, schedule, frozen layers as published]")
      ->type_name("NAME=RANGE")
      ->group(group);
  number_option("--trials", o.trials, "Different settings tried");
  number_option("--sampler", o.sampler, "tpe: learns from the trials so far; or random");
  number_option("--rungs", o.rungs, "Rounds of elimination; 1 = every trial is trained to the end");
  number_option("--keep", o.keep, "Share of the trials that goes on from one round to the next");
  number_option("--parallel", o.parallel, "Trials at a time; they share the processors");
  command.add_flag("--without-given", without_baseline, "Do not train with the settings as given, to compare with")
      ->group(group);
}

}  // namespace

void add_search_command(CLI::App& app, CliContext& context) {
  static FinetuneSearchOptions o;
  static bool without_baseline = false;
  auto* search = app.add_subcommand("search", "Look for the settings with which a fine-tuning does best");
  static FinetuneUse use;
  use.command = "search";
  use.add_options = [](CLI::App& command) { add_search_options(command, o, without_baseline); };
  use.act = [&context](const std::string& kind, const Json& options) {
    o.kind = kind;
    o.finetune = options;
    o.output = options.at("output").get<std::string>();
    o.finetune.erase("output");
    o.baseline = !without_baseline;
    o.seed = context.global.seed;
    o.num_threads = context.global.threads;
    o.overwrite = context.global.overwrite;
    if (const auto valid = o.validate(); !valid.ok()) return context.fail(valid.error());
    return context.run_job(new_job("search", to_json(o)), o.output, true, search_text);
  };
  add_finetune_kinds(*search, context, use);
}

}  // namespace cw
