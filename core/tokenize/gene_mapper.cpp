// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/gene_mapper.h"

#include "core/base/parallel.h"
#include "core/tokenize/excel_names.h"
#include "core/tokenize/packed_text.h"
#include "core/tokenize/species.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace cw {
namespace {

constexpr std::size_t kExamples = 10;
constexpr std::size_t kProbeRows = 600;  // genes with the most counts decide which column is used
constexpr std::int64_t kNamesPerPiece = 512;
constexpr double kEnsemblPreference = 0.9;  // ids are taken unless they explain less than this part of the best
constexpr std::string_view kVarPrefix = "var/";

/// "ISG15_ENSG00000187608" (symbols made unique) and "GRCh38_ACTB" (several genomes in one reference).
std::string_view without_decoration(std::string_view name) {
  for (const std::string_view genome : {"GRCH38_", "HG19_", "GRCH37_"}) {
    if (name.starts_with(genome)) return name.substr(genome.size());
  }
  const auto id = name.find("_ENSG");
  return id == std::string_view::npos ? name : name.substr(id + 1);
}

std::string normalised(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\"");
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
  const auto upper = to_upper(text);
  return std::string(without_version(without_decoration(upper)));
}

bool is_ensembl_like(std::string_view upper) { return upper.size() >= 15 && upper.starts_with("ENS"); }

}  // namespace

std::int64_t GeneMapping::num_matched(GeneMatch kind_of_match) const noexcept {
  return std::count(match.begin(), match.end(), kind_of_match);
}

std::string repeated_genes_text(const GeneMapping& mapping, bool added_up) {
  if (mapping.num_duplicates == 0) return {};
  return std::to_string(mapping.num_duplicates) +
         (mapping.num_duplicates == 1 ? " gene is the same as another" : " genes are the same as others") +
         " of the file (the first: '" + mapping.duplicate_example + "'); " +
         (added_up ? "their counts are added up: if they hold the same counts twice, remove one of them from the file"
                   : "each is ranked by itself as in the published code: add their counts up in the file first, or "
                     "tokenize without --match-upstream");
}

Json to_json(const GeneMapping& mapping) {
  return {{"where", mapping.where},
          {"kind", mapping.kind},
          {"species", mapping.species},
          {"versioned", mapping.versioned},
          {"mapped", mapping.num_mapped},
          {"unmapped", mapping.num_rows() - mapping.num_mapped},
          {"duplicates", mapping.num_duplicates},
          {"by_ensembl_id", mapping.num_matched(GeneMatch::kEnsembl)},
          {"by_retired_id", mapping.num_matched(GeneMatch::kRetiredId)},
          {"by_symbol", mapping.num_matched(GeneMatch::kSymbol)},
          {"by_alias", mapping.num_matched(GeneMatch::kAlias)},
          {"by_spreadsheet_date", mapping.num_matched(GeneMatch::kSpreadsheet)},
          {"unmapped_examples", mapping.unmapped_examples},
          {"damaged_names", mapping.damaged_names}};
}

Result<GeneMapper> GeneMapper::create() {
  CW_ASSIGN(auto genes, HumanGenes::load());
  return GeneMapper(std::move(genes));
}

GeneMatch GeneMapper::recognise(std::string& name, std::string& ensembl_id) const {
  const auto id = genes_->ensembl_id(name);
  if (!id) return GeneMatch::kNone;
  ensembl_id = *id;
  if (is_ensembl_like(name)) return *id == name ? GeneMatch::kEnsembl : GeneMatch::kRetiredId;
  return to_upper(genes_->symbol(*id)) == name ? GeneMatch::kSymbol : GeneMatch::kAlias;
}

GeneMapping GeneMapper::map_names(std::span<const std::string> names) const {
  GeneMapping mapping;
  mapping.name.resize(names.size());
  mapping.ensembl_id.resize(names.size());
  mapping.match.resize(names.size(), GeneMatch::kNone);
  parallel_for(0, static_cast<std::int64_t>(names.size()), kNamesPerPiece, 0,
               [&](std::int64_t begin, std::int64_t end, int) {
                 for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
                   mapping.name[row] = normalised(names[row]);
                   if (mapping.name[row].empty() || excel_date(mapping.name[row])) continue;
                   mapping.match[row] = recognise(mapping.name[row], mapping.ensembl_id[row]);
                 }
               });
  undo_spreadsheet_dates(names, mapping);
  return mapping;
}

