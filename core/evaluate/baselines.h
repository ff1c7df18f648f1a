// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/evaluate/predictions.h"
#include "core/evaluate/splits.h"
#include "core/maps/count_matrix.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cw {

class TokenizedCells;

/// Simple models that a fine-tuned one has to beat.
enum class Baseline : std::uint8_t {
  kMajority,  ///< the class frequencies of the training part
  kLogistic,  ///< logistic regression, one class against the rest, L2
  kSvm,       ///< linear support vector machine, one against the rest, squared hinge, L2; scores are margins
  kForest     ///< random forest
};
/// "majority", "logistic-regression", "linear-svm", "random-forest".
[[nodiscard]] std::string_view name_of(Baseline baseline) noexcept;

struct BaselineOptions {
  double inverse_penalty = 1.0;  ///< C of the linear models, above 0; larger fits the training part closer
  int num_trees = 100;           ///< as scikit-learn
  std::uint64_t seed = 42;       ///< of the forest
  int num_threads = 0;           ///< 0 = all
};

/// Rows of features: one per cell. Fitted things (means, components) come from the training rows only.
struct FeatureMatrix {
  std::string name;  ///< "PCA of log counts", "frozen embedding": for tables
  std::int64_t num_rows = 0, num_columns = 0;
  std::vector<float> values;  ///< row-major

  [[nodiscard]] MatrixView view() const noexcept { return {values.data(), num_rows, num_columns}; }
};

/// Fits `baseline` on the training rows of `features` and scores the test rows.
///
/// Linear models see columns standardised by mean and standard deviation of the training rows. Classes without a
/// training row get the lowest score. Returned: row-major [test, num_classes]; probabilities except for kSvm. Errors
/// kRefused E-EVA-011 (fewer than two classes in training, unless kMajority), kCancelled. Repeat   equal for equal
/// seed, whatever the number of threads.
[[nodiscard]] Result<std::vector<double>> fit_and_score(Baseline baseline, MatrixView features,
                                                        std::span<const std::int32_t> labels, std::int64_t num_classes,
                                                        std::span<const std::int64_t> train,
                                                        std::span<const std::int64_t> test,
                                                        const BaselineOptions& options, JobContext& ctx);

struct ExpressionOptions {
  int num_genes = 2000;     ///< most variable genes of the training cells; 0 = all
  int num_components = 50;  ///< principal components
  std::uint64_t seed = 42;
  int num_threads = 0;
};

/// Principal components of log(1 + counts per 10,000) of the most variable genes; genes and components come from the
/// training cells alone, all cells are projected. Errors: kRefused E-EVA-012 (nothing varies), kCancelled.
[[nodiscard]] Result<FeatureMatrix> expression_features(const CountMatrix& counts, std::span<const std::int64_t> train,
                                                        const ExpressionOptions& options, JobContext& ctx);

/// Principal components of the ranks of genes, for cells of which only tokens are at hand: a gene counts 1 at the front
/// of a cell and falls to 0 at its end. Fitted on the training cells alone. Errors: kRefused E-EVA-012, kCancelled.
[[nodiscard]] Result<FeatureMatrix> rank_features(const TokenizedCells& cells, std::span<const std::int64_t> train,
                                                  const ExpressionOptions& options, JobContext& ctx);

/// A baseline with its scores of the test rows.
struct BaselineResult {
  Baseline baseline = Baseline::kMajority;
  std::string features;  ///< FeatureMatrix::name, "" for the majority class
  Predictions predictions;
};

/// The majority class, then logistic regression, SVM and forest on each of `features`, trained on the training part
/// (and not the validation part, which they do not need) and scored on the test part of `split`. `features`: all rows
/// of the design, fitted to this split. Errors: as fit_and_score.
[[nodiscard]] Result<std::vector<BaselineResult>> run_baselines(const SplitDesign& design, const Split& split,
                                                                std::span<const FeatureMatrix> features,
                                                                const BaselineOptions& options, JobContext& ctx);

}  // namespace cw
