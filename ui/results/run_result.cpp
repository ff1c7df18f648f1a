// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/run_result.h"

#include "core/effects/effects_file.h"

#include <cmath>
#include <limits>
#include <map>

namespace cw::ui {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "+") + word;
  return text;
}

/// Rows of the list by kind and genes.
std::vector<std::int32_t> perturbations_of(const Table& table, const Effects& effects) {
  std::map<std::string, std::int32_t> index;
  for (std::size_t i = 0; i < effects.perturbations.size(); ++i) {
    const Perturbation& p = effects.perturbations[i];
    if (p.role != "null") index.emplace(p.kind + ' ' + joined(p.ensembl_ids), static_cast<std::int32_t>(i));
  }
  const Column* kinds = table.find("perturbation");
  const Column* ids = table.find("ensembl_id");
  std::vector<std::int32_t> of_row(static_cast<std::size_t>(table.num_rows()), -1);
  for (std::size_t row = 0; kinds != nullptr && ids != nullptr && row < of_row.size(); ++row) {
    const auto at = static_cast<std::int64_t>(row);
    const auto found = index.find(kinds->text(at) + ' ' + ids->text(at));
    if (found != index.end()) of_row[row] = found->second;
  }
  return of_row;
}

}  // namespace

QString RunResult::start() const { return hasStates() ? QString::fromStdString(effects->states[0]) : QString(); }

QString RunResult::goal() const { return hasStates() ? QString::fromStdString(effects->states[1]) : QString(); }

double RunResult::value(std::int64_t row, std::string_view name) const noexcept {
  const Column* column = ranking.table.find(name);
  if (column == nullptr || row < 0 || row >= column->size() || column->is_missing(row)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const auto i = static_cast<std::size_t>(row);
  if (column->kind == ColumnKind::kReal) return column->reals[i];
  if (column->kind == ColumnKind::kInteger) return static_cast<double>(column->integers[i]);
  return std::numeric_limits<double>::quiet_NaN();
}

QString RunResult::text(std::int64_t row, std::string_view name) const {
  const Column* column = ranking.table.find(name);
  return column == nullptr || row < 0 || row >= column->size() ? QString() : QString::fromStdString(column->text(row));
}

Result<RunResultPtr> load_run(const std::filesystem::path& folder, const QString& title, bool baseline,
                              JobContext& context) {
  CW_ASSIGN(Effects effects, read_effects(folder));
  auto result = std::make_shared<RunResult>();
  result->folder = folder;
  result->title = title;
  result->effects = std::make_shared<const Effects>(std::move(effects));
  StatsOptions options;
  options.runs = {folder.string()};
  options.baseline = baseline;
  CW_ASSIGN(RankedRun ranked, rank_run(*result->effects, options, context));
  result->ranking = std::move(ranked.ranking);
  result->details = std::move(ranked.details);
  result->hasBaseline = result->details.contains("baseline") && result->details["baseline"].value("computed", false);
  result->perturbationOfRow = perturbations_of(result->ranking.table, *result->effects);
  return RunResultPtr(std::move(result));
}

}  // namespace cw::ui
