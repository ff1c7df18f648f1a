// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/effects_file.h"

#include "core/base/files.h"
#include "core/effects/block_journal.h"
#include "core/effects/hdf5_arrays.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace cw {
namespace {

constexpr const char* kFormat = "cellwright-effects";
constexpr int kVersion = 1;
constexpr std::int64_t kRowsPerRead = 1 << 20;

/// Names of cells may hold bytes that are not UTF-8.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// ---- journal records: the first is the header as JSON, the others are rows

template <class T>
void put(std::string& record, const std::vector<T>& values) {
  const std::uint64_t count = values.size();
  record.append(reinterpret_cast<const char*>(&count), sizeof count);
  record.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <class T>
bool take(std::string_view& record, std::vector<T>& values) {
  std::uint64_t count = 0;
  if (record.size() < sizeof count) return false;
  std::memcpy(&count, record.data(), sizeof count);
  record.remove_prefix(sizeof count);
  if (count > record.size() / sizeof(T)) return false;
  values.resize(count);
  if (count > 0) std::memcpy(values.data(), record.data(), count * sizeof(T));
  record.remove_prefix(count * sizeof(T));
  return true;
}

std::string record_from(const EffectRows& rows) {
  std::string record;
  put(record, rows.cell);
  put(record, rows.perturbation);
  put(record, rows.cosine);
  put(record, rows.progress);
  put(record, rows.rank);
  return record;
}

Result<EffectRows> rows_from(std::string_view record, const EffectsHeader& header, const std::string& where) {
  EffectRows rows;
  if (!take(record, rows.cell) || !take(record, rows.perturbation) || !take(record, rows.cosine) ||
      !take(record, rows.progress) || !take(record, rows.rank) || !record.empty()) {
    return Error{ErrorCode::kParse, "E-EFF-002", where + ": a block of rows is damaged; run again"};
  }
  CW_TRY(check_rows(header, rows, where));
  return rows;
}

/// Reads a journal: header first, then every whole block.
Result<> read_journal(const std::filesystem::path& path, std::optional<EffectsHeader>& header,
                      const std::function<Result<>(const EffectRows&)>& on_rows) {
  bool first = true;
  CW_TRY(BlockJournal::read(path, [&](std::string_view record) -> Result<> {
    if (std::exchange(first, false)) {
      if (header) return {};
      CW_ASSIGN(const Json json, parse_json(record, path.string()));
      CW_ASSIGN(header, effects_header_from_json(json, path.string()));
      return {};
    }
    if (!on_rows) return {};
    CW_ASSIGN(const EffectRows rows, rows_from(record, *header, path.string()));
    return on_rows(rows);
  }));
  if (!header) {
    return Error{ErrorCode::kParse, "E-EFF-002", path.string() + ": the run stopped before its first block; run again"};
  }
  return {};
}

// ---- effects.h5

Result<> write_perturbations(Hdf5Arrays& file, const std::vector<Perturbation>& perturbations) {
  std::vector<std::string> kinds, roles, ids, symbols;
  std::vector<std::int32_t> tokens, partners;
  std::vector<std::int64_t> offsets{0};
  for (const auto& p : perturbations) {
    kinds.push_back(p.kind);
    roles.push_back(p.role);
    partners.push_back(p.partner);
    tokens.insert(tokens.end(), p.tokens.begin(), p.tokens.end());
    ids.insert(ids.end(), p.ensembl_ids.begin(), p.ensembl_ids.end());
    symbols.insert(symbols.end(), p.symbols.begin(), p.symbols.end());
    offsets.push_back(static_cast<std::int64_t>(tokens.size()));
  }
  CW_TRY(file.make_group("perturbations"));
  CW_TRY(file.write_texts("perturbations/kind", kinds));
  CW_TRY(file.write_texts("perturbations/role", roles));
  CW_TRY(file.write("perturbations/partner", partners));
  CW_TRY(file.write("perturbations/token_offsets", offsets));
  CW_TRY(file.write("perturbations/tokens", tokens));
  CW_TRY(file.write_texts("perturbations/ensembl_ids", ids));
  return file.write_texts("perturbations/symbols", symbols);
}

Result<> write_cells(Hdf5Arrays& file, const std::vector<EffectCell>& cells) {
  std::vector<std::string> names, states, donors;
  std::vector<std::int64_t> source_rows;
  std::vector<std::int32_t> lengths;
  for (const auto& c : cells) {
    names.push_back(c.name);
    states.push_back(c.state);
    donors.push_back(c.donor);
    source_rows.push_back(c.source_row);
    lengths.push_back(c.length);
  }
  CW_TRY(file.make_group("cells"));
  CW_TRY(file.write_texts("cells/name", names));
  CW_TRY(file.write("cells/source_row", source_rows));
  CW_TRY(file.write("cells/length", lengths));
  CW_TRY(file.write_texts("cells/state", states));
  return file.write_texts("cells/donor", donors);
}

Result<> append_gene_effects(Hdf5Arrays& file, const GeneEffects& effects) {
  CW_TRY(file.append("gene_effects/perturbation", effects.perturbation));
  CW_TRY(file.append("gene_effects/affected", effects.affected));
  CW_TRY(file.append("gene_effects/mean", effects.mean));
  CW_TRY(file.append("gene_effects/sd", effects.sd));
  return file.append("gene_effects/n", effects.n);
}

/// The table of genes, and empty arrays for the effects on them.
Result<> write_genes(Hdf5Arrays& file, const std::vector<EffectGene>& genes) {
  if (genes.empty()) return {};
  std::vector<std::int32_t> tokens;
  std::vector<std::string> ids, symbols;
  for (const auto& g : genes) {
    tokens.push_back(g.token);
    ids.push_back(g.ensembl_id);
    symbols.push_back(g.symbol);
  }
  CW_TRY(file.make_group("genes"));
  CW_TRY(file.write("genes/token", tokens));
  CW_TRY(file.write_texts("genes/ensembl_id", ids));
  CW_TRY(file.write_texts("genes/symbol", symbols));
  CW_TRY(file.make_group("gene_effects"));
  CW_TRY(file.make_array<std::int32_t>("gene_effects/perturbation", 0));
  CW_TRY(file.make_array<std::int32_t>("gene_effects/affected", 0));
  CW_TRY(file.make_array<float>("gene_effects/mean", 0));
  CW_TRY(file.make_array<float>("gene_effects/sd", 0));
  return file.make_array<std::int32_t>("gene_effects/n", 0);
}

Result<> write_tables(Hdf5Arrays& file, const EffectsHeader& header, bool complete) {
  CW_TRY(file.set_text_attribute("format", kFormat));
  CW_TRY(file.set_text_attribute("version", std::to_string(kVersion)));
  CW_TRY(file.set_text_attribute("complete", complete ? "true" : "false"));
  CW_TRY(file.set_text_attribute("provenance", text_of(header.provenance)));
  CW_TRY(write_perturbations(file, header.perturbations));
  CW_TRY(write_cells(file, header.cells));
  CW_TRY(file.write_texts("states", header.states));
  CW_TRY(write_genes(file, header.genes));
  CW_TRY(file.make_array<std::int32_t>("cell", 0));
  CW_TRY(file.make_array<std::int32_t>("perturbation", 0));
  CW_TRY(file.make_array<std::int32_t>("rank", 0));
  CW_TRY(file.make_array<float>("cosine", header.num_columns()));
  if (!header.states.empty()) CW_TRY(file.make_array<float>("progress", 0));
  return {};
}

Result<> append_rows(Hdf5Arrays& file, const EffectRows& rows) {
  CW_TRY(file.append("cell", rows.cell));
  CW_TRY(file.append("perturbation", rows.perturbation));
  CW_TRY(file.append("rank", rows.rank));
  CW_TRY(file.append("cosine", rows.cosine));
  if (!rows.progress.empty()) CW_TRY(file.append("progress", rows.progress));
  return {};
}

template <class T>
bool same_length(const std::vector<T>& list, std::size_t length) {
  return list.size() == length;
}

Error damaged_tables(const std::string& where) {
  return {ErrorCode::kParse, "E-EFF-002", where + ": tables of different length; the file is damaged: run again"};
}

Result<std::vector<Perturbation>> read_perturbations(Hdf5Arrays& file, const std::string& where) {
  CW_ASSIGN(const auto kinds, file.read_texts("perturbations/kind"));
  CW_ASSIGN(const auto roles, file.read_texts("perturbations/role"));
  CW_ASSIGN(const auto partners, file.read<std::int32_t>("perturbations/partner"));
  CW_ASSIGN(const auto offsets, file.read<std::int64_t>("perturbations/token_offsets"));
  CW_ASSIGN(const auto tokens, file.read<std::int32_t>("perturbations/tokens"));
  CW_ASSIGN(const auto ids, file.read_texts("perturbations/ensembl_ids"));
  CW_ASSIGN(const auto symbols, file.read_texts("perturbations/symbols"));
  const std::size_t count = kinds.size();
  if (!same_length(roles, count) || !same_length(partners, count) || !same_length(offsets, count + 1) ||
      !same_length(ids, tokens.size()) || !same_length(symbols, tokens.size()) || offsets.front() != 0 ||
      !std::is_sorted(offsets.begin(), offsets.end()) || offsets.back() != static_cast<std::int64_t>(tokens.size())) {
    return damaged_tables(where);
  }
  std::vector<Perturbation> perturbations(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto& p = perturbations[i];
    p.kind = kinds[i];
    p.role = roles[i];
    p.partner = partners[i];
    const auto begin = offsets[i];
    const auto end = offsets[i + 1];
    p.tokens.assign(tokens.begin() + begin, tokens.begin() + end);
    p.ensembl_ids.assign(ids.begin() + begin, ids.begin() + end);
    p.symbols.assign(symbols.begin() + begin, symbols.begin() + end);
  }
  return perturbations;
}

Result<std::vector<EffectCell>> read_cells(Hdf5Arrays& file, const std::string& where) {
  CW_ASSIGN(const auto names, file.read_texts("cells/name"));
  CW_ASSIGN(const auto source_rows, file.read<std::int64_t>("cells/source_row"));
  CW_ASSIGN(const auto lengths, file.read<std::int32_t>("cells/length"));
  CW_ASSIGN(const auto states, file.read_texts("cells/state"));
  CW_ASSIGN(const auto donors, file.read_texts("cells/donor"));
  const std::size_t count = names.size();
  if (!same_length(source_rows, count) || !same_length(lengths, count) || !same_length(states, count) ||
      !same_length(donors, count)) {
    return damaged_tables(where);
  }
  std::vector<EffectCell> cells;
  for (std::size_t i = 0; i < count; ++i) cells.push_back({names[i], source_rows[i], lengths[i], states[i], donors[i]});
  return cells;
}

Result<std::vector<EffectGene>> read_genes(Hdf5Arrays& file, const std::string& where) {
  std::vector<EffectGene> genes;
  if (!file.has("genes")) return genes;
  CW_ASSIGN(const auto tokens, file.read<std::int32_t>("genes/token"));
  CW_ASSIGN(const auto ids, file.read_texts("genes/ensembl_id"));
  CW_ASSIGN(const auto symbols, file.read_texts("genes/symbol"));
  if (!same_length(ids, tokens.size()) || !same_length(symbols, tokens.size())) return damaged_tables(where);
  for (std::size_t i = 0; i < tokens.size(); ++i) genes.push_back({tokens[i], ids[i], symbols[i]});
  return genes;
}

Result<EffectsHeader> read_tables(Hdf5Arrays& file, const std::string& where) {
  auto format = file.text_attribute("format");
  if (!format.ok() || *format != kFormat) {
    return Error{ErrorCode::kParse, "E-EFF-001",
                 where + ": an HDF5 file, but not a result of cellwright perturb (attribute format is not \"" +
                     std::string(kFormat) + "\"); name a run folder or its effects.h5"};
  }
  CW_ASSIGN(const std::string version, file.text_attribute("version"));
  if (version != std::to_string(kVersion)) {
    return Error{ErrorCode::kUnsupported, "E-EFF-006",
                 where + ": written in version " + version + " of the format, this program reads version " +
                     std::to_string(kVersion) + "; update Cellwright"};
  }
  EffectsHeader header;
  CW_ASSIGN(const std::string provenance, file.text_attribute("provenance"));
  CW_ASSIGN(header.provenance, parse_json(provenance, where));
  CW_ASSIGN(header.perturbations, read_perturbations(file, where));
  CW_ASSIGN(header.cells, read_cells(file, where));
  CW_ASSIGN(header.states, file.read_texts("states"));
  CW_ASSIGN(header.genes, read_genes(file, where));
  return header;
}

}  // namespace

// ---- reader

struct EffectsReader::State {
  std::string where;
  std::optional<Hdf5Arrays> file;  // else a journal
  EffectsHeader header;
  bool complete = false;
};

EffectsReader::EffectsReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
EffectsReader::EffectsReader(EffectsReader&&) noexcept = default;
EffectsReader& EffectsReader::operator=(EffectsReader&&) noexcept = default;
EffectsReader::~EffectsReader() = default;
const EffectsHeader& EffectsReader::header() const noexcept { return state_->header; }
bool EffectsReader::complete() const noexcept { return state_->complete; }

Result<EffectsReader> EffectsReader::open(const std::filesystem::path& run_folder_or_file) {
  std::filesystem::path path = run_folder_or_file;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    path = run_folder_or_file / kEffectsFileName;
    const auto journal = run_folder_or_file / kEffectsJournalName;
    if (!std::filesystem::exists(path, ignored) && std::filesystem::exists(journal, ignored)) path = journal;
  }
  auto state = std::make_unique<State>();
  state->where = path.string();
  if (path.extension() == ".journal") {
    std::optional<EffectsHeader> header;
    CW_TRY(read_journal(path, header, {}));
    state->header = std::move(*header);
    return EffectsReader(std::move(state));
  }
  CW_ASSIGN(state->file, Hdf5Arrays::open(path));
  CW_ASSIGN(state->header, read_tables(*state->file, state->where));
  CW_ASSIGN(const std::string complete, state->file->text_attribute("complete"));
  state->complete = complete == "true";
  return EffectsReader(std::move(state));
}

