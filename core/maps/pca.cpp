// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/pca.h"

#include "core/base/parallel.h"
#include "core/maps/dense_kernels.h"
#include "core/maps/leading_eigenvectors.h"

#include <cmath>
#include <functional>
#include <string>

namespace cw {
namespace {

constexpr std::int64_t kBlockRows = 480;           // rows that are made dense at once; a multiple of kTileRows
constexpr std::int64_t kExactColumns = 400;        // the dense solver takes under 0.3 s up to here
constexpr std::int64_t kCovarianceColumns = 3000;  // 72 MB of covariance

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

/// Rows of any kind, handed out as dense rows from which the column means are taken off.
struct RowSource {
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  /// Adds row `i` to a zeroed row of floats.
  std::function<void(std::int64_t i, float* row)> add_row;
  /// Adds row `i` to sums; false where a value is not finite.
  std::function<bool(std::int64_t i, double* sums)> add_to_sums;
};

RowSource source_of(MatrixView rows) {
  const auto add = [rows](std::int64_t i, auto* target) {
    const auto values = rows.row(i);
    bool finite = true;
    for (std::size_t j = 0; j < values.size(); ++j) {
      target[j] += values[j];
      finite = finite && std::isfinite(values[j]);
    }
    return finite;
  };
  return {rows.num_rows, rows.num_columns, add, add};
}

RowSource source_of(const SparseView& rows) {
  const auto add = [rows](std::int64_t i, auto* target) {
    bool finite = true;
    for (auto at = rows.offsets[static_cast<std::size_t>(i)]; at < rows.offsets[static_cast<std::size_t>(i) + 1];
         ++at) {
      target[rows.columns[at]] += rows.values[at];
      finite = finite && std::isfinite(rows.values[at]);
    }
    return finite;
  };
  return {rows.num_rows(), rows.num_columns, add, add};
}

Error not_finite(std::int64_t row) {
  return {ErrorCode::kInvalidArgument, "E-MAP-001",
          "row " + std::to_string(row) +
              " of the matrix holds NaN or infinity; remove that cell or make the embedding again"};
}

/// One analysis: the steps share the source, the means and the padded sizes.
class Analysis {
 public:
  Analysis(RowSource source, const PcaOptions& options, JobContext& ctx)
      : source_(std::move(source)), options_(options), ctx_(ctx), width_(round_up(source_.num_columns, kTileAlign)) {}

  Result<Pca> run() {
    CW_TRY(find_means());
    const std::int64_t room = std::min(source_.num_columns, std::max<std::int64_t>(1, source_.num_rows - 1));
    pca_.num_components = std::min<std::int64_t>(options_.num_components, room);
    CW_ASSIGN(EigenPairs pairs, find_axes());
    take_axes(pairs);
    CW_TRY(find_scores());
    return std::move(pca_);
  }

 private:
  Result<> find_means();
  Result<EigenPairs> find_axes();
  Result<EigenPairs> axes_by_covariance();
  Result<EigenPairs> axes_by_products();
  BlockProblem problem() const;
  /// Few enough components for the iterative solver.
  bool iterative() const { return 2 * pca_.num_components + 8 * kTileColumns + 20 < source_.num_columns; }
  void take_axes(const EigenPairs& pairs);
  Result<> find_scores();
  void fill_block(std::int64_t begin, std::vector<float>& block) const;
  Result<> for_each_block(std::string_view phase, const std::function<void(const float*, std::int64_t)>& work);
  void for_each_panel(std::int64_t panels, const std::function<void(std::int64_t)>& work) const;