void GeneMapper::undo_spreadsheet_dates(std::span<const std::string> names, GeneMapping& mapping) const {
  std::unordered_set<std::string_view> present;
  std::unordered_map<std::string, std::vector<std::size_t>> rows_of_gene;
  for (std::size_t row = 0; row < names.size(); ++row) {
    if (mapping.match[row] != GeneMatch::kNone) present.insert(mapping.ensembl_id[row]);
  }
  for (std::size_t row = 0; row < names.size(); ++row) {
    if (mapping.match[row] != GeneMatch::kNone) continue;
    const auto date = excel_date(mapping.name[row]);
    if (!date) continue;
    std::vector<std::string> possible;
    for (const auto& gene : date->genes) {
      const auto id = genes_->ensembl_id(gene);
      if (id && !present.contains(*id)) possible.push_back(gene);
    }
    if (possible.size() == 1) {
      rows_of_gene[possible.front()].push_back(row);
    } else {
      mapping.damaged_names.push_back(names[row]);
    }
  }
  for (const auto& [gene, rows] : rows_of_gene) {
    for (const std::size_t row : rows) {
      mapping.name[row] = gene;
      mapping.ensembl_id[row] = *genes_->ensembl_id(gene);
      mapping.match[row] = GeneMatch::kSpreadsheet;
    }
  }
}

double GeneMapper::mapped_share(const NameOfRow& name_of, std::span<const std::int64_t> rows,
                                std::span<const double> weights, bool& mostly_ids) const {
  double mapped = 0.0;
  double total = 0.0;
  std::size_t ids = 0;
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    const auto name = normalised(name_of(row));
    total += weights[i];
    const bool known = genes_->ensembl_id(name).has_value() || excel_date(name).has_value() ||
                       foreign_ensembl_prefix(name).has_value();
    if (known) mapped += weights[i];
    if (is_ensembl_like(name)) ++ids;
  }
  mostly_ids = 2 * ids > rows.size();
  return total > 0.0 ? mapped / total : 0.0;
}

