// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/run_predict.h"

#include "core/base/output_check.h"
#include "core/embed/cell_selection.h"
#include "core/embed/open_inputs.h"
#include "core/embed/pooled_cells.h"
#include "core/io/table_writers.h"
#include "core/model/torch_guard.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

namespace cw {
namespace {

constexpr const char* kUnknown = "unknown";
constexpr std::int64_t kRowsAtOnce = 4096;

/// The column that a classifier of ours learned; of a foreign one, the name of its folder.
std::string label_of(const OpenModel& model) {
  const Json::json_pointer place("/training/label");
  if (model.cellwright.is_object() && model.cellwright.contains(place) && model.cellwright[place].is_string()) {
    return model.cellwright[place].get<std::string>();
  }
  return std::filesystem::absolute(model.path).lexically_normal().filename().string();
}

Result<> require_cell_classifier(const OpenModel& model) {
  if (model.encoder->heads().has_cell_classes()) return {};
  return Error{ErrorCode::kRefused, "E-FIN-008",
               model.path.string() + ": holds " + model.encoder->config().architecture +
                   ", not a classifier of cells (BertForSequenceClassification); make one with 'cellwright finetune "
                   "cells'"};
}

/// Probabilities of the classes, row-major [cells, C]; of a regression the numbers.
Result<std::vector<float>> model_outputs(const PredictOptions& options, const OpenModel& model,
                                         const TokenizedCells& cells, std::span<const std::int64_t> rows,
                                         JobContext& ctx) {
  const ModelConfig& config = model.encoder->config();
  CW_ASSIGN(std::vector<float> pooled,
            pool_cells(*model.encoder, cells, rows, options.tokens_per_batch, "Labelling cells", ctx));
  const auto count = static_cast<std::int64_t>(rows.size());
  std::vector<float> all;
  all.reserve(static_cast<std::size_t>(count * config.num_labels));
  for (std::int64_t begin = 0; begin < count; begin += kRowsAtOnce) {
    const std::int64_t n = std::min(kRowsAtOnce, count - begin);
    const at::Tensor states = at::from_blob(pooled.data() + begin * config.hidden, {n, config.hidden}, at::kFloat);
    const at::Tensor logits = model.encoder->heads().cell_logits(states);
    const at::Tensor out = (config.predicts_number() ? logits : at::softmax(logits, 1)).contiguous();
    all.insert(all.end(), out.const_data_ptr<float>(), out.const_data_ptr<float>() + out.numel());
  }
  return all;
}

/// Adds the columns of one model; returns how many cells got each class.
Json add_columns(const PredictOptions& options, const ModelConfig& config, const std::string& label,
                 const std::vector<float>& probabilities, std::vector<Column>& columns) {
  const auto classes = static_cast<std::size_t>(config.num_labels);
  const std::size_t cells = probabilities.size() / classes;
  std::vector<std::string> names;
  std::vector<double> best;
  std::map<std::string, std::int64_t> counts;
  for (std::size_t i = 0; i < cells; ++i) {
    const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(i * classes);
    const auto top = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes));
    best.push_back(static_cast<double>(*top));
    names.push_back(best.back() < options.threshold ? kUnknown
                                                    : config.label_names[static_cast<std::size_t>(top - row)]);
    ++counts[names.back()];
  }
  columns.push_back(Column::of_strings(label, std::move(names)));
  columns.push_back(Column::of_reals(label + "_probability", std::move(best)));
  for (std::size_t c = 0; options.probabilities && c < classes; ++c) {
    std::vector<double> values;
    for (std::size_t i = 0; i < cells; ++i) values.push_back(static_cast<double>(probabilities[i * classes + c]));
    columns.push_back(Column::of_reals(label + "_p_" + config.label_names[c], std::move(values)));
  }
  return counts;
}

/// Adds the column of a regression; returns the range of its numbers.
Json add_numbers(const std::string& label, const std::vector<float>& numbers, std::vector<Column>& columns) {
  std::vector<double> values(numbers.begin(), numbers.end());
  Json range = Json::object();
  if (!values.empty()) {
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    range = {{"lowest", *lowest}, {"mean", sum / static_cast<double>(values.size())}, {"highest", *highest}};
  }
  columns.push_back(Column::of_reals(label, std::move(values)));
  return range;
}

Result<Json> predict(const PredictOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_TRY(require_writable(options.output, options.overwrite));
  Json labels = Json::object();
  std::string device;
  std::vector<Column> columns;
  for (std::size_t m = 0; m < options.models.size(); ++m) {
    const auto count = static_cast<double>(options.models.size());
    JobContext part = ctx.slice(static_cast<double>(m) / count, static_cast<double>(m + 1) / count);
    EncoderOptions encoder_options;
    encoder_options.num_threads = options.num_threads;
    encoder_options.device = options.device;
    CW_ASSIGN(const OpenModel model, open_model(options.models[m], options.dictionary, encoder_options));
    CW_TRY(require_cell_classifier(model));
    device = model.encoder->device();
    const std::string label = label_of(model);
    if (labels.contains(label)) {
      return Error{ErrorCode::kRefused, "E-FIN-009",
                   options.models[m] + ": gives the label '" + label +
                       "' as another model does; run 'cellwright predict' once for each"};
    }
    CW_ASSIGN(const TokenizedCells cells, open_cells(options.input, model, options.num_threads, part));
    CW_ASSIGN(const std::vector<std::int64_t> rows, filter_cells(cells, options.filter, part));
    if (columns.empty()) columns.push_back(Column::of_strings("cell", cells.cells().take(rows).index));
    CW_ASSIGN(const std::vector<float> outputs, model_outputs(options, model, cells, rows, part));
    const ModelConfig& config = model.encoder->config();
    labels[label] = config.predicts_number() ? add_numbers(label, outputs, columns)
                                             : add_columns(options, config, label, outputs, columns);
  }
  CW_TRY(write_csv(options.output, columns, options.overwrite));
  return Json{
      {"output", options.output}, {"cells", columns.front().size()}, {"device", device}, {"labels", std::move(labels)}};
}

}  // namespace

Result<Json> run_predict(const PredictOptions& options, JobContext& ctx) {
  return guard_torch("labelling cells", [&] { return predict(options, ctx); });
}

}  // namespace cw