Result<> EffectsReader::for_each(const std::function<Result<>(const EffectRows&)>& on_rows) {
  if (!state_->file) {
    std::optional<EffectsHeader> header = state_->header;
    return read_journal(state_->where, header, on_rows);
  }
  Hdf5Arrays& file = *state_->file;
  CW_ASSIGN(const std::int64_t num_rows, file.num_rows("cell"));
  for (std::int64_t begin = 0; begin < num_rows; begin += kRowsPerRead) {
    const std::int64_t count = std::min(kRowsPerRead, num_rows - begin);
    EffectRows rows;
    CW_ASSIGN(rows.cell, file.read<std::int32_t>("cell", begin, count));
    CW_ASSIGN(rows.perturbation, file.read<std::int32_t>("perturbation", begin, count));
    CW_ASSIGN(rows.rank, file.read<std::int32_t>("rank", begin, count));
    CW_ASSIGN(rows.cosine, file.read<float>("cosine", begin, count));
    if (!state_->header.states.empty()) {
      CW_ASSIGN(rows.progress, file.read<float>("progress", begin, count));
    }
    CW_TRY(check_rows(state_->header, rows, state_->where));
    CW_TRY(on_rows(rows));
  }
  return {};
}

Result<GeneEffects> EffectsReader::gene_effects() {
  GeneEffects effects;
  if (!state_->file || !state_->file->has("gene_effects")) return effects;
  Hdf5Arrays& file = *state_->file;
  CW_ASSIGN(effects.perturbation, file.read<std::int32_t>("gene_effects/perturbation"));
  CW_ASSIGN(effects.affected, file.read<std::int32_t>("gene_effects/affected"));
  CW_ASSIGN(effects.mean, file.read<float>("gene_effects/mean"));
  CW_ASSIGN(effects.sd, file.read<float>("gene_effects/sd"));
  CW_ASSIGN(effects.n, file.read<std::int32_t>("gene_effects/n"));
  const std::size_t count = effects.n.size();
  if (!same_length(effects.perturbation, count) || !same_length(effects.affected, count) ||
      !same_length(effects.mean, count) || !same_length(effects.sd, count)) {
    return damaged_tables(state_->where);
  }
  return effects;
}

