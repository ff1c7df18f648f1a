// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/run_medians.h"

#include "core/api/option_json.h"
#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/base/version.h"
#include "core/tokenize/cell_columns.h"
#include "core/tokenize/cell_selection.h"
#include "core/tokenize/count_block.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dataset_tokenizer.h"
#include "core/tokenize/median_sketch.h"
#include "core/tokenize/provenance.h"
#include "core/tokenize/run_tokenize.h"

#include <cmath>
#include <cstdio>
#include <map>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr double kTargetSum = 10'000.0;

bool is_wanted(const HumanGenes& genes, std::string_view ensembl_id, const std::string& which) {
  if (ensembl_id.empty()) return false;
  const auto biotype = genes.biotype(ensembl_id);
  return which == "all" || biotype == "protein_coding" || biotype == "miRNA";
}

/// The medians of a corpus as they grow file by file.
class Corpus {
 public:
  Corpus(const MediansOptions& options, const GeneMapper& mapper) : options_(options), mapper_(mapper) {}

  Result<Json> add_file(const fs::path& path, JobContext& ctx) {
    CW_ASSIGN(const auto reader, data_formats().open_dataset(path));
    CW_ASSIGN(const auto source,
              open_counts(*reader, mapper_, options_.counts, options_.gene_ids, options_.species, ctx));
    const std::vector<std::int32_t> no_tokens(source.names.size(), -1);
    const auto survival =
        gene_survival(source.mapping, source.names, no_tokens, source.sampled_gene_counts, mapper_.genes());
    CW_TRY(require_mapped_half(source.mapping, survival, options_.force));
    if (const auto text = repeated_genes_text(source.mapping); !text.empty()) {
      ctx.warn("W-GENE-005", path.string() + ": " + text);
    }
    assign_sketches(source.mapping);
    CW_ASSIGN(const auto keep, select_cells(*reader, {}, options_.cell_filter));
    CW_ASSIGN(const auto totals, read_totals(*reader));
    CW_ASSIGN(const auto matrix, reader->open_matrix(source.where));
    std::int64_t cells = 0;
    CW_TRY(for_each_block(*matrix, reader->info().num_cells, "Finding medians", ctx, [&](const CellBlock& block) {
      return add_block(*reader, source, keep, totals.values, block, cells);
    }));
    num_cells_ += cells;
    return Json{{"counts", source.where}, {"gene_ids", source.mapping.where}, {"cells", cells}};
  }

  [[nodiscard]] const std::map<std::string, std::size_t>& genes() const { return sketch_of_gene_; }
  [[nodiscard]] const MedianSketch& sketch(std::size_t i) const { return sketches_[i]; }
  [[nodiscard]] std::int64_t num_cells() const { return num_cells_; }

 private:
  void assign_sketches(const GeneMapping& mapping) {
    sketch_of_row_.assign(mapping.ensembl_id.size(), -1);
    for (std::size_t row = 0; row < mapping.ensembl_id.size(); ++row) {
      if (!is_wanted(mapper_.genes(), mapping.ensembl_id[row], options_.genes)) continue;
      const auto [place, added] = sketch_of_gene_.emplace(mapping.ensembl_id[row], sketches_.size());
      if (added) sketches_.emplace_back();
      sketch_of_row_[row] = static_cast<std::int64_t>(place->second);
    }
    sums_.assign(sketches_.size(), 0.0);
  }

  Result<> add_block(const DatasetReader& reader, const CountsWithGenes& source, const std::vector<std::uint8_t>& keep,
                     const std::vector<double>& totals, const CellBlock& block, std::int64_t& cells) {
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      const auto cell = static_cast<std::size_t>(block.first_cell + row);
      if (keep[cell] == 0) continue;
      const auto genes = block.genes_of(row);
      const auto values = block.values_of(row);
      const auto check = check_counts(values);
      if (!check.valid || (!check.integer && !options_.force)) {
        return bad_count(reader.info(), source.where, static_cast<std::int64_t>(cell), genes, values,
                         [&](std::uint32_t gene) { return source.names[gene]; });
      }
      const bool given = !totals.empty() && totals[cell] > 0.0 && std::isfinite(totals[cell]);
      const double total = given ? totals[cell] : check.sum;
      ++cells;
      touched_.clear();
      for (std::size_t i = 0; i < genes.size(); ++i) {  // rows of one gene are summed first
        const std::int64_t sketch = sketch_of_row_[genes[i]];
        if (sketch < 0 || values[i] == 0.0F) continue;
        auto& sum = sums_[static_cast<std::size_t>(sketch)];
        if (sum == 0.0) touched_.push_back(static_cast<std::size_t>(sketch));
        sum += static_cast<double>(values[i]);
      }
      for (const std::size_t sketch : touched_) {
        sketches_[sketch].add(sums_[sketch] / total * kTargetSum);
        sums_[sketch] = 0.0;
      }
    }
    return {};
  }

  const MediansOptions& options_;
  const GeneMapper& mapper_;
  std::map<std::string, std::size_t> sketch_of_gene_;
  std::vector<MedianSketch> sketches_;
  std::vector<std::int64_t> sketch_of_row_;
  std::vector<double> sums_;
  std::vector<std::size_t> touched_;
  std::int64_t num_cells_ = 0;
};

