// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/linear_baseline.h"

#include "core/base/parallel.h"
#include "core/effects/target_rank.h"
#include "core/maps/pca.h"
#include "core/stats/descriptive.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kNormalTotal = 10'000.0;
constexpr double kMillion = 1'000'000.0;
constexpr int kComponents = 50;

std::vector<double> totals_of(const BaselineCounts& counts) {
  std::vector<double> totals;
  for (std::int64_t row = 0; row < counts.num_rows(); ++row) {
    double total = 0.0;
    for (auto i = counts.offsets[static_cast<std::size_t>(row)]; i < counts.offsets[static_cast<std::size_t>(row) + 1];
         ++i) {
      total += counts.counts[i];
    }
    totals.push_back(total);
  }
  return totals;
}

double normalised(double count, double total) { return total > 0.0 ? std::log1p(kNormalTotal * count / total) : 0.0; }

/// The principal components in the layout that single genes ask for.
struct LinearSpace {
  std::int64_t width = 0;
  std::vector<float> scores;    // [rows, width]
  std::vector<float> loadings;  // [genes, width]

  [[nodiscard]] std::span<const float> loading(std::size_t gene) const {
    return {loadings.data() + gene * static_cast<std::size_t>(width), static_cast<std::size_t>(width)};
  }
  [[nodiscard]] std::span<const float> score(std::int64_t row) const {
    return {scores.data() + row * width, static_cast<std::size_t>(width)};
  }
};

Result<LinearSpace> fit_space(const BaselineCounts& counts, const std::vector<double>& totals, std::uint64_t seed,
                              int num_threads, JobContext& context) {
  std::vector<float> values(counts.counts.size());
  for (std::int64_t row = 0; row < counts.num_rows(); ++row) {
    const auto r = static_cast<std::size_t>(row);
    for (auto i = counts.offsets[r]; i < counts.offsets[r + 1]; ++i) {
      values[i] = static_cast<float>(normalised(counts.counts[i], totals[r]));
    }
  }
  PcaOptions options;
  options.num_components = kComponents;
  options.seed = seed;
  options.num_threads = num_threads;
  const auto num_genes = static_cast<std::int64_t>(counts.token_of_gene.size());
  const SparseView view{counts.offsets, counts.genes, values, num_genes};
  CW_ASSIGN(Pca pca, principal_components(view, options, context));
  LinearSpace space;
  space.width = pca.num_components;
  space.scores = std::move(pca.scores);
  space.loadings.resize(static_cast<std::size_t>(num_genes * space.width));
  for (std::int64_t k = 0; k < space.width; ++k) {
    for (std::int64_t gene = 0; gene < num_genes; ++gene) {
      space.loadings[static_cast<std::size_t>(gene * space.width + k)] =
          pca.components[static_cast<std::size_t>(k * num_genes + gene)];
    }
  }
  return space;
}

// Mean over the donors of a state of what `sum_up` gives for a donor's rows; all rows together without donors.
std::vector<double> mean_over_donors(
    const BaselineCounts& counts, std::int32_t state,
    const std::function<std::vector<double>(const std::vector<std::int64_t>&)>& sum_up) {
  std::map<std::string, std::vector<std::int64_t>> rows_of_donor;
  for (std::int64_t row = 0; row < counts.num_rows(); ++row) {
    const auto r = static_cast<std::size_t>(row);
    if (counts.state_of_row[r] == state) rows_of_donor[counts.donor_of_row[r]].push_back(row);
  }
  std::vector<double> result;
  for (const auto& [donor, rows] : rows_of_donor) {
    const std::vector<double> part = sum_up(rows);
    result.resize(part.size(), 0.0);
    for (std::size_t i = 0; i < part.size(); ++i) result[i] += part[i] / static_cast<double>(rows_of_donor.size());
  }
  return result;
}

