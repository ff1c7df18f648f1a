// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/open_inputs.h"

#include "core/base/version.h"
#include "core/embed/pretraining_data.h"
#include "core/tokenize/model_dictionary.h"
#include "core/tokenize/run_tokenize.h"

#include <algorithm>

namespace cw {
namespace {

Result<> check_tokens(const TokenizedCells& cells, const OpenModel& model) {
  const ModelConfig& config = model.encoder->config();
  const auto num_known = std::min<std::int64_t>(config.vocab_size, model.dictionary->num_tokens());
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
    if (cells.length(cell) > config.max_positions) {
      return Error{ErrorCode::kRefused, "E-EMB-004",
                   "cell " + std::to_string(cell) + " has " + std::to_string(cells.length(cell)) +
                       " tokens, the model takes " + std::to_string(config.max_positions) +
                       "; tokenize again with --max-length " + std::to_string(config.max_positions)};
    }
    cells.copy_tokens(cell, tokens);
    const auto outside =
        std::find_if(tokens.begin(), tokens.end(), [&](std::int32_t token) { return token < 0 || token >= num_known; });
    if (outside != tokens.end()) {
      return Error{ErrorCode::kRefused, "E-EMB-005",
                   "cell " + std::to_string(cell) + " has token " + std::to_string(*outside) +
                       ", the model knows 0 to " + std::to_string(num_known - 1) +
                       "; the cells were tokenized with another dictionary"};
    }
  }
  return {};
}

}  // namespace

Result<OpenModel> open_model(const std::filesystem::path& folder, const std::string& dictionary,
                             const EncoderOptions& options) {
  CW_ASSIGN(const ModelFolder opened, open_model_folder(folder));
  OpenModel model;
  model.path = opened.path;
  model.weights_sha256 = opened.weights_sha256;
  model.weights = opened.weights;
  model.cellwright = opened.cellwright;
  CW_ASSIGN(model.dictionary, dictionary_of_model(opened.cellwright, opened.config.vocab_size, dictionary));
  if (model.dictionary->num_tokens() > opened.config.vocab_size) {
    return Error{ErrorCode::kRefused, "E-EMB-003",
                 folder.string() + ": the model has " + std::to_string(opened.config.vocab_size) +
                     " tokens, dictionary '" + model.dictionary->name() + "' has " +
                     std::to_string(model.dictionary->num_tokens()) + "; name the model's own with --dictionary"};
  }
  CW_ASSIGN(model.encoder, Encoder::load(opened, options));
  return model;
}

Result<TokenizedCells> open_cells(const std::filesystem::path& input, const OpenModel& model, int num_threads,
                                  JobContext& ctx) {
  TokenizeOptions options;
  options.keep_all = true;
  options.num_threads = num_threads;
  options.max_length = static_cast<std::int32_t>(
      std::min<std::int64_t>(model.encoder->config().max_positions, model.dictionary->model_input_size()));
  CW_ASSIGN(TokenizedCells cells, load_cells(input, *model.dictionary, options, ctx));
  CW_TRY(check_tokens(cells, model));
  return cells;
}

Result<std::string> choose_mode(const std::string& mode, const TokenizedCells& cells) {
  if (mode == "auto") return std::string(cells.has_special_tokens() ? "cls" : "cell");
  if (mode == "cls" && !cells.has_special_tokens()) {
    return Error{ErrorCode::kRefused, "E-EMB-006",
                 "--mode cls needs cells that begin with <cls>, these were tokenized without (dictionary '" +
                     cells.dictionary_name() + "'); use --mode cell"};
  }
  return mode;
}

Json provenance_of(const std::string& kind, const OpenModel& model, const TokenizedCells& cells, const Json& options) {
  Json provenance{
      {"kind", kind},
      {"version", std::string(version())},
      {"model", Json{{"path", model.path.string()}, {"weights_sha256", model.weights_sha256}}},
      {"dictionary", Json{{"name", model.dictionary->name()}, {"vocabulary_sha256", model.dictionary->sha256()}}},
      {"tokens", cells.source()},
      {"device", model.encoder->device()},
      {"options", options}};
  if (const std::string& why = model.encoder->why_no_gpu(); !why.empty()) provenance["why_no_gpu"] = why;
  const SeenInPretraining known =
      seen_in_pretraining(model.cellwright, model.encoder->config(), *model.dictionary, cells);
  provenance["pretraining"] = {{"seen", known.seen ? Json(*known.seen) : Json()}, {"because", known.because}};
  return provenance;
}

}  // namespace cw
