// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/gene_statistics.h"

#include "core/stats/descriptive.h"
#include "core/tokenize/data_formats.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

namespace cw::ui {
namespace {

constexpr std::int64_t kMostRanks = 16'000'000;  // 64 MB; beyond that every second, third, ... cell is ranked
constexpr std::int64_t kCellsPerBlock = 512;

}  // namespace

double GeneStatistics::detected_share(std::int64_t gene) const noexcept {
  return num_cells == 0
             ? std::numeric_limits<double>::quiet_NaN()
             : static_cast<double>(detected[static_cast<std::size_t>(gene)]) / static_cast<double>(num_cells);
}

double GeneStatistics::log2_fold_change(std::int64_t gene) const noexcept {
  if (start_mean.empty() || goal_mean.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto i = static_cast<std::size_t>(gene);
  return std::log2((1.0 + goal_mean[i]) / (1.0 + start_mean[i]));
}

GeneStatisticsPass::GeneStatisticsPass(GeneStatisticsRequest request) : request_(std::move(request)) {}

GeneStatisticsPass::~GeneStatisticsPass() = default;

double GeneStatisticsPass::fraction() const noexcept {
  const auto cells = static_cast<double>(request_.dataset->num_cells());
  return cells == 0.0 ? 1.0 : static_cast<double>(next_) / cells;
}

Result<> GeneStatisticsPass::start() {
  const Dataset& dataset = *request_.dataset;
  CW_ASSIGN(const auto dictionary, Dictionary::load(request_.dictionary));
  for (const DatasetGene& gene : dataset.genes) {
    const auto token = dictionary->token_of(gene.ensembl_id);
    token_of_gene_.push_back(token ? *token : dictionary->name() == "v1" ? gene.token : -1);
    result_.in_model.push_back(token_of_gene_.back() >= 0 ? 1 : 0);
  }
  encoder_.emplace(*dictionary, token_of_gene_, RankOptions{});
  result_.detected.assign(dataset.genes.size(), 0);
  if (!request_.start.empty()) result_.start_mean.assign(dataset.genes.size(), 0.0);
  if (!request_.goal.empty()) result_.goal_mean.assign(dataset.genes.size(), 0.0);
  for (const MatrixInfo& matrix : dataset.info.matrices) {
    if (matrix.where != dataset.counts_where) continue;
    const std::int64_t stored = matrix.num_stored >= 0 ? matrix.num_stored : matrix.num_cells * matrix.num_genes / 4;
    stride_ = std::max<std::int64_t>(1, (stored + kMostRanks - 1) / kMostRanks);
  }
  started_ = true;
  if (request_.index) return {};
  CW_ASSIGN(reader_, data_formats().open_dataset(dataset.path));
  CW_ASSIGN(matrix_, reader_->open_matrix(dataset.counts_where));
  return {};
}

Result<> GeneStatisticsPass::read() {
  if (!request_.index) return matrix_->next(block_, kCellsPerBlock);
  CW_ASSIGN(block_, request_.index->cells(part_++));
  return {};
}

void GeneStatisticsPass::add_cell(std::span<const std::uint32_t> genes, std::span<const float> values,
                                  std::int64_t cell) {
  const auto at = static_cast<std::size_t>(cell);
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  if (!(total > 0.0)) return;
  const double scale = 1e4 / total;
  const auto add_means = [&](const std::vector<std::uint8_t>& mask, std::vector<double>& means, std::int64_t& cells) {
    if (mask.empty() || !mask[at]) return;
    ++cells;
    for (std::size_t i = 0; i < genes.size(); ++i) means[genes[i]] += static_cast<double>(values[i]) * scale;
  };
  add_means(request_.start, result_.start_mean, result_.start_cells);
  add_means(request_.goal, result_.goal_mean, result_.goal_cells);
  if (!request_.cells.empty() && !request_.cells[at]) return;
  for (std::size_t i = 0; i < genes.size(); ++i) result_.detected[genes[i]] += values[i] > 0.0F ? 1 : 0;
  if (result_.num_cells++ % stride_ != 0) return;

  tokens_.resize(genes.size() + 2);
  const auto length = encoder_->encode(genes, values, total, scratch_, tokens_.data());
  if (length.kept == 0) return;
  ++result_.num_ranked_cells;
  const std::uint32_t first = encoder_->has_special_tokens() ? 1 : 0;
  const std::uint32_t last = length.kept - first;  // <cls> before and <eos> behind are no ranks
  lengths_.push_back(static_cast<double>(last - first));
  for (std::uint32_t i = first; i < last; ++i) {
    ranked_token_.push_back(static_cast<std::uint16_t>(tokens_[i]));
    rank_.push_back(static_cast<std::uint16_t>(i - first + 1));
  }
}

Result<GeneStatisticsPtr> GeneStatisticsPass::step(double seconds, JobContext& context) {
  if (!started_) CW_TRY(start());
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < until) {
    if (context.cancelled()) return cancelled_error("counting genes");
    CW_TRY(read());
    if (block_.num_cells() == 0) return finish();
    for (std::int64_t row = 0; row < block_.num_cells(); ++row) {
      add_cell(block_.genes_of(row), block_.values_of(row), block_.first_cell + row);
    }
    next_ = block_.first_cell + block_.num_cells();
  }
  return GeneStatisticsPtr();
}

GeneStatisticsPtr GeneStatisticsPass::finish() {
  next_ = request_.dataset->num_cells();
  for (double& mean : result_.start_mean) mean /= std::max<double>(1.0, static_cast<double>(result_.start_cells));
  for (double& mean : result_.goal_mean) mean /= std::max<double>(1.0, static_cast<double>(result_.goal_cells));
  result_.median_length = lengths_.empty() ? 0.0 : median(lengths_);

  // ranks sorted by token with one count, then the median of each stretch
  std::vector<std::size_t> begin(65'537, 0);
  for (const std::uint16_t token : ranked_token_) ++begin[std::size_t{token} + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<std::uint16_t> sorted(rank_.size());
  std::vector<std::size_t> fill(begin.begin(), begin.end() - 1);
  for (std::size_t i = 0; i < rank_.size(); ++i) sorted[fill[ranked_token_[i]]++] = rank_[i];
  for (const std::int32_t token : token_of_gene_) {
    double middle = std::numeric_limits<double>::quiet_NaN();
    const auto t = static_cast<std::size_t>(std::max(token, 0));
    if (token >= 0 && begin[t + 1] > begin[t]) {
      const auto low = sorted.begin() + static_cast<std::ptrdiff_t>(begin[t]);
      const auto high = sorted.begin() + static_cast<std::ptrdiff_t>(begin[t + 1]);
      const auto half = low + (high - low) / 2;
      std::nth_element(low, half, high);
      middle = *half;
      if ((high - low) % 2 == 0) middle = (middle + *std::max_element(low, half)) / 2.0;
    }
    result_.median_rank.push_back(middle);
  }
  matrix_.reset();
  reader_.reset();
  return std::make_shared<const GeneStatistics>(std::move(result_));
}

}  // namespace cw::ui
