// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/marker_genes.h"

#include "core/base/parallel.h"
#include "core/stats/fdr.h"
#include "core/stats/t_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace cw {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kFewestDonors = 3;

/// The cells that express each gene.
struct ByGene {
  std::vector<std::uint64_t> offsets;
  std::vector<std::int32_t> cells;
  std::vector<float> logs;
  std::vector<float> counts;
};

ByGene transposed(const CountMatrix& matrix, std::span<const std::int32_t> groups) {
  ByGene result;
  result.offsets.assign(static_cast<std::size_t>(matrix.num_genes()) + 1, 0);
  const auto each = [&](const auto& work) {
    for (std::size_t cell = 0; cell < groups.size(); ++cell) {
      if (groups[cell] < 0) continue;
      for (auto at = matrix.offsets[cell]; at < matrix.offsets[cell + 1]; ++at) work(cell, at);
    }
  };
  each([&](std::size_t, std::uint64_t at) { ++result.offsets[matrix.columns[at] + 1]; });
  std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());
  result.cells.resize(result.offsets.back());
  result.logs.resize(result.offsets.back());
  result.counts.resize(result.offsets.back());
  std::vector<std::uint64_t> next(result.offsets.begin(), result.offsets.end() - 1);
  each([&](std::size_t cell, std::uint64_t at) {
    const auto place = next[matrix.columns[at]]++;
    result.cells[place] = static_cast<std::int32_t>(cell);
    result.logs[place] = matrix.logs[at];
    result.counts[place] = matrix.counts[at];
  });
  return result;
}

/// Sums over the cells of one group (or of all) for one gene.
struct Sums {
  double expressing = 0.0;
  double logs = 0.0;
  double normalised = 0.0;
  double ranks = 0.0;
  double squares = 0.0;  ///< of the distances from the mean logarithm of all cells

  void add(const Sums& other) {
    expressing += other.expressing;
    logs += other.logs;
    normalised += other.normalised;
    ranks += other.ranks;
    squares += other.squares;
  }
};

/// Sum of squared deviations from the own mean, from one about `centre`.
double own_squares(const Sums& sums, double n, double centre) {
  const double shift = sums.logs / n - centre;
  return std::max(0.0, sums.squares - n * shift * shift);
}

class Scorer {
 public:
  Scorer(const CountMatrix& matrix, const MarkerDesign& design)
      : matrix_(matrix), design_(design), by_gene_(transposed(matrix, design.groups)) {
    sizes_.assign(static_cast<std::size_t>(design.num_groups), 0.0);
    for (const auto group : design.groups) {
      if (group >= 0) sizes_[static_cast<std::size_t>(group)] += 1.0;
    }
    num_cells_ = std::accumulate(sizes_.begin(), sizes_.end(), 0.0);
    count_donors();
  }

  [[nodiscard]] std::vector<GroupMarkers> empty_result() const;
  /// Fills one gene of every group.
  void score(std::int64_t gene, std::vector<GroupMarkers>& result) const;

 private:
  void count_donors();
  void add_ranks(std::int64_t gene, std::vector<Sums>& groups, double& ties) const;
  void score_cells(double ties, const Sums& inside, const Sums& all, double n_in, double centre,
                   MarkerStatistics& statistics) const;
  void test_donors(std::int64_t gene, std::vector<GroupMarkers>& result) const;
  [[nodiscard]] std::size_t at(std::size_t group, std::size_t donor) const {
    return group * static_cast<std::size_t>(design_.num_donors) + donor;
  }

  const CountMatrix& matrix_;
  const MarkerDesign& design_;
  ByGene by_gene_;
  std::vector<double> sizes_;  ///< cells of each group
  double num_cells_ = 0.0;
  std::vector<double> donor_totals_;                  ///< [group, donor] counts of all genes
  std::vector<double> donor_totals_all_;              ///< [donor]
  std::vector<std::vector<std::size_t>> replicates_;  ///< donors with enough cells inside and outside, by group
};