Result<Effects> read_effects(const std::filesystem::path& run_folder_or_file) {
  CW_ASSIGN(EffectsReader reader, EffectsReader::open(run_folder_or_file));
  Effects effects;
  static_cast<EffectsHeader&>(effects) = reader.header();
  effects.complete = reader.complete();
  CW_TRY(reader.for_each([&](const EffectRows& rows) -> Result<> {
    effects.append(rows);
    return {};
  }));
  CW_ASSIGN(effects.gene_effects, reader.gene_effects());
  return effects;
}

Result<EffectRows> read_effects_of(EffectsReader& reader, const std::vector<std::int32_t>& perturbations) {
  const auto num_perturbations = reader.header().perturbations.size();
  std::vector<bool> wanted(num_perturbations, false);
  for (const std::int32_t p : perturbations) {
    if (p >= 0 && static_cast<std::size_t>(p) < num_perturbations) wanted[static_cast<std::size_t>(p)] = true;
  }
  const auto columns = static_cast<std::size_t>(reader.header().num_columns());
  EffectRows kept;
  CW_TRY(reader.for_each([&](const EffectRows& rows) -> Result<> {
    for (std::size_t i = 0; i < rows.cell.size(); ++i) {
      if (!wanted[static_cast<std::size_t>(rows.perturbation[i])]) continue;
      kept.cell.push_back(rows.cell[i]);
      kept.perturbation.push_back(rows.perturbation[i]);
      kept.rank.push_back(rows.rank[i]);
      const auto* values = rows.cosine.data() + i * columns;
      kept.cosine.insert(kept.cosine.end(), values, values + columns);
      if (!rows.progress.empty()) kept.progress.push_back(rows.progress[i]);
    }
    return {};
  }));
  return kept;
}

