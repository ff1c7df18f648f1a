// SPDX-License-Identifier: GPL-3.0-or-later
// Rows in training under emulation against the kernels of the CPU, which core/train/packed_functions.h is made of.
// Limits: float 4e-6 (sums of 10: relative 2e-6); bf16 inputs, compared with float on the same rounded inputs, 1 % of
// the largest value (8 bits in the sum, 8 in the result).
#include "plugins/cuda/kernels/training_rows.cuh"

#include "core/train/kernels.h"
#include "tests/plugins/cuda/kernel_case.h"

namespace cw::cuda {
namespace {

constexpr float kFloatLimit = 4e-6F;
constexpr float kBFloat16Share = 1e-2F;

struct RowsCase {
  std::int64_t rows;
  std::int32_t width;
  float dropout;
};

std::vector<RowsCase> row_cases() { return {{1, 16, 0.0F}, {37, 64, 0.1F}, {6, 256, 0.02F}, {13, 48, 0.5F}}; }

constexpr std::uint64_t kKey = 0x123456789abcdef0ULL;
constexpr std::int64_t kFirstRow = 70000;  // rows that other processes compute

Dropout device_dropout(const RowsCase& c) { return dropout_of(kKey, c.dropout, kFirstRow); }

NormRows cpu_rows(const RowsCase& c, const std::vector<float>& weight) {
  NormRows rows;
  rows.width = c.width;
  rows.first_row = kFirstRow;
  rows.num_rows = c.rows;
  rows.dropout = {kKey, c.dropout, kFirstRow};
  rows.weight = weight.data();
  return rows;
}

emulated::LaunchShape row_shape(std::int64_t rows) {
  return {{blocks_for(rows, kRowsPerBlock)}, {static_cast<unsigned>(kRowThreads)}, 0};
}

float largest(const std::vector<float>& values) {
  float most = 0.0F;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most;
}

template <class T>
float limit_for(const std::vector<float>& expected) {
  return sizeof(T) == sizeof(float) ? kFloatLimit * std::max(1.0F, largest(expected))
                                    : kBFloat16Share * largest(expected);
}

template <class T>
struct Kernels;
template <>
struct Kernels<float> {
  static constexpr auto norm_forward = cw_norm_forward_float;
  static constexpr auto norm_backward = cw_norm_backward_float;
  static constexpr auto norm_column_sums = cw_norm_column_sums_float;
  static constexpr auto column_sums = cw_column_sums_float;
  static constexpr auto row_dropout = cw_row_dropout_float;
  static constexpr auto relu = cw_relu_backward_float;
  static constexpr auto gelu = cw_gelu_backward_float;
};
template <>
struct Kernels<BFloat16> {
  static constexpr auto norm_forward = cw_norm_forward_bfloat16;
  static constexpr auto norm_backward = cw_norm_backward_bfloat16;
  static constexpr auto norm_column_sums = cw_norm_column_sums_bfloat16;
  static constexpr auto column_sums = cw_column_sums_bfloat16;
  static constexpr auto row_dropout = cw_row_dropout_bfloat16;
  static constexpr auto relu = cw_relu_backward_bfloat16;
  static constexpr auto gelu = cw_gelu_backward_bfloat16;
};

/// Values of type T, and the same as floats.
template <class T>
struct Given {
  std::vector<T> device;
  std::vector<float> host;

  Given(std::size_t count, std::uint64_t seed, float spread = 1.0F) : host(random_floats(count, seed)) {
    for (float& value : host) value = to_float(device.emplace_back(from_float<T>(value * spread)));
  }
};

template <class T>
std::vector<float> as_floats(const std::vector<T>& values) {
  std::vector<float> result;
  for (const T value : values) result.push_back(to_float(value));
  return result;
}

/// The forward pass on the CPU, and with its results the backward pass there and on the device.
template <class T>
class NormCase {
 public:
  explicit NormCase(const RowsCase& c)
      : c_(c),
        count_(static_cast<std::size_t>(c.rows * c.width)),
        x_(count_, 1, 3.0F),
        residual_(count_, 2),
        dy_(count_, 3),
        weight_(random_floats(static_cast<std::size_t>(c.width), 4)),
        bias_(random_floats(static_cast<std::size_t>(c.width), 5)),
        sum_(count_),
        y_(count_),
        mean_rstd_(static_cast<std::size_t>(2 * c.rows)) {
    NormRows rows = cpu_rows(c, weight_);
    train_kernels().norm_forward(rows, x_.host.data(), residual_.host.data(), bias_.data(), sum_.data(),
                                 mean_rstd_.data(), y_.data());
  }

