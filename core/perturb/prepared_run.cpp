// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/prepared_run.h"

#include "core/api/shard.h"
#include "core/base/sha256.h"
#include "core/embed/cell_selection.h"
#include "core/io/label_table.h"

#include <algorithm>
#include <map>

namespace cw {
namespace {

/// Whether a request can be defined in a cell that has the genes marked in `present`; the plan decides the rest.
bool may_apply(const ResolvedRequest& request, std::int32_t anchor, bool together, const std::vector<bool>& present) {
  const auto has = [&](std::int32_t token) { return present[static_cast<std::size_t>(token)]; };
  if (request.change.operation == RankOperation::kOverexpress) return true;
  if (anchor >= 0 && !has(anchor)) return false;
  return request.all || anchor >= 0 ||
         std::any_of(request.groups.begin(), request.groups.end(), [&](const auto& group) {
           return together ? std::all_of(group.begin(), group.end(), has)
                           : std::any_of(group.begin(), group.end(), has);
         });
}

/// Leaves out cells in which nothing can be perturbed before a sample is drawn, so that `--max-cells` and `--cells`
/// count cells of the run (geneformer-behaviour 6.4). All rows where none is left: the plan says why.
std::vector<std::int64_t> rows_with_genes(const PerturbOptions& options, const ResolvedRequests& requests,
                                          const TokenizedCells& cells, const Dictionary& dictionary,
                                          const std::vector<std::int64_t>& rows) {
  std::vector<bool> present(static_cast<std::size_t>(dictionary.num_tokens()), false);
  std::vector<std::int32_t> tokens;
  std::vector<std::int64_t> kept;
  for (const std::int64_t row : rows) {
    cells.copy_tokens(row, tokens);
    for (const std::int32_t token : tokens) present[static_cast<std::size_t>(token)] = true;
    const bool any = std::any_of(requests.requests.begin(), requests.requests.end(), [&](const auto& request) {
      return may_apply(request, requests.anchor, options.how == "together", present);
    });
    if (any) kept.push_back(row);
    for (const std::int32_t token : tokens) present[static_cast<std::size_t>(token)] = false;
  }
  return kept.empty() ? rows : kept;
}

/// The cells that are perturbed, in the order of the visit.
Result<std::vector<std::int64_t>> choose_cells(const PerturbOptions& options, const ResolvedRequests& requests,
                                               const TokenizedCells& cells, const Dictionary& dictionary,
                                               std::vector<std::int64_t> rows, JobContext& ctx) {
  if (!options.state_column.empty()) {
    CW_ASSIGN(const auto states, column_texts(cells, options.state_column));
    const auto selected = rows;
    std::erase_if(rows, [&](std::int64_t row) { return states[static_cast<std::size_t>(row)] != options.start; });
    if (rows.empty()) {
      return no_such_state(options.start, options.state_column, states, selected);
    }
  }
  rows = rows_with_genes(options, requests, cells, dictionary, rows);
  rows = sample_cells(cells, rows, options.max_cells, options.seed, options.match_upstream, ctx);
  const auto available = static_cast<std::int64_t>(rows.size());
  if (options.first_cell >= available) {
    return Error{ErrorCode::kInvalidArgument, "E-PRT-004",
                 "--cells begins at " + std::to_string(options.first_cell) + ", but only " + std::to_string(available) +
                     " cells are selected (counted from 0)"};
  }
  if (options.end_cell > available) {
    ctx.warn("W-PRT-004", "--cells ends at " + std::to_string(options.end_cell) + ", only " +
                              std::to_string(available) + " cells are selected; the range is cut");
  }
  const std::int64_t end = options.end_cell < 0 ? available : std::min(options.end_cell, available);
  rows = {rows.begin() + options.first_cell, rows.begin() + end};
  if (!options.match_upstream) {
    std::vector<std::string> donors;
    if (!options.donor_column.empty()) {
      CW_ASSIGN(donors, column_texts(cells, options.donor_column));
    }
    rows = balanced_order(rows, donors, options.seed);
  }
  if (options.preview > 0 && std::ssize(rows) > options.preview) rows.resize(static_cast<std::size_t>(options.preview));
  return rows;
}

Result<std::vector<EffectCell>> cell_table(const PerturbOptions& options, const TokenizedCells& cells,
                                           const std::vector<std::int64_t>& rows) {
  std::vector<std::string> donors;
  if (!options.donor_column.empty()) {
    CW_ASSIGN(donors, column_texts(cells, options.donor_column));
  }
  const std::int64_t num_special = cells.has_special_tokens() ? 2 : 0;
  std::vector<EffectCell> table;
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    table.push_back({cells.cells().index[i], row, static_cast<std::int32_t>(cells.length(row) - num_special),
                     options.state_column.empty() ? "" : options.start, donors.empty() ? "" : donors[i]});
  }
  return table;
}

std::vector<EffectGene> affected_genes(const RunPlan& plan, const Dictionary& dictionary) {
  std::vector<bool> seen(static_cast<std::size_t>(dictionary.num_tokens()), false);
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : plan.rows()) {
    plan.cells().copy_tokens(row, tokens);
    for (const std::int32_t token : tokens) {
      if (dictionary.is_gene(token)) seen[static_cast<std::size_t>(token)] = true;
    }
  }
  std::vector<EffectGene> genes;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto token = static_cast<std::int32_t>(i);
    if (seen[i]) genes.push_back({token, dictionary.ensembl_id(token), dictionary.symbol(token)});
  }
  return genes;
}

std::string label_of(const Perturbation& p) {
  std::string genes;
  for (const auto& symbol : p.symbols) genes += (genes.empty() ? "" : "+") + symbol;
  return p.kind + " " + genes;
}

