// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/run_rows.h"

#include <algorithm>

namespace cw {
namespace {

template <class Text>
std::string joined(std::size_t count, Text text) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += (i == 0 ? "" : "+") + text(i);
  return result;
}

}  // namespace

RunRows::RunRows(const Effects& effects) {
  offsets_.assign(effects.perturbations.size() + 1, 0);
  for (const std::int32_t p : effects.perturbation) ++offsets_[static_cast<std::size_t>(p) + 1];
  for (std::size_t p = 1; p < offsets_.size(); ++p) offsets_[p] += offsets_[p - 1];
  rows_.resize(effects.perturbation.size());
  cells_.resize(effects.perturbation.size());
  std::vector<std::uint64_t> next(offsets_.begin(), offsets_.end() - 1);
  for (std::size_t row = 0; row < effects.perturbation.size(); ++row) {
    const std::uint64_t place = next[static_cast<std::size_t>(effects.perturbation[row])]++;
    rows_[place] = static_cast<std::uint32_t>(row);
    cells_[place] = effects.cell[row];
  }
}

std::int64_t RunRows::count(std::int32_t perturbation) const noexcept {
  return static_cast<std::int64_t>(rows_of(perturbation).size());
}

std::span<const std::uint32_t> RunRows::rows_of(std::int32_t perturbation) const noexcept {
  return of(rows_, perturbation);
}

std::span<const std::int32_t> RunRows::cells_of(std::int32_t perturbation) const noexcept {
  return of(cells_, perturbation);
}

std::vector<float> RunRows::gather_cosine(const Effects& effects, std::int64_t column) const {
  const auto width = static_cast<std::size_t>(effects.num_columns());
  std::vector<float> values(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    values[i] = effects.cosine[rows_[i] * width + static_cast<std::size_t>(column)];
  }
  return values;
}

std::vector<float> RunRows::gather(const std::vector<float>& values) const {
  std::vector<float> result(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) result[i] = values[rows_[i]];
  return result;
}

std::vector<double> as_doubles(std::span<const float> values) { return {values.begin(), values.end()}; }

std::string gene_names(const Perturbation& perturbation) {
  return joined(perturbation.tokens.size(), [&](std::size_t i) {
    return perturbation.symbols[i].empty() ? perturbation.ensembl_ids[i] : perturbation.symbols[i];
  });
}

std::string gene_ids(const Perturbation& perturbation) {
  return joined(perturbation.tokens.size(), [&](std::size_t i) { return perturbation.ensembl_ids[i]; });
}

std::string name_of(const Perturbation& perturbation) { return perturbation.kind + " " + gene_names(perturbation); }

bool is_all_gene_run(const EffectsHeader& header) {
  const Json::json_pointer place("/options/requests");
  if (!header.provenance.is_object() || !header.provenance.contains(place)) return false;
  const Json& requests = header.provenance.at(place);
  return requests.is_array() && std::any_of(requests.begin(), requests.end(), [](const Json& request) {
           return request.is_object() && request.contains("genes") && request["genes"].is_array() &&
                  std::find(request["genes"].begin(), request["genes"].end(), "all") != request["genes"].end();
         });
}

bool was_screened(const EffectsHeader& header) {
  const Json::json_pointer place("/options/method");
  return header.provenance.is_object() && header.provenance.contains(place) &&
         header.provenance.at(place) == Json("screen");
}

}  // namespace cw