  void expect_forward() {
    std::vector<T> sum(count_);
    std::vector<T> y(count_);
    std::vector<float> mean_rstd(mean_rstd_.size());
    NormForwardArguments a{};
    a.x = x_.device.data();
    a.residual = residual_.device.data();
    a.weight = weight_.data();
    a.bias = bias_.data();
    a.sum = sum.data();
    a.mean_rstd = mean_rstd.data();
    a.y = y.data();
    a.rows = c_.rows;
    a.width = c_.width;
    a.eps = 1e-12F;
    a.dropout = device_dropout(c_);
    run_in_every_order(Kernels<T>::norm_forward, row_shape(c_.rows), a, y);
    EXPECT_LE(largest_difference(as_floats(sum), sum_), limit_for<T>(sum_));
    EXPECT_LE(largest_difference(as_floats(y), y_), limit_for<T>(y_));
    EXPECT_LE(largest_difference(mean_rstd, mean_rstd_), limit_for<T>(mean_rstd_));
  }

  void expect_backward() {
    std::vector<float> dx(count_);
    std::vector<float> d_residual(count_);
    std::vector<float> d_weight(weight_.size());
    std::vector<float> d_bias(weight_.size());
    train_kernels().norm_backward(cpu_rows(c_, weight_), sum_.data(), mean_rstd_.data(), dy_.host.data(), dx.data(),
                                  d_residual.data(), d_weight.data(), d_bias.data());
    std::vector<T> sum;
    for (const float value : sum_) sum.push_back(from_float<T>(value));
    NormBackwardArguments a{};
    std::vector<T> device_dx(count_);
    std::vector<T> device_d_residual(count_);
    a.sum = sum.data();
    a.mean_rstd = mean_rstd_.data();
    a.weight = weight_.data();
    a.dy = dy_.device.data();
    a.dx = device_dx.data();
    a.d_residual = device_d_residual.data();
    a.rows = c_.rows;
    a.width = c_.width;
    a.dropout = device_dropout(c_);
    run_in_every_order(Kernels<T>::norm_backward, row_shape(c_.rows), a, device_dx);
    EXPECT_LE(largest_difference(as_floats(device_dx), dx), limit_for<T>(dx));
    EXPECT_LE(largest_difference(as_floats(device_d_residual), d_residual), limit_for<T>(d_residual));
    expect_sums(sum, d_weight, d_bias);
  }

 private:
  void expect_sums(const std::vector<T>& sum, const std::vector<float>& d_weight, const std::vector<float>& d_bias) {
    const std::int64_t per_piece = 5;
    const auto pieces = static_cast<std::size_t>((c_.rows + per_piece - 1) / per_piece);
    std::vector<float> partial(2 * pieces * weight_.size());
    NormColumnSumsArguments a{};
    a.sum = sum.data();
    a.mean_rstd = mean_rstd_.data();
    a.dy = dy_.device.data();
    a.d_weight = partial.data();
    a.d_bias = partial.data() + pieces * weight_.size();
    a.rows = c_.rows;
    a.rows_per_piece = per_piece;
    a.width = c_.width;
    emulated::LaunchShape shape{{blocks_for(c_.width, kColumnsPerBlock), static_cast<unsigned>(pieces)},
                                {static_cast<unsigned>(kColumnThreads)},
                                2 * kColumnThreads * sizeof(float)};
    run_in_every_order(Kernels<T>::norm_column_sums, shape, a, partial);
    shape.grid.y = 1;
    for (const bool weights : {true, false}) {
      std::vector<float> total(weight_.size(), 0.5F);  // a gradient that is there already
      ColumnSumsArguments b{};
      b.from = weights ? a.d_weight : a.d_bias;
      b.to = total.data();
      b.rows = static_cast<std::int64_t>(pieces);
      b.rows_per_piece = b.rows;
      b.width = c_.width;
      b.accumulate = 1;
      emulated::run_kernel(cw_column_sums_float, shape, b);
      for (float& value : total) value -= 0.5F;
      const std::vector<float>& expected = weights ? d_weight : d_bias;
      EXPECT_LE(largest_difference(total, expected), limit_for<T>(expected)) << weights;
    }
  }

