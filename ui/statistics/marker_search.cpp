// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/marker_search.h"

#include "core/tokenize/data_formats.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cw::ui {
namespace {

constexpr std::int64_t kMostValues = 40'000'000;  // 480 MB
constexpr std::int64_t kFewest = 3;

std::int64_t stride_of(const Dataset& dataset) {
  for (const MatrixInfo& matrix : dataset.info.matrices) {
    if (matrix.where != dataset.counts_where) continue;
    const std::int64_t stored = matrix.num_stored >= 0 ? matrix.num_stored : matrix.num_cells * matrix.num_genes / 4;
    return std::max<std::int64_t>(1, (stored + kMostValues - 1) / kMostValues);
  }
  return 1;
}

void append_cell(std::span<const std::uint32_t> genes, std::span<const float> values,
                 std::vector<std::pair<std::uint32_t, float>>& scratch, CountMatrix& matrix) {
  scratch.clear();
  for (std::size_t i = 0; i < genes.size(); ++i) scratch.emplace_back(genes[i], values[i]);
  std::sort(scratch.begin(), scratch.end());
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  for (const auto& [gene, count] : scratch) {
    matrix.columns.push_back(gene);
    matrix.counts.push_back(count);
    matrix.logs.push_back(static_cast<float>(std::log1p(1e4 * static_cast<double>(count) / total)));
  }
  matrix.offsets.push_back(matrix.columns.size());
  matrix.totals.push_back(total);
}

}  // namespace

Result<SampledCountsPtr> read_sampled_counts(const Dataset& dataset, JobContext& context) {
  if (dataset.counts_where.empty()) {
    return Error{ErrorCode::kRefused, "E-UI-301",
                 dataset.path.filename().string() + " holds no counts, and markers are computed from counts"};
  }
  CW_ASSIGN(const auto reader, data_formats().open_dataset(dataset.path));
  auto counts = std::make_shared<SampledCounts>();
  counts->stride = stride_of(dataset);
  counts->matrix.where = dataset.counts_where;
  CW_ASSIGN(counts->matrix.genes, reader->genes(dataset.counts_where));
  CW_ASSIGN(const auto blocks, reader->open_matrix(dataset.counts_where));
  CellBlock block;
  std::vector<std::pair<std::uint32_t, float>> scratch;
  for (;;) {
    if (context.cancelled()) return cancelled_error("reading counts");
    CW_TRY(blocks->next(block, 1024));
    if (block.num_cells() == 0) break;
    for (std::int64_t i = 0; i < block.num_cells(); ++i) {
      const std::int64_t cell = block.first_cell + i;
      if (cell % counts->stride != 0) continue;
      append_cell(block.genes_of(i), block.values_of(i), scratch, counts->matrix);
      counts->cells.push_back(cell);
    }
    context.report(block.first_cell + block.num_cells(), dataset.num_cells(), "Reading counts");
  }
  return SampledCountsPtr(std::move(counts));
}

Result<MarkerListPtr> find_markers(const SampledCounts& counts, const std::vector<std::uint8_t>& inside,
                                   const Column* donors, JobContext& context) {
  std::vector<std::int32_t> groups;
  std::vector<std::int32_t> donor_codes;
  const Column categories = donors ? as_categorical(*donors) : Column();
  for (const std::int64_t cell : counts.cells) {
    const auto i = static_cast<std::size_t>(cell);
    groups.push_back(i < inside.size() && inside[i] ? 0 : 1);
    if (donors) donor_codes.push_back(categories.codes[i]);
  }
  auto list = std::make_shared<MarkerList>();
  list->cells_inside = std::count(groups.begin(), groups.end(), 0);
  list->cells_outside = static_cast<std::int64_t>(groups.size()) - list->cells_inside;
  if (list->cells_inside < kFewest || list->cells_outside < kFewest) {
    return Error{ErrorCode::kInvalidArgument, "E-UI-302",
                 "markers need at least 3 cells inside and 3 outside; here are " + std::to_string(list->cells_inside) +
                     " inside and " + std::to_string(list->cells_outside) + " outside"};
  }
  MarkerDesign design;
  design.groups = groups;
  design.num_groups = 2;
  design.donors = donor_codes;
  design.num_donors = static_cast<std::int32_t>(categories.categories.size());
  CW_ASSIGN(const auto markers, marker_genes(counts.matrix, design, 0, context));
  const GroupMarkers& group = markers.front();
  for (std::size_t g = 0; g < group.genes.size(); ++g) {
    if (group.genes[g].detected_in + group.genes[g].detected_out > 0.0) {
      list->genes.push_back(static_cast<std::int64_t>(g));
    }
  }
  std::stable_sort(list->genes.begin(), list->genes.end(), [&group](std::int64_t a, std::int64_t b) {
    const auto& x = group.genes[static_cast<std::size_t>(a)];
    const auto& y = group.genes[static_cast<std::size_t>(b)];
    return x.auc != y.auc ? x.auc > y.auc : x.log2fc > y.log2fc;
  });
  for (const std::int64_t gene : list->genes) {
    list->statistics.push_back(group.genes[static_cast<std::size_t>(gene)]);
    list->fdr.push_back(group.fdr[static_cast<std::size_t>(gene)]);
  }
  list->donors = group.num_donors;
  list->by_donors = group.by_donors;
  list->sampled = counts.stride > 1;
  return MarkerListPtr(std::move(list));
}

}  // namespace cw::ui
