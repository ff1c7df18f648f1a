// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/effects.h"
#include "core/ranking/run_stats.h"

#include <QString>
#include <filesystem>
#include <memory>

namespace cw::ui {

/// A run as the result views show it: what was computed and the ranked list of it. Never changed once made.
struct RunResult {
  std::filesystem::path folder;
  QString title;
  std::shared_ptr<const Effects> effects;
  Ranking ranking;
  Json details;  ///< of the ranking: baseline, summary, line, text
  bool hasBaseline = false;
  std::vector<std::int32_t> perturbationOfRow;  ///< of the ranking's table: index into `effects->perturbations`

  [[nodiscard]] bool hasStates() const noexcept { return !effects->states.empty(); }
  [[nodiscard]] QString start() const;
  [[nodiscard]] QString goal() const;
  /// A number of the ranked list; NaN where it is missing or the column is not there.
  [[nodiscard]] double value(std::int64_t row, std::string_view column) const noexcept;
  [[nodiscard]] QString text(std::int64_t row, std::string_view column) const;
  [[nodiscard]] std::int64_t numRows() const noexcept { return ranking.table.num_rows(); }
};
using RunResultPtr = std::shared_ptr<const RunResult>;

/// Reads a run, or the part of it that exists so far, and ranks it as `cellwright stats` does. Runs in the files lane.
/// `baseline`: also the comparison without a model, which reads the counts.
/// Errors: those of read_effects and rank_run.
[[nodiscard]] Result<RunResultPtr> load_run(const std::filesystem::path& folder, const QString& title, bool baseline,
                                            JobContext& context);

}  // namespace cw::ui