Result<> write_effects(const std::filesystem::path& file, const Effects& effects, bool overwrite) {
  CW_TRY(check_rows(effects, effects, file.string()));
  CW_ASSIGN(PendingOutput output, PendingOutput::create(file, overwrite));
  CW_ASSIGN(Hdf5Arrays arrays, Hdf5Arrays::create(output.path()));
  CW_TRY(write_tables(arrays, effects, effects.complete));
  if (!effects.genes.empty()) CW_TRY(append_gene_effects(arrays, effects.gene_effects));
  CW_TRY(append_rows(arrays, effects));
  CW_TRY(arrays.close());
  return output.commit();
}

// ---- writer

struct EffectsWriter::State {
  std::filesystem::path folder;
  EffectsHeader header;
  std::optional<BlockJournal> journal;
  std::int64_t num_blocks = 0;
  bool finished = false;

  [[nodiscard]] std::filesystem::path journal_path() const { return folder / kEffectsJournalName; }
  [[nodiscard]] std::filesystem::path result_path() const { return folder / kEffectsFileName; }

  [[nodiscard]] Error other_run() const {
    return {ErrorCode::kInvalidArgument, "E-EFF-003",
            folder.string() +
                ": holds a run with other cells, genes, model or options; choose another folder, or "
                "--overwrite to replace it"};
  }
  Result<> begin();
  Result<> resume();
};

