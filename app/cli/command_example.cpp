// SPDX-License-Identifier: GPL-3.0-or-later
// example: the bundled data set from file to ranked list, and a report in plain language
#include "app/cli/commands.h"
#include "app/cli/example_report.h"
#include "core/api/embed_options.h"
#include "core/api/map_options.h"
#include "core/api/markers_options.h"
#include "core/api/perturb_options.h"
#include "core/api/stats_options.h"
#include "core/api/tokenize_options.h"
#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/tokenize/inspect.h"

#include <chrono>
#include <cstdio>

namespace cw {
namespace {

constexpr const char* kLabels = "cell_type";
constexpr const char* kStart = "CD14+ Mono";
constexpr const char* kGoal = "B";
// Every detected gene of this many monocytes: enough for a list, and done in two minutes on two cores.
constexpr std::int64_t kCellsPerturbed = 24;

// Runs the steps one after the other, says what each does and how long it took, and keeps their summaries.
class Example {
 public:
  Example(const CliContext& context, std::filesystem::path folder) : context_(context), folder_(std::move(folder)) {}

  Result<Json> run() {
    CW_ASSIGN(const std::filesystem::path resources, resources_folder());
    const std::string data = (resources / "example" / "pbmc3k_half_a.h5ad").string();
    const std::string model = (resources / "models" / "demo").string();
    CW_TRY(look_at(data));
    CW_TRY(tokenize(data));
    CW_TRY(embed(model));
    CW_TRY(map());
    CW_TRY(markers(data));
    CW_TRY(perturb(model));
    CW_TRY(rank());
    CW_TRY(write_file_atomically(folder_ / "report.md", example_report(steps_)));
    return Json{
        {"output", folder_.string()}, {"report", at("report.md")}, {"ranked", at("ranked.csv")}, {"steps", steps_}};
  }

 private:
  [[nodiscard]] std::string at(const char* name) const { return (folder_ / name).string(); }

  template <class Work>
  Result<> step(const char* name, const char* what, const Work& work) {
    if (!context_.global.json) std::fprintf(stderr, "%s\n", what);
    const auto began = std::chrono::steady_clock::now();
    CW_ASSIGN(steps_[name], work());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    steps_[name]["wall_seconds"] = seconds;
    if (!context_.global.json) std::fprintf(stderr, "  done in %s\n", duration_text(seconds).c_str());
    return {};
  }

  template <class Options>
  Result<Json> compute(const char* kind, Options& options, bool folder_output = false) {
    options.num_threads = context_.global.threads;
    options.overwrite = context_.global.overwrite;
    CW_TRY(options.validate());
    return context_.compute(new_job(kind, to_json(options)), options.output, folder_output);
  }

  Result<> look_at(const std::string& data) {
    return step("inspect", "1. What is in the file, and will it work?", [&]() -> Result<Json> {
      JobContext job;
      return inspect(data, InspectOptions{}, job);
    });
  }

  Result<> tokenize(const std::string& data) {
    return step("tokenize", "2. Genes of each cell, ordered by how unusual their expression is (rank value encoding)",
                [&] {
                  TokenizeOptions options;
                  options.inputs = {data};
                  options.output = at("pbmc.tokens.h5");
                  options.dictionary = "v1";
                  options.keep_all = true;
                  return compute("tokenize", options);
                });
  }

  Result<> embed(const std::string& model) {
    return step("embed", "3. One vector per cell, from the demonstration model", [&] {
      EmbedOptions options;
      options.input = at("pbmc.tokens.h5");
      options.model = model;
      options.output = at("embedding.h5ad");
      options.seed = context_.global.seed;
      return compute("embed", options);
    });
  }

  Result<> map() {
    return step("map", "4. Neighbours, clusters and a map of the cells", [&] {
      MapOptions options;
      options.input = at("embedding.h5ad");
      options.output = at("map.h5ad");
      options.label = kLabels;
      options.seed = context_.global.seed;
      return compute("map", options);
    });
  }

  Result<> markers(const std::string& data) {
    return step("markers", "5. Marker genes of the cell types", [&] {
      MarkersOptions options;
      options.input = data;
      options.groups = kLabels;
      options.output = at("markers.csv");
      options.top = 50;
      return compute("markers", options);
    });
  }

  Result<> perturb(const std::string& model) {
    return step("perturb",
                "6. Delete every gene of CD14+ monocytes in silico: which deletion moves them towards B cells?", [&] {
                  PerturbOptions options;
                  options.input = at("pbmc.tokens.h5");
                  options.model = model;
                  options.output = at("monocytes-towards-b-cells");
                  options.requests = {PerturbRequest{"delete", {"all"}}};
                  options.state_column = kLabels;
                  options.start = kStart;
                  options.goal = kGoal;
                  options.max_cells = kCellsPerturbed;
                  options.seed = context_.global.seed;
                  return compute("perturb", options, true);
                });
  }

  Result<> rank() {
    return step("stats", "7. A ranked list, with null, baseline and flags", [&] {
      StatsOptions options;
      options.runs = {at("monocytes-towards-b-cells")};
      options.output = at("ranked.csv");
      options.xlsx = at("ranked.xlsx");
      options.seed = context_.global.seed;
      return compute("stats", options);
    });
  }

  const CliContext& context_;
  std::filesystem::path folder_;
  Json steps_ = Json::object();
};

// A folder that is not there yet, so that the example can be run as often as one likes.
std::string fresh_folder(const CliContext& context) {
  std::string usual = "cellwright-example";
  std::error_code status;
  if (context.global.overwrite || !std::filesystem::exists(usual, status)) return usual;
  int number = 2;
  while (std::filesystem::exists(usual + "-" + std::to_string(number), status)) ++number;
  return usual + "-" + std::to_string(number);
}

int run_example(const CliContext& context, std::string output) {
  if (output.empty()) {
    output = fresh_folder(context);
    if (!context.global.json) std::fprintf(stderr, "The results go to the folder %s\n", output.c_str());
  }
  const auto result = Example(context, output).run();
  if (!result.ok()) return context.fail(result.error());
  const auto report = read_file(result->at("report").get<std::string>());
  if (!report.ok()) return context.fail(report.error());
  return context.print(*result, "\n" + *report + "\nEverything is in " + output);
}

}  // namespace

void add_example_command(CLI::App& app, CliContext& context) {
  static std::string output;
  auto* example =
      app.add_subcommand("example", "The bundled example, from file to ranked list (under 5 minutes on 2 cores)");
  example->footer("Example: cellwright example --out my-example");
  example
      ->add_option("--out", output,
                   "Folder for the results; default: cellwright-example, or a fresh cellwright-example-2, -3, ..")
      ->type_name("DIR");
  example->callback([&context] { context.action = [&context] { return run_example(context, output); }; });
}

}  // namespace cw