  RowSource source_;
  const PcaOptions& options_;
  JobContext& ctx_;
  std::int64_t width_;
  std::vector<double> means_;
  Pca pca_;
};

Result<> Analysis::find_means() {
  const std::int64_t n = source_.num_rows;
  const auto d = static_cast<std::size_t>(source_.num_columns);
  constexpr std::int64_t kChunk = 4096;
  const std::int64_t num_chunks = (n + kChunk - 1) / kChunk;
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(num_chunks));
  std::vector<std::int64_t> bad(static_cast<std::size_t>(num_chunks), -1);
  parallel_for(0, num_chunks, 1, options_.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t c = begin; c < end; ++c) {
      auto& sum = sums[static_cast<std::size_t>(c)];
      sum.assign(d, 0.0);
      for (std::int64_t i = c * kChunk; i < std::min(n, (c + 1) * kChunk); ++i) {
        auto& first_bad = bad[static_cast<std::size_t>(c)];
        if (!source_.add_to_sums(i, sum.data()) && first_bad < 0) first_bad = i;
      }
    }
  });
  for (const auto row : bad) {
    if (row >= 0) return not_finite(row);
  }
  means_.assign(d, 0.0);
  for (const auto& sum : sums) {
    for (std::size_t j = 0; j < d; ++j) means_[j] += sum[j];
  }
  for (double& mean : means_) mean /= static_cast<double>(n);
  pca_.num_rows = n;
  pca_.num_columns = source_.num_columns;
  pca_.means.assign(means_.begin(), means_.end());
  return {};
}

void Analysis::fill_block(std::int64_t begin, std::vector<float>& block) const {
  block.resize(static_cast<std::size_t>(kBlockRows * width_));
  const std::int64_t rows = std::min(kBlockRows, source_.num_rows - begin);
  parallel_for(0, kBlockRows, 32, options_.num_threads, [&](std::int64_t from, std::int64_t to, int) {
    for (std::int64_t r = from; r < to; ++r) {
      float* row = block.data() + r * width_;
      std::fill(row, row + width_, 0.0F);
      if (r >= rows) continue;
      source_.add_row(begin + r, row);
      for (std::size_t j = 0; j < means_.size(); ++j) row[j] = static_cast<float>(row[j] - means_[j]);
    }
  });
}

Result<> Analysis::for_each_block(std::string_view phase, const std::function<void(const float*, std::int64_t)>& work) {
  std::vector<float> block;
  for (std::int64_t begin = 0; begin < source_.num_rows; begin += kBlockRows) {
    if (ctx_.cancelled()) return cancelled_error("principal components");
    if (!phase.empty()) ctx_.report(begin, source_.num_rows, phase);
    fill_block(begin, block);
    work(block.data(), begin);
  }
  return {};
}

void Analysis::for_each_panel(std::int64_t panels, const std::function<void(std::int64_t)>& work) const {
  parallel_for(0, panels, 1, options_.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t panel = begin; panel < end; ++panel) work(panel);
  });
}

Result<EigenPairs> Analysis::find_axes() {
  return source_.num_columns <= kCovarianceColumns || !iterative() ? axes_by_covariance() : axes_by_products();
}

BlockProblem Analysis::problem() const {
  BlockProblem p;
  p.dimension = source_.num_columns;
  p.padded_dimension = width_;
  p.count = pca_.num_components;
  p.block = kTileColumns;
  p.seed = options_.seed;
  return p;
}

Result<EigenPairs> Analysis::axes_by_covariance() {
  const auto size = static_cast<std::size_t>(width_ * width_);
  std::vector<double> gram(size, 0.0);
  CW_TRY(for_each_block("Principal components", [&](const float* block, std::int64_t) {
    for_each_panel(width_ / kTileRows, [&](std::int64_t panel) {
      const std::int64_t first = panel * kTileRows;
      add_gram_panel(block, kBlockRows, width_, first, gram.data() + first * width_);
    });
  }));
  const std::int64_t d = source_.num_columns;
  for (std::int64_t j = 0; j < d; ++j) pca_.total_variance += gram[static_cast<std::size_t>(j * width_ + j)];
  const BlockProblem wanted = problem();
  if (d <= kExactColumns || !iterative()) return exact_eigenpairs(gram.data(), d, width_, wanted.count);

  std::vector<float> full(size);
  for (std::int64_t i = 0; i < width_; ++i) {
    for (std::int64_t j = 0; j < width_; ++j) {
      const auto upper = static_cast<std::size_t>(std::min(i, j) * width_ + std::max(i, j));
      full[static_cast<std::size_t>(i * width_ + j)] = static_cast<float>(gram[upper]);
    }
  }
  return leading_eigenpairs(
      wanted,
      [&](const float* x, float* y) {
        for_each_panel(width_ / kTileRows, [&](std::int64_t panel) {
          const std::int64_t first = panel * kTileRows;
          multiply_panel(full.data() + first * width_, width_, width_, x, wanted.block, y + first * wanted.block);
        });
      },
      ctx_);
}

