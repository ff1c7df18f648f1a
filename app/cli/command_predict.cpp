// SPDX-License-Identifier: GPL-3.0-or-later
// predict INPUT: labels of cells from fine-tuned classifiers
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "core/api/predict_options.h"

namespace cw {
namespace {

std::string predict_text(const Json& result) {
  std::string text = result.value("output", "") + ": " + std::to_string(result.value("cells", 0)) + " cells";
  for (const auto& [label, classes] : result["labels"].items()) {
    text += "\n" + label + ":";
    for (const auto& [name, count] : classes.items()) text += " " + name + " " + count.dump() + ",";
    if (text.back() == ',') text.pop_back();
  }
  return text;
}

int submit(const CliContext& context, PredictOptions options, const std::vector<std::string>& filters) {
  auto filter = parse_filters(filters);
  if (!filter.ok()) return context.fail(filter.error());
  options.filter = std::move(filter).value();
  options.num_threads = context.global.threads;
  options.device = context.global.device;
  options.overwrite = context.global.overwrite;
  for (std::string* path : {&options.input, &options.output}) make_absolute(*path);
  for (std::string& model : options.models) make_absolute(model);
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  return context.run_job(new_job("predict", to_json(options)), options.output, false, predict_text);
}

}  // namespace

void add_predict_command(CLI::App& app, CliContext& context) {
  static PredictOptions options;
  static std::vector<std::string> filters;
  auto* predict = app.add_subcommand("predict", "Label cells with fine-tuned classifiers");
  predict->footer("Example: cellwright predict new.h5ad --model run/model --out labels.csv");
  predict->add_option("INPUT", options.input, "Tokens, or a data file, which is tokenized on the way")->required();
  predict
      ->add_option("--model", options.models, "Model that 'finetune cells' wrote; may be repeated, each adds a label")
      ->required()
      ->type_name("DIR");
  predict->add_option("--out", options.output, "CSV to write: cell, label, probability")->required()->type_name("FILE");
  predict->add_option("--threshold", options.threshold, "'unknown' below this probability; 0 = never")
      ->capture_default_str();
  predict->add_flag("--probabilities", options.probabilities, "Also one column per class");
  predict->add_option("--filter", filters, "Only cells with COLUMN=V[,V..]; may be repeated");
  predict->add_option("--dictionary", options.dictionary, "v1, v2 or a folder; default: the model's own");
  predict->add_option("--tokens-per-batch", options.tokens_per_batch, "Tokens per batch; more uses more memory")
      ->capture_default_str();
  predict->callback([&context] { context.action = [&context] { return submit(context, options, filters); }; });
}

}  // namespace cw
