// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/nn_descent.h"

#include "core/base/parallel.h"
#include "core/maps/dense_kernels.h"
#include "core/maps/fixed_random.h"
#include "core/maps/projection_forest.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace cw {
namespace {

constexpr std::int64_t kRoundRows = 16384;  // rows whose pairs are found before any list changes
constexpr std::int64_t kChunkRows = 128;
constexpr std::int64_t kNumParts = 64;  // ranges of rows that are updated independently

struct Update {
  std::int32_t row;
  std::int32_t id;
  float distance;
};

/// The rows that a row compares with each other in one step.
struct Candidates {
  std::vector<std::int32_t> fresh;
  std::vector<std::int32_t> used;
};

/// Distances from one row to many, with the pointers that the kernel wants.
class Measurer {
 public:
  explicit Measurer(const PaddedRows& rows) : rows_(&rows) {}

  std::span<const float> from(std::int32_t row, std::span<const std::int32_t> others) {
    pointers_.clear();
    for (const auto other : others) pointers_.push_back(rows_->row(other));
    distances_.resize(others.size());
    squared_distances(rows_->row(row), pointers_.data(), static_cast<std::int64_t>(others.size()), rows_->width(),
                      distances_.data());
    return distances_;
  }

 private:
  const PaddedRows* rows_;
  std::vector<const float*> pointers_;
  std::vector<float> distances_;
};

class Descent {
 public:
  Descent(const PaddedRows& rows, const DescentOptions& options, JobContext& ctx)
      : rows_(rows), options_(options), ctx_(ctx), lists_(rows.num_rows(), options.list_length) {
    threads_ = effective_threads(options.num_threads);
  }

  Result<NeighborLists> run() {
    CW_TRY(start_from_trees());
    for (std::int64_t step = 0; step < options_.max_steps; ++step) {
      CW_ASSIGN(const std::int64_t changes, refine(step));
      const auto entries = static_cast<double>(rows_.num_rows() * options_.list_length);
      if (static_cast<double>(changes) <= options_.stop_below * entries) break;
    }
    return std::move(lists_);
  }

 private:
  Result<> start_from_trees();
  void compare_within(std::span<const std::int32_t> leaf, Measurer& measurer);
  Result<std::int64_t> refine(std::int64_t step);
  void group_by_target();
  void choose_candidates(std::int64_t step);
  void choose(std::int64_t row, std::uint64_t salt, std::vector<std::pair<std::uint64_t, std::int32_t>>& scratch);
  void find_updates(std::int64_t begin, std::int64_t end, Measurer& measurer, std::vector<std::vector<Update>>& parts);
  std::int64_t apply_updates(std::int64_t num_chunks);

  const PaddedRows& rows_;
  const DescentOptions& options_;
  JobContext& ctx_;
  int threads_ = 1;
  NeighborLists lists_;
  std::vector<std::int64_t> target_offsets_;
  std::vector<std::int32_t> target_sources_;  ///< rows that list a row; new entries are stored as ~row
  std::vector<std::int32_t> candidates_;      ///< [rows, 2 * max_candidates]
  std::vector<std::int32_t> num_fresh_;
  std::vector<std::int32_t> num_used_;
  std::vector<std::vector<std::vector<Update>>> updates_;  ///< [chunk of the round][part]
};

Result<> Descent::start_from_trees() {
  std::vector<Measurer> measurers(static_cast<std::size_t>(threads_), Measurer(rows_));
  for (std::int64_t first = 0; first < options_.num_trees; first += threads_) {
    const std::int64_t count = std::min<std::int64_t>(threads_, options_.num_trees - first);
    std::vector<ProjectionTree> trees(static_cast<std::size_t>(count));
    parallel_for(0, count, 1, options_.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t t = begin; t < end; ++t) {
        trees[static_cast<std::size_t>(t)] =
            projection_tree(rows_, options_.leaf_size, options_.seed, static_cast<std::uint64_t>(first + t + 1));
      }
    });
    for (std::int64_t t = 0; t < count; ++t) {
      if (ctx_.cancelled()) return cancelled_error("nearest neighbours");
      ctx_.report(first + t, options_.num_trees * 2, "Nearest neighbours");
      const ProjectionTree& tree = trees[static_cast<std::size_t>(t)];
      // the leaves of one tree share no row, so each list is changed by one thread
      parallel_for(0, tree.num_leaves(), 8, options_.num_threads, [&](std::int64_t begin, std::int64_t end, int w) {
        for (std::int64_t l = begin; l < end; ++l) {
          compare_within(tree.leaf(l), measurers[static_cast<std::size_t>(w)]);
        }
      });
    }
  }
  return {};
}