Result<GeneMapping> GeneMapper::map(const Table& table, std::string_view where, std::string_view species,
                                    std::span<const double> counts) const {
  if (table.num_rows() == 0) {
    return Error{ErrorCode::kRefused, "E-GENE-004",
                 "there is no gene in the file, so nothing can be tokenized; is this a file of embeddings only?"};
  }
  std::string place(where);
  if (where == "auto") {
    std::vector<double> weights(table.index.size(), 1.0);
    for (std::size_t i = 0; i < counts.size(); ++i) weights[i] = counts[i] + 1e-6;
    std::vector<std::int64_t> rows(table.index.size());
    std::iota(rows.begin(), rows.end(), 0);
    if (rows.size() > kProbeRows) {
      std::nth_element(rows.begin(), rows.begin() + kProbeRows, rows.end(), [&](std::int64_t a, std::int64_t b) {
        return weights[static_cast<std::size_t>(a)] > weights[static_cast<std::size_t>(b)];
      });
      rows.resize(kProbeRows);
    }
    double best_share = -1.0;
    double best_id_share = -1.0;
    std::string best_place;
    std::string best_id_place;
    const auto consider = [&](const std::string& candidate, const NameOfRow& name_of) {
      bool mostly_ids = false;
      const double share = mapped_share(name_of, rows, weights, mostly_ids);
      if (share > best_share) {
        best_share = share;
        best_place = candidate;
      }
      if (mostly_ids && share > best_id_share) {
        best_id_share = share;
        best_id_place = candidate;
      }
    };
    consider("index", [&](std::int64_t row) { return table.index[static_cast<std::size_t>(row)]; });
    for (const auto& column : table.columns) {
      if (column.kind != ColumnKind::kString && column.kind != ColumnKind::kCategorical) continue;
      consider(column.name, [&](std::int64_t row) { return column.text(row); });
    }
    place = best_id_share >= kEnsemblPreference * best_share && best_id_share > 0.0 ? best_id_place : best_place;
  } else if (where != "index") {
    if (place.starts_with(kVarPrefix)) place = place.substr(kVarPrefix.size());
    if (table.find(place) == nullptr) {
      std::string columns = "index";
      for (const auto& column : table.columns) columns += ", " + column.name;
      return Error{ErrorCode::kNotFound, "E-GENE-001",
                   "--gene-ids " + place + ": the gene table has no such column; it has " + columns};
    }
  }
  const auto names = gene_names_at(table, place);
  auto mapping = map_names(names);
  mapping.where = place == "index" ? place : std::string(kVarPrefix) + place;

  std::unordered_set<std::string_view> seen;
  std::int64_t ids = 0;
  for (std::size_t row = 0; row < names.size(); ++row) {
    ids += is_ensembl_like(mapping.name[row]) ? 1 : 0;
    mapping.versioned = mapping.versioned || without_version(names[row]).size() != names[row].size();
    if (mapping.match[row] == GeneMatch::kNone) {
      if (mapping.unmapped_examples.size() < kExamples && !names[row].empty()) {
        mapping.unmapped_examples.push_back(names[row]);
      }
      continue;
    }
    ++mapping.num_mapped;
    if (!seen.insert(mapping.ensembl_id[row]).second) {
      if (mapping.num_duplicates == 0) mapping.duplicate_example = names[row];
      ++mapping.num_duplicates;
    }
  }
  const auto rows = table.num_rows();
  mapping.species = species_of(names);
  if (mapping.species == "unknown" && 2 * mapping.num_mapped > rows) mapping.species = "human";
  mapping.kind = 2 * ids > rows                                                ? "ensembl"
                 : 2 * mapping.num_mapped > rows || mapping.species == "mouse" ? "symbol"
                                                                               : "other";
  if (species == "mouse" || (species == "auto" && mapping.species != "human" && mapping.species != "unknown")) {
    const std::string found = species == "mouse" ? "mouse" : mapping.species;
    return Error{ErrorCode::kRefused, "E-GENE-002",
                 "the genes (" + mapping.where + ": " + names[0] + (names.size() > 1 ? ", " + names[1] : "") +
                     ", ...) are " + found +
                     "; Geneformer knows human genes only, and Cellwright ships no ortholog table: replace the ids by "
                     "human orthologs first (Ensembl BioMart), or give --species human if this is wrong"};
  }
  return mapping;
}

std::vector<std::string> gene_names_at(const Table& table, std::string_view where) {
  if (where == "index") return table.index;
  if (where.starts_with(kVarPrefix)) where.remove_prefix(kVarPrefix.size());
  const auto* column = table.find(where);
  std::vector<std::string> names;
  names.reserve(table.index.size());
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    names.push_back(column == nullptr ? std::string() : column->text(row));
  }
  return names;
}

std::vector<std::int32_t> tokens_of_genes(const GeneMapping& mapping, const Dictionary& dictionary) {
  std::vector<std::int32_t> tokens(mapping.name.size(), -1);
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    const bool damaged = mapping.match[row] == GeneMatch::kNone && excel_date(mapping.name[row]).has_value();
    if (mapping.name[row].empty() || damaged) continue;
    auto token = dictionary.token_of(mapping.name[row]);
    if (!token) token = dictionary.token_of_name(mapping.name[row]);
    if (!token && !mapping.ensembl_id[row].empty()) token = dictionary.token_of(mapping.ensembl_id[row]);
    if (!token && !mapping.ensembl_id[row].empty()) token = dictionary.token_of_name(mapping.ensembl_id[row]);
    if (token) tokens[row] = *token;
  }
  return tokens;
}

PublishedMapping published_tokens_of_genes(std::span<const std::string> ids, const Dictionary& dictionary) {
  PublishedMapping mapping;
  mapping.token_of_gene.resize(ids.size(), -1);
  std::unordered_set<std::string_view> known_ids;
  std::unordered_set<std::int32_t> their_tokens;
  for (std::size_t row = 0; row < ids.size(); ++row) {
    // which ids exist is asked as written, what they map to in upper case
    if (const auto token = dictionary.token_by_published_mapping(ids[row])) {
      known_ids.insert(ids[row]);
      their_tokens.insert(*token);
    }
    if (const auto token = dictionary.token_by_published_mapping(to_upper(ids[row])))
      mapping.token_of_gene[row] = *token;
  }
  mapping.sum_repeated = known_ids.size() != their_tokens.size();
  return mapping;
}

}  // namespace cw
