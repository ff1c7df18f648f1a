// SPDX-License-Identifier: GPL-3.0-or-later
// The row kernels under emulation against the kernels of the CPU. Limits: float 2e-6 (sums in another order), bf16 one
// rounding of the result (2^-8 of its size).
#include "plugins/cuda/kernels/row_kernels.cuh"

#include "core/model/kernels/kernels.h"
#include "tests/plugins/cuda/kernel_case.h"

namespace cw::cuda {
namespace {

constexpr float kFloatLimit = 2e-6F;
constexpr float kEps = 1e-12F;

/// Rows, their LayerNorm's parameters and what the CPU makes of them.
struct NormCase {
  std::int64_t rows;
  std::int32_t width;
  std::vector<float> weight, bias;

  NormCase(std::int64_t num_rows, std::int32_t row_width)
      : rows(num_rows), width(row_width), weight(random_floats(columns(), 11)), bias(random_floats(columns(), 12)) {}

  [[nodiscard]] std::size_t columns() const { return static_cast<std::size_t>(width); }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(rows) * columns(); }

  [[nodiscard]] std::vector<float> expected(const std::vector<float>& x) const {
    std::vector<float> out(x.size());
    LayerNormCall call;
    call.x = x.data();
    call.x_stride = call.out_stride = call.width = width;
    call.rows = rows;
    call.weight = weight.data();
    call.bias = bias.data();
    call.eps = kEps;
    call.out = out.data();
    best_kernels().layer_norm(call);
    return out;
  }
};

std::vector<float> sum(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] + b[i];
  return result;
}

emulated::LaunchShape row_shape(std::int64_t rows) { return {{blocks_for(rows, kRowsPerBlock)}, {kRowThreads}}; }

class AddNorm : public testing::TestWithParam<NormCase> {};

TEST_P(AddNorm, AgreesWithTheCpuInFloat) {
  const NormCase& c = GetParam();
  const std::vector<float> x = random_floats(c.size(), 1);
  const std::vector<float> residual = random_floats(c.size(), 2);
  std::vector<float> out(c.size());
  AddNormArguments arguments{x.data(),   residual.data(), c.weight.data(), c.bias.data(),
                             out.data(), c.rows,          c.width,         kEps};
  run_in_every_order(cw_add_norm_float, row_shape(c.rows), arguments, out);
  EXPECT_LT(largest_difference(out, c.expected(sum(x, residual))), kFloatLimit);
  arguments.residual = nullptr;
  run_in_every_order(cw_add_norm_float, row_shape(c.rows), arguments, out);
  EXPECT_LT(largest_difference(out, c.expected(x)), kFloatLimit);
}

TEST_P(AddNorm, RoundsOnlyItsResultInBfloat16) {
  const NormCase& c = GetParam();
  const std::vector<BFloat16> x = rounded(random_floats(c.size(), 1));
  const std::vector<BFloat16> residual = rounded(random_floats(c.size(), 2));
  std::vector<BFloat16> out(c.size());
  const AddNormArguments arguments{x.data(),   residual.data(), c.weight.data(), c.bias.data(),
                                   out.data(), c.rows,          c.width,         kEps};
  run_in_every_order(cw_add_norm_bfloat16, row_shape(c.rows), arguments, out);
  const std::vector<float> expected = c.expected(sum(widened(x), widened(residual)));
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_NEAR(to_float(out[i]), expected[i], std::abs(expected[i]) * 0x1p-8F + 1e-6F) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, AddNorm,
                         testing::Values(NormCase{1, 256}, NormCase{2, 32}, NormCase{5, 48}, NormCase{33, 256},
                                         NormCase{7, 1152}),
                         [](const auto& shape) {
                           return std::to_string(shape.param.rows) + "x" + std::to_string(shape.param.width);
                         });

TEST(Embed, AddsWordTypeAndPositionAndNormalises) {
  const NormCase c{6, 64};
  const std::vector<float> words = random_floats(20 * c.columns(), 1);
  const std::vector<float> places = random_floats(9 * c.columns(), 2);
  const std::vector<float> type = random_floats(c.columns(), 3);
  const std::vector<std::int32_t> tokens = {3, 19, 0, 7, 7, 1};
  const std::vector<std::int32_t> positions = {0, 1, 2, 0, 8, 2};
  std::vector<float> sums;
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    for (std::size_t i = 0; i < c.columns(); ++i) {
      sums.push_back(words[static_cast<std::size_t>(tokens[row]) * c.columns() + i] + type[i] +
                     places[static_cast<std::size_t>(positions[row]) * c.columns() + i]);
    }
  }
  const std::vector<float> expected = c.expected(sums);
  std::vector<float> out(c.size());
  EmbedArguments arguments{tokens.data(), positions.data(), words.data(), places.data(), type.data(), c.weight.data(),
                           c.bias.data(), out.data(),       c.rows,       c.width,       kEps};
  run_in_every_order(cw_embed_float, row_shape(c.rows), arguments, out);
  EXPECT_LT(largest_difference(out, expected), kFloatLimit);
  std::vector<BFloat16> narrow(c.size());
  arguments.out = narrow.data();
  run_in_every_order(cw_embed_bfloat16, row_shape(c.rows), arguments, narrow);
  EXPECT_LT(largest_difference(widened(narrow), expected), 0x1p-6F);
}

TEST(GatherRows, CopiesTheNamedRows) {
  const std::vector<float> from = random_floats(std::size_t{10} * 36, 1);
  const std::vector<std::int32_t> rows = {9, 0, 0, 4, 2};
  std::vector<float> to(rows.size() * 36);
  run_in_every_order(cw_gather_rows, row_shape(5),
                     GatherRowsArguments{from.data(), rows.data(), to.data(), 5, 36 * sizeof(float)}, to);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(std::equal(to.begin() + static_cast<std::ptrdiff_t>(i * 36),
                           to.begin() + static_cast<std::ptrdiff_t>(i * 36 + 36),
                           from.begin() + static_cast<std::ptrdiff_t>(rows[i]) * 36));
  }
}

TEST(Convert, NarrowsAndWidensEveryNumber) {
  const std::vector<float> from = random_floats(2500, 1);
  const emulated::LaunchShape shape{{blocks_for(2500, kElementsPerBlock)}, {kElementThreads}};
  std::vector<BFloat16> narrow(from.size());
  run_in_every_order(cw_to_bfloat16, shape, ConvertArguments{from.data(), narrow.data(), 2500}, narrow);
  std::vector<float> wide(from.size());
  run_in_every_order(cw_from_bfloat16, shape, ConvertArguments{narrow.data(), wide.data(), 2500}, wide);
  for (std::size_t i = 0; i < from.size(); ++i) {
    EXPECT_LE(std::abs(wide[i] - from[i]), std::abs(from[i]) * 0x1p-8F) << i;
  }
}

}  // namespace
}  // namespace cw::cuda
