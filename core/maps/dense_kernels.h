// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// Rows and columns of the small product that the matrix kernels work on; widths are padded to multiples of both.
inline constexpr std::int64_t kTileRows = 6;
inline constexpr std::int64_t kTileColumns = 16;
inline constexpr std::int64_t kTileAlign = 48;

/// sums[i, j] += sum over r of a[r, first + i] * a[r, j], for i < 6 and every j from the tile of `first` on.
/// `a` has `rows` rows of `width` (a multiple of 48) floats; `sums` has 6 rows of `width` doubles.
void add_gram_panel(const float* a, std::int64_t rows, std::int64_t width, std::int64_t first, double* sums);

/// c[i, j] = sum over k of a[i, k] * b[k, j], for i < 6: `a` with row stride `stride_a`, `b` and `c` with `width` (a
/// multiple of 16) columns.
void multiply_panel(const float* a, std::int64_t stride_a, std::int64_t inner, const float* b, std::int64_t width,
                    float* c);

/// c[i, j] += sum over r of a[r, first + i] * b[r, j], for i < 6: the transposed product over `rows` rows.
void add_transposed_panel(const float* a, std::int64_t rows, std::int64_t stride_a, std::int64_t first, const float* b,
                          std::int64_t width, float* c);

/// Squared Euclidean distances between `query` and each of `count` rows; all of `width` (a multiple of 16) floats.
void squared_distances(const float* query, const float* const* rows, std::int64_t count, std::int64_t width,
                       float* distances);

/// Sum of products of two rows of `width` (a multiple of 16) floats.
[[nodiscard]] float dot_product(const float* a, const float* b, std::int64_t width);

}  // namespace cw