Result<> EffectsWriter::State::begin() {
  std::error_code ignored;
  std::filesystem::remove(result_path(), ignored);
  std::filesystem::create_directories(folder, ignored);
  CW_ASSIGN(journal, BlockJournal::create(journal_path()));
  return journal->append(text_of(to_json(header)));
}

Result<> EffectsWriter::State::resume() {
  const std::string expected = text_of(to_json(header));
  bool first = true;
  CW_ASSIGN(journal, BlockJournal::reopen(journal_path(), [&](std::string_view record) -> Result<> {
              if (std::exchange(first, false)) return record == expected ? Result<>{} : Result<>{other_run()};
              ++num_blocks;
              return {};
            }));
  // killed while the very first record was written: nothing is lost by starting again
  return first ? begin() : Result<>{};
}

EffectsWriter::EffectsWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
EffectsWriter::EffectsWriter(EffectsWriter&&) noexcept = default;
EffectsWriter& EffectsWriter::operator=(EffectsWriter&&) noexcept = default;
EffectsWriter::~EffectsWriter() = default;
std::int64_t EffectsWriter::num_blocks() const noexcept { return state_->num_blocks; }
bool EffectsWriter::finished() const noexcept { return state_->finished; }

Result<EffectsWriter> EffectsWriter::open(const std::filesystem::path& folder, const EffectsHeader& header,
                                          bool overwrite) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  state->header = header;
  std::error_code ignored;
  if (overwrite) {
    CW_TRY(state->begin());
  } else if (std::filesystem::exists(state->result_path(), ignored)) {
    CW_ASSIGN(const EffectsReader existing, EffectsReader::open(state->result_path()));
    if (!existing.complete() || to_json(existing.header()) != to_json(header)) return state->other_run();
    state->finished = true;
  } else if (std::filesystem::exists(state->journal_path(), ignored)) {
    CW_TRY(state->resume());
  } else {
    CW_TRY(state->begin());
  }
  return EffectsWriter(std::move(state));
}

