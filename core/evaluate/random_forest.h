// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

struct ForestOptions {
  int num_trees = 100;
  std::uint64_t seed = 42;
  int num_threads = 0;  ///< 0 = all
};

/// Trees of yes-or-no questions to one column each, grown on resampled rows (Breiman 2001,
/// doi:10.1023/A:1010933404324): Gini impurity, sqrt(columns) columns tried per question (more until one can part the
/// rows), grown until pure. The defaults of scikit-learn's RandomForestClassifier.
class RandomForest {
 public:
  /// `rows` indexes rows of `features` and `labels`; labels in [0, num_classes). Errors: kCancelled.
  [[nodiscard]] static Result<RandomForest> fit(MatrixView features, std::span<const std::int64_t> rows,
                                                std::span<const std::int32_t> labels, std::int64_t num_classes,
                                                const ForestOptions& options, JobContext& ctx);

  /// Mean over trees of the class shares in the leaf that the row falls into. `out`: [num_classes].
  void probabilities(std::span<const float> row, std::span<double> out) const;

  struct Node {
    std::int32_t column = -1;  ///< -1: a leaf
    float threshold = 0.0F;    ///< rows up to it go left
    std::int32_t left = 0;     ///< node; of a leaf: where its class shares begin
    std::int32_t right = 0;
  };
  struct Tree {
    std::vector<Node> nodes;
    std::vector<float> shares;  ///< [leaves, classes]
  };

 private:
  std::int64_t num_classes_ = 0;
  std::vector<Tree> trees_;
};

}  // namespace cw
