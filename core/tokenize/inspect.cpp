// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/inspect.h"

#include "core/data/repeated_names.h"
#include "core/io/counts.h"
#include "core/tokenize/cell_sample.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/gene_mapper.h"
#include "core/tokenize/token_file.h"
#include "core/weights/model_tools.h"

#include <algorithm>
#include <set>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kReadEveryColumn = 200'000;  // cells; above, only categories are counted
constexpr std::int64_t kFewGenes = 5000;
constexpr double kGoodShare = 0.8;

void add_problem(Json& report, std::string_view code, std::string_view severity, std::string_view text,
                 std::string_view fix) {
  report["problems"].push_back({{"code", code}, {"severity", severity}, {"text", text}, {"fix", fix}});
}

/// Messages end in "; what to do": the last part is the remedy.
void add_message(Json& report, std::string_view code, std::string_view severity, std::string_view message) {
  const auto semicolon = message.rfind("; ");
  const bool has_remedy = semicolon != std::string_view::npos;
  add_problem(report, code, severity, message.substr(0, semicolon),
              has_remedy ? message.substr(semicolon + 2) : std::string_view());
}

void add_error(Json& report, const Error& error) { add_message(report, error.id, "error", error.message); }

Json optional_number(std::int64_t value) { return value < 0 ? Json() : Json(value); }

