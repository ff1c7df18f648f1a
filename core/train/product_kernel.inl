// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix products from packed panels: a register tile of kTileRows x kTileVectors vectors, as in BLIS (Van Zee and
// van de Geijn 2015). MKL and oneDNN reach only half of this rate here for products that sum over tokens.

constexpr int kTileRows = 6;
constexpr int kTileVectors = kLanes == 16 ? 4 : 2;
constexpr std::int64_t kTileColumns = kTileVectors * kLanes;
constexpr std::int64_t kInnerBlock = 256;
constexpr std::int64_t kRowBlock = 96;      // rows of A packed at a time
constexpr std::int64_t kColumnBlock = 256;  // columns of B packed at a time
constexpr std::int64_t kProductScratch = kInnerBlock * (kRowBlock + kColumnBlock + kTileColumns);

inline std::int64_t round_up(std::int64_t x, std::int64_t to) { return (x + to - 1) / to * to; }

// C[Rows, NV vectors] += A B over `inner`; A element (i, k) at a[i * a_row + k * a_inner].
template <int Rows, int NV>
inline void tile(const float* a, std::int64_t a_row, std::int64_t a_inner, const float* b, std::int64_t b_stride,
                 float* c, std::int64_t c_stride, std::int64_t inner, bool accumulate) {
  Vec sums[Rows][NV];
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < NV; ++v) sums[i][v] = accumulate ? load(c + i * c_stride + v * kLanes) : Vec{};
  }
  for (std::int64_t k = 0; k < inner; ++k) {
    Vec row[NV];
    for (int v = 0; v < NV; ++v) row[v] = load(b + k * b_stride + v * kLanes);
    for (int i = 0; i < Rows; ++i) {
      const Vec x = splat(a[i * a_row + k * a_inner]);
      for (int v = 0; v < NV; ++v) sums[i][v] += x * row[v];
    }
  }
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < NV; ++v) store(c + i * c_stride + v * kLanes, sums[i][v]);
  }
}

template <int NV>
inline void tile_rows(const Operand& a, const float* b, std::int64_t b_stride, float* c, std::int64_t c_stride,
                      std::int64_t rows, std::int64_t inner, bool accumulate) {
  std::int64_t i = 0;
  const auto at = [&](std::int64_t row) { return a.data + row * a.row_stride; };
  for (; i + kTileRows <= rows; i += kTileRows) {
    tile<kTileRows, NV>(at(i), a.row_stride, a.column_stride, b, b_stride, c + i * c_stride, c_stride, inner,
                        accumulate);
  }
  switch (rows - i) {
    case 5:
      return tile<5, NV>(at(i), a.row_stride, a.column_stride, b, b_stride, c + i * c_stride, c_stride, inner,
                         accumulate);
    case 4:
      return tile<4, NV>(at(i), a.row_stride, a.column_stride, b, b_stride, c + i * c_stride, c_stride, inner,
                         accumulate);
    case 3:
      return tile<3, NV>(at(i), a.row_stride, a.column_stride, b, b_stride, c + i * c_stride, c_stride, inner,
                         accumulate);
    case 2:
      return tile<2, NV>(at(i), a.row_stride, a.column_stride, b, b_stride, c + i * c_stride, c_stride, inner,
                         accumulate);
    case 1:
      return tile<1, NV>(at(i), a.row_stride, a.column_stride, b, b_stride, c + i * c_stride, c_stride, inner,
                         accumulate);
    default:
      return;
  }
}

// C (+)= A B where B and C have whole vectors in every row and C may be written beyond `columns` up to the next vector.
inline void multiply(const Operand& a, const float* b, std::int64_t b_stride, float* c, std::int64_t c_stride,
                     std::int64_t rows, std::int64_t columns, std::int64_t inner, bool accumulate) {
  for (std::int64_t k = 0; k < inner; k += kInnerBlock) {
    const std::int64_t depth = inner - k < kInnerBlock ? inner - k : kInnerBlock;
    const Operand part{a.data + k * a.column_stride, a.row_stride, a.column_stride};
    const bool add = accumulate || k > 0;
    std::int64_t j = 0;
    for (; j + kTileColumns <= columns; j += kTileColumns) {
      tile_rows<kTileVectors>(part, b + k * b_stride + j, b_stride, c + j, c_stride, rows, depth, add);
    }
    for (; j < columns; j += kLanes) {
      tile_rows<1>(part, b + k * b_stride + j, b_stride, c + j, c_stride, rows, depth, add);
    }
  }
}