Result<EigenPairs> Analysis::axes_by_products() {
  CW_TRY(for_each_block("Principal components", [&](const float* block, std::int64_t) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < kBlockRows * width_; ++i) sum += static_cast<double>(block[i]) * block[i];
    pca_.total_variance += sum;
  }));
  const BlockProblem wanted = problem();
  std::vector<float> scores(static_cast<std::size_t>(kBlockRows * wanted.block));
  return leading_eigenpairs(
      wanted,
      [&](const float* x, float* y) {
        // a cancel inside is seen by the solver right after this product
        (void)for_each_block("", [&](const float* block, std::int64_t) {
          for_each_panel(kBlockRows / kTileRows, [&](std::int64_t panel) {
            const std::int64_t first = panel * kTileRows;
            multiply_panel(block + first * width_, width_, width_, x, wanted.block,
                           scores.data() + first * wanted.block);
          });
          for_each_panel(width_ / kTileRows, [&](std::int64_t panel) {
            const std::int64_t first = panel * kTileRows;
            add_transposed_panel(block, kBlockRows, width_, first, scores.data(), wanted.block,
                                 y + first * wanted.block);
          });
        });
      },
      ctx_);
}

void Analysis::take_axes(const EigenPairs& pairs) {
  const auto k = static_cast<std::size_t>(pca_.num_components);
  const auto d = static_cast<std::size_t>(source_.num_columns);
  const double divisor = static_cast<double>(std::max<std::int64_t>(1, source_.num_rows - 1));
  pca_.total_variance /= divisor;
  pca_.components.resize(k * d);
  for (std::size_t c = 0; c < k; ++c) {
    const double* axis = pairs.vectors.data() + c * d;
    const double* largest =
        std::max_element(axis, axis + d, [](double a, double b) { return std::abs(a) < std::abs(b); });
    const double sign = *largest < 0.0 ? -1.0 : 1.0;
    for (std::size_t j = 0; j < d; ++j) pca_.components[c * d + j] = static_cast<float>(sign * axis[j]);
    const double variance = pairs.values[c] / divisor;
    pca_.variances.push_back(variance);
    pca_.variance_ratios.push_back(pca_.total_variance > 0.0 ? variance / pca_.total_variance : 0.0);
  }
}

/// `components` as the right side of a product: row-major [padded D, padded K].
std::vector<float> transposed_axes(const Pca& pca, std::int64_t rows, std::int64_t width) {
  std::vector<float> axes(static_cast<std::size_t>(rows * width), 0.0F);
  for (std::int64_t c = 0; c < pca.num_components; ++c) {
    for (std::int64_t j = 0; j < pca.num_columns; ++j) {
      axes[static_cast<std::size_t>(j * width + c)] = pca.components[static_cast<std::size_t>(c * pca.num_columns + j)];
    }
  }
  return axes;
}

