// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/run_tokenize.h"

#include "core/api/option_json.h"
#include "core/base/clock.h"
#include "core/base/output_check.h"
#include "core/tokenize/cell_columns.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dataset_tokenizer.h"
#include "core/tokenize/provenance.h"
#include "core/tokenize/token_file.h"

#include <algorithm>
#include <future>
#include <optional>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSourceColumn = "source";
constexpr std::int64_t kCellsPerWrite = 1024;

/// Removes a scratch folder at the end of its scope.
struct ScratchFolder {
  fs::path path;
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

/// Lengths of the cells of the output, for the summary.
class LengthStatistics {
 public:
  void add(std::size_t length) {
    if (length >= count_of_length_.size()) count_of_length_.resize(length + 1, 0);
    ++count_of_length_[length];
    ++cells_;
  }
  /// The lower of the two in the middle.
  [[nodiscard]] std::int64_t median() const {
    std::int64_t below = 0;
    for (std::size_t length = 0; length < count_of_length_.size(); ++length) {
      below += count_of_length_[length];
      if (2 * below >= cells_ && cells_ > 0) return static_cast<std::int64_t>(length);
    }
    return 0;
  }

 private:
  std::vector<std::int64_t> count_of_length_;
  std::int64_t cells_ = 0;
};

struct Tokenized {
  std::shared_ptr<const Dictionary> dictionary;
  std::int64_t num_cells = 0;
  std::int64_t num_tokens = 0;
  std::int64_t median_length = 0;
  Json files = Json::array();
};

/// The dictionary while it is being loaded, beside the first file.
using LoadingDictionary = std::future<Result<std::shared_ptr<const Dictionary>>>;

/// Data files to the cells of one token file.
class FileTokenizer {
 public:
  FileTokenizer(LoadingDictionary loading, const TokenizeOptions& options, fs::path output, bool overwrite)
      : loading_(std::move(loading)), options_(options), output_(std::move(output)), overwrite_(overwrite) {}

  Result<> add(const fs::path& path, bool name_source, JobContext& ctx) {
    auto checksum = checksum_in_background(path);
    CW_ASSIGN(const auto reader, data_formats().open_dataset(path));
    CW_ASSIGN(const auto mapper, GeneMapper::create());
    auto source = open_counts(*reader, mapper, options_.counts, options_.gene_ids, options_.species, ctx);
    if (!source.ok()) return naming_file(source.error(), path);
    if (!writer_) CW_TRY(begin(ctx));
    const CellSink sink = [this](std::span<const std::int32_t> tokens, std::uint32_t full_length) {
      lengths_.add(tokens.size());
      return writer_->append(tokens, full_length);
    };
    auto outcome = tokenize_dataset(*reader, *source, mapper, *result_.dictionary, options_, sink, ctx);
    if (!outcome.ok()) return naming_file(outcome.error(), path);
    auto tokenized = std::move(outcome).value();
    if (name_source) {
      const auto rows = tokenized.cells.index.size();
      tokenized.cells.set(
          Column::of_codes(kSourceColumn, std::vector<std::int32_t>(rows, 0), {path.filename().string()}));
    }
    append_rows(cells_, tokenized.cells);
    CW_ASSIGN(auto file, checksum.get());
    file["report"] = std::move(tokenized.report);
    result_.files.push_back(std::move(file));
    return {};
  }

  Result<Tokenized> finish() {
    result_.num_cells = writer_->num_cells();
    result_.num_tokens = writer_->num_tokens();
    result_.median_length = lengths_.median();
    if (result_.num_cells == 0) {
      return Error{ErrorCode::kRefused, "E-TOK-006",
                   "no cell has a gene of the vocabulary of dictionary " + result_.dictionary->name() +
                       ", so there is nothing to write"};
    }
    TokensInfo info = tokens_info(*result_.dictionary, options_, result_.files);
    info.source["created"] = utc_now();
    CW_TRY(writer_->finish(cells_, info));
    return std::move(result_);
  }