Result<> EffectsWriter::replay(const std::function<Result<>(const EffectRows&)>& on_rows) const {
  if (state_->finished) return {};
  std::optional<EffectsHeader> header = state_->header;
  return read_journal(state_->journal_path(), header, on_rows);
}

Result<> EffectsWriter::append(const EffectRows& rows) {
  CW_ASSERT(!state_->finished);
  CW_TRY(check_rows(state_->header, rows, state_->journal_path().string()));
  CW_TRY(state_->journal->append(record_from(rows)));
  ++state_->num_blocks;
  return {};
}

Result<> EffectsWriter::finish(const GeneEffectParts& gene_effects) {
  if (state_->finished) return {};
  CW_ASSIGN(PendingOutput output, PendingOutput::create(state_->result_path(), true));
  CW_ASSIGN(Hdf5Arrays file, Hdf5Arrays::create(output.path()));
  CW_TRY(write_tables(file, state_->header, true));
  if (gene_effects) {
    CW_TRY(gene_effects([&](const GeneEffects& part) { return append_gene_effects(file, part); }));
  }
  CW_TRY(replay([&](const EffectRows& rows) { return append_rows(file, rows); }));
  CW_TRY(file.close());
  CW_TRY(output.commit());
  state_->journal.reset();
  std::error_code ignored;
  std::filesystem::remove(state_->journal_path(), ignored);
  state_->finished = true;
  return {};
}

}  // namespace cw
