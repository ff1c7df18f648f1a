// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>

namespace cw {

/// Two normal components in one dimension, ordered by mean: 0 = lower. `converged` says whether the likelihood settled.
struct TwoNormals {
  double weight[2];
  double mean[2];
  double variance[2];
  bool converged;
  int iterations;
  double log_likelihood;  ///< mean over the values, before the last update

  /// The component that `value` belongs to more probably: 0 or 1.
  [[nodiscard]] int component_of(double value) const noexcept;
};

/// Fits as scikit-learn's GaussianMixture(n_components=2, random_state=0) does, number for number: 2-means started by
/// k-means++ from RandomState(0), expectation maximisation of at most 100 steps until the mean log-likelihood changes
/// by less than 1e-3, 1e-6 added to each variance. Components are then ordered by mean. Needs two finite values.
[[nodiscard]] TwoNormals fit_two_normals_like_sklearn(std::span<const double> values);

/// The same model, fitted so that the scale of the values does not matter: values are standardised first, 2-means is
/// solved exactly, the likelihood has to settle within 1e-9. Similarities lie within 1e-3 of 1, where scikit-learn's
/// fixed 1e-6 and 1e-3 decide the outcome instead of the data. Needs two finite values.
[[nodiscard]] TwoNormals fit_two_normals(std::span<const double> values);

}  // namespace cw
