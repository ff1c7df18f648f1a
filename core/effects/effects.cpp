// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/effects.h"

#include <algorithm>

namespace cw {
namespace {

template <class T>
void append_to(std::vector<T>& target, const std::vector<T>& source) {
  target.insert(target.end(), source.begin(), source.end());
}

bool all_below(const std::vector<std::int32_t>& indices, std::size_t limit) {
  return std::all_of(indices.begin(), indices.end(),
                     [&](std::int32_t i) { return i >= 0 && static_cast<std::size_t>(i) < limit; });
}

}  // namespace

void EffectRows::append(const EffectRows& other) {
  append_to(cell, other.cell);
  append_to(perturbation, other.perturbation);
  append_to(cosine, other.cosine);
  append_to(progress, other.progress);
  append_to(rank, other.rank);
}

Result<> check_rows(const EffectsHeader& header, const EffectRows& rows, const std::string& where) {
  const auto num_rows = rows.cell.size();
  const auto num_columns = static_cast<std::size_t>(header.num_columns());
  const auto damaged = [&](const std::string& what) {
    return Error{ErrorCode::kParse, "E-EFF-004", where + ": " + what + "; the file is damaged: run again"};
  };
  if (rows.perturbation.size() != num_rows || rows.rank.size() != num_rows ||
      rows.cosine.size() != num_rows * num_columns) {
    return damaged("columns of different length (" + std::to_string(num_rows) + " cells, " +
                   std::to_string(rows.perturbation.size()) + " perturbations, " + std::to_string(rows.cosine.size()) +
                   " values for " + std::to_string(num_columns) + " columns)");
  }
  if (rows.progress.size() != (header.states.empty() ? 0 : num_rows)) {
    return damaged(std::to_string(rows.progress.size()) + " progress values for " + std::to_string(num_rows) + " rows");
  }
  if (!all_below(rows.cell, header.cells.size())) return damaged("a row names a cell that is not in the table");
  if (!all_below(rows.perturbation, header.perturbations.size())) {
    return damaged("a row names a perturbation that is not in the table");
  }
  return {};
}

Json to_json(const EffectsHeader& header) {
  Json perturbations = Json::array();
  for (const auto& p : header.perturbations) {
    perturbations.push_back(Json::array({p.kind, p.tokens, p.ensembl_ids, p.symbols, p.role, p.partner}));
  }
  Json cells = Json::array();
  for (const auto& c : header.cells) cells.push_back(Json::array({c.name, c.source_row, c.length, c.state, c.donor}));
  Json genes = Json::array();
  for (const auto& g : header.genes) genes.push_back(Json::array({g.token, g.ensembl_id, g.symbol}));
  return Json{{"perturbations", std::move(perturbations)},
              {"cells", std::move(cells)},
              {"states", header.states},
              {"genes", std::move(genes)},
              {"provenance", header.provenance}};
}

Result<EffectsHeader> effects_header_from_json(const Json& json, const std::string& where) {
  EffectsHeader header;
  try {
    for (const auto& p : json.at("perturbations")) {
      header.perturbations.push_back(
          {p.at(0), p.at(1), p.at(2), p.at(3), p.at(4).get<std::string>(), p.at(5).get<std::int32_t>()});
    }
    for (const auto& c : json.at("cells")) header.cells.push_back({c.at(0), c.at(1), c.at(2), c.at(3), c.at(4)});
    for (const auto& g : json.at("genes")) header.genes.push_back({g.at(0), g.at(1), g.at(2)});
    header.states = json.at("states").get<std::vector<std::string>>();
    header.provenance = json.at("provenance");
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-EFF-002", where + ": the tables of the run are damaged: " + problem.what()};
  }
  return header;
}

}  // namespace cw