void Scorer::count_donors() {
  const auto groups = static_cast<std::size_t>(design_.num_groups);
  const auto donors = static_cast<std::size_t>(design_.num_donors);
  std::vector<std::int64_t> cells(groups * donors, 0);
  std::vector<std::int64_t> cells_all(donors, 0);
  donor_totals_.assign(groups * donors, 0.0);
  donor_totals_all_.assign(donors, 0.0);
  replicates_.resize(groups);
  if (design_.donors.empty()) return;
  for (std::size_t cell = 0; cell < design_.groups.size(); ++cell) {
    if (design_.groups[cell] < 0 || design_.donors[cell] < 0) continue;
    const auto donor = static_cast<std::size_t>(design_.donors[cell]);
    const auto place = at(static_cast<std::size_t>(design_.groups[cell]), donor);
    ++cells[place];
    ++cells_all[donor];
    donor_totals_[place] += matrix_.totals[cell];
    donor_totals_all_[donor] += matrix_.totals[cell];
  }
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t donor = 0; donor < donors; ++donor) {
      const std::int64_t inside = cells[at(group, donor)];
      const bool enough = std::min(inside, cells_all[donor] - inside) >= design_.min_cells_per_donor;
      if (enough) replicates_[group].push_back(donor);
    }
  }
}

std::vector<GroupMarkers> Scorer::empty_result() const {
  std::vector<GroupMarkers> result(sizes_.size());
  for (std::size_t group = 0; group < sizes_.size(); ++group) {
    result[group].num_cells = static_cast<std::int64_t>(sizes_[group]);
    result[group].num_donors = static_cast<std::int64_t>(replicates_[group].size());
    result[group].by_donors = result[group].num_donors >= kFewestDonors;
    result[group].genes.resize(static_cast<std::size_t>(matrix_.num_genes()));
  }
  return result;
}

/// Rank sums with average ranks of ties; cells without the gene are one large tie at the bottom.
void Scorer::add_ranks(std::int64_t gene, std::vector<Sums>& groups, double& ties) const {
  const auto g = static_cast<std::size_t>(gene);
  std::vector<std::pair<float, std::int32_t>> sorted;
  for (auto place = by_gene_.offsets[g]; place < by_gene_.offsets[g + 1]; ++place) {
    sorted.emplace_back(by_gene_.logs[place], design_.groups[static_cast<std::size_t>(by_gene_.cells[place])]);
  }
  std::sort(sorted.begin(), sorted.end());
  const double zeros = num_cells_ - static_cast<double>(sorted.size());
  ties = zeros * zeros * zeros - zeros;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    groups[group].ranks = (sizes_[group] - groups[group].expressing) * (zeros + 1.0) / 2.0;
  }
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && sorted[end].first == sorted[begin].first) ++end;
    const auto tied = static_cast<double>(end - begin);
    const double rank = zeros + static_cast<double>(begin) + (tied + 1.0) / 2.0;
    for (std::size_t i = begin; i < end; ++i) groups[static_cast<std::size_t>(sorted[i].second)].ranks += rank;
    ties += tied * tied * tied - tied;
    begin = end;
  }
}

void Scorer::score_cells(double ties, const Sums& inside, const Sums& all, double n_in, double centre,
                         MarkerStatistics& statistics) const {
  const double n = num_cells_;
  const double n_out = n - n_in;
  Sums outside;
  outside.logs = all.logs - inside.logs;
  outside.squares = all.squares - inside.squares;
  const double u = inside.ranks - n_in * (n_in + 1.0) / 2.0;
  statistics.auc = u / (n_in * n_out);
  const double variance = n_in * n_out / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
  statistics.z = variance > 0.0 ? (u - n_in * n_out / 2.0) / std::sqrt(variance) : 0.0;
  statistics.p = std::erfc(std::abs(statistics.z) / std::sqrt(2.0));
  const double difference = inside.logs / n_in - outside.logs / n_out;
  const double variance_in = n_in > 1.0 ? own_squares(inside, n_in, centre) / (n_in - 1.0) : 0.0;
  const double variance_out = n_out > 1.0 ? own_squares(outside, n_out, centre) / (n_out - 1.0) : 0.0;
  const double deviation = std::sqrt((variance_in + variance_out) / 2.0);
  statistics.cohens_d = deviation > 1e-12 ? difference / deviation : (std::abs(difference) < 1e-12 ? 0.0 : kNan);
  statistics.log2fc =
      std::log2((1.0 + inside.normalised / n_in) / (1.0 + (all.normalised - inside.normalised) / n_out));
  statistics.detected_in = inside.expressing / n_in;
  statistics.detected_out = (all.expressing - inside.expressing) / n_out;
}