// Rows of B in panels of kTileColumns, filled up with zeros.
inline void pack_panels(const Operand& b, std::int64_t inner, std::int64_t columns, float* out) {
  for (std::int64_t j = 0; j < columns; j += kTileColumns) {
    const std::int64_t width = columns - j < kTileColumns ? columns - j : kTileColumns;
    if (b.column_stride == 1) {
      for (std::int64_t k = 0; k < inner; ++k) {
        const float* from = b.data + k * b.row_stride + j;
        for (std::int64_t i = 0; i < width; ++i) out[k * kTileColumns + i] = from[i];
        for (std::int64_t i = width; i < kTileColumns; ++i) out[k * kTileColumns + i] = 0.0F;
      }
    } else {
      for (std::int64_t i = 0; i < kTileColumns; ++i) {
        const float* from = b.data + (j + i) * b.column_stride;
        for (std::int64_t k = 0; k < inner; ++k) out[k * kTileColumns + i] = i < width ? from[k * b.row_stride] : 0.0F;
      }
    }
    out += inner * kTileColumns;
  }
}

// Columns of A in panels of kTileRows rows: out[panel][k][row], so that a tile reads them in order.
inline void pack_rows(const Operand& a, std::int64_t rows, std::int64_t inner, float* out) {
  for (std::int64_t i = 0; i < rows; i += kTileRows) {
    const std::int64_t height = rows - i < kTileRows ? rows - i : kTileRows;
    const float* from = a.data + i * a.row_stride;
    if (height == kTileRows && a.row_stride == 1) {
      for (std::int64_t k = 0; k < inner; ++k) {
        for (int r = 0; r < kTileRows; ++r) out[k * kTileRows + r] = from[k * a.column_stride + r];
      }
    } else {
      for (std::int64_t r = 0; r < kTileRows; ++r) {
        for (std::int64_t k = 0; k < inner; ++k) {
          out[k * kTileRows + r] = r < height ? from[r * a.row_stride + k * a.column_stride] : 0.0F;
        }
      }
    }
    out += inner * kTileRows;
  }
}

// A tile at the right edge of C, whose last vector would be written beyond it: computed aside, then copied.
inline void edge_tile(const float* a, const float* b, float* c, std::int64_t c_stride, std::int64_t rows,
                      std::int64_t columns, std::int64_t inner, bool accumulate) {
  float aside[kTileRows * kTileColumns] = {};
  const auto copy = [&](const float* from, std::int64_t from_stride, float* to, std::int64_t to_stride) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) to[i * to_stride + j] = from[i * from_stride + j];
    }
  };
  if (accumulate) copy(c, c_stride, aside, kTileColumns);
  tile<kTileRows, kTileVectors>(a, 1, kTileRows, b, kTileColumns, aside, kTileColumns, inner, accumulate);
  copy(aside, kTileColumns, c, c_stride);
}

void product(const ProductBlock& block, float* scratch) {
  float* packed_a = scratch;
  float* packed_b = scratch + kInnerBlock * kRowBlock;
  for (std::int64_t j = 0; j < block.columns; j += kColumnBlock) {
    const std::int64_t columns = block.columns - j < kColumnBlock ? block.columns - j : kColumnBlock;
    for (std::int64_t k = 0; k < block.inner; k += kInnerBlock) {
      const std::int64_t inner = block.inner - k < kInnerBlock ? block.inner - k : kInnerBlock;
      const bool add = block.accumulate || k > 0;
      pack_panels({block.b.data + k * block.b.row_stride + j * block.b.column_stride, block.b.row_stride,
                   block.b.column_stride},
                  inner, columns, packed_b);
      for (std::int64_t i = 0; i < block.rows; i += kRowBlock) {
        const std::int64_t rows = block.rows - i < kRowBlock ? block.rows - i : kRowBlock;
        pack_rows({block.a.data + i * block.a.row_stride + k * block.a.column_stride, block.a.row_stride,
                   block.a.column_stride},
                  rows, inner, packed_a);
        for (std::int64_t jj = 0; jj < columns; jj += kTileColumns) {
          for (std::int64_t ii = 0; ii < rows; ii += kTileRows) {
            const float* a = packed_a + ii * inner;
            const float* b = packed_b + jj * inner;
            float* c = block.c + (i + ii) * block.c_stride + j + jj;
            const std::int64_t height = rows - ii < kTileRows ? rows - ii : kTileRows;
            const std::int64_t width = columns - jj < kTileColumns ? columns - jj : kTileColumns;
            if (height == kTileRows && width == kTileColumns) {
              tile<kTileRows, kTileVectors>(a, 1, kTileRows, b, kTileColumns, c, block.c_stride, inner, add);
            } else {
              edge_tile(a, b, c, block.c_stride, height, width, inner, add);
            }
          }
        }
      }
    }
  }
}
