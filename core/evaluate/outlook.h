// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/evaluate/association.h"
#include "core/evaluate/baselines.h"
#include "core/evaluate/metrics.h"
#include "core/evaluate/split_report.h"

#include <functional>
#include <optional>

namespace cw {

/// Whether a question can be answered with these data.
enum class Prospect : std::uint8_t {
  kGood,       ///< a simple model tells the classes apart in donors it has not seen
  kUncertain,  ///< it does so barely, or too few donors say so
  kPoor,       ///< it does not do better than chance
  kImpossible  ///< it cannot even be tested: a class without two donors or without enough cells
};
/// "good", "uncertain", "poor", "impossible".
[[nodiscard]] std::string_view name_of(Prospect prospect) noexcept;

/// Why a figure will say less than it seems.
enum class DoubtKind : std::uint8_t {
  kUntestable,     ///< classes of one donor, or of one cell: they cannot be both learned and tested
  kFewCells,       ///< classes of fewer than 20 cells
  kFewDonors,      ///< classes of fewer than three donors
  kOneDominates,   ///< one class has nine cells in ten
  kConfounded,     ///< a technical column goes along with the label
  kCellsNotDonors  ///< no column of donors
};
/// "untestable", "few-cells", "few-donors", "one-class-dominates", "confounded", "cells-not-donors".
[[nodiscard]] std::string_view name_of(DoubtKind kind) noexcept;

struct Doubt {
  DoubtKind kind = DoubtKind::kFewCells;
  std::vector<std::string> subjects;  ///< classes, or the column
  std::string text;                   ///< a sentence
};

/// What can be said of a question before any training.
struct Outlook {
  Prospect prospect = Prospect::kUncertain;
  std::string judgement;                  ///< what the baseline tells: a sentence, "" where none was tried
  std::string verdict;                    ///< whether it can be answered: plain sentences, with the gravest doubts
  std::vector<Doubt> doubts;              ///< the gravest first
  std::vector<ClassParts> classes;        ///< cells and donors per class (all under Part::kTest)
  double largest_share = 0.0;             ///< of the cells, of the most frequent class
  std::optional<ModelScores> baseline;    ///< logistic regression on held-out folds; none where impossible
  std::vector<Association> associations;  ///< technical columns, the strongest first
  std::vector<std::string> flags;         ///< the doubts as words: "few-cells:B", "confounded:batch"
  std::int64_t cells_used = 0;
  int folds = 0;
};

/// Features of all cells, fitted on the training rows alone: expression_features or rank_features.
using FeatureMaker = std::function<Result<FeatureMatrix>(std::span<const std::int64_t> train, JobContext& ctx)>;

struct OutlookOptions {
  std::int64_t max_cells = 2000;  ///< a random sample of this size is enough for the baseline
  int folds = 5;                  ///< at most; fewer where there are fewer donors
  std::uint64_t seed = 42;
  int num_threads = 0;
};

/// What the labels alone tell, at once: balance, donors per class, confounding. The prospect is kImpossible, or
/// kUncertain: the rest is up to a baseline.
[[nodiscard]] Outlook assess_labels(const SplitDesign& design, std::vector<Association> associations);

/// The random sample that a baseline is tried on: other cells lose their label. Rare classes stay whole up to 40 cells.
[[nodiscard]] SplitDesign question_sample(const SplitDesign& design, const OutlookOptions& options);

/// The "will this work" meter: label balance, donors per class, confounding, and how well a quick baseline (principal
/// components and logistic regression) does in group k-fold. Seconds, not minutes.
/// Errors: those of `features`, kCancelled. What the data do not allow is an outlook, not an error.
[[nodiscard]] Result<Outlook> assess_question(const SplitDesign& design, std::vector<Association> associations,
                                              const FeatureMaker& features, const OutlookOptions& options,
                                              JobContext& ctx);

[[nodiscard]] Json to_json(const Outlook& outlook);

}  // namespace cw