Result<> Analysis::find_scores() {
  const std::int64_t k = pca_.num_components;
  const std::int64_t k_width = round_up(k, kTileColumns);
  const std::vector<float> axes = transposed_axes(pca_, width_, k_width);
  pca_.scores.resize(static_cast<std::size_t>(source_.num_rows * k));
  std::vector<float> block_scores(static_cast<std::size_t>(kBlockRows * k_width));
  CW_TRY(for_each_block("", [&](const float* block, std::int64_t begin) {
    for_each_panel(kBlockRows / kTileRows, [&](std::int64_t panel) {
      const std::int64_t first = panel * kTileRows;
      float* target = block_scores.data() + first * k_width;
      multiply_panel(block + first * width_, width_, width_, axes.data(), k_width, target);
      for (std::int64_t r = 0; r < kTileRows && begin + first + r < source_.num_rows; ++r) {
        std::copy_n(target + r * k_width, k, pca_.scores.data() + (begin + first + r) * k);
      }
    });
  }));
  ctx_.report(source_.num_rows, source_.num_rows, "Principal components");
  return {};
}

Result<Pca> analyse(RowSource source, const PcaOptions& options, JobContext& ctx) {
  if (source.num_rows < 1 || source.num_columns < 1) {
    return Error{ErrorCode::kInvalidArgument, "E-MAP-002",
                 "the matrix has " + std::to_string(source.num_rows) + " rows and " +
                     std::to_string(source.num_columns) + " columns; principal components need at least one of each"};
  }
  if (options.num_components < 1) {
    return Error{ErrorCode::kInvalidArgument, "E-MAP-002",
                 std::to_string(options.num_components) + " principal components wanted; give 1 or more"};
  }
  return Analysis(std::move(source), options, ctx).run();
}

Result<> check_columns(const Pca& pca, std::int64_t num_columns) {
  if (num_columns == pca.num_columns) return {};
  return Error{ErrorCode::kShape, "E-MAP-003",
               "rows of " + std::to_string(num_columns) + " columns do not fit principal components of " +
                   std::to_string(pca.num_columns) + " columns"};
}

}  // namespace

Result<Pca> principal_components(MatrixView rows, const PcaOptions& options, JobContext& ctx) {
  return analyse(source_of(rows), options, ctx);
}

Result<Pca> principal_components(const SparseView& rows, const PcaOptions& options, JobContext& ctx) {
  return analyse(source_of(rows), options, ctx);
}

Result<std::vector<float>> project(const Pca& pca, MatrixView rows, int num_threads) {
  CW_TRY(check_columns(pca, rows.num_columns));
  const auto k = static_cast<std::size_t>(pca.num_components);
  std::vector<float> scores(static_cast<std::size_t>(rows.num_rows) * k);
  parallel_for(0, rows.num_rows, 64, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto row = rows.row(i);
      for (std::size_t c = 0; c < k; ++c) {
        const float* axis = pca.components.data() + c * row.size();
        double sum = 0.0;
        for (std::size_t j = 0; j < row.size(); ++j) sum += (static_cast<double>(row[j]) - pca.means[j]) * axis[j];
        scores[static_cast<std::size_t>(i) * k + c] = static_cast<float>(sum);
      }
    }
  });
  return scores;
}

Result<std::vector<float>> project(const Pca& pca, const SparseView& rows, int num_threads) {
  CW_TRY(check_columns(pca, rows.num_columns));
  const auto k = static_cast<std::size_t>(pca.num_components);
  const auto num_columns = static_cast<std::size_t>(pca.num_columns);
  std::vector<double> centre(k, 0.0);  // where a row of zeros would be, with the sign changed
  for (std::size_t c = 0; c < k; ++c) {
    const float* axis = pca.components.data() + c * num_columns;
    for (std::size_t j = 0; j < num_columns; ++j) centre[c] += static_cast<double>(pca.means[j]) * axis[j];
  }
  std::vector<float> scores(static_cast<std::size_t>(rows.num_rows()) * k);
  parallel_for(0, rows.num_rows(), 64, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      for (std::size_t c = 0; c < k; ++c) {
        const float* axis = pca.components.data() + c * num_columns;
        double sum = -centre[c];
        for (auto at = rows.offsets[i]; at < rows.offsets[i + 1]; ++at) {
          sum += static_cast<double>(rows.values[at]) * axis[rows.columns[at]];
        }
        scores[i * k + c] = static_cast<float>(sum);
      }
    }
  });
  return scores;
}

}  // namespace cw
