// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Rows of doubles that somebody else owns, row-major.
struct DenseRows {
  std::span<const double> values;
  std::int64_t num_columns = 0;

  [[nodiscard]] std::int64_t num_rows() const noexcept {
    return num_columns > 0 ? static_cast<std::int64_t>(values.size()) / num_columns : 0;
  }
};

enum class LinearLoss : std::uint8_t { kLogistic, kSquaredHinge };

/// One linear function per class, fitted against all other classes: score = x . w + intercept.
struct LinearModel {
  std::int64_t num_columns = 0;
  std::vector<std::int32_t> classes;  ///< those of the training rows, rising
  std::vector<double> weights;        ///< row-major [classes, columns + 1], the last is the intercept
};

/// L2-penalised fit by LIBLINEAR's trust-region Newton solver (Fan et al. 2008), which draws no random numbers; equal
/// to scikit-learn's LogisticRegression(solver="liblinear") and LinearSVC(dual=False), both one against the rest, where
/// the intercept counts as a weight. Errors: kCancelled.
[[nodiscard]] Result<LinearModel> fit_linear(LinearLoss loss, DenseRows rows, std::span<const std::int32_t> labels,
                                             double inverse_penalty, int num_threads, JobContext& ctx);

/// Row-major [rows, model.classes].
[[nodiscard]] std::vector<double> linear_scores(const LinearModel& model, DenseRows rows);

}  // namespace cw
