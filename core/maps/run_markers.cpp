// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/run_markers.h"

#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/io/table_writers.h"
#include "core/maps/marker_genes.h"
#include "core/tokenize/data_formats.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_map>

namespace cw {
namespace {

constexpr std::int64_t kSmallGroup = 10;
constexpr double kRarely = 0.1;

/// The column of groups, one value per cell of `reader`.
Result<Column> read_groups(const MarkersOptions& options, DatasetReader& reader) {
  if (options.groups_file.empty()) {
    CW_ASSIGN(const Column column, reader.cell_column(options.groups));
    return as_categorical(column);
  }
  CW_ASSIGN(const auto other, data_formats().open_dataset(options.groups_file));
  CW_ASSIGN(const Column found, other->cell_column(options.groups));
  const Column column = as_categorical(found);
  CW_ASSIGN(const auto other_names, other->cell_names());
  CW_ASSIGN(const auto names, reader.cell_names());
  if (names == other_names) return column;
  std::unordered_map<std::string, std::int32_t> code_of;
  for (std::size_t i = 0; i < other_names.size(); ++i) {
    if (code_of.emplace(other_names[i], column.codes[i]).first->second != column.codes[i]) {
      return Error{ErrorCode::kRefused, "E-MRK-004",
                   options.groups_file + ": cells of different groups are called '" + other_names[i] +
                       "', so the groups cannot be joined to " + options.input +
                       " by name; make the names unique in both files"};
    }
  }
  std::vector<std::int32_t> codes;
  bool any = false;
  for (const auto& name : names) {
    const auto known = code_of.find(name);
    any = any || known != code_of.end();
    codes.push_back(known == code_of.end() ? -1 : known->second);
  }
  if (!any) {
    return Error{ErrorCode::kInvalidArgument, "E-MRK-003",
                 options.groups_file + ": none of its cells is in " + options.input +
                     "; give the file that the map was made from"};
  }
  return Column::of_codes(options.groups, std::move(codes), column.categories);
}

bool is_ensembl(const std::string& name) { return name.starts_with("ENSG") || name.starts_with("ENSMUSG"); }

/// Symbols and Ensembl ids of a gene table, from the index or the columns that usually hold them.
struct GeneNames {
  std::vector<std::string> symbols;
  std::vector<std::string> ensembl_ids;
};

std::vector<std::string> first_text_column(const Table& genes, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const Column* column = genes.find(name);
    if (column == nullptr) continue;
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < column->size(); ++i) texts.push_back(column->text(i));
    return texts;
  }
  return {};
}

GeneNames names_of(const Table& genes) {
  GeneNames names;
  names.symbols = first_text_column(
      genes, {"gene_symbol", "gene_symbols", "gene_name", "gene_names", "feature_name", "symbol", "Symbol", "Gene"});
  names.ensembl_ids =
      first_text_column(genes, {"ensembl_id", "gene_ids", "gene_id", "ensembl", "feature_id", "Accession"});
  names.symbols.resize(genes.index.size());
  names.ensembl_ids.resize(genes.index.size());
  for (std::size_t i = 0; i < genes.index.size(); ++i) {
    if (names.ensembl_ids[i].empty() && is_ensembl(genes.index[i])) names.ensembl_ids[i] = genes.index[i];
    if (names.symbols[i].empty()) names.symbols[i] = genes.index[i];
  }
  return names;
}

/// The columns of the CSV while they grow.
struct Rows {
  std::vector<std::string> group, gene, ensembl_id, flags;
  std::vector<std::int64_t> rank, n_cells, n_donors;
  std::vector<double> auc, cohens_d, log2fc, detected_in, detected_out, p, fdr;

  [[nodiscard]] std::vector<Column> columns() && {
    std::vector<Column> result;
    result.push_back(Column::of_strings("group", std::move(group)));
    result.push_back(Column::of_integers("rank", std::move(rank)));
    result.push_back(Column::of_strings("gene", std::move(gene)));
    result.push_back(Column::of_strings("ensembl_id", std::move(ensembl_id)));
    result.push_back(Column::of_reals("auc", std::move(auc)));
    result.push_back(Column::of_reals("cohens_d", std::move(cohens_d)));
    result.push_back(Column::of_reals("log2fc", std::move(log2fc)));
    result.push_back(Column::of_reals("detected_in", std::move(detected_in)));
    result.push_back(Column::of_reals("detected_out", std::move(detected_out)));
    result.push_back(Column::of_reals("p", std::move(p)));
    result.push_back(Column::of_reals("fdr", std::move(fdr)));
    result.push_back(Column::of_integers("n_cells", std::move(n_cells)));
    result.push_back(Column::of_integers("n_donors", std::move(n_donors)));
    result.push_back(Column::of_strings("flags", std::move(flags)));
    return result;
  }
};

std::string flags_of(const GroupMarkers& markers, const MarkerStatistics& gene, bool donors_given) {
  std::string flags;
  const auto add = [&flags](std::string_view flag) { flags += (flags.empty() ? "" : ";") + std::string(flag); };
  if (!markers.by_donors) add("cells-not-donors");
  if (!markers.by_donors && donors_given) add("few-donors");
  if (markers.num_cells < kSmallGroup) add("small-group");
  if (gene.detected_in < kRarely) add("rarely-detected");
  return flags;
}

