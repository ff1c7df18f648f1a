// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/random_forest.h"

#include "core/base/parallel.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cw {
namespace {

struct Question {
  std::int32_t column = -1;
  float threshold = 0.0F;
  double purity = -1.0;
};

/// Grows one tree; its random numbers depend on the seed and the number of the tree alone.
class TreeGrower {
 public:
  TreeGrower(MatrixView features, std::span<const std::int32_t> labels, std::int64_t num_classes, std::uint64_t seed,
             std::uint64_t tree)
      : features_(features),
        labels_(labels),
        num_classes_(static_cast<std::size_t>(num_classes)),
        random_(seed, tree),
        columns_(static_cast<std::size_t>(features.num_columns)) {
    std::iota(columns_.begin(), columns_.end(), 0);
    wanted_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(columns_.size()))));
  }

  RandomForest::Tree grow(std::span<const std::int64_t> rows) {
    sample_.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) sample_.push_back(rows[draw(rows.size())]);
    struct Pending {
      std::size_t node, begin, end;
    };
    std::vector<Pending> pending{{0, 0, sample_.size()}};
    tree_.nodes.emplace_back();
    while (!pending.empty()) {
      const Pending at = pending.back();
      pending.pop_back();
      const Question best = best_question(at.begin, at.end);
      if (best.column < 0) {
        make_leaf(at.node, at.begin, at.end);
        continue;
      }
      const auto first = sample_.begin() + static_cast<std::ptrdiff_t>(at.begin);
      const auto last = sample_.begin() + static_cast<std::ptrdiff_t>(at.end);
      const auto middle =
          std::partition(first, last, [&](std::int64_t row) { return value(row, best.column) <= best.threshold; });
      const auto cut = static_cast<std::size_t>(middle - sample_.begin());
      const auto left = static_cast<std::int32_t>(tree_.nodes.size());
      tree_.nodes[at.node] = {best.column, best.threshold, left, left + 1};
      tree_.nodes.resize(tree_.nodes.size() + 2);
      pending.push_back({static_cast<std::size_t>(left) + 1, cut, at.end});
      pending.push_back({static_cast<std::size_t>(left), at.begin, cut});
    }
    return std::move(tree_);
  }

 private:
  float value(std::int64_t row, std::int32_t column) const {
    return features_.data[row * features_.num_columns + column];
  }
  std::size_t draw(std::size_t bound) { return static_cast<std::size_t>(random_.below(next_++, bound)); }

  std::vector<double> class_counts(std::size_t begin, std::size_t end) const {
    std::vector<double> counts(num_classes_, 0.0);
    for (std::size_t i = begin; i < end; ++i) {
      counts[static_cast<std::size_t>(labels_[static_cast<std::size_t>(sample_[i])])] += 1.0;
    }
    return counts;
  }

  void make_leaf(std::size_t node, std::size_t begin, std::size_t end) {
    tree_.nodes[node].left = static_cast<std::int32_t>(tree_.shares.size());
    for (const double count : class_counts(begin, end)) {
      tree_.shares.push_back(static_cast<float>(count / static_cast<double>(end - begin)));
    }
  }

  /// The best of the columns tried; column -1 if the rows are pure or alike.
  Question best_question(std::size_t begin, std::size_t end) {
    Question best;
    const auto counts = class_counts(begin, end);
    if (std::count_if(counts.begin(), counts.end(), [](double n) { return n > 0.0; }) < 2) return best;
    std::size_t tried = 0;
    for (std::size_t i = 0; i < columns_.size() && (tried < wanted_ || best.column < 0); ++i, ++tried) {
      std::swap(columns_[i], columns_[i + draw(columns_.size() - i)]);
      try_column(columns_[i], begin, end, counts, best);
    }
    return best;
  }

  /// Sum over both sides of (sum of squared class counts / rows): the larger, the lower the weighted Gini impurity.
  void try_column(std::int32_t column, std::size_t begin, std::size_t end, const std::vector<double>& counts,
                  Question& best) {
    sorted_.clear();
    for (std::size_t i = begin; i < end; ++i) {
      sorted_.emplace_back(value(sample_[i], column), labels_[static_cast<std::size_t>(sample_[i])]);
    }
    std::sort(sorted_.begin(), sorted_.end());
    if (sorted_.front().first == sorted_.back().first) return;
    left_.assign(num_classes_, 0.0);
    double left_squares = 0.0;
    double right_squares = 0.0;
    for (const double count : counts) right_squares += count * count;
    for (std::size_t i = 0; i + 1 < sorted_.size(); ++i) {
      const auto label = static_cast<std::size_t>(sorted_[i].second);
      const double right = counts[label] - left_[label];
      left_squares += 2.0 * left_[label] + 1.0;
      right_squares += 1.0 - 2.0 * right;
      left_[label] += 1.0;
      const float low = sorted_[i].first;
      const float high = sorted_[i + 1].first;
      if (low == high) continue;
      const auto num_left = static_cast<double>(i + 1);
      const double purity = left_squares / num_left + right_squares / (static_cast<double>(sorted_.size()) - num_left);
      if (purity <= best.purity) continue;
      const float middle = low + (high - low) / 2.0F;
      best = {column, middle < high ? middle : low, purity};
    }
  }

  MatrixView features_;
  std::span<const std::int32_t> labels_;
  std::size_t num_classes_;
  CounterRandom random_;
  std::uint64_t next_ = 0;
  std::vector<std::int32_t> columns_;
  std::size_t wanted_ = 1;
  std::vector<std::int64_t> sample_;
  std::vector<std::pair<float, std::int32_t>> sorted_;
  std::vector<double> left_;
  RandomForest::Tree tree_;
};

}  // namespace

Result<RandomForest> RandomForest::fit(MatrixView features, std::span<const std::int64_t> rows,
                                       std::span<const std::int32_t> labels, std::int64_t num_classes,
                                       const ForestOptions& options, JobContext& ctx) {
  RandomForest forest;
  forest.num_classes_ = num_classes;
  forest.trees_.resize(static_cast<std::size_t>(options.num_trees));
  parallel_for(0, options.num_trees, 1, options.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t tree = begin; tree < end; ++tree) {
      if (ctx.cancelled()) return;
      TreeGrower grower(features, labels, num_classes, options.seed, static_cast<std::uint64_t>(tree));
      forest.trees_[static_cast<std::size_t>(tree)] = grower.grow(rows);
    }
  });
  if (ctx.cancelled()) return cancelled_error("growing a forest");
  return forest;
}

void RandomForest::probabilities(std::span<const float> row, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  for (const Tree& tree : trees_) {
    const Node* node = tree.nodes.data();
    while (node->column >= 0) {
      node = &tree.nodes[static_cast<std::size_t>(
          row[static_cast<std::size_t>(node->column)] <= node->threshold ? node->left : node->right)];
    }
    for (std::size_t c = 0; c < out.size(); ++c) {
      out[c] += static_cast<double>(tree.shares[static_cast<std::size_t>(node->left) + c]);
    }
  }
  for (double& share : out) share /= static_cast<double>(trees_.size());
}

}  // namespace cw
