// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/baseline_source.h"

#include "core/base/sha256.h"
#include "core/io/label_table.h"
#include "core/tokenize/cell_selection.h"
#include "core/tokenize/count_block.h"
#include "core/tokenize/dataset_tokenizer.h"
#include "core/tokenize/dictionary.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

namespace cw {
namespace {

struct SourceFile {
  std::filesystem::path path;
  std::string sha256;  // "" = not compared
};

/// What the run says of how its cells were chosen and read.
struct RunSource {
  std::vector<SourceFile> files;
  std::string dictionary;
  std::string vocabulary_sha256;
  std::optional<Table> labels;  // columns that the run joined to its cells
  std::string state_column;
  std::string donor_column;
  std::map<std::string, std::vector<std::string>> filter;
  std::vector<std::string> tokenize_filter;  // rules of the tokens' own making
  bool cell_filter = true;
  std::map<std::string, std::string> name_in_file;  // of columns that were renamed when the cells were tokenized
  std::string counts = "auto";
  std::string gene_ids = "auto";
  std::string species = "auto";
};

template <class T>
void read_at(const Json& json, const char* place, T& target) {
  const Json::json_pointer pointer(place);
  if (!json.is_object() || !json.contains(pointer)) return;
  try {
    target = json.at(pointer).get<T>();
  } catch (const Json::exception&) {
    // A field of another type says nothing; what it was needed for is reported where it is missing.
  }
}

Result<RunSource> source_of(const Effects& run, const std::filesystem::path& data) {
  RunSource source;
  Json files;
  read_at(run.provenance, "/tokens/files", files);
  for (const Json& file : files.is_array() ? files : Json::array()) {
    SourceFile entry;
    std::string path;
    read_at(file, "/path", path);
    read_at(file, "/sha256", entry.sha256);
    entry.path = path;
    if (!path.empty()) source.files.push_back(std::move(entry));
  }
  if (!data.empty()) source.files = {{data, ""}};
  if (source.files.empty()) {
    return Error{ErrorCode::kNotFound, "E-RNK-003",
                 "the run does not say from which data file its cells come; name it with --data"};
  }
  read_at(run.provenance, "/dictionary/name", source.dictionary);
  read_at(run.provenance, "/dictionary/vocabulary_sha256", source.vocabulary_sha256);
  std::string dictionary_option;
  read_at(run.provenance, "/options/dictionary", dictionary_option);
  if (!dictionary_option.empty()) source.dictionary = dictionary_option;
  std::string labels;
  read_at(run.provenance, "/options/labels", labels);
  if (!labels.empty()) {
    CW_ASSIGN(source.labels, read_label_table(labels));
  }
  read_at(run.provenance, "/options/state_column", source.state_column);
  read_at(run.provenance, "/options/donor_column", source.donor_column);
  read_at(run.provenance, "/options/filter", source.filter);
  read_at(run.provenance, "/tokens/options/filter", source.tokenize_filter);
  read_at(run.provenance, "/tokens/options/cell_filter", source.cell_filter);
  std::vector<std::string> kept;
  read_at(run.provenance, "/tokens/options/keep", kept);
  for (const std::string& rule : kept) {
    if (const auto equals = rule.find('='); equals != std::string::npos) {
      source.name_in_file[rule.substr(equals + 1)] = rule.substr(0, equals);
    }
  }
  read_at(run.provenance, "/tokens/options/counts", source.counts);
  read_at(run.provenance, "/tokens/options/gene_ids", source.gene_ids);
  read_at(run.provenance, "/tokens/options/species", source.species);
  return source;
}

Result<std::shared_ptr<const Dictionary>> dictionary_of(const RunSource& source) {
  CW_ASSIGN(auto dictionary, Dictionary::load(source.dictionary));
  CW_TRY(require_same_vocabulary("the run", source.dictionary, source.vocabulary_sha256, "the dictionary",
                                 dictionary->name(), dictionary->sha256()));
  return dictionary;
}

// A cell column by the name that the run knows it by.
Result<Column> column_of(DatasetReader& reader, const RunSource& source, const std::string& name) {
  if (source.labels && source.labels->find(name) != nullptr) {
    Table cells;
    CW_ASSIGN(cells.index, reader.cell_names());
    CW_TRY(join_labels(cells, *source.labels));
    return *cells.find(name);
  }
  const auto renamed = source.name_in_file.find(name);
  const std::string& in_file = renamed == source.name_in_file.end() ? name : renamed->second;
  const auto& columns = reader.info().cell_columns;
  if (std::none_of(columns.begin(), columns.end(), [&](const ColumnInfo& column) { return column.name == in_file; })) {
    return Error{
        ErrorCode::kNotFound, "E-RNK-005",
        reader.info().path.string() + ": there is no cell column '" + in_file + "', which the run was made with"};
  }
  return reader.cell_column(in_file);
}

/// Which cells of one file are wanted, and what is known of them.
struct WantedCells {
  std::vector<std::int32_t> run_cell;  // [cells of the file] index into the run's cells, -1 = not of the run
  std::vector<std::int32_t> state;     // index into the run's states, -1 = none, or left out by the filter
  std::vector<std::string> donor;