std::string exact_text(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

struct DictionaryFolder {
  std::string tokens;
  Json genes = Json::array();
  std::int64_t num_genes = 0;
};

DictionaryFolder write_down(const Corpus& corpus, const GeneMapper& mapper, const MediansOptions& options) {
  DictionaryFolder folder;
  folder.tokens = "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n";
  std::int64_t token = 2;
  if (options.special_tokens) {
    folder.tokens += "2\t<cls>\t\t\n3\t<eos>\t\t\n";
    token = 4;
  }
  for (const auto& [id, place] : corpus.genes()) {
    const auto& sketch = corpus.sketch(place);
    if (sketch.count() == 0) continue;
    const double median = sketch.median();
    const auto symbol = std::string(mapper.genes().symbol(id));
    const bool kept = sketch.count() >= options.min_cells;
    folder.genes.push_back({{"ensembl_id", id},
                            {"symbol", symbol},
                            {"median", median},
                            {"cells", sketch.count()},
                            {"token", kept ? Json(token) : Json()}});
    if (!kept) continue;
    folder.tokens.append(std::to_string(token++)).append("\t").append(id).append("\t");
    folder.tokens.append(exact_text(median)).append("\t").append(symbol).append("\n");
    ++folder.num_genes;
  }
  return folder;
}

}  // namespace

Result<Json> run_medians(const MediansOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  if (options.output.empty()) return option_error("--out", options.output, "a new folder");
  CW_ASSIGN(const auto files, find_data_files(options.inputs, options.recursive));
  CW_ASSIGN(auto output, PendingOutput::create(options.output, options.overwrite));
  CW_ASSIGN(const auto mapper, GeneMapper::create());
  Corpus corpus(options, mapper);
  Json inputs = Json::array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto count = static_cast<double>(files.size());
    auto share = ctx.slice(static_cast<double>(i) / count, static_cast<double>(i + 1) / count);
    auto checksum = checksum_in_background(files[i]);
    auto outcome = corpus.add_file(files[i], share);
    if (!outcome.ok()) return naming_file(outcome.error(), files[i]);
    const Json report = std::move(outcome).value();
    CW_ASSIGN(auto file, checksum.get());
    file.update(report);
    inputs.push_back(std::move(file));
  }
  auto folder = write_down(corpus, mapper, options);
  if (folder.num_genes == 0) {
    return Error{ErrorCode::kRefused, "E-TOK-006",
                 "no gene is detected in " + std::to_string(options.min_cells) + " cells or more; lower --min-cells"};
  }
  const std::int32_t length = options.model_input_size > 0 ? options.model_input_size
                              : options.special_tokens     ? 4096
                                                           : 2048;
  std::error_code failed;
  fs::create_directory(output.path(), failed);
  if (failed) return error_from_errno("making", output.path().string());
  CW_TRY(write_file_atomically(output.path() / "tokens.tsv", folder.tokens));
  CW_TRY(write_json(output.path() / "dictionary.json",
                    {{"name", fs::path(options.output).filename().string()}, {"model_input_size", length}}));
  CW_TRY(write_json(output.path() / "medians.json", {{"program", "cellwright"},
                                                     {"version", version()},
                                                     {"created", utc_now()},
                                                     {"cells", corpus.num_cells()},
                                                     {"files", inputs},
                                                     {"options", to_json(options)},
                                                     {"genes", folder.genes}}));
  CW_TRY(output.commit());
  return Json{{"output", options.output},
              {"cells", corpus.num_cells()},
              {"genes", folder.num_genes},
              {"genes_detected", folder.genes.size()},
              {"files", std::move(inputs)}};
}

}  // namespace cw