void Descent::compare_within(std::span<const std::int32_t> leaf, Measurer& measurer) {
  for (std::size_t i = 0; i + 1 < leaf.size(); ++i) {
    const auto others = leaf.subspan(i + 1);
    const auto distances = measurer.from(leaf[i], others);
    for (std::size_t j = 0; j < others.size(); ++j) {
      lists_.insert(leaf[i], others[j], distances[j]);
      lists_.insert(others[j], leaf[i], distances[j]);
    }
  }
}

void Descent::group_by_target() {
  const std::int64_t n = rows_.num_rows();
  target_offsets_.assign(static_cast<std::size_t>(n + 1), 0);
  for (std::int64_t v = 0; v < n; ++v) {
    for (std::int64_t i = 0; i < lists_.length(); ++i) ++target_offsets_[static_cast<std::size_t>(lists_.id(v, i)) + 1];
  }
  std::partial_sum(target_offsets_.begin(), target_offsets_.end(), target_offsets_.begin());
  target_sources_.resize(static_cast<std::size_t>(n * lists_.length()));
  std::vector<std::int64_t> next(target_offsets_.begin(), target_offsets_.end() - 1);
  for (std::int64_t v = 0; v < n; ++v) {
    for (std::int64_t i = 0; i < lists_.length(); ++i) {
      auto& place = next[static_cast<std::size_t>(lists_.id(v, i))];
      const auto source = static_cast<std::int32_t>(v);
      target_sources_[static_cast<std::size_t>(place++)] = lists_.is_new(v, i) ? ~source : source;
    }
  }
}

void Descent::choose(std::int64_t row, std::uint64_t salt,
                     std::vector<std::pair<std::uint64_t, std::int32_t>>& scratch) {
  const auto r = static_cast<std::size_t>(row);
  const auto limit = static_cast<std::size_t>(options_.max_candidates);
  const std::span<const std::int32_t> sources(target_sources_.data() + target_offsets_[r],
                                              static_cast<std::size_t>(target_offsets_[r + 1] - target_offsets_[r]));
  for (const bool fresh : {true, false}) {
    scratch.clear();
    const auto add = [&](std::int32_t id) {
      scratch.emplace_back(random_bits(salt, r, static_cast<std::uint64_t>(id)), id);
    };
    for (std::int64_t i = 0; i < lists_.length(); ++i) {
      if (lists_.is_new(row, i) == fresh) add(lists_.id(row, i));
    }
    for (const auto source : sources) {
      if ((source < 0) == fresh) add(source < 0 ? ~source : source);
    }
    std::sort(scratch.begin(), scratch.end());
    scratch.erase(std::unique(scratch.begin(), scratch.end()), scratch.end());
    if (scratch.size() > limit) scratch.resize(limit);
    std::int32_t* target = candidates_.data() + r * 2 * limit + (fresh ? 0 : limit);
    for (std::size_t i = 0; i < scratch.size(); ++i) target[i] = scratch[i].second;
    (fresh ? num_fresh_ : num_used_)[r] = static_cast<std::int32_t>(scratch.size());
  }
}

void Descent::choose_candidates(std::int64_t step) {
  const auto n = static_cast<std::size_t>(rows_.num_rows());
  candidates_.resize(n * 2 * static_cast<std::size_t>(options_.max_candidates));
  num_fresh_.resize(n);
  num_used_.resize(n);
  const std::uint64_t salt = random_bits(options_.seed, 1000, static_cast<std::uint64_t>(step));
  parallel_for(0, rows_.num_rows(), 1024, options_.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    std::vector<std::pair<std::uint64_t, std::int32_t>> scratch;
    for (std::int64_t v = begin; v < end; ++v) {
      choose(v, salt, scratch);
      const auto limit = static_cast<std::size_t>(options_.max_candidates);
      const std::int32_t* fresh = candidates_.data() + static_cast<std::size_t>(v) * 2 * limit;
      const std::int32_t* fresh_end = fresh + num_fresh_[static_cast<std::size_t>(v)];
      for (std::int64_t i = 0; i < lists_.length(); ++i) {
        if (lists_.is_new(v, i) && std::find(fresh, fresh_end, lists_.id(v, i)) != fresh_end) lists_.mark_used(v, i);
      }
    }
  });
}

