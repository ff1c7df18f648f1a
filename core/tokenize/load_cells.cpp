// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/cell_selection.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dataset_tokenizer.h"
#include "core/tokenize/provenance.h"
#include "core/tokenize/run_tokenize.h"
#include "core/tokenize/token_file.h"

namespace cw {
namespace {

/// Tokens that a foreign file gives without saying of which dictionary.
Result<> require_known_tokens(const std::filesystem::path& path, const TokenizedCells& cells,
                              const Dictionary& dictionary) {
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
    cells.copy_tokens(cell, tokens);
    for (const std::int32_t token : tokens) {
      if (!dictionary.ensembl_id(token).empty()) continue;
      return Error{ErrorCode::kRefused, "E-TOK-008",
                   path.string() + ": cell " + std::to_string(cell + 1) + " holds token " + std::to_string(token) +
                       ", which dictionary " + dictionary.name() + " (" + std::to_string(dictionary.num_tokens()) +
                       " tokens) has not; the data were tokenized with another dictionary"};
    }
  }
  if (cells.has_special_tokens() != dictionary.has_special_tokens() && cells.num_cells() > 0) {
    return Error{ErrorCode::kRefused, "E-TOK-008",
                 path.string() + (cells.has_special_tokens() ? " has" : " has not") +
                     " <cls> and <eos> around its cells, unlike those of dictionary " + dictionary.name() +
                     "; the data were tokenized with another dictionary"};
  }
  return {};
}

Result<TokenizedCells> tokenize_in_memory(const std::filesystem::path& path, const Dictionary& dictionary,
                                          const TokenizeOptions& options, JobContext& ctx) {
  CW_ASSIGN(const auto reader, data_formats().open_dataset(path));
  auto checksum = checksum_in_background(path);
  TokenCollector collector(dictionary.num_tokens());
  const CellSink collect = [&](std::span<const std::int32_t> tokens, std::uint32_t full_length) {
    collector.append(tokens, full_length);
    return Result<>();
  };
  CW_ASSIGN(const auto mapper, GeneMapper::create());
  auto source = open_counts(*reader, mapper, options.counts, options.gene_ids, options.species, ctx);
  if (!source.ok()) return naming_file(source.error(), path);
  auto outcome = tokenize_dataset(*reader, *source, mapper, dictionary, options, collect, ctx);
  if (!outcome.ok()) return naming_file(outcome.error(), path);
  auto tokenized = std::move(outcome).value();
  CW_ASSIGN(auto file, checksum.get());
  file["report"] = tokenized.report;
  auto info = tokens_info(dictionary, options, Json::array({std::move(file)}));
  return TokenizedCells(collector.take_storage(), std::move(tokenized.cells), std::move(info));
}

}  // namespace

Result<TokenizedCells> load_cells(const std::filesystem::path& tokens_or_data, const Dictionary& dictionary,
                                  const TokenizeOptions& options, JobContext& ctx) {
  const bool foreign = data_formats().token_reader_for(tokens_or_data) != nullptr;
  if (!foreign && !is_token_file(tokens_or_data)) return tokenize_in_memory(tokens_or_data, dictionary, options, ctx);
  CW_ASSIGN(auto cells, TokenizedCells::open(tokens_or_data));
  if (cells.dictionary_sha256().empty()) {
    CW_TRY(require_known_tokens(tokens_or_data, cells, dictionary));
    cells = cells.with_dictionary(dictionary.name(), dictionary.sha256());
  } else {
    CW_TRY(require_same_vocabulary(tokens_or_data.string(), cells.dictionary_name(), cells.dictionary_sha256(),
                                   "the model", dictionary.name(), dictionary.sha256()));
  }
  if (options.filter.empty()) return cells;
  CW_ASSIGN(const auto rows, select_cells(cells.cells(), options.filter));
  return cells.take(rows);
}

}  // namespace cw