  RowsCase c_;
  std::size_t count_;
  Given<T> x_, residual_, dy_;
  std::vector<float> weight_, bias_, sum_, y_, mean_rstd_;
};

TEST(TrainingRows, NormForwardAgreesWithTheCpu) {
  for (const RowsCase& c : row_cases()) {
    NormCase<float>(c).expect_forward();
    NormCase<BFloat16>(c).expect_forward();
  }
}

TEST(TrainingRows, NormBackwardAgreesWithTheCpu) {
  for (const RowsCase& c : row_cases()) {
    NormCase<float>(c).expect_backward();
    NormCase<BFloat16>(c).expect_backward();
  }
}

template <class T>
void expect_same_elements_dropped(const RowsCase& c) {
  const Given<T> x(static_cast<std::size_t>(c.rows * c.width), 7);
  std::vector<float> expected(x.host.size());
  const std::vector<float> no_weight;
  train_kernels().dropout(cpu_rows(c, no_weight), x.host.data(), expected.data());
  std::vector<T> y(x.host.size());
  const RowDropoutArguments a{x.device.data(), y.data(), c.rows, c.width, device_dropout(c)};
  run_in_every_order(Kernels<T>::row_dropout, row_shape(c.rows), a, y);
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_EQ(to_float(y[i]), to_float(from_float<T>(expected[i]))) << i;  // the same elements, the same factor
  }
  const auto dropped = std::count(expected.begin(), expected.end(), 0.0F);
  EXPECT_NEAR(static_cast<float>(dropped) / static_cast<float>(y.size()), c.dropout, 0.08F);
}

TEST(TrainingRows, DropoutKeepsTheElementsThatTheCpuKeeps) {
  for (const RowsCase& c : row_cases()) {
    expect_same_elements_dropped<float>(c);
    expect_same_elements_dropped<BFloat16>(c);
  }
}

template <class T>
void expect_slopes(void (*kernel)(ActivationBackwardArguments), double (*slope)(double)) {
  const Given<T> given(1500, 8, 4.0F);
  const Given<T> dy(1500, 9);
  std::vector<float> expected;
  for (std::size_t i = 0; i < dy.host.size(); ++i) {
    expected.push_back(static_cast<float>(dy.host[i] * slope(static_cast<double>(given.host[i]))));
  }
  std::vector<T> dx(1500);
  const ActivationBackwardArguments a{given.device.data(), dy.device.data(), dx.data(), 1500};
  const emulated::LaunchShape shape{{blocks_for(1500, kElementsPerBlock)}, {static_cast<unsigned>(kElementThreads)}, 0};
  run_in_every_order(kernel, shape, a, dx);
  EXPECT_LE(largest_difference(as_floats(dx), expected), limit_for<T>(expected));
}

double relu_slope(double y) { return y > 0.0 ? 1.0 : 0.0; }

double gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }
// Central difference: wrong by h^2 / 6 times the third derivative, about 1e-9.
double gelu_slope(double x) { return (gelu(x + 1e-4) - gelu(x - 1e-4)) / 2e-4; }

TEST(TrainingRows, GradientsOfActivations) {
  expect_slopes<float>(Kernels<float>::relu, relu_slope);
  expect_slopes<BFloat16>(Kernels<BFloat16>::relu, relu_slope);
  expect_slopes<float>(Kernels<float>::gelu, gelu_slope);
  expect_slopes<BFloat16>(Kernels<BFloat16>::gelu, gelu_slope);
}

template <class T>
void expect_bias_gradient(std::int64_t rows, std::int32_t width) {
  const Given<T> dy(static_cast<std::size_t>(rows * width), 10);
  std::vector<float> expected(static_cast<std::size_t>(width));
  for (std::size_t i = 0; i < dy.host.size(); ++i) expected[i % expected.size()] += dy.host[i];
  const unsigned pieces = blocks_for(rows, kRowsPerPiece);
  std::vector<float> partial(pieces * expected.size());
  ColumnSumsArguments a{};
  a.from = dy.device.data();
  a.to = partial.data();
  a.rows = rows;
  a.rows_per_piece = kRowsPerPiece;
  a.width = width;
  const emulated::LaunchShape shape{{blocks_for(width, kColumnsPerBlock), pieces},
                                    {static_cast<unsigned>(kColumnThreads)},
                                    kColumnThreads * sizeof(float)};
  run_in_every_order(Kernels<T>::column_sums, shape, a, partial);
  std::vector<float> total(expected.size());
  for (std::size_t i = 0; i < partial.size(); ++i) total[i % total.size()] += partial[i];
  EXPECT_LE(largest_difference(total, expected), 2e-5F) << "sums of up to 300 numbers, the same for both types";
}

TEST(TrainingRows, BiasGradientsAreSumsOverRows) {
  expect_bias_gradient<float>(300, 40);
  expect_bias_gradient<float>(1, 1);
  expect_bias_gradient<BFloat16>(257, 96);
}

}  // namespace
}  // namespace cw::cuda
