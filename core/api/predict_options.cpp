// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/predict_options.h"

#include "core/api/device_request.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("models", o.models);
  field("output", o.output);
  field("dictionary", o.dictionary);
  field("filter", o.filter);
  field("threshold", o.threshold);
  field("probabilities", o.probabilities);
  field("tokens_per_batch", o.tokens_per_batch);
  field("num_threads", o.num_threads);
  field("device", o.device);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> PredictOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "empty", "a token or data file");
  if (models.empty()) return option_error("--model", "missing", "the folder of a cell classifier");
  if (output.empty()) return option_error("--out", "empty", "a CSV file to write");
  if (const auto asked = device_request(device); !asked.ok()) return asked.error();
  CW_TRY(check_range("--threshold", threshold, 0, 1));
  return check_range("--tokens-per-batch", static_cast<double>(tokens_per_batch), 16, 1e8);
}

Json to_json(const PredictOptions& options) { return write_fields(options, kFields); }

Result<PredictOptions> predict_options_from_json(const Json& json) {
  return read_fields<PredictOptions>(json, "predict", kFields);
}

}  // namespace cw
