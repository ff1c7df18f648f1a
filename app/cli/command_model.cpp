// SPDX-License-Identifier: GPL-3.0-or-later
// model inspect|convert|compare|merge|new: answers at once, without the engine
#include "app/cli/commands.h"
#include "core/tokenize/dictionary.h"
#include "core/weights/lora_adapter.h"
#include "core/weights/model_tools.h"

#include <array>
#include <cstdio>

namespace cw {
namespace {

struct ModelArguments {
  std::string model;
  std::string other;
  std::string output;
  std::string preset;
  std::string config;
};

int inspect_model(const CliContext& context, const ModelArguments& arguments) {
  const auto description = describe_model(arguments.model);
  if (!description.ok()) return context.fail(description.error());
  return context.print(*description, plain_summary(*description));
}

int convert(const CliContext& context, const ModelArguments& arguments) {
  const auto converted = convert_model(arguments.model, arguments.output, context.global.overwrite);
  if (!converted.ok()) return context.fail(converted.error());
  return context.print({{"output", arguments.output}}, "written: " + arguments.output);
}

int merge(const CliContext& context, const ModelArguments& arguments) {
  const Json note = {{"merged_from", {{"base", arguments.model}, {"adapter", arguments.other}}}};
  const auto merged = merge_adapter(arguments.model, arguments.other, arguments.output, note, context.global.overwrite);
  if (!merged.ok()) return context.fail(merged.error());
  return context.print({{"output", arguments.output}}, "written: " + arguments.output);
}

std::string comparison_text(const ModelComparison& comparison) {
  std::string text = comparison.same_bits() ? "the models are equal bit by bit" : "the models differ";
  for (const auto& tensor : comparison.tensors) {
    if (tensor.same_bits) continue;
    std::array<char, 256> line{};
    std::snprintf(line.data(), line.size(), "\n%-60s largest difference %.3g, cosine %.6f", tensor.name.c_str(),
                  tensor.max_abs, tensor.cosine);
    text += line.data();
  }
  const auto list = [&text](const char* what, const std::vector<std::string>& names) {
    for (const auto& name : names) text += std::string("\n") + what + name;
  };
  list("other shape: ", comparison.other_shape);
  list("only in the first: ", comparison.only_in_first);
  list("only in the second: ", comparison.only_in_second);
  return text;
}

int compare(const CliContext& context, const ModelArguments& arguments) {
  JobContext job;
  const auto comparison = compare_models(arguments.model, arguments.other, job);
  if (!comparison.ok()) return context.fail(comparison.error());
  return context.print(to_json(*comparison), comparison_text(*comparison));
}

Result<ModelConfig> chosen_config(const ModelArguments& arguments) {
  if (arguments.config.empty()) return model_preset(arguments.preset);
  CW_ASSIGN(const Json json, read_json(arguments.config));
  return model_config_from_json(json, arguments.config);
}

// The published dictionary of that size is noted in the model, so that data of another vocabulary are refused later.
Json dictionary_note(const ModelConfig& config) {
  const auto dictionary = dictionary_for_vocabulary_size(config.vocab_size);
  if (!dictionary.ok()) return {{"trained", false}};
  return {{"trained", false}, {"dictionary", {{"name", (*dictionary)->name()}, {"sha256", (*dictionary)->sha256()}}}};
}

int create(const CliContext& context, const ModelArguments& arguments) {
  if (arguments.config.empty() && arguments.preset.empty()) {
    return context.fail(
        {ErrorCode::kInvalidArgument, "E-ARG-003", "one of --preset and --config is required; see --help"});
  }
  const auto config = chosen_config(arguments);
  if (!config.ok()) return context.fail(config.error());
  const auto created =
      create_model(arguments.output, *config, context.global.seed, dictionary_note(*config), context.global.overwrite);
  if (!created.ok()) return context.fail(created.error());
  return context.print({{"output", arguments.output}}, "written, with random weights: " + arguments.output);
}

}  // namespace

void add_model_commands(CLI::App& app, CliContext& context) {
  static ModelArguments arguments;
  auto* model = app.add_subcommand("model", "Create, look at, convert and compare models");
  model->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*work)(const CliContext&, const ModelArguments&)) {
    auto* sub = model->add_subcommand(name, help);
    sub->callback([&context, work] { context.action = [&context, work] { return work(context, arguments); }; });
    return sub;
  };
  auto* inspect =
      add("inspect", "Layers, widths, vocabulary, head, parameters, checksum of a model folder", inspect_model);
  inspect->footer("Example: cellwright model inspect MODEL");
  inspect->add_option("DIR", arguments.model, "Hugging Face model folder")->required();

  auto* converting = add("convert", "Write pytorch_model.bin as a folder with model.safetensors, bit by bit", convert);
  converting->footer("Example: cellwright model convert MODEL --out MODEL-safetensors");
  converting->add_option("DIR", arguments.model, "Hugging Face model folder")->required();
  converting->add_option("--out", arguments.output, "New model folder")->required()->type_name("DIR");

  auto* comparing = add("compare", "Compare two models, tensor by tensor", compare);
  comparing->footer("Example: cellwright model compare MODEL OTHER");
  comparing->add_option("DIR", arguments.model, "First model folder")->required();
  comparing->add_option("OTHER", arguments.other, "Second model folder")->required();

  auto* merging = add("merge", "Add a LoRA adapter to the model it was trained on", merge);
  merging->footer("Example: cellwright model merge MODEL --adapter run/adapter --out NEW");
  merging->add_option("DIR", arguments.model, "Model folder that the adapter was trained on")->required();
  merging->add_option("--adapter", arguments.other, "Folder that 'finetune ... --lora-rank' wrote")
      ->required()
      ->type_name("DIR");
  merging->add_option("--out", arguments.output, "New model folder")->required()->type_name("DIR");

  auto* creating = add("new", "Create a model with random weights", create);
  creating->footer("Example: cellwright model new --preset demo --seed 7 --out MODEL");
  auto* preset = creating->add_option("--preset", arguments.preset, "demo, v1-10m, v1-40m, v2-104m or v2-316m");
  auto* config = creating->add_option("--config", arguments.config, "config.json of a BERT model")->type_name("FILE");
  preset->excludes(config);
  creating->add_option("--out", arguments.output, "New model folder")->required()->type_name("DIR");
}

}  // namespace cw