void report_without_cells(PreparedRun& run, JobContext& ctx) {
  const auto& perturbations = run.plan.perturbations();
  for (std::size_t i = 0; i < perturbations.size(); ++i) {
    const bool is_named = perturbations[i].role != "null" && !run.plan.is_of_all(static_cast<std::int32_t>(i));
    if (is_named && run.plan.cells_of_perturbations()[i] == 0) run.not_applied.push_back(label_of(perturbations[i]));
  }
  if (run.not_applied.empty()) return;
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(20, run.not_applied.size()); ++i) {
    list += (i == 0 ? "" : ", ") + run.not_applied[i];
  }
  ctx.warn("W-PRT-005", std::to_string(run.not_applied.size()) +
                            " perturbations apply to no cell, because none has the genes: " + list);
}

void report_few_controls(const PreparedRun& run, std::int64_t wanted, JobContext& ctx) {
  const auto& perturbations = run.plan.perturbations();
  std::vector<std::int64_t> drawn(perturbations.size(), 0);
  for (const auto& p : perturbations) {
    if (p.role == "null") ++drawn[static_cast<std::size_t>(p.partner)];
  }
  std::int64_t num_short = 0;
  std::int64_t fewest = wanted;
  for (std::size_t i = 0; i < perturbations.size(); ++i) {
    if (perturbations[i].role == "null" || drawn[i] >= wanted) continue;
    ++num_short;
    fewest = std::min(fewest, drawn[i]);
  }
  if (num_short == 0) return;
  ctx.warn("W-PRT-011", std::to_string(num_short) + " perturbations have fewer than the " + std::to_string(wanted) +
                            " random stand-ins asked for (as few as " + std::to_string(fewest) +
                            "): too few genes are in at least 5 of the " + std::to_string(run.plan.num_cells()) +
                            " cells. Perturb more cells, or ask for a smaller --null");
}

/// Options that change no number are no part of a run's identity: it may go on elsewhere, or with more threads.
Json identity_of(const PerturbOptions& options) {
  Json json = to_json(options);
  for (const char* key : {"output", "overwrite", "num_threads", "tokens_per_batch"}) json.erase(key);
  drop_whole_shard(json);
  return json;
}

}  // namespace

Result<TokenizedCells> with_labels(const TokenizedCells& cells, const std::string& path, Json& record,
                                   JobContext& ctx) {
  if (path.empty()) return cells;
  CW_ASSIGN(const Table labels, read_label_table(path));
  Table table = cells.cells();
  const auto match = join_labels(table, labels);
  if (!match.ok()) return match.error().in(path);
  if (match->without_label > 0) {
    ctx.warn("W-LAB-001", path + ": has no labels for " + std::to_string(match->without_label) + " of " +
                              std::to_string(table.num_rows()) + " cells");
  }
  CW_ASSIGN(const std::string checksum, sha256_of_path(path));
  record = {{"path", path}, {"sha256", checksum}, {"matched", match->matched}};
  return cells.with_table(std::move(table));
}

Result<PreparedRun> prepare_run(const PerturbOptions& options, const OpenModel& model, const TokenizedCells& unlabelled,
                                const CentroidSource& centroids, JobContext& ctx) {
  PreparedRun run;
  run.model = model;
  Json labels;
  CW_ASSIGN(run.cells, with_labels(unlabelled, options.labels, labels, ctx));
  const TokenizedCells& cells = run.cells;
  CW_ASSIGN(run.layer, layer_index(model.encoder->config(), options.layer));
  CW_ASSIGN(const std::string mode, choose_mode(options.mode, cells));
  run.cls_mode = mode == "cls";
  CW_ASSIGN(const ResolvedRequests requests, resolve_requests(options, *model.dictionary, ctx));
  CW_ASSIGN(const auto all_rows, filter_cells(cells, options.filter, ctx));
  CW_ASSIGN(auto rows, choose_cells(options, requests, cells, *model.dictionary, all_rows, ctx));
  const RankLimits limits{cells.has_special_tokens(), model.encoder->config().max_positions, options.match_upstream};
  CW_ASSIGN(run.plan, RunPlan::make(options, requests, *model.dictionary, cells, std::move(rows), limits));
  report_without_cells(run, ctx);
  if (options.null_count > 0) report_few_controls(run, options.null_count, ctx);
  run.header.provenance = provenance_of("perturb", model, cells, identity_of(options));
  run.header.provenance["mode"] = mode;
  run.header.provenance["layer"] = run.layer;
  run.header.provenance["unknown_genes"] = requests.unknown;
  if (!labels.is_null()) run.header.provenance["labels"] = labels;
  CW_ASSIGN(run.centroids, centroids_for(options, model, cells, labels, run.layer, run.cls_mode, centroids, ctx));
  run.header.states = run.centroids.names;
  if (!run.header.states.empty()) run.header.provenance["centroids"] = run.centroids.record;
  run.header.perturbations = run.plan.perturbations();
  CW_ASSIGN(run.header.cells, cell_table(options, cells, run.plan.rows()));
  if (options.gene_effects) run.header.genes = affected_genes(run.plan, *model.dictionary);
  return run;
}

ReadOut read_out_of(const PreparedRun& run, const PerturbOptions& options) noexcept {
  return {run.layer, run.cls_mode && !options.gene_effects};
}

ScoreOptions score_options_of(const PreparedRun& run, const PerturbOptions& options) noexcept {
  return {run.cls_mode, options.gene_effects, options.match_upstream, options.tokens_per_batch};
}

}  // namespace cw