std::vector<double> centroid(const BaselineCounts& counts, const LinearSpace& space, std::int32_t state) {
  return mean_over_donors(counts, state, [&](const std::vector<std::int64_t>& rows) {
    std::vector<double> sum(static_cast<std::size_t>(space.width), 0.0);
    for (const std::int64_t row : rows) {
      const auto score = space.score(row);
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += score[k] / static_cast<double>(rows.size());
    }
    return sum;
  });
}

std::vector<double> pseudobulk_per_million(const BaselineCounts& counts, std::int32_t state) {
  return mean_over_donors(counts, state, [&](const std::vector<std::int64_t>& rows) {
    std::vector<double> sum(counts.token_of_gene.size(), 0.0);
    double total = 0.0;
    for (const std::int64_t row : rows) {
      const auto r = static_cast<std::size_t>(row);
      for (auto i = counts.offsets[r]; i < counts.offsets[r + 1]; ++i) {
        sum[counts.genes[i]] += counts.counts[i];
        total += counts.counts[i];
      }
    }
    for (double& value : sum) value *= total > 0.0 ? kMillion / total : 0.0;
    return sum;
  });
}

/// Where a gene is put by inhibit, activate and rank: index in the list.
struct TargetRule {
  int quartiles = 1;
  double position = 0.5;

  [[nodiscard]] std::int64_t place(const std::string& kind, std::int64_t rank, std::int64_t length) const {
    if (kind == "rank") return relative_target(position, length);
    return quartile_target(rank, length, 1, kind == "inhibit" ? quartiles : -quartiles);
  }
};

/// One cell's counts, dense, with its genes in the order of rank value encoding where that is asked for.
class CellCounts {
 public:
  CellCounts(const BaselineCounts& counts, const std::vector<double>& totals)
      : counts_(counts), totals_(totals), dense_(counts.token_of_gene.size(), 0.0F) {}

  void load(std::int64_t row) {
    for (const std::uint32_t gene : present_) dense_[gene] = 0.0F;
    const auto r = static_cast<std::size_t>(row);
    present_.assign(counts_.genes.begin() + static_cast<std::ptrdiff_t>(counts_.offsets[r]),
                    counts_.genes.begin() + static_cast<std::ptrdiff_t>(counts_.offsets[r + 1]));
    largest_ = 0.0;
    for (std::size_t i = 0; i < present_.size(); ++i) {
      const float count = counts_.counts[counts_.offsets[r] + i];
      dense_[present_[i]] = count;
      largest_ = std::max(largest_, static_cast<double>(count));
    }
    total_ = totals_[r];
    ranked_.clear();
  }

  [[nodiscard]] double count(std::uint32_t gene) const { return dense_[gene]; }
  [[nodiscard]] double largest() const { return largest_; }
  [[nodiscard]] double change(std::uint32_t gene, double new_count) const {
    return normalised(new_count, total_) - normalised(dense_[gene], total_);
  }
  /// The count that gives `gene` the score of the gene now at `place` of the list without it; NaN where there is none.
  [[nodiscard]] double count_at(std::uint32_t gene, std::int64_t place, std::int64_t length) {
    if (ranked_.empty()) rank_genes();
    std::int64_t seen = 0;
    double score = kNaN;
    for (const std::uint32_t other : ranked_) {
      if (other == gene) continue;
      if (seen + 1 >= length) break;  // genes behind the cut of the token list
      score = score_of(other);
      if (seen++ == place) break;
    }
    return score * counts_.median_of_gene[gene];
  }

 private:
  [[nodiscard]] double score_of(std::uint32_t gene) const { return dense_[gene] / counts_.median_of_gene[gene]; }
  void rank_genes() {
    for (const std::uint32_t gene : present_) {
      if (counts_.token_of_gene[gene] >= 0) ranked_.push_back(gene);
    }
    std::sort(ranked_.begin(), ranked_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const double x = score_of(a);
      const double y = score_of(b);
      return x != y ? x > y : counts_.token_of_gene[a] < counts_.token_of_gene[b];
    });
  }

  const BaselineCounts& counts_;
  const std::vector<double>& totals_;
  std::vector<float> dense_;
  std::vector<std::uint32_t> present_;
  std::vector<std::uint32_t> ranked_;
  double largest_ = 0.0;
  double total_ = 0.0;
};

