// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/leading_eigenvectors.h"

#include "core/maps/fixed_random.h"

#include <Eigen/Dense>

namespace cw {
namespace {

using Matrix = Eigen::MatrixXd;
constexpr int kMaxCycles = 60;
constexpr std::int64_t kSpareVectors = 10;  // kept beyond those wanted, which speeds up the last ones
constexpr std::int64_t kBlocksBeyond = 5;   // added per cycle at least
constexpr double kResidualOfOwn = 1e-5;
constexpr double kResidualOfLargest = 2e-6;

EigenPairs falling(const Eigen::VectorXd& values, const Matrix& vectors, std::int64_t count) {
  EigenPairs pairs;
  const Eigen::Index d = vectors.rows();
  for (std::int64_t c = 0; c < count; ++c) {
    const Eigen::Index from = values.size() - 1 - c;  // Eigen sorts upwards
    pairs.values.push_back(std::max(0.0, values[from]));
    for (Eigen::Index i = 0; i < d; ++i) pairs.vectors.push_back(vectors(i, from));
  }
  return pairs;
}

Matrix random_block(const BlockProblem& problem) {
  Matrix block(problem.dimension, problem.block);
  for (Eigen::Index j = 0; j < block.cols(); ++j) {
    for (Eigen::Index i = 0; i < block.rows(); ++i) {
      const auto bits = random_bits(problem.seed, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(i));
      block(i, j) = unit_interval(bits) - 0.5;
    }
  }
  return block;
}

/// An orthonormal basis of `block` without its part in `basis`. Projected twice: once leaves rounding behind.
Matrix orthonormal_beside(const Matrix& basis, Matrix block) {
  for (int pass = 0; pass < 2; ++pass) {
    if (basis.cols() > 0) block -= basis * (basis.transpose() * block);
    const Eigen::HouseholderQR<Matrix> qr(block);
    block = qr.householderQ() * Matrix::Identity(block.rows(), block.cols());
  }
  return block;
}

Matrix product(const BlockProblem& problem, const BlockProduct& multiply, const Matrix& x) {
  const auto size = static_cast<std::size_t>(problem.padded_dimension * problem.block);
  std::vector<float> in(size, 0.0F);
  std::vector<float> out(size, 0.0F);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      in[static_cast<std::size_t>(i * problem.block + j)] = static_cast<float>(x(i, j));
    }
  }
  multiply(in.data(), out.data());
  Matrix y(x.rows(), x.cols());
  for (Eigen::Index i = 0; i < y.rows(); ++i) {
    for (Eigen::Index j = 0; j < y.cols(); ++j) y(i, j) = out[static_cast<std::size_t>(i * problem.block + j)];
  }
  return y;
}

void append(Matrix& matrix, const Matrix& columns) {
  const Eigen::Index before = matrix.cols();
  matrix.conservativeResize(columns.rows(), before + columns.cols());
  matrix.rightCols(columns.cols()) = columns;
}

bool converged(const Eigen::VectorXd& values, const Matrix& residuals, std::int64_t count) {
  const double largest = values[values.size() - 1];
  for (std::int64_t c = 0; c < count; ++c) {
    const double own = values[values.size() - 1 - c];
    const double residual = residuals.col(residuals.cols() - 1 - c).norm();
    if (residual > std::max(kResidualOfOwn * own, kResidualOfLargest * largest)) return false;
  }
  return true;
}

}  // namespace

EigenPairs exact_eigenpairs(const double* matrix, std::int64_t dimension, std::int64_t stride, std::int64_t count) {
  // the upper triangle of a row-major matrix is the lower one of a column-major view
  using View = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;
  const View view(matrix, dimension, dimension, Eigen::OuterStride<>(stride));
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(view);
  return falling(solver.eigenvalues(), solver.eigenvectors(), count);
}

Result<EigenPairs> leading_eigenpairs(const BlockProblem& problem, const BlockProduct& multiply, JobContext& ctx) {
  const std::int64_t keep = problem.count + kSpareVectors;
  const std::int64_t capacity = std::min(problem.dimension, 2 * keep + kBlocksBeyond * problem.block);
  Matrix basis(problem.dimension, 0);
  Matrix images(problem.dimension, 0);
  Matrix next = random_block(problem);
  for (int cycle = 0;; ++cycle) {
    while (basis.cols() + problem.block <= capacity) {
      if (ctx.cancelled()) return cancelled_error("principal components");
      const Matrix added = orthonormal_beside(basis, std::move(next));
      append(basis, added);
      next = product(problem, multiply, added);
      append(images, next);
    }
    Matrix projected = basis.transpose() * images;
    projected = (0.5 * (projected + projected.transpose())).eval();
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(projected);
    const Matrix rotation = solver.eigenvectors().rightCols(keep);
    const Eigen::VectorXd values = solver.eigenvalues().tail(keep);
    const Matrix ritz = basis * rotation;
    const Matrix ritz_images = images * rotation;
    const Matrix residuals = ritz_images - ritz * values.asDiagonal();
    if (cycle + 1 == kMaxCycles || converged(values, residuals, problem.count)) {
      return falling(values, ritz, problem.count);
    }
    // what the last products add to the whole basis; all residuals lie in it
    next = orthonormal_beside(basis, std::move(next));
    basis = ritz;
    images = ritz_images;
  }
}

}  // namespace cw
