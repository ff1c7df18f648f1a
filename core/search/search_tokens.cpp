// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/search_tokens.h"

#include "core/tokenize/data_formats.h"
#include "core/tokenize/model_dictionary.h"
#include "core/tokenize/run_tokenize.h"
#include "core/tokenize/token_file.h"
#include "core/weights/model_folder.h"

#include <algorithm>

namespace cw {
namespace {

Result<> write_tokens(const TokenizedCells& cells, std::int64_t vocabulary, const std::filesystem::path& path,
                      const JobContext& ctx) {
  CW_ASSIGN(TokenFileWriter writer, TokenFileWriter::create(path, vocabulary, true));
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
    if (ctx.cancelled()) return cancelled_error("tokenizing");
    cells.copy_tokens(cell, tokens);
    CW_TRY(writer.append(tokens, static_cast<std::uint32_t>(cells.full_length(cell))));
  }
  return writer.finish(cells.cells(), cells.info());
}

}  // namespace

Result<> tokenize_once(Json& options, int num_threads, const std::filesystem::path& folder, JobContext& ctx) {
  const std::filesystem::path input = options.at("input").get<std::string>();
  if (is_token_file(input) || data_formats().token_reader_for(input) != nullptr) return {};
  const std::filesystem::path tokens = folder / "cells.tokens.h5";
  std::error_code status;
  if (!std::filesystem::exists(tokens, status)) {
    CW_ASSIGN(const ModelFolder model, open_model_folder(options.at("model").get<std::string>()));
    CW_ASSIGN(const auto dictionary,
              dictionary_of_model(model.cellwright, model.config.vocab_size, options.value("dictionary", "")));
    TokenizeOptions tokenizing;
    tokenizing.keep_all = true;
    tokenizing.num_threads = num_threads;
    tokenizing.max_length =
        static_cast<std::int32_t>(std::min<std::int64_t>(model.config.max_positions, dictionary->model_input_size()));
    CW_ASSIGN(const TokenizedCells cells, load_cells(input, *dictionary, tokenizing, ctx));
    CW_TRY(write_tokens(cells, dictionary->num_tokens(), tokens, ctx));
  }
  if (options.value("counts", Json()) == "") options["counts"] = input.string();
  options["input"] = tokens.string();
  return {};
}

}  // namespace cw