/// Detected genes, the best marker first.
std::vector<std::size_t> ranked_genes(const GroupMarkers& markers) {
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < markers.genes.size(); ++g) {
    if (markers.genes[g].detected_in + markers.genes[g].detected_out > 0.0) order.push_back(g);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto& x = markers.genes[a];
    const auto& y = markers.genes[b];
    if (x.auc != y.auc) return x.auc > y.auc;
    return x.log2fc != y.log2fc ? x.log2fc > y.log2fc : a < b;
  });
  return order;
}

void append_group(const std::string& group, const GroupMarkers& markers, const GeneNames& names,
                  const MarkersOptions& options, Rows& rows, Json& best) {
  std::vector<std::size_t> order = ranked_genes(markers);
  if (options.top > 0) order.resize(std::min(order.size(), static_cast<std::size_t>(options.top)));
  best[group] = Json::array();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& gene = markers.genes[order[i]];
    rows.group.push_back(group);
    rows.rank.push_back(static_cast<std::int64_t>(i + 1));
    rows.gene.push_back(names.symbols[order[i]]);
    rows.ensembl_id.push_back(names.ensembl_ids[order[i]]);
    rows.auc.push_back(gene.auc);
    rows.cohens_d.push_back(gene.cohens_d);
    rows.log2fc.push_back(gene.log2fc);
    rows.detected_in.push_back(gene.detected_in);
    rows.detected_out.push_back(gene.detected_out);
    rows.p.push_back(gene.p);
    rows.fdr.push_back(markers.fdr[order[i]]);
    rows.n_cells.push_back(markers.num_cells);
    rows.n_donors.push_back(markers.num_donors);
    rows.flags.push_back(flags_of(markers, gene, !options.donor.empty()));
    if (i < 5) best[group].push_back(names.symbols[order[i]]);
  }
}

Result<Json> provenance_of(const MarkersOptions& options, const CountMatrix& matrix) {
  CW_ASSIGN(const std::string checksum, sha256_of_path(options.input));
  Json provenance{{"program", "cellwright " + std::string(version())},
                  {"kind", "markers"},
                  {"input", options.input},
                  {"input_sha256", checksum},
                  {"counts", matrix.where},
                  {"options", to_json(options)}};
  if (!options.groups_file.empty()) {
    CW_ASSIGN(const std::string groups_checksum, sha256_of_path(options.groups_file));
    provenance["groups_file_sha256"] = groups_checksum;
  }
  return provenance;
}

}  // namespace

Result<Json> run_markers(const MarkersOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_ASSIGN(const auto reader, data_formats().open_dataset(options.input));
  if (reader->info().matrices.empty()) {
    return Error{ErrorCode::kRefused, "E-MRK-001",
                 options.input + ": holds no counts, which marker genes need; give the count file, and this one as " +
                     "--groups-file if the groups are in it"};
  }
  CW_ASSIGN(const Column groups, read_groups(options, *reader));
  Column donors;
  if (!options.donor.empty()) {
    CW_ASSIGN(const Column column, reader->cell_column(options.donor));
    donors = as_categorical(column);
  }
  JobContext reading = ctx.slice(0.0, 0.5);
  CW_ASSIGN(const CountMatrix matrix, read_count_matrix(*reader, options.counts, reading));
  if (const std::set<std::int32_t> present(groups.codes.begin(), groups.codes.end());
      present.size() - present.count(-1) < 2) {
    return Error{ErrorCode::kRefused, "E-MRK-002",
                 (options.groups_file.empty() ? options.input : options.groups_file) + ": the column '" +
                     options.groups + "' holds fewer than two groups that have cells; choose another with --groups"};
  }
  MarkerDesign design;
  design.groups = groups.codes;
  design.num_groups = static_cast<std::int32_t>(groups.categories.size());
  design.donors = donors.codes;
  design.num_donors = static_cast<std::int32_t>(donors.categories.size());
  design.min_cells_per_donor = options.min_cells_per_donor;
  JobContext scoring = ctx.slice(0.5, 0.95);
  CW_ASSIGN(const auto markers, marker_genes(matrix, design, options.num_threads, scoring));

  const GeneNames names = names_of(matrix.genes);
  Rows rows;
  Json best = Json::object();
  std::int64_t num_groups = 0;
  for (std::size_t group = 0; group < markers.size(); ++group) {
    if (markers[group].num_cells == 0) continue;
    append_group(groups.categories[group], markers[group], names, options, rows, best);
    ++num_groups;
  }
  const auto num_rows = static_cast<std::int64_t>(rows.rank.size());
  CW_ASSIGN(const Json provenance, provenance_of(options, matrix));
  CW_TRY(write_csv(options.output, std::move(rows).columns(), options.overwrite));
  CW_TRY(write_json(options.output + ".provenance.json", provenance));
  ctx.report(1, 1, "Marker genes");
  return Json{{"output", options.output}, {"groups", num_groups}, {"rows", num_rows}, {"best", best}};
}

}  // namespace cw