  [[nodiscard]] bool wanted(std::size_t cell) const { return run_cell[cell] >= 0 || state[cell] >= 0; }
};

/// Fills BaselineCounts file by file.
class CountsCollector {
 public:
  CountsCollector(const Effects& run, const RunSource& source, std::shared_ptr<const Dictionary> dictionary,
                  GeneMapper mapper)
      : run_(run), source_(source), dictionary_(std::move(dictionary)), mapper_(std::move(mapper)) {
    for (std::size_t c = 0; c < run.cells.size(); ++c) {
      cell_of_name_.emplace(run.cells[c].name, static_cast<std::int32_t>(c));
    }
    result_.row_of_cell.assign(run.cells.size(), -1);
  }

  Result<> add(DatasetReader& reader, JobContext& context) {
    CW_ASSIGN(const WantedCells wanted, wanted_cells(reader));
    CW_ASSIGN(const CountsWithGenes counts,
              open_counts(reader, mapper_, source_.counts, source_.gene_ids, source_.species, context));
    const auto columns = columns_of_genes(counts);
    CW_ASSIGN(const auto matrix, reader.open_matrix(counts.where));
    std::map<std::uint32_t, float> row;  // summed over file genes of the same column
    return for_each_block(*matrix, reader.info().num_cells, "Reading counts for the baseline", context,
                          [&](const CellBlock& block) -> Result<> {
                            for (std::int64_t i = 0; i < block.num_cells(); ++i) {
                              const auto cell = static_cast<std::size_t>(block.first_cell + i);
                              if (!wanted.wanted(cell)) continue;
                              row.clear();
                              const auto genes = block.genes_of(i);
                              const auto values = block.values_of(i);
                              for (std::size_t k = 0; k < genes.size(); ++k) row[columns[genes[k]]] += values[k];
                              CW_TRY(append(row, wanted, cell));
                            }
                            return {};
                          });
  }

  Result<BaselineCounts> take() {
    const auto found = std::count_if(result_.row_of_cell.begin(), result_.row_of_cell.end(),
                                     [](std::int64_t row) { return row >= 0; });
    if (found == 0) {
      return Error{ErrorCode::kNotFound, "E-RNK-003",
                   source_.files.front().path.string() + ": none of the run's " + std::to_string(run_.cells.size()) +
                       " cells is in this file (by name)"};
    }
    for (std::size_t s = 0; s < std::min<std::size_t>(run_.states.size(), 2); ++s) {
      const auto state = static_cast<std::int32_t>(s);
      if (std::find(result_.state_of_row.begin(), result_.state_of_row.end(), state) == result_.state_of_row.end()) {
        return Error{ErrorCode::kNotFound, "E-RNK-005",
                     source_.files.front().path.string() + ": no cell has '" + run_.states[s] + "' in the column '" +
                         source_.state_column + "'"};
      }
    }
    return std::move(result_);
  }

