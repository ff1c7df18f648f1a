// SPDX-License-Identifier: GPL-3.0-or-later
// Blocked y = x W^T + bias [+ residual] [relu] over packed panels. Needs CW_TILE_ROWS and
// CW_TILE_VECTORS: the tile that fills the register file.
#include "core/model/kernels/vector_tile.inl"

constexpr int kTileRows = CW_TILE_ROWS;
constexpr int kTileVectors = CW_TILE_VECTORS;
constexpr std::int64_t kPanelColumns = kTileVectors * kLanes;
constexpr std::int64_t kDepthBlock = 256;  // steps: a panel's part of 64 kB stays close while all row tiles use it

/// Adds `width` values at `from` to one row of a tile.
inline void add_row(const float* from, std::int64_t width, Floats (&sum)[kTileVectors]) {
  if (width == kPanelColumns) {
    for (int v = 0; v < kTileVectors; ++v) sum[v] += load(from + v * kLanes);
  } else {
    for (std::int64_t i = 0; i < width; ++i) sum[i / kLanes][i % kLanes] += from[i];
  }
}

/// Completes a tile: what earlier depth blocks left in y, then, with the last block, bias, residual and ReLU. The
/// products are summed from zero and the residual comes last: it is larger than they are, and every addition to it
/// would round to its last place.
template <int R>
inline void finish_tile(const LinearCall& call, std::int64_t row, std::int64_t column, bool first, bool last,
                        Floats (&sum)[R][kTileVectors]) {
  const std::int64_t width = smaller_of(kPanelColumns, call.matrix->outputs - column);
  for (int r = 0; r < R; ++r) {
    float* y = call.y + (row + r) * call.y_stride + column;
    if (!first) add_row(y, width, sum[r]);
    if (last) {
      for (int v = 0; v < kTileVectors; ++v) sum[r][v] += load(call.matrix->bias + column + v * kLanes);
      if (call.residual != nullptr) {
        add_row(call.residual + (row + r) * call.residual_stride + column, width, sum[r]);
      }
      if (call.relu) {
        for (int v = 0; v < kTileVectors; ++v) sum[r][v] = larger(sum[r][v], Floats{});
      }
    }
    if (width == kPanelColumns) {
      for (int v = 0; v < kTileVectors; ++v) store(y + v * kLanes, sum[r][v]);
    } else {
      for (std::int64_t i = 0; i < width; ++i) y[i] = sum[r][i / kLanes][i % kLanes];
    }
  }
}

template <class Dot, int R>
inline void linear_tile(const LinearCall& call, const typename Dot::Word* x, std::int64_t x_stride, std::int64_t row,
                        std::int64_t column, std::int64_t begin, std::int64_t end) {
  const PanelMatrix& matrix = *call.matrix;
  const auto* panel = static_cast<const typename Dot::Word*>(matrix.words) + column * matrix.depth;
  Floats sum[R][kTileVectors] = {};
  tile<Dot, R, kTileVectors>(end - begin, x + row * x_stride + begin, x_stride, 1, panel + begin * kPanelColumns,
                             kPanelColumns, sum);
  finish_tile<R>(call, row, column, begin == 0, end == matrix.depth, sum);
}

/// `x`: the rows as words of the matrix, `x_stride` words apart.
template <class Dot>
inline void linear_rows(const LinearCall& call, const typename Dot::Word* x, std::int64_t x_stride) {
  const PanelMatrix& matrix = *call.matrix;
  for (std::int64_t begin = 0; begin < matrix.depth; begin += kDepthBlock) {
    const std::int64_t end = smaller_of(begin + kDepthBlock, matrix.depth);
    for (std::int64_t column = 0; column < matrix.outputs; column += kPanelColumns) {
      std::int64_t row = 0;
      for (; row + kTileRows <= call.rows; row += kTileRows) {
        linear_tile<Dot, kTileRows>(call, x, x_stride, row, column, begin, end);
      }
      for (; row + 2 <= call.rows; row += 2) linear_tile<Dot, 2>(call, x, x_stride, row, column, begin, end);
      if (row < call.rows) linear_tile<Dot, 1>(call, x, x_stride, row, column, begin, end);
    }
  }
}
