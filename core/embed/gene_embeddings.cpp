// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/gene_embeddings.h"

namespace cw {
namespace {

// Added and taken away again it leaves a multiple of 2^-28: the last bit of a double of this size.
constexpr double kRounds = 1.5 * static_cast<double>(std::int64_t{1} << 24);

double rounded(float value) { return (static_cast<double>(value) + kRounds) - kRounds; }

}  // namespace

GeneEmbeddings::Sum& GeneEmbeddings::sum_of(std::int32_t token) {
  Sum& sum = sums_[token];
  if (sum.values.empty()) sum.values.assign(static_cast<std::size_t>(width_), 0.0);
  return sum;
}

void GeneEmbeddings::add(const CellStates& cell) {
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t i = 0; i < cell.tokens.size(); ++i) {
    Sum& sum = sum_of(cell.tokens[i]);
    const float* row = cell.rows + i * width;
    for (std::size_t k = 0; k < width; ++k) sum.values[k] += rounded(row[k]);
    ++sum.num_cells;
  }
}

const std::vector<std::string>& GeneEmbeddings::names_of_sums() {
  static const std::vector<std::string> kNames = {"cellwright_sum_high", "cellwright_sum_middle", "cellwright_sum_low"};
  return kNames;
}

std::vector<std::pair<std::string, DenseArray>> GeneEmbeddings::sums() const {
  // 53 bits in pieces of 24
  std::vector<std::pair<std::string, DenseArray>> pieces;
  for (const auto& name : names_of_sums()) {
    pieces.emplace_back(name, DenseArray{static_cast<std::int64_t>(sums_.size()), width_, {}});
  }
  for (const auto& [token, sum] : sums_) {
    for (double rest : sum.values) {
      for (auto& [name, piece] : pieces) {
        piece.values.push_back(static_cast<float>(rest));
        rest -= static_cast<double>(piece.values.back());
      }
    }
  }
  return pieces;
}

void GeneEmbeddings::add_sums(const std::vector<std::int64_t>& tokens, const std::vector<std::int64_t>& num_cells,
                              const std::vector<DenseArray>& pieces) {
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Sum& sum = sum_of(static_cast<std::int32_t>(tokens[i]));
    for (std::size_t k = 0; k < width; ++k) {
      double value = 0.0;
      // smallest first: every partial sum has room in a double
      for (std::size_t p = pieces.size(); p-- > 0;) value += static_cast<double>(pieces[p].values[i * width + k]);
      sum.values[k] += value;
    }
    sum.num_cells += num_cells[i];
  }
}

std::vector<std::int32_t> GeneEmbeddings::tokens() const {
  std::vector<std::int32_t> list;
  for (const auto& [token, sum] : sums_) list.push_back(token);
  return list;
}

std::vector<float> GeneEmbeddings::means() const {
  std::vector<float> values;
  values.reserve(sums_.size() * static_cast<std::size_t>(width_));
  for (const auto& [token, sum] : sums_) {
    for (const double value : sum.values)
      values.push_back(static_cast<float>(value / static_cast<double>(sum.num_cells)));
  }
  return values;
}

std::vector<std::int64_t> GeneEmbeddings::num_cells() const {
  std::vector<std::int64_t> counts;
  for (const auto& [token, sum] : sums_) counts.push_back(sum.num_cells);
  return counts;
}

}  // namespace cw