 private:
  Result<> begin(JobContext& ctx) {
    CW_ASSIGN(result_.dictionary, loading_.get());
    const auto& dictionary = *result_.dictionary;
    if (options_.max_length > dictionary.model_input_size()) {
      ctx.warn("W-TOK-002", "cells of " + std::to_string(options_.max_length) +
                                " tokens are longer than models of dictionary " + dictionary.name() + " take (" +
                                std::to_string(dictionary.model_input_size()) + ")");
    }
    CW_ASSIGN(auto writer, TokenFileWriter::create(output_, dictionary.num_tokens(), overwrite_));
    writer_.emplace(std::move(writer));
    return {};
  }

  LoadingDictionary loading_;
  const TokenizeOptions& options_;
  fs::path output_;
  bool overwrite_;
  std::optional<TokenFileWriter> writer_;
  LengthStatistics lengths_;
  Table cells_;
  Tokenized result_;
};

Result<Tokenized> tokenize_to_file(const std::vector<fs::path>& files, const TokenizeOptions& options,
                                   const fs::path& output, bool overwrite, JobContext& ctx) {
  FileTokenizer tokenizer(std::async(std::launch::async, &Dictionary::load, options.dictionary), options, output,
                          overwrite);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto count = static_cast<double>(files.size());
    auto share = ctx.slice(static_cast<double>(i) / count, static_cast<double>(i + 1) / count);
    CW_TRY(tokenizer.add(files[i], files.size() > 1, share));
  }
  return tokenizer.finish();
}

/// Rewrites a token file in another format. Errors: E-TOK-007, those of the exporter.
Result<> export_tokens(const fs::path& tokens, const TokenizeOptions& options) {
  CW_ASSIGN(const auto* exporter, data_formats().exporter("hf-dataset"));
  CW_ASSIGN(const auto cells, open_token_file(tokens));
  CW_ASSIGN(const auto writer, exporter->create(options.output, cells.cells(), options.overwrite));
  TokenBlock block;
  std::vector<std::int32_t> cell_tokens;
  for (std::int64_t first = 0; first < cells.num_cells(); first += kCellsPerWrite) {
    block.clear(first);
    for (std::int64_t cell = first; cell < std::min(first + kCellsPerWrite, cells.num_cells()); ++cell) {
      cells.copy_tokens(cell, cell_tokens);
      block.append_cell(cell_tokens);
    }
    CW_TRY(writer->append(block));
  }
  return writer->finish();
}

}  // namespace

Result<Json> run_tokenize(const TokenizeOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  if (options.output.empty()) return option_error("--out", options.output, "a file ending in .tokens.h5");
  if (options.dictionary.empty()) return option_error("--dictionary", options.dictionary, "v1, v2 or a folder");
  CW_ASSIGN(const auto files, find_data_files(options.inputs, options.recursive));
  Tokenized tokenized;
  if (options.format == "hf") {
    const fs::path target(options.output);
    CW_TRY(require_writable(target, options.overwrite));
    CW_ASSIGN(const auto scratch, make_scratch_folder(target.parent_path().empty() ? "." : target.parent_path()));
    const ScratchFolder remove_at_end{scratch};
    const auto between = scratch / "cells.tokens.h5";
    CW_ASSIGN(tokenized, tokenize_to_file(files, options, between, false, ctx));
    CW_TRY(export_tokens(between, options));
  } else {
    CW_ASSIGN(tokenized, tokenize_to_file(files, options, options.output, options.overwrite, ctx));
  }
  return Json{{"output", options.output},
              {"dictionary", tokenized.dictionary->name()},
              {"dictionary_sha256", tokenized.dictionary->sha256()},
              {"cells", tokenized.num_cells},
              {"tokens", tokenized.num_tokens},
              {"median_length", tokenized.median_length},
              {"files", std::move(tokenized.files)}};
}

}  // namespace cw