void Descent::find_updates(std::int64_t begin, std::int64_t end, Measurer& measurer,
                           std::vector<std::vector<Update>>& parts) {
  const std::int64_t part_rows = (rows_.num_rows() + kNumParts - 1) / kNumParts;
  const auto limit = static_cast<std::size_t>(options_.max_candidates);
  std::vector<std::int32_t> others;
  const auto offer = [&](std::int32_t row, std::int32_t id, float distance) {
    if (distance <= lists_.worst(row)) parts[static_cast<std::size_t>(row / part_rows)].push_back({row, id, distance});
  };
  for (std::int64_t v = begin; v < end; ++v) {
    const auto r = static_cast<std::size_t>(v);
    const std::int32_t* fresh = candidates_.data() + r * 2 * limit;
    const std::int32_t* used = fresh + limit;
    for (std::int32_t i = 0; i < num_fresh_[r]; ++i) {
      others.assign(fresh + i + 1, fresh + num_fresh_[r]);
      others.insert(others.end(), used, used + num_used_[r]);
      const auto distances = measurer.from(fresh[i], others);
      for (std::size_t j = 0; j < others.size(); ++j) {
        if (others[j] == fresh[i]) continue;
        offer(fresh[i], others[j], distances[j]);
        offer(others[j], fresh[i], distances[j]);
      }
    }
  }
}

std::int64_t Descent::apply_updates(std::int64_t num_chunks) {
  std::vector<std::int64_t> changes(kNumParts, 0);
  parallel_for(0, kNumParts, 1, options_.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t part = begin; part < end; ++part) {
      const auto p = static_cast<std::size_t>(part);
      for (std::int64_t chunk = 0; chunk < num_chunks; ++chunk) {
        auto& list = updates_[static_cast<std::size_t>(chunk)][p];
        for (const Update& update : list) changes[p] += lists_.insert(update.row, update.id, update.distance) ? 1 : 0;
        list.clear();
      }
    }
  });
  return std::accumulate(changes.begin(), changes.end(), std::int64_t{0});
}

Result<std::int64_t> Descent::refine(std::int64_t step) {
  group_by_target();
  choose_candidates(step);
  const std::int64_t n = rows_.num_rows();
  std::vector<Measurer> measurers(static_cast<std::size_t>(threads_), Measurer(rows_));
  updates_.resize(kRoundRows / kChunkRows, std::vector<std::vector<Update>>(kNumParts));
  std::int64_t changes = 0;
  for (std::int64_t begin = 0; begin < n; begin += kRoundRows) {
    if (ctx_.cancelled()) return cancelled_error("nearest neighbours");
    // the last steps change little, so half of the bar is for all of them
    ctx_.report(std::min(options_.num_trees * 2 - 1, options_.num_trees + step), options_.num_trees * 2,
                "Nearest neighbours");
    const std::int64_t end = std::min(n, begin + kRoundRows);
    const std::int64_t num_chunks = (end - begin + kChunkRows - 1) / kChunkRows;
    parallel_for(0, num_chunks, 1, options_.num_threads, [&](std::int64_t from, std::int64_t to, int worker) {
      for (std::int64_t c = from; c < to; ++c) {
        const std::int64_t first = begin + c * kChunkRows;
        find_updates(first, std::min(end, first + kChunkRows), measurers[static_cast<std::size_t>(worker)],
                     updates_[static_cast<std::size_t>(c)]);
      }
    });
    changes += apply_updates(num_chunks);
  }
  return changes;
}

}  // namespace

Result<NeighborLists> nn_descent(const PaddedRows& rows, const DescentOptions& options, JobContext& ctx) {
  return Descent(rows, options, ctx).run();
}

}  // namespace cw
