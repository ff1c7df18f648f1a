// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/cell_probe.h"

#include "core/embed/cell_selection.h"
#include "core/model/torch_guard.h"
#include "core/perturb/effect_scores.h"
#include "core/perturb/prepared_run.h"
#include "core/perturb/rank_list.h"
#include "core/perturb/variant_forward.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

namespace cw {
namespace {

using Tokens = std::vector<std::int32_t>;

Error wrong_field(const std::string& key, const char* wanted) {
  return {ErrorCode::kInvalidArgument, "E-ARG-001", "cell: '" + key + "' must be " + wanted};
}

Result<Tokens> tokens_from(const Json& json, const std::string& key) {
  if (!json.is_array()) return wrong_field(key, "a list of tokens");
  Tokens tokens;
  for (const Json& token : json) {
    if (!token.is_number_integer()) return wrong_field(key, "a list of tokens");
    tokens.push_back(token.get<std::int32_t>());
  }
  return tokens;
}

Result<> check_row(std::int64_t row, const TokenizedCells& cells) {
  if (row >= 0 && row < cells.num_cells()) return {};
  return Error{ErrorCode::kInvalidArgument, "E-PRT-030",
               "there is no cell " + std::to_string(row) + "; the data have cells 0 to " +
                   std::to_string(cells.num_cells() - 1)};
}

/// The row that a request means among the cells that were not left out.
Result<std::int64_t> row_of(const CellRequest& request, const TokenizedCells& cells) {
  if (request.name.empty()) {
    CW_TRY(check_row(request.row, cells));
    return request.row;
  }
  const auto& names = cells.cells().index;
  const auto from = static_cast<std::size_t>(std::clamp<std::int64_t>(request.row, 0, cells.num_cells() - 1));
  // cells only move to the front, so it stands at its row or before it; otherwise the file is another one
  for (std::size_t i = from + 1; i-- > 0;) {
    if (names[i] == request.name) return static_cast<std::int64_t>(i);
  }
  return Error{ErrorCode::kInvalidArgument, "E-PRT-033",
               "cell " + request.name +
                   " was left out: the data mark it as failed (filter_pass), or it has too few genes that the model "
                   "knows; choose another"};
}

Result<> check_genes(const Tokens& genes, const Dictionary& dictionary, std::int64_t most) {
  if (genes.empty() || std::ssize(genes) > most) {
    return Error{ErrorCode::kInvalidArgument, "E-PRT-032",
                 "a list of " + std::to_string(genes.size()) + " genes; the model takes 1 to " + std::to_string(most)};
  }
  std::set<std::int32_t> seen;
  for (const std::int32_t gene : genes) {
    const bool known = gene >= 0 && gene < dictionary.num_tokens() && dictionary.is_gene(gene);
    if (known && seen.insert(gene).second) continue;
    return Error{
        ErrorCode::kInvalidArgument, "E-PRT-031",
        "token " + std::to_string(gene) + (known ? " stands in the list twice" : " is not a gene of the vocabulary")};
  }
  return {};
}

/// The list as the model takes it: special tokens stay where they are in the cell.
Tokens with_special_tokens(const Tokens& genes, const Tokens& cell, bool special) {
  Tokens list;
  if (special) list.push_back(cell.front());
  list.insert(list.end(), genes.begin(), genes.end());
  if (special) list.push_back(cell.back());
  return list;
}

Json genes_of(const Tokens& cell, const Dictionary& dictionary) {
  Json genes = Json::array();
  for (const std::int32_t token : cell) {
    if (!dictionary.is_gene(token)) continue;
    genes.push_back(
        {{"token", token}, {"ensembl_id", dictionary.ensembl_id(token)}, {"symbol", dictionary.symbol(token)}});
  }
  return genes;
}

/// The read-out of a list, whatever computed it.
struct ListRows {
  const Tokens& tokens;
  const float* rows;
  std::int64_t num_rows;
  std::int64_t width;
};

Json similarity_of(const ListRows& before, const ListRows& after, const Tokens& changed, bool special) {
  const auto pairs = unperturbed_genes(after.tokens, before.tokens, changed, special);
  if (pairs.empty()) return nullptr;
  std::vector<double> cosines(pairs.size());
  row_cosines(after.rows, before.rows, before.width, pairs, cosines);
  return std::accumulate(cosines.begin(), cosines.end(), 0.0) / static_cast<double>(cosines.size());
}

Json comparison_of(const ListRows& before, const ListRows& after, const NamedCentroids& centroids,
                   const Tokens& changed, bool cls_mode, bool special) {
  const auto from = whole_cell(before.rows, before.num_rows, before.width, cls_mode);
  const auto to = whole_cell(after.rows, after.num_rows, after.width, cls_mode);
  Json result{{"cosine", cosine(std::span<const double>(from), std::span<const double>(to))}};
  result["similarity"] = cls_mode ? result["cosine"] : similarity_of(before, after, changed, special);
  if (centroids.names.empty()) return result;
  result["states"] = centroids.names;
  result["shifts"] = centroids.states.shifts(from, to);
  result["progress"] = centroids.states.progress(from, to);
  return result;
}

/// The cell as it is, from the session where that has it.
Result<OriginalCell*> original_of(std::int64_t row, Tokens tokens, const VariantForward& forward,
                                  OriginalCache& originals, std::vector<OriginalCell>& own, JobContext& ctx) {
  if (OriginalCell* known = originals.find(row)) return known;
  CW_ASSIGN(own, forward.originals({std::move(tokens)}, ctx));
  return originals.has_room() ? originals.add(row, std::move(own.front())) : &own.front();
}

}  // namespace

Result<CellRequest> cell_request_from_json(const Json& json) {
  if (!json.is_object()) return wrong_field("params", "an object");
  CellRequest request;
  Json rest = json;
  if (rest.contains("row")) {
    if (!rest["row"].is_number_integer()) return wrong_field("row", "a number");
    request.row = rest["row"].get<std::int64_t>();
  }
  if (rest.contains("tokens")) {
    CW_ASSIGN(request.tokens, tokens_from(rest["tokens"], "tokens"));
  }
  if (rest.contains("changed")) {
    CW_ASSIGN(request.changed, tokens_from(rest["changed"], "changed"));
  }
  if (rest.contains("name")) {
    if (!rest["name"].is_string()) return wrong_field("name", "a text");
    request.name = rest["name"].get<std::string>();
  }
  for (const char* key : {"row", "name", "tokens", "changed"}) rest.erase(key);
  CW_ASSIGN(request.comparison, perturb_options_from_json(rest));
  return request;
}

Result<Json> probe_cell(const CellRequest& request, const OpenModel& model, const TokenizedCells& unlabelled,
                        const CentroidSource& centroids, OriginalCache& originals, JobContext& ctx) {
  const auto start = std::chrono::steady_clock::now();
  const PerturbOptions& options = request.comparison;
  CW_TRY(options.validate_comparison());
  CW_ASSIGN(const std::int64_t row, row_of(request, unlabelled));
  Json labels;
  CW_ASSIGN(const TokenizedCells cells, with_labels(unlabelled, options.labels, labels, ctx));
  const bool special = cells.has_special_tokens();
  if (request.tokens) {
    CW_TRY(check_genes(*request.tokens, *model.dictionary, model.encoder->config().max_positions - (special ? 2 : 0)));
  }
  CW_ASSIGN(const int layer, layer_index(model.encoder->config(), options.layer));
  CW_ASSIGN(const std::string mode, choose_mode(options.mode, cells));
  const bool cls_mode = mode == "cls";
  CW_ASSIGN(const NamedCentroids states, centroids_for(options, model, cells, labels, layer, cls_mode, centroids, ctx));
  const VariantForward forward(*model.encoder, {layer, cls_mode});
  originals.prepare(forward.read_out());
  Tokens cell;
  cells.copy_tokens(row, cell);
  return guard_torch("comparing a cell", [&]() -> Result<Json> {
    std::vector<OriginalCell> own;
    CW_ASSIGN(OriginalCell* const original, original_of(row, cell, forward, originals, own, ctx));
    const at::Tensor& whole = original->read_out();
    const ListRows before{original->tokens(), whole.const_data_ptr<float>(), whole.size(0), whole.size(1)};
    Json result{{"row", row}, {"name", cells.cells().index[static_cast<std::size_t>(row)]}};
    if (!request.tokens) {
      result["length"] = std::ssize(cell) - (special ? 2 : 0);
      result.update(comparison_of(before, before, states, request.changed, cls_mode, special));
      result["genes"] = genes_of(cell, *model.dictionary);
    } else {
      const Variant variant{original, with_special_tokens(*request.tokens, cell, special)};
      CW_ASSIGN(const ReadOuts read_outs, forward.run(std::span(&variant, 1), ctx));
      const ListRows after{variant.tokens, read_outs.of(0), read_outs.num_rows(0), before.width};
      result["length"] = std::ssize(*request.tokens);
      result.update(comparison_of(before, after, states, request.changed, cls_mode, special));
    }
    result["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  });
}

}  // namespace cw
