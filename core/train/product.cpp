// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/product.h"

#include "core/base/parallel.h"
#include "core/train/scratch.h"

#include <algorithm>
#include <cstring>

namespace cw {
namespace {

constexpr std::int64_t kTallBlock = 384;   // rows per piece: packing B again for each piece stays cheap
constexpr std::int64_t kWideBlock = 1024;  // columns per piece
constexpr std::int64_t kRowGrain = 48;     // whole register tiles of every instruction set
constexpr std::int64_t kColumnGrain = 64;

std::int64_t half_of(std::int64_t size, std::int64_t grain) { return (size / 2 + grain - 1) / grain * grain; }

// Pieces small enough that every thread gets about two, but not so small that packing dominates.
struct Pieces {
  std::int64_t rows, columns, across, count;
};

Pieces cut(const Product& p, int threads) {
  Pieces pieces{std::min(kTallBlock, p.rows), std::min(kWideBlock, p.columns), 0, 0};
  const auto count = [&] {
    return ((p.rows + pieces.rows - 1) / pieces.rows) * ((p.columns + pieces.columns - 1) / pieces.columns);
  };
  while (count() < 2 * threads && (pieces.rows > 2 * kRowGrain || pieces.columns > 2 * kColumnGrain)) {
    if (pieces.rows > 2 * kRowGrain && (pieces.rows >= pieces.columns || pieces.columns <= 2 * kColumnGrain)) {
      pieces.rows = half_of(pieces.rows, kRowGrain);
    } else {
      pieces.columns = half_of(pieces.columns, kColumnGrain);
    }
  }
  pieces.across = (p.columns + pieces.columns - 1) / pieces.columns;
  pieces.count = count();
  return pieces;
}

void compute_piece(const Product& p, const Pieces& pieces, std::int64_t index) {
  const std::int64_t row = index / pieces.across * pieces.rows;
  const std::int64_t column = index % pieces.across * pieces.columns;
  ProductBlock block;
  block.a = {p.a.data + row * p.a.row_stride, p.a.row_stride, p.a.column_stride};
  block.b = {p.b.data + column * p.b.column_stride, p.b.row_stride, p.b.column_stride};
  block.c = p.c + row * p.c_stride + column;
  block.c_stride = p.c_stride;
  block.rows = std::min(pieces.rows, p.rows - row);
  block.columns = std::min(pieces.columns, p.columns - column);
  block.inner = p.inner;
  block.accumulate = p.accumulate || p.bias != nullptr;
  if (p.bias != nullptr) {
    for (std::int64_t i = 0; i < block.rows; ++i) {
      std::memcpy(block.c + i * p.c_stride, p.bias + column, static_cast<std::size_t>(block.columns) * sizeof(float));
    }
  }
  const TrainKernels& kernels = train_kernels();
  kernels.product(block, scratch_floats(kernels.product_scratch));
  if (!p.relu) return;
  for (std::int64_t i = 0; i < block.rows; ++i) {
    float* c = block.c + i * p.c_stride;
    for (std::int64_t j = 0; j < block.columns; ++j) c[j] = c[j] > 0.0F ? c[j] : 0.0F;
  }
}

}  // namespace

void multiply(const Product& product, const Workers& workers) {
  if (product.rows == 0 || product.columns == 0) return;
  const int threads = effective_threads(workers.num_threads);
  const Pieces pieces = cut(product, threads);
  parallel_for(0, pieces.count, 1, threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end && !workers.stopped(); ++i) compute_piece(product, pieces, i);
  });
}

}  // namespace cw