double impact_of(std::span<const float> before, std::span<const double> step) {
  double aa = 0.0;
  double bb = 0.0;
  double ab = 0.0;
  for (std::size_t k = 0; k < before.size(); ++k) {
    const double a = before[k];
    const double b = a + step[k];
    aa += a * a;
    bb += b * b;
    ab += a * b;
  }
  const double norm = std::sqrt(aa) * std::sqrt(bb);
  return norm == 0.0 ? kNaN : 1.0 - ab / norm;
}

/// Columns of the count matrix that each perturbation changes; empty where one of its genes has none.
std::vector<std::vector<std::uint32_t>> columns_of(const Effects& run, const BaselineCounts& counts) {
  std::unordered_map<std::int32_t, std::uint32_t> column_of_token;
  for (std::size_t gene = 0; gene < counts.token_of_gene.size(); ++gene) {
    if (counts.token_of_gene[gene] >= 0) {
      column_of_token.emplace(counts.token_of_gene[gene], static_cast<std::uint32_t>(gene));
    }
  }
  std::vector<std::vector<std::uint32_t>> columns(run.perturbations.size());
  for (std::size_t p = 0; p < columns.size(); ++p) {
    for (const std::int32_t token : run.perturbations[p].tokens) {
      const auto found = column_of_token.find(token);
      if (found == column_of_token.end()) {
        columns[p].clear();
        break;
      }
      columns[p].push_back(found->second);
    }
  }
  return columns;
}

TargetRule target_rule(const Json& provenance) {
  TargetRule rule;
  const Json options = provenance.is_object() ? provenance.value("options", Json::object()) : Json::object();
  if (options.is_object()) {
    rule.quartiles = options.value("quartiles", rule.quartiles);
    rule.position = options.value("position", rule.position);
  }
  return rule;
}

/// Effects of all rows; one object per run of `linear_baseline`.
class BaselineRows {
 public:
  BaselineRows(const Effects& run, const BaselineCounts& counts, const std::vector<double>& totals,
               const LinearSpace& space)
      : run_(run),
        counts_(counts),
        totals_(totals),
        space_(space),
        columns_(columns_of(run, counts)),
        rule_(target_rule(run.provenance)) {
    if (run.states.empty()) return;
    const auto start = centroid(counts, space, 0);
    const auto goal = centroid(counts, space, 1);
    if (start.empty() || goal.empty()) return;
    double squared = 0.0;
    for (std::size_t k = 0; k < start.size(); ++k) squared += (goal[k] - start[k]) * (goal[k] - start[k]);
    for (std::size_t gene = 0; gene < counts.token_of_gene.size(); ++gene) {
      const auto loading = space.loading(gene);
      double along = 0.0;
      for (std::size_t k = 0; k < start.size(); ++k) along += loading[k] * (goal[k] - start[k]);
      progress_per_unit_.push_back(along / squared);
    }
  }

  [[nodiscard]] CellCounts scratch() const { return {counts_, totals_}; }

  [[nodiscard]] float value(std::uint32_t row, std::int64_t matrix_row, CellCounts& cell) const {
    const auto& perturbation = run_.perturbations[static_cast<std::size_t>(run_.perturbation[row])];
    const auto& columns = columns_[static_cast<std::size_t>(run_.perturbation[row])];
    if (columns.empty() || (!run_.states.empty() && progress_per_unit_.empty())) return kMissing;
    double progress = 0.0;
    std::vector<double> step(run_.states.empty() ? static_cast<std::size_t>(space_.width) : 0, 0.0);
    for (const std::uint32_t gene : columns) {
      const double change = cell.change(gene, new_count(perturbation.kind, row, gene, cell));
      if (!run_.states.empty()) {
        progress += change * progress_per_unit_[gene];
        continue;
      }
      const auto loading = space_.loading(gene);
      for (std::size_t k = 0; k < step.size(); ++k) step[k] += change * loading[k];
    }
    return static_cast<float>(run_.states.empty() ? impact_of(space_.score(matrix_row), step) : progress);
  }

