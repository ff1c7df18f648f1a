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

/// What can be said of a question before any training.
struct Outlook {
  Prospect prospect = Prospect::kUncertain;
  std::string verdict;                    ///< plain sentences
  std::vector<ClassParts> classes;        ///< cells and donors per class (all under Part::kTest)
  double largest_share = 0.0;             ///< of the cells, of the most frequent class
  std::optional<ModelScores> baseline;    ///< logistic regression on held-out folds; none where impossible
  std::vector<Association> associations;  ///< technical columns, the strongest first
  std::vector<std::string> flags;
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

/// The "will this work" meter: label balance, donors per class, confounding, and how well a quick baseline (principal
/// components and logistic regression) does in group k-fold. Seconds, not minutes.
/// Errors: those of `features`, kCancelled. What the data do not allow is an outlook, not an error.
[[nodiscard]] Result<Outlook> assess_question(const SplitDesign& design, std::vector<Association> associations,
                                              const FeatureMaker& features, const OutlookOptions& options,
                                              JobContext& ctx);

[[nodiscard]] Json to_json(const Outlook& outlook);

}  // namespace cw