 private:
  Result<WantedCells> wanted_cells(DatasetReader& reader) {
    CW_ASSIGN(const std::vector<std::string> names, reader.cell_names());
    WantedCells wanted;
    for (const std::string& name : names) {
      const auto found = cell_of_name_.find(name);
      wanted.run_cell.push_back(found == cell_of_name_.end() ? -1 : found->second);
    }
    wanted.state.assign(names.size(), -1);
    wanted.donor.assign(names.size(), "");
    if (!source_.donor_column.empty()) {
      CW_ASSIGN(const Column donors, column_of(reader, source_, source_.donor_column));
      for (std::size_t i = 0; i < names.size(); ++i) wanted.donor[i] = donors.text(static_cast<std::int64_t>(i));
    }
    if (run_.states.empty()) return wanted;
    CW_ASSIGN(const Column states, column_of(reader, source_, source_.state_column));
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = std::find(run_.states.begin(), run_.states.end(), states.text(static_cast<std::int64_t>(i)));
      if (found != run_.states.end()) wanted.state[i] = static_cast<std::int32_t>(found - run_.states.begin());
    }
    CW_ASSIGN(const auto tokenized, select_cells(reader, source_.tokenize_filter, source_.cell_filter));
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (tokenized[i] == 0) wanted.state[i] = -1;
    }
    for (const auto& [column_name, allowed] : source_.filter) {
      CW_ASSIGN(const Column column, column_of(reader, source_, column_name));
      for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string value = column.text(static_cast<std::int64_t>(i));
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) wanted.state[i] = -1;
      }
    }
    return wanted;
  }

  // Genes of one token share a column over all files; genes outside the vocabulary have one per name.
  std::vector<std::uint32_t> columns_of_genes(const CountsWithGenes& counts) {
    const std::vector<std::int32_t> tokens = tokens_of_genes(counts.mapping, *dictionary_);
    std::vector<std::uint32_t> columns;
    for (std::size_t gene = 0; gene < tokens.size(); ++gene) {
      const std::string key = tokens[gene] >= 0 ? "#" + std::to_string(tokens[gene]) : counts.names[gene];
      const auto [found, is_new] = column_of_key_.emplace(key, static_cast<std::uint32_t>(column_of_key_.size()));
      if (is_new) {
        result_.token_of_gene.push_back(tokens[gene]);
        result_.median_of_gene.push_back(tokens[gene] >= 0 ? dictionary_->median(tokens[gene])
                                                           : std::numeric_limits<double>::quiet_NaN());
      }
      columns.push_back(found->second);
    }
    return columns;
  }

  Result<> append(const std::map<std::uint32_t, float>& row, const WantedCells& wanted, std::size_t cell) {
    const std::int32_t run_cell = wanted.run_cell[cell];
    if (run_cell >= 0) {
      std::int64_t& place = result_.row_of_cell[static_cast<std::size_t>(run_cell)];
      if (place >= 0) {
        return Error{ErrorCode::kRefused, "E-RNK-004",
                     "the cell name '" + run_.cells[static_cast<std::size_t>(run_cell)].name +
                         "' is there twice, so counts cannot be told apart"};
      }
      place = result_.num_rows();
    }
    for (const auto& [gene, count] : row) {
      result_.genes.push_back(gene);
      result_.counts.push_back(count);
    }
    result_.offsets.push_back(result_.genes.size());
    result_.state_of_row.push_back(wanted.state[cell]);
    result_.donor_of_row.push_back(wanted.donor[cell]);
    return {};
  }

  const Effects& run_;
  const RunSource& source_;
  std::shared_ptr<const Dictionary> dictionary_;
  GeneMapper mapper_;
  std::unordered_map<std::string, std::int32_t> cell_of_name_;
  std::unordered_map<std::string, std::uint32_t> column_of_key_;
  BaselineCounts result_;
};

}  // namespace

Result<BaselineCounts> read_baseline_counts(const Effects& run, const ReaderRegistry& formats,
                                            const std::filesystem::path& data, JobContext& context) {
  CW_ASSIGN(const RunSource source, source_of(run, data));
  CW_ASSIGN(auto dictionary, dictionary_of(source));
  CW_ASSIGN(auto mapper, GeneMapper::create());
  CountsCollector collector(run, source, std::move(dictionary), std::move(mapper));
  for (const SourceFile& file : source.files) {
    if (!file.sha256.empty()) {
      CW_ASSIGN(const std::string found, sha256_of_path(file.path));
      if (found != file.sha256) {
        return Error{ErrorCode::kRefused, "E-RNK-004",
                     file.path.string() + ": the file has changed since the run (checksum " + found.substr(0, 12) +
                         ", the run says " + file.sha256.substr(0, 12) + "); name the right one with --data"};
      }
    }
    CW_ASSIGN(auto reader, formats.open_dataset(file.path));
    CW_TRY(collector.add(*reader, context));
  }
  return collector.take();
}

}  // namespace cw