 private:
  [[nodiscard]] double new_count(const std::string& kind, std::uint32_t row, std::uint32_t gene,
                                 CellCounts& cell) const {
    if (kind == "delete") return 0.0;
    if (kind == "overexpress") return cell.largest();
    const std::int64_t length = run_.cells[static_cast<std::size_t>(run_.cell[row])].length;
    if (run_.rank[row] < 0 || length < 2) return kNaN;
    return cell.count_at(gene, rule_.place(kind, run_.rank[row], length), length);
  }

  const Effects& run_;
  const BaselineCounts& counts_;
  const std::vector<double>& totals_;
  const LinearSpace& space_;
  std::vector<std::vector<std::uint32_t>> columns_;
  TargetRule rule_;
  std::vector<double> progress_per_unit_;  // of each gene: progress per unit of its normalised value
};

// Places in gathered order, by cell.
std::vector<std::vector<std::uint32_t>> places_by_cell(const Effects& run, const RunRows& rows) {
  std::vector<std::vector<std::uint32_t>> places(run.cells.size());
  std::uint32_t place = 0;
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    for (const std::int32_t cell : rows.cells_of(p)) places[static_cast<std::size_t>(cell)].push_back(place++);
  }
  return places;
}

std::vector<std::uint32_t> rows_in_gathered_order(const RunRows& rows) {
  std::vector<std::uint32_t> order;
  for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
    const auto part = rows.rows_of(p);
    order.insert(order.end(), part.begin(), part.end());
  }
  return order;
}

std::vector<double> fold_changes(const Effects& run, const BaselineCounts& counts) {
  std::vector<double> changes(run.perturbations.size(), kNaN);
  if (run.states.empty()) return changes;
  const auto start = pseudobulk_per_million(counts, 0);
  const auto goal = pseudobulk_per_million(counts, 1);
  if (start.empty() || goal.empty()) return changes;
  const auto columns = columns_of(run, counts);
  for (std::size_t p = 0; p < changes.size(); ++p) {
    if (columns[p].size() == 1) changes[p] = std::log2((goal[columns[p][0]] + 1.0) / (start[columns[p][0]] + 1.0));
  }
  return changes;
}

}  // namespace

Result<LinearBaseline> linear_baseline(const Effects& run, const RunRows& rows, const BaselineCounts& counts,
                                       std::uint64_t seed, int num_threads, JobContext& context) {
  const std::vector<double> totals = totals_of(counts);
  CW_ASSIGN(const LinearSpace space, fit_space(counts, totals, seed, num_threads, context));
  const BaselineRows effects(run, counts, totals, space);
  const auto places = places_by_cell(run, rows);
  const auto row_at = rows_in_gathered_order(rows);

  LinearBaseline result;
  result.num_components = space.width;
  result.values.assign(static_cast<std::size_t>(rows.num_rows()), kMissing);
  parallel_for(0, static_cast<std::int64_t>(run.cells.size()), 8, num_threads,
               [&](std::int64_t begin, std::int64_t end, int) {
                 if (context.cancelled()) return;
                 CellCounts cell = effects.scratch();
                 for (auto c = static_cast<std::size_t>(begin); c < static_cast<std::size_t>(end); ++c) {
                   const std::int64_t matrix_row = counts.row_of_cell[c];
                   if (matrix_row < 0) continue;
                   cell.load(matrix_row);
                   for (const std::uint32_t place : places[c]) {
                     result.values[place] = effects.value(row_at[place], matrix_row, cell);
                   }
                 }
               });
  if (context.cancelled()) return cancelled_error("statistics");
  result.de_log2fc = fold_changes(run, counts);
  return result;
}

}  // namespace cw
