// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment.h"
#include "ui/perturb/experiment_spec.h"

namespace cw::ui {

/// What the labels say about an experiment. Counted off the window's thread.
struct BenchFacts {
  bool hasCounts = true;        ///< the open data hold raw counts
  std::int64_t startCells = 0;  ///< of the group, before the filter
  std::int64_t goalCells = 0;
  QList<std::int64_t> alternativeCells;
  std::int64_t changedCells = 0;  ///< start, filter, donors: the cells that are changed, before the sample
  std::int64_t inBoth = 0;        ///< cells in start and in goal
  bool donorsKnown = false;
  int startDonors = 0;
  int goalDonors = 0;
  QList<int> alternativeDonors;
  QStringList sharedDonors;
  std::int64_t detectedGenes = 0;  ///< measured genes that the model knows
  QStringList unknownGenes;        ///< on the bench, not in the model
  bool startGone = false;          ///< the column or selection is no longer there
  bool goalGone = false;
};

[[nodiscard]] BenchFacts facts_of(const Experiment& experiment, const SpecSources& sources);

/// Rows of the cells that are changed (start, filter, donors; not those of both states), in the order of the data.
[[nodiscard]] std::vector<std::int64_t> rows_to_change(const Experiment& experiment, const SpecSources& sources);

/// One line before a run: what stands in the way (the run is not possible), what to know, and its remedy.
struct Check {
  enum class Level { kBlocks, kWarns, kTells };
  enum class Fix { kNone, kExcludeDonors, kIncludeDonors, kRemoveUnknown, kClearGoal, kClearStart, kComputeExactly };
  Level level = Level::kTells;
  QString title;
  QString text;
  QString fixText;
  Fix fix = Fix::kNone;
};

/// In the order of their weight. Pure: the same for equal input.
[[nodiscard]] QList<Check> checks_of(const Experiment& experiment, const BenchFacts& facts);
/// The one thing that is missing for a run: "Your draft needs genes: ..."; "" = nothing.
[[nodiscard]] QString missing_for_run(const Experiment& experiment, const BenchFacts& facts);

}  // namespace cw::ui