void Scorer::score(std::int64_t gene, std::vector<GroupMarkers>& result) const {
  const auto g = static_cast<std::size_t>(gene);
  std::vector<Sums> groups(sizes_.size());
  for (auto place = by_gene_.offsets[g]; place < by_gene_.offsets[g + 1]; ++place) {
    auto& sums = groups[static_cast<std::size_t>(design_.groups[static_cast<std::size_t>(by_gene_.cells[place])])];
    const auto value = static_cast<double>(by_gene_.logs[place]);
    sums.expressing += 1.0;
    sums.logs += value;
    sums.normalised += std::expm1(value);
  }
  double centre = 0.0;
  for (const auto& sums : groups) centre += sums.logs;
  centre /= num_cells_;
  for (auto place = by_gene_.offsets[g]; place < by_gene_.offsets[g + 1]; ++place) {
    auto& sums = groups[static_cast<std::size_t>(design_.groups[static_cast<std::size_t>(by_gene_.cells[place])])];
    const double distance = static_cast<double>(by_gene_.logs[place]) - centre;
    sums.squares += distance * distance;
  }
  for (std::size_t group = 0; group < groups.size(); ++group) {
    groups[group].squares += (sizes_[group] - groups[group].expressing) * centre * centre;
  }
  double ties = 0.0;
  add_ranks(gene, groups, ties);
  Sums all;
  for (const auto& sums : groups) all.add(sums);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (sizes_[group] == 0.0) continue;
    score_cells(ties, groups[group], all, sizes_[group], centre, result[group].genes[g]);
  }
  if (!design_.donors.empty()) test_donors(gene, result);
}

void Scorer::test_donors(std::int64_t gene, std::vector<GroupMarkers>& result) const {
  const auto g = static_cast<std::size_t>(gene);
  std::vector<double> counts(donor_totals_.size(), 0.0);
  std::vector<double> counts_all(donor_totals_all_.size(), 0.0);
  for (auto place = by_gene_.offsets[g]; place < by_gene_.offsets[g + 1]; ++place) {
    const auto cell = static_cast<std::size_t>(by_gene_.cells[place]);
    if (design_.donors[cell] < 0) continue;
    const auto donor = static_cast<std::size_t>(design_.donors[cell]);
    const auto count = static_cast<double>(by_gene_.counts[place]);
    counts[at(static_cast<std::size_t>(design_.groups[cell]), donor)] += count;
    counts_all[donor] += count;
  }
  const auto bulk = [](double count, double total) { return std::log2(1.0 + 10'000.0 * count / total); };
  std::vector<double> differences;
  for (std::size_t group = 0; group < result.size(); ++group) {
    if (!result[group].by_donors) continue;
    differences.clear();
    for (const auto donor : replicates_[group]) {
      const auto place = at(group, donor);
      differences.push_back(bulk(counts[place], donor_totals_[place]) -
                            bulk(counts_all[donor] - counts[place], donor_totals_all_[donor] - donor_totals_[place]));
    }
    result[group].genes[g].p = one_sample_t_test(differences).p;
  }
}

}  // namespace

Result<std::vector<GroupMarkers>> marker_genes(const CountMatrix& matrix, const MarkerDesign& design, int num_threads,
                                               JobContext& ctx) {
  std::vector<char> has_cells(static_cast<std::size_t>(design.num_groups), 0);
  for (const auto group : design.groups) {
    if (group >= 0) has_cells[static_cast<std::size_t>(group)] = 1;
  }
  if (std::count(has_cells.begin(), has_cells.end(), 1) < 2) {
    return Error{ErrorCode::kInvalidArgument, "E-MRK-002",
                 "marker genes need two groups that have cells; there are " +
                     std::to_string(std::count(has_cells.begin(), has_cells.end(), 1))};
  }
  const Scorer scorer(matrix, design);
  std::vector<GroupMarkers> result = scorer.empty_result();
  constexpr std::int64_t kRound = 1024;
  for (std::int64_t first = 0; first < matrix.num_genes(); first += kRound) {
    if (ctx.cancelled()) return cancelled_error("marker genes");
    ctx.report(first, matrix.num_genes(), "Marker genes");
    parallel_for(first, std::min(matrix.num_genes(), first + kRound), 16, num_threads,
                 [&](std::int64_t begin, std::int64_t end, int) {
                   for (std::int64_t gene = begin; gene < end; ++gene) scorer.score(gene, result);
                 });
  }
  for (auto& group : result) {
    std::vector<double> p;
    for (const auto& gene : group.genes) p.push_back(gene.p);
    group.fdr = benjamini_hochberg(p);
  }
  ctx.report(matrix.num_genes(), matrix.num_genes(), "Marker genes");
  return result;
}

}  // namespace cw