Result<Json> label_columns(DatasetReader& reader) {
  Json labels = Json::array();
  const bool small = reader.info().num_cells <= kReadEveryColumn;
  for (const auto& info : reader.info().cell_columns) {
    Json label{{"column", info.name},
               {"kind", name_of(info.kind)},
               {"values", optional_number(info.num_values)},
               {"missing", nullptr}};
    if (small || info.kind == ColumnKind::kCategorical || info.kind == ColumnKind::kBoolean) {
      CW_ASSIGN(const auto column, reader.cell_column(info.name));
      label["missing"] = column.num_missing();
      if (info.kind != ColumnKind::kReal && info.num_values < 0) {
        std::set<std::string> distinct;
        for (std::int64_t row = 0; row < column.size(); ++row) {
          if (!column.is_missing(row)) distinct.insert(column.text(row));
        }
        label["values"] = distinct.size();
      }
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

Json counts_json(const CountsReport& findings, const MatrixInfo* matrix, bool chosen) {
  Json counts{{"where", chosen ? Json(matrix->where) : Json()},
              {"integer", chosen},
              {"dtype", matrix != nullptr ? Json(matrix->dtype) : Json()},
              {"sum", nullptr},
              {"candidates", findings.candidates}};
  Json matrices = Json::array();
  for (const auto& finding : findings.matrices) {
    matrices.push_back({{"where", finding.where}, {"holds", name_of(finding.kind)}, {"reason", finding.reason}});
  }
  counts["matrices"] = std::move(matrices);
  return counts;
}

void judge_genes(Json& report, const GeneMapping& mapping) {
  if (const auto text = repeated_genes_text(mapping); !text.empty()) {
    add_message(report, "W-GENE-005", "warning", text);
  }
  if (!mapping.damaged_names.empty()) {
    add_problem(report, "W-GENE-001", "warning",
                std::to_string(mapping.damaged_names.size()) + " gene names were turned into dates by a spreadsheet (" +
                    mapping.damaged_names.front() + ") and may mean several genes",
                "restore the names from the original file");
  }
  if (mapping.num_rows() < kFewGenes) {
    add_problem(report, "W-GENE-003", "warning",
                "the file has only " + std::to_string(mapping.num_rows()) +
                    " genes; Geneformer ranks all detected genes of a cell",
                "use the counts of all genes if there are more (raw, or the file before gene selection)");
  }
}

/// Coverage of each dictionary, on a sample of the cells.
Result<> judge_dictionaries(DatasetReader& reader, const MatrixInfo& matrix, const GeneMapping& mapping,
                            std::span<const std::string> names, const GeneMapper& mapper, const InspectOptions& options,
                            Json& report, JobContext& ctx) {
  std::vector<std::shared_ptr<const Dictionary>> dictionaries;
  std::vector<std::vector<std::int32_t>> tokens;
  for (const auto& name : options.dictionaries) {
    CW_ASSIGN(auto dictionary, Dictionary::load(name));
    tokens.push_back(tokens_of_genes(mapping, *dictionary));
    dictionaries.push_back(std::move(dictionary));
  }
  CW_ASSIGN(const auto sample, sample_cells(reader, matrix, options.sample_cells, tokens, ctx));
  report["sampled_cells"] = sample.num_cells;
  if (sample.num_cells == reader.info().num_cells) report["counts"]["sum"] = sample.sum;
  report["dictionaries"] = Json::array();
  for (std::size_t i = 0; i < dictionaries.size(); ++i) {
    const auto survival = gene_survival(mapping, names, tokens[i], sample.gene_counts, mapper.genes());
    const auto& dictionary = *dictionaries[i];
    const std::int64_t special = dictionary.has_special_tokens() ? 2 : 0;
    const std::int64_t longest = dictionary.model_input_size() - special;
    auto lengths = sample.num_tokens[i];
    std::sort(lengths.begin(), lengths.end());
    const auto truncated = lengths.end() - std::upper_bound(lengths.begin(), lengths.end(), longest);
    const auto empty = std::upper_bound(lengths.begin(), lengths.end(), 0) - lengths.begin();
    const std::int64_t median =
        lengths.empty() ? 0 : std::min<std::int64_t>(lengths[(lengths.size() - 1) / 2], longest) + special;
    report["dictionaries"].push_back({{"name", dictionary.name()},
                                      {"genes_in_vocabulary", survival.in_vocabulary},
                                      {"fraction_of_counts", survival.vocabulary_share},
                                      {"fraction_of_counts_mapped", survival.mapped_share},
                                      {"truncated_cells", truncated},
                                      {"cells_without_genes", empty},
                                      {"median_length", median},
                                      {"dropped_examples", survival.dropped}});
    if (survival.counts > 0.0 && i == 0) {
      if (const auto half = require_mapped_half(mapping, survival, false); !half.ok()) add_error(report, half.error());
    }
    if (survival.mapped_share >= 0.5 && survival.vocabulary_share < kGoodShare) {
      add_problem(report, "W-GENE-004", "warning",
                  "dictionary " + dictionary.name() + " covers only " +
                      std::to_string(static_cast<int>(100.0 * survival.vocabulary_share)) + " % of the counts",
                  "see dropped_examples; check that the right gene identifiers are used (--gene-ids)");
    }
  }
  return {};
}

Result<Json> inspect_data(const fs::path& path, const InspectOptions& options, JobContext& ctx) {
  CW_ASSIGN(const auto reader, data_formats().open_dataset(path));
  const auto& info = reader->info();
  Json report{{"file", path.string()}, {"format", info.format}, {"cells", info.num_cells}, {"genes", info.num_genes}};
  report["problems"] = Json::array();
  for (const auto& note : info.notes) add_problem(report, "note", "note", note, "");

  CW_ASSIGN(const auto findings, find_counts(*reader, ctx));
  const auto where = choose_counts(info, findings, options.counts);
  if (!where.ok()) add_error(report, where.error());
  const MatrixInfo* matrix = info.matrices.empty() ? nullptr : &info.matrices.front();
  for (const auto& candidate : info.matrices) {
    if (where.ok() && candidate.where == *where) matrix = &candidate;
  }
  report["counts"] = counts_json(findings, matrix, where.ok());
  report["gene_ids"] = nullptr;
  report["dictionaries"] = Json::array();
  if (matrix != nullptr) {
    report["genes"] = matrix->num_genes;
    CW_ASSIGN(const auto genes, reader->genes(matrix->where));
    CW_ASSIGN(const auto mapper, GeneMapper::create());
    const auto& gene_counts = findings.find(matrix->where)->gene_sums;
    auto mapping = mapper.map(genes, options.gene_ids, options.species, gene_counts);
    if (!mapping.ok()) {
      add_error(report, mapping.error());
      mapping = mapper.map(genes, "auto", "human", gene_counts);
    }
    if (mapping.ok()) {
      report["gene_ids"] = to_json(*mapping);
      judge_genes(report, *mapping);
      const auto names = gene_names_at(genes, mapping->where);
      if (where.ok()) CW_TRY(judge_dictionaries(*reader, *matrix, *mapping, names, mapper, options, report, ctx));
    }
  }
  if (info.num_cells <= kReadEveryColumn) {
    CW_ASSIGN(const auto names, reader->cell_names());
    if (const auto text = shared_cell_names_text(names); !text.empty()) {
      add_message(report, "W-TOK-004", "warning", text);
    }
  }
  CW_ASSIGN(report["labels"], label_columns(*reader));
  report["embeddings"] = info.embeddings;
  auto problems = std::move(report["problems"]);
  report.erase("problems");
  report["problems"] = std::move(problems);
  return report;
}

Result<Json> inspect_tokens(const fs::path& path, const InspectOptions& options, bool foreign) {
  CW_ASSIGN(const auto cells, TokenizedCells::open(path));
  std::vector<std::int64_t> lengths;
  std::int64_t truncated = 0;
  for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
    lengths.push_back(cells.length(cell));
    truncated += cells.full_length(cell) > cells.length(cell) ? 1 : 0;
  }
  const std::size_t middle = lengths.empty() ? 0 : (lengths.size() - 1) / 2;
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(middle), lengths.end());
  Json report{{"file", path.string()},
              {"format", foreign ? "hf-dataset" : "tokens"},
              {"cells", cells.num_cells()},
              {"tokens", cells.num_tokens()},
              {"dictionary", cells.dictionary_name()},
              {"dictionary_sha256", cells.dictionary_sha256()},
              {"max_length", cells.max_length()},
              {"has_special_tokens", cells.has_special_tokens()},
              {"median_length", lengths.empty() ? 0 : lengths[middle]},
              {"truncated_cells", truncated}};
  report["labels"] = Json::array();
  for (const auto& column : cells.cells().columns) {
    const auto values = column.kind == ColumnKind::kReal ? Json() : Json(as_categorical(column).categories.size());
    report["labels"].push_back({{"column", column.name},
                                {"kind", name_of(column.kind)},
                                {"values", values},
                                {"missing", column.num_missing()}});
  }
  report["source"] = cells.source();
  report["problems"] = Json::array();
  for (const auto& name : options.dictionaries) {
    CW_ASSIGN(const auto dictionary, Dictionary::load(name));
    if (dictionary->name() == cells.dictionary_name() && dictionary->sha256() != cells.dictionary_sha256()) {
      add_problem(report, "E-DICT-007", "error",
                  "the file names dictionary " + name + " but has another vocabulary hash than the one of this program",
                  "tokenize the data again");
    }
  }
  if (foreign) {
    add_problem(report, "W-TOK-003", "note", "a Hugging Face data set does not say which dictionary it belongs to",
                "commands check it against the dictionary of the model");
  }
  return report;
}

}  // namespace

Result<Json> inspect(const fs::path& path, const InspectOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Error{ErrorCode::kNotFound, "E-TOK-001", path.string() + " does not exist; check the name"};
  }
  if (fs::exists(path / "config.json", ignored)) {
    CW_ASSIGN(auto model, describe_model(path));
    Json report{{"file", path.string()}, {"format", "model"}};
    report.update(model);
    report["problems"] = Json::array();
    return report;
  }
  const bool foreign = data_formats().token_reader_for(path) != nullptr;
  if (foreign || is_token_file(path)) return inspect_tokens(path, options, foreign);
  return inspect_data(path, options, ctx);
}

}  // namespace cw
